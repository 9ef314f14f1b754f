/// The validated name of a namespace: 1 to 64 bytes of `[A-Za-z0-9_-]`. Make it once for a binding and keep it.
public struct KVNamespace: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let name: String
    let bytes: [UInt8]

    /// - Throws: `invalidNamespace`.
    public init(_ name: String) throws(KVError) {
        let bytes = Array(name.utf8)
        guard (1...KVLimits.namespaceBytes).contains(bytes.count) else {
            throw KVError(
                .invalidNamespace,
                "the name of a namespace has 1 to \(KVLimits.namespaceBytes) bytes; this one has \(bytes.count)"
            )
        }
        guard bytes.allSatisfy(Self.isAllowed) else {
            throw KVError(.invalidNamespace, "the name of a namespace holds only A-Z, a-z, 0-9, '_' and '-'")
        }
        self.name = name
        self.bytes = bytes
    }

    /// Whether these bytes are its name.
    public func isNamed(_ name: UnsafeRawBufferPointer) -> Bool {
        self.bytes.elementsEqual(name)
    }

    public var description: String {
        self.name
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
