import EdgeIsolate

extension HostConfiguration {
    /// `sandbox = true`, `false`, or `{ read = { "/srv/releases" } }`: more folders to read.
    mutating func setSandbox(_ entry: Value.Entry, _ problems: inout [String]) {
        switch entry.value {
        case .bool(let isOn): self.sandbox = isOn
        case .table(let fields) where fields.map(\.key.text) == ["read"]:
            guard case .array(let members) = fields[0].value, members.allSatisfy({ $0.text?.isEmpty == false }) else {
                return problems.append("sandbox.read is a list of folders")
            }
            self.sandboxReadable = members.compactMap(\.text)
        default:
            problems.append("sandbox is true, false, or { read = { FOLDER, ... } }, got a \(entry.value.typeName)")
        }
    }
}
