/// "Did you mean": the known name that a mistyped one most resembles.
enum Suggestion {
    /// Names further away than this many edits are no suggestion.
    private static let maximumDistance = 2

    /// The nearest of `known`, or nil. A name that begins or continues a known one counts as near: `memory` for `memory_mb`.
    static func nearest(to name: String, in known: [String]) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let lowered = name.lowercased()
        let distances = known.map { (name: $0, distance: self.distance(Array(lowered.utf8), Array($0.utf8))) }
        if let best = distances.min(by: { $0.distance < $1.distance }),
            best.distance <= self.maximumDistance, best.distance < name.utf8.count
        {
            return best.name
        }
        guard lowered.utf8.count >= 3 else { return nil }
        return known.first { $0.hasPrefix(lowered) || lowered.hasPrefix($0) }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for i in 0..<left.count {
            var row = [i + 1]
            for j in 0..<right.count {
                let replace = rows[i][j] + (left[i] == right[j] ? 0 : 1)
                var best = min(replace, rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
