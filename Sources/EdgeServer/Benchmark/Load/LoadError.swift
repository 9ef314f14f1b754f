/// Why a load can't be made, or came to nothing.
public struct LoadError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
