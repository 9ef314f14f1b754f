/// Whether a server gives up its rights before it serves.
enum SandboxMode: Sendable, Equatable {
    /// With the walls this kernel has; what is missing is a warning in the log.
    case whereAvailable
    /// With every wall, or not at all.
    case required
    case off

    /// - Parameters:
    ///   - option: `--sandbox` or `--no-sandbox`, nil for neither.
    ///   - field: `sandbox` in the configuration.
    init(option: Bool?, field: Bool?) {
        switch option ?? field {
        case nil: self = .whereAvailable
        case .some(true): self = .required
        case .some(false): self = .off
        }
    }
}
