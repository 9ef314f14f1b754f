import Glibc

/// The `date` header line of the current second, rendered once a second.
struct DateField {
    /// The whole line with its CRLF; valid after ``refresh()``.
    private(set) var line: [UInt8] = []
    private var second = -1

    mutating func refresh() {
        let now = max(0, time(nil))
        guard now != self.second else { return }
        self.second = now
        self.line = Array("date: ".utf8) + HTTPDate.format(now) + [0x0d, 0x0a]
    }
}
