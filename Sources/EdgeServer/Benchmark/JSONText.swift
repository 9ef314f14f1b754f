/// JSON that is written. The order of an object's fields is kept.
enum JSONText {
    case null
    case integer(Int)
    /// With three digits behind the point.
    case thousandths(Double)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])

    /// On one line.
    var text: String {
        switch self {
        case .null: "null"
        case .integer(let number): "\(number)"
        case .thousandths(let number): Self.decimal(number)
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
        }
    }

    /// `12.345`; null where it is no number.
    private static func decimal(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 9e15 else { return "null" }
        let thousandths = Int((abs(number) * 1000).rounded())
        let fraction = String(thousandths % 1000)
        let sign = number < 0 && thousandths > 0 ? "-" : ""
        return sign + "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
