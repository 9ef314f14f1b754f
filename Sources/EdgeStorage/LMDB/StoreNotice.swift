/// What an operator should know of a store that goes on.
public enum StoreNotice: Sendable, Equatable {
    /// The disk failed a commit. Writes fail until it works again; reads go on where they can.
    case writesRefused(KVError)
    case writesResumed
}
