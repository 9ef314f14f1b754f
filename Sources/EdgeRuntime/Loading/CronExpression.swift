/// When a worker's `scheduled` handler runs: `minute hour day-of-month month day-of-week`, in UTC.
///
/// Each field is `*`, a number, a range `a-b`, a list of these separated by commas, or any of them with a step `/n`. Months
/// and weekdays may be names (`JAN`, `MON`); 0 and 7 are Sunday. When day-of-month and day-of-week are both restricted, either
/// is enough, as cron has always had it.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// Bit n stands for the value n.
    public let minutes: UInt64
    public let hours: UInt64
    public let daysOfMonth: UInt64
    public let months: UInt64
    /// Bit 0 is Sunday, bit 6 Saturday.
    public let weekdays: UInt64
    /// As it was written.
    public let description: String
    private let restrictsDayOfMonth: Bool
    private let restrictsWeekday: Bool

    /// Why a text is no cron expression.
    struct Invalid: Error {
        let reason: String
    }

    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []
        /// The value of the first name.
        var firstNamed = 0

        /// The last value of `*`. Of weekdays that is Saturday: 7 is Sunday once more, and a step would count an eighth day.
        var last: Int { self.range.upperBound == 7 ? 6 : self.range.upperBound }
    }

    private static let fields = [
        Field(name: "minute", range: 0...59),
        Field(name: "hour", range: 0...23),
        Field(name: "day of month", range: 1...31),
        Field(
            name: "month",
            range: 1...12,
            names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
            firstNamed: 1
        ),
        Field(name: "day of week", range: 0...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ]

    private static let longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    init(_ text: String) throws(Invalid) {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard parts.count == 5, text.utf8.count <= 256 else {
            throw Invalid(reason: "must have five fields: minute hour day-of-month month day-of-week")
        }
        var sets: [UInt64] = []
        for (part, field) in zip(parts, Self.fields) {
            sets.append(try Self.parse(part, field))
        }
        self.minutes = sets[0]
        self.hours = sets[1]
        self.daysOfMonth = sets[2]
        self.months = sets[3]
        let sundayAsSeven = (sets[4] >> 7) & 1
        self.weekdays = (sets[4] & 0x7f) | sundayAsSeven
        self.restrictsDayOfMonth = !parts[2].hasPrefix("*")
        self.restrictsWeekday = !parts[4].hasPrefix("*")
        self.description = text
        guard self.canFire else { throw Invalid(reason: "names a day that no month has, so it would never run") }
    }

    /// Whether the expression covers this minute (UTC; month from 1, weekday from 0 for Sunday).
    public func matches(minute: Int, hour: Int, day: Int, month: Int, weekday: Int) -> Bool {
        func has(_ set: UInt64, _ value: Int) -> Bool { set >> UInt64(value) & 1 == 1 }
        guard has(self.minutes, minute), has(self.hours, hour), has(self.months, month) else { return false }
        let inMonth = has(self.daysOfMonth, day)
        let inWeek = has(self.weekdays, weekday)
        return self.restrictsDayOfMonth && self.restrictsWeekday ? inMonth || inWeek : inMonth && inWeek
    }

    private var canFire: Bool {
        if self.restrictsWeekday && self.restrictsDayOfMonth { return true }
        return (1...12).contains { month in
            self.months >> UInt64(month) & 1 == 1
                && self.daysOfMonth.trailingZeroBitCount <= Self.longestMonths[month - 1]
        }
    }

    private static func parse(_ text: Substring, _ field: Field) throws(Invalid) -> UInt64 {
        var set: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let base = parts.first else { throw self.invalid(text, field) }
            var range = try self.range(base, in: text, field)
            var step = 1
            if parts.count == 2 {
                guard let number = self.number(parts[1]), number > 0, number <= field.range.upperBound else {
                    throw self.invalid(text, field)
                }
                step = number
                // "5/10" means from 5 on, every tenth.
                if base != "*" && !base.contains("-") { range = range.lowerBound...max(range.lowerBound, field.last) }
            }
            for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
                set |= 1 << UInt64(value)
            }
        }
        return set
    }

    private static func range(
        _ base: Substring,
        in text: Substring,
        _ field: Field
    ) throws(Invalid) -> ClosedRange<Int> {
        if base == "*" { return field.range.lowerBound...field.last }
        let ends = base.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first, let last = ends.last,
            let low = self.value(first, field), let high = self.value(last, field), low <= high
        else { throw self.invalid(text, field) }
        return low...high
    }

    private static func value(_ text: Substring, _ field: Field) -> Int? {
        if let index = field.names.firstIndex(of: text.uppercased()) { return index + field.firstNamed }
        guard let number = self.number(text), field.range.contains(number) else { return nil }
        return number
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy(SourceName.isDigit) else { return nil }
        return Int(text)
    }

    private static func invalid(_ text: Substring, _ field: Field) -> Invalid {
        let range = "\(field.range.lowerBound) to \(field.range.upperBound)"
        let names = field.names.first.map { " or names such as \($0)" } ?? ""
        return Invalid(
            reason: "has \(MessageText.quoted(String(text))) for the \(field.name), which must be *, or numbers from "
                + "\(range)\(names), as a value, range, list or step"
        )
    }
}
