/// Why a storage call failed. The message says what was wrong, where, and what to do; it never holds a key or a value.
public struct KVError: Error, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case invalidNamespace
        case invalidKey
        case valueTooLarge
        case metadataTooLarge
        case invalidTTL
        case invalidLimit
        case invalidCursor
        /// The stored value is no decimal 64-bit integer.
        case notANumber
        /// The sum does not fit a 64-bit integer.
        case overflow
        /// A bounded queue or table is full; the same call may succeed later.
        case overloaded
        /// The configured maximum or the disk is full.
        case storeFull
        /// Another server, or this process, has the store open.
        case storeHeld
        case storeDamaged
        /// A later release of edgehost wrote the store.
        case newerFormat
        /// An earlier release of edgehost wrote the store, and only a server upgrades it.
        case olderFormat
        case permissionDenied
        case io
        case closed
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String {
        self.message
    }
}
