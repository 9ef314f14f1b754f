import CLMDB

extension Environment {
    private static let formatKey: StaticString = "format"

    /// Opens the tree and checks its format; a new store gets its format record here, one of an earlier format the new one.
    static func prepare(
        _ handle: OpaquePointer,
        _ path: String,
        _ role: LMDBConfiguration.Role
    ) throws(KVError) -> MDB_dbi {
        var transaction: OpaquePointer?
        var code = mdb_txn_begin(handle, nil, 0, &transaction)
        guard code == MDB_SUCCESS, let transaction else {
            throw LMDBError.make(code, "open", path: path)
        }
        var database: MDB_dbi = 0
        let isCurrent: Bool
        do throws(KVError) {
            code = mdb_dbi_open(transaction, nil, 0, &database)
            guard code == MDB_SUCCESS else {
                throw LMDBError.make(code, "open", path: path)
            }
            let tree = Tree(transaction: transaction, database: database, scratch: KeyScratch(), path: path)
            isCurrent = try Self.checkFormat(tree)
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        code = mdb_txn_commit(transaction)
        guard code == MDB_SUCCESS else {
            throw LMDBError.make(code, "open", path: path)
        }
        if !isCurrent {
            guard role == .server else {
                throw Self.olderFormat(path)
            }
            try FormatUpgrade(handle, database, path: path).run()
        }
        return database
    }

    static func olderFormat(_ path: String) -> KVError {
        KVError(
            .olderFormat,
            "an earlier release of edgehost wrote the store in '\(path)'; start a server of this release on it once, "
                + "which upgrades it"
        )
    }

    /// Whether the store has the present format throughout.
    private static func checkFormat(_ tree: Tree) throws(KVError) -> Bool {
        guard let bytes = try tree.get(tree.scratch.meta(Self.formatKey)) else {
            var status = MDB_stat()
            mdb_stat(tree.transaction, tree.database, &status)
            guard status.ms_entries == 0 else {
                throw tree.damaged("it has no format record")
            }
            try tree.setNumber(Self.formatKey, Self.format)
            return true
        }
        let format = try tree.number(bytes)
        guard format >= 1 else {
            throw tree.damaged("its format record is none")
        }
        guard format <= Self.format else {
            throw KVError(
                .newerFormat,
                "the store in '\(tree.path)' has format \(format); this release of edgehost reads up to \(Self.format)"
            )
        }
        let isHalfDone = try tree.get(tree.scratch.meta(FormatUpgrade.marker)) != nil
        return format == Self.format && !isHalfDone
    }
}
