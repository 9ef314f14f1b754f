/// What a command line said, checked: every value is of its parameter's kind, and every argument is there.
struct Arguments: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        let name: String
        let value: String
    }

    private static let yes = "yes"
    private static let no = "no"

    private var entries: [Entry] = []

    mutating func add(_ parameter: Parameter, _ value: String) {
        self.entries.append(Entry(name: parameter.name, value: value))
    }

    mutating func add(_ flag: Parameter, _ isSet: Bool) {
        self.add(flag, isSet ? Self.yes : Self.no)
    }

    func texts(_ parameter: Parameter) -> [String] {
        self.entries.compactMap { $0.name == parameter.name ? $0.value : nil }
    }

    /// The last that was said, or what holds by default; nil where there is neither.
    func text(_ parameter: Parameter) -> String? {
        self.texts(parameter).last ?? parameter.standard
    }

    /// The value of a parameter that always has one.
    func required(_ parameter: Parameter) -> String {
        guard let text = self.text(parameter) else { preconditionFailure("--\(parameter.name) has no value") }
        return text
    }

    func integer(_ parameter: Parameter) -> Int? {
        self.text(parameter).flatMap { Int($0) }
    }

    func number(_ parameter: Parameter) -> Double? {
        self.text(parameter).flatMap { Double($0) }
    }

    /// nil where the line does not say.
    func flag(_ parameter: Parameter) -> Bool? {
        self.texts(parameter).last.map { $0 == Self.yes }
    }
}
