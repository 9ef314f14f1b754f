import EdgeStorage

/// Opens stores for commands that need one beside the server's.
enum Stores {
    /// The store of a data folder as a tool opens it: alone, or beside a server.
    static func openAsTool(_ path: String) throws -> LMDBStore {
        try LMDBStore(LMDBConfiguration(path: path, role: .tool))
    }
}
