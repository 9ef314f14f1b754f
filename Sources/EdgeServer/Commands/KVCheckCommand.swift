import EdgeStorage

/// `edgehost kv check`: reads a whole store, page by page, and says what is damaged.
public enum KVCheckCommand {
    public struct Result: Sendable {
        public var lines: [String]
        public var isSound: Bool
    }

    public static func run(_ options: ServerOptions) throws -> Result {
        let path = try options.resolve().data
        let summary = try StoreCheck.run(path: path)
        var lines = summary.faults.map { "damaged: \($0)" }
        if summary.faultCount > summary.faults.count {
            lines.append("and \(summary.faultCount - summary.faults.count) more")
        }
        let counts = "\(summary.entries) sound entries on \(summary.pages) pages"
        lines.append(summary.faultCount == 0 ? "the store is sound: \(counts)" : "the store is damaged: \(counts)")
        return Result(lines: lines, isSound: summary.faultCount == 0)
    }
}
