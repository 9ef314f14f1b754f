import EdgeRuntime

/// `edgehost --version`
public enum VersionText {
    public static let text = "edgehost \(RuntimeVersion.number), \(RuntimeVersion.lua)"
}
