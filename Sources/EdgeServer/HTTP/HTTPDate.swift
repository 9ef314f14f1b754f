/// The fixed-length date of RFC 9110, for example `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    static let length = 29

    /// The date as ASCII.
    ///
    /// - Parameters:
    ///   - seconds: since 1970-01-01T00:00:00Z, not negative, leap seconds not counted.
    static func format(_ seconds: Int) -> [UInt8] {
        precondition(seconds >= 0, "dates before 1970 do not occur")
        let days = seconds / 86400
        let time = seconds % 86400
        let (year, month, day) = Self.civil(fromDays: days)
        var text: [UInt8] = []
        text.reserveCapacity(Self.length)
        Self.append(Self.weekdays[(days + 4) % 7], to: &text)
        Self.append(", ", to: &text)
        Self.appendTwoDigits(day, to: &text)
        Self.append(" ", to: &text)
        Self.append(Self.months[month - 1], to: &text)
        Self.append(" ", to: &text)
        Self.appendTwoDigits(year / 100, to: &text)
        Self.appendTwoDigits(year % 100, to: &text)
        for part in [time / 3600, time / 60 % 60, time % 60] {
            Self.append(text.count == 16 ? " " : ":", to: &text)
            Self.appendTwoDigits(part, to: &text)
        }
        Self.append(" GMT", to: &text)
        return text
    }

    private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The Gregorian date of a day number. The year is counted from March, so that the leap day comes last, in eras
    /// of 400 years, which all have the same length.
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func append(_ text: StaticString, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func appendTwoDigits(_ number: Int, to buffer: inout [UInt8]) {
        buffer.append(UInt8(0x30 + number / 10))
        buffer.append(UInt8(0x30 + number % 10))
    }
}
