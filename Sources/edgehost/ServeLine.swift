import EdgeServer

/// A command line that starts a server, read without the argument parser, which learns about all commands by reflection: that
/// takes longer than everything else before the socket. Only what is spelled plainly is read here; help, mistakes and rare
/// spellings are the parser's, so that there is one place that tells of them.
struct ServeLine {
    private(set) var options = ServerOptions()
    private var namesParent = false

    /// nil where the argument parser is to read the line.
    ///
    /// - Parameter arguments: without the name of the executable.
    init?(_ arguments: some Sequence<String>) {
        var words = Array(arguments)[...]
        if let command = words.first, !command.hasPrefix("-") {
            guard command == "serve" || command == "dev" else { return nil }
            self.options.isDevelopment = command == "dev"
            words.removeFirst()
        }
        while let word = words.popFirst() {
            guard self.take(word, &words) else { return nil }
        }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) -> Bool {
        switch word {
        case "--parent": return self.setParent(true)
        case "--no-parent": return self.setParent(false)
        case "--sandbox": return self.setSandbox(true)
        case "--no-sandbox": return self.setSandbox(false)
        default: break
        }
        guard let sign = word.firstIndex(of: "=") else {
            guard let value = rest.popFirst() else { return false }
            return self.set(word, value)
        }
        return self.set(String(word[..<sign]), String(word[word.index(after: sign)...]))
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--workers": Self.set(&self.options.workers, value)
        case "--config": Self.set(&self.options.config, value)
        case "--data": Self.set(&self.options.data, value)
        case "--listen": Self.set(&self.options.listen, value)
        case "--tls-cert": Self.set(&self.options.tlsCertificate, value)
        case "--tls-key": Self.set(&self.options.tlsKey, value)
        default: false
        }
    }

    /// Takes no option twice, and no value that looks like an option.
    private static func set(_ option: inout String?, _ value: String) -> Bool {
        guard option == nil, !value.isEmpty, !value.hasPrefix("-") else { return false }
        option = value
        return true
    }

    private mutating func setParent(_ value: Bool) -> Bool {
        guard !self.namesParent else { return false }
        self.namesParent = true
        self.options.hasParent = value
        return true
    }

    private mutating func setSandbox(_ value: Bool) -> Bool {
        guard self.options.sandbox == nil else { return false }
        self.options.sandbox = value
        return true
    }
}
