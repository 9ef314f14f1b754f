import EdgeRuntime
import EdgeStorage
import Glibc

/// `edgehost kv`: the store from the command line, also while a server has it open.
public struct KVCommand {
    private let store: LMDBStore
    private let namespace: KVNamespace

    /// Opens the store.
    ///
    /// - Parameter mayCreate: whether a store is made where there is none; a typing mistake in a path must not leave one.
    public init(_ options: ServerOptions, namespace: String, mayCreate: Bool) throws {
        self.namespace = try KVNamespace(namespace)
        let path = try options.resolve().data
        guard mayCreate || access(path, F_OK) == 0 else {
            throw CommandError("there is no store in '\(path)': pass the folder of one with --data")
        }
        self.store = try Stores.openAsTool(path)
    }

    public func close() {
        self.store.close()
    }

    /// The value, nil where there is none.
    public func get(_ key: String) throws -> [UInt8]? {
        try self.store.get(self.namespace, Array(key.utf8))?.value
    }

    /// Returns the new version.
    public func put(_ key: String, value: [UInt8], ttl: Int?) throws -> UInt64 {
        let put = KVPut(value, expiry: ttl.map { .after(seconds: Int64($0)) } ?? .never)
        let outcome = try self.store.writeAndWait(KVMutation(self.namespace, Array(key.utf8), .put(put, .none)))
        guard case .stored(let version) = outcome else {
            preconditionFailure("a put without a condition stores")
        }
        return version
    }

    /// Returns whether there was a value.
    public func delete(_ key: String) throws -> Bool {
        let outcome = try self.store.writeAndWait(
            KVMutation(self.namespace, Array(key.utf8), .delete(ifVersion: nil))
        )
        return outcome == .deleted(existed: true)
    }

    /// One key of a listing.
    public struct ListedKey: Sendable {
        public var name: String
        public var version: UInt64
        /// Unix ms.
        public var expiresAt: Int64?
    }

    /// Calls `each` for all keys with this prefix, in byte order, at most `limit` of them.
    public func list(prefix: String, limit: Int, each: (ListedKey) -> Void) throws {
        var request = KVListRequest(self.namespace, prefix: Array(prefix.utf8))
        var left = limit
        while left > 0 {
            request.limit = min(left, KVLimits.pageEntries)
            let page = try self.store.list(request)
            for item in page.items {
                let name = String(decoding: item.key, as: UTF8.self)
                each(ListedKey(name: name, version: item.version, expiresAt: item.expiresAt))
            }
            left -= page.items.count
            guard let cursor = page.cursor else { return }
            request.cursor = cursor
        }
    }
}
