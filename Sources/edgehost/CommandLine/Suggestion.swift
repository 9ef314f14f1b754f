/// What a mistyped word was probably meant to be.
enum Suggestion {
    /// Empty where no word is near.
    static func text(for word: String, among known: [String]) -> String {
        let near = known.map { (word: $0, distance: self.distance(word, $0)) }.min { $0.distance < $1.distance }
        // Of a letter or two anything is near.
        guard let near, word.count > 2, near.distance <= max(1, word.count / 4) else { return "" }
        return ". Did you mean '\(near.word)'?"
    }

    /// How many characters have to be added, left out or replaced.
    static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (index, character) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (place, other) in second.enumerated() {
                let replaced = diagonal + (character == other ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, diagonal + 1, row[place] + 1)
            }
        }
        return row[second.count]
    }
}
