/// Why a server that was told to have a sandbox has none.
struct SandboxError: Error, Equatable, CustomStringConvertible {
    let description: String

    static func incomplete(_ missing: [String]) -> SandboxError {
        SandboxError(
            description: "the sandbox was asked for and can't be had: \(missing.joined(separator: "; ")). "
                + "Leave --sandbox (or sandbox = true) out to run with the walls there are, or say --no-sandbox"
        )
    }
}
