/// Why a server can't listen.
public struct HTTPListenerError: Error, Equatable, CustomStringConvertible {
    private enum Code: Equatable {
        case malformedAddress
        case bindFailed(reason: String)
    }

    private let code: Code
    private let address: String

    static func malformedAddress(_ text: String) -> HTTPListenerError {
        HTTPListenerError(code: .malformedAddress, address: text)
    }

    static func bindFailed(_ address: String, reason: String) -> HTTPListenerError {
        HTTPListenerError(code: .bindFailed(reason: reason), address: address)
    }

    public var description: String {
        switch self.code {
        case .malformedAddress:
            "'\(self.address)' is no address to listen on: write HOST:PORT, for example 127.0.0.1:8080 or [::1]:8080"
        case .bindFailed(let reason):
            "can't listen on \(self.address): \(reason)"
        }
    }
}
