import EdgeStorage
import Logging

/// Opens stores: the one of a server, and those of commands beside it.
enum Stores {
    /// The store of a data folder as its one server opens it; what happens to it is logged. With a parent process, which
    /// holds the store's lock for one server after the other, the lock is the parent's.
    static func openAsServer(_ path: String, _ link: SupervisorLink?, logger: Logger) throws -> LMDBStore {
        var configuration = LMDBConfiguration(path: path, role: .server)
        configuration.inheritedLock = link?.lock
        configuration.lockHolder = link?.parent
        configuration.report = { notice in
            switch notice {
            case .writesRefused(let error):
                logger.error(
                    "writes to the store are refused until the disk works again",
                    metadata: ["error": "\(error)"]
                )
            case .writesResumed:
                logger.notice("writes to the store work again")
            }
        }
        return try LMDBStore(configuration)
    }

    /// The store of a data folder as a tool opens it: alone, or beside a server.
    static func openAsTool(_ path: String) throws -> LMDBStore {
        try LMDBStore(LMDBConfiguration(path: path, role: .tool))
    }
}
