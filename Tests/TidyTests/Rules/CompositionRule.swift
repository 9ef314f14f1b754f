extension Rule {
    /// Types whose objects live as long as the process, and own threads, files or sockets.
    static let longLived = ["LMDBStore", "MultiThreadedEventLoopGroup", "FileWatcher"]
    static let compositionRoot = "Sources/EdgeServer/Composition/"

    /// What lives long is built in one place, so that one place shows what the process consists of.
    static let composition = Rule("only the composition root builds long-lived objects") { file in
        guard file.isSource, file.language == .swift, !file.path.hasPrefix(Self.compositionRoot) else { return [] }
        return Self.longLived.flatMap { type in
            // The file that declares a type may build it, in a factory say.
            if file.declares(type) { return [Violation]() }
            return ["", ".init", ".open", ".make", ".start"].flatMap { factory in
                TextSearch.lines(of: "\(type)\(factory)(", in: file.code).map { line in
                    let message = "builds a \(type); only \(Self.compositionRoot) may: take it as a parameter"
                    return Violation(path: file.path, line: line, message: message)
                }
            }
        }
    }
}
