/// A fixture that can't be read, or a host that can't be made for it.
struct FixtureError: Error, CustomStringConvertible {
    let description: String

    init(_ message: String, line: Int? = nil) {
        self.description = line.map { "line \($0): \(message)" } ?? message
    }
}
