import EdgeIsolate

/// The arguments of a host call, checked one by one. Errors become errors in the script.
struct CallArguments {
    let name: String
    let values: [Value]

    init(_ reader: MessageReader, name: String) throws(BindingError) {
        var reader = reader
        do {
            guard case .array(let values) = try reader.readValue() else { throw MessageError.unexpected }
            self.name = name
            self.values = values
        } catch MessageError.tooManyValues {
            throw BindingError("\(name): the arguments hold more than \(MessageReader.maximumValues) values")
        } catch {
            throw BindingError("\(name): the arguments could not be read")
        }
    }

    subscript(index: Int) -> Value {
        index < self.values.count ? self.values[index] : .nil
    }

    func string(_ index: Int, _ what: String) throws(BindingError) -> [UInt8] {
        switch self[index] {
        case .string(let bytes): return bytes
        case .integer(let integer): return Array("\(integer)".utf8)
        default: throw self.error("\(what) is a string, got \(self.found(index))")
        }
    }

    func integer(_ index: Int, _ what: String, default fallback: Int64) throws(BindingError) -> Int64 {
        if case .nil = self[index] { return fallback }
        return try self.integer(self[index], what)
    }

    func integer(_ value: Value, _ what: String) throws(BindingError) -> Int64 {
        switch value {
        case .integer(let integer): return integer
        case .number(let number):
            if let integer = Int64(exactly: number) { return integer }
            throw self.error("\(what) is a whole number, got \(number)")
        default: throw self.error("\(what) is a whole number, got a \(value.typeName)")
        }
    }

    func string(_ value: Value, _ what: String) throws(BindingError) -> [UInt8] {
        guard case .string(let bytes) = value else {
            throw self.error("\(what) is a string, got a \(value.typeName)")
        }
        return bytes
    }

    func bool(_ value: Value, _ what: String) throws(BindingError) -> Bool {
        guard case .bool(let bool) = value else {
            throw self.error("\(what) is a boolean, got a \(value.typeName)")
        }
        return bool
    }

    /// The options table, nil for none; a field that is not in `known` is an error.
    func options(_ index: Int, known: [String]) throws(BindingError) -> [String: Value] {
        switch self[index] {
        case .nil: return [:]
        case .array(let members) where members.isEmpty: return [:]
        case .table(let entries):
            var options: [String: Value] = [:]
            for entry in entries {
                guard let key = entry.key.text, known.contains(key) else {
                    throw self.error(
                        "there is no option '\(entry.key.text ?? entry.key.typeName)': "
                            + "the options are \(known.joined(separator: ", "))"
                    )
                }
                options[key] = entry.value
            }
            return options
        default: throw self.error("the options are a table, got \(self.found(index))")
        }
    }

    func error(_ text: String) -> BindingError {
        BindingError("\(self.name): \(text)")
    }

    private func found(_ index: Int) -> String {
        let name = self[index].typeName
        return name == "nil" ? "nothing" : "a \(name)"
    }
}

/// Why a host call failed; the text is raised in the script. It never holds a stored value or a secret.
struct BindingError: Error {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
