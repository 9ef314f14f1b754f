extension LMDBStore {
    /// Makes the directory of a store where it is missing, so that a process can be confined to it before it opens the store.
    /// - Throws: as opening does.
    public static func prepareDirectory(_ path: String) throws(KVError) {
        _ = try DataDirectory(preparing: path)
    }
}
