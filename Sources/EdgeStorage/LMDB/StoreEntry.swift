/// What a key and a value of the tree are, as `docs/decisions/0002-kv-encoding.md` lays them out.
enum StoreEntry {
    case entry
    /// A number of the store itself, the head of long keys, an item of the expiry index.
    case other
    /// Says that the store is of an earlier format, or half upgraded from one; its keys come before all others.
    case olderFormat
    case damaged(String)

    static func check(_ key: [UInt8], _ value: [UInt8]) -> StoreEntry {
        switch key.first {
        case KeyFormat.Tag.meta:
            guard value.count == 8 else {
                return .damaged("a number of the store has not 8 bytes")
            }
            return Self.isOlder(key.dropFirst(), value) ? .olderFormat : .other
        case KeyFormat.Tag.entry:
            guard let name = Self.split(key) else {
                return .damaged("a key has no namespace")
            }
            guard name.keyBytes < KeyFormat.headBytes else {
                return value.count == 8 ? .other : .damaged("the head of a long key has not 8 bytes")
            }
            return Self.record(key, value, "namespace \(name.namespace), key \(Self.hex(key.suffix(name.keyBytes)))")
        case KeyFormat.Tag.tail:
            return key.count >= 9
                ? Self.record(key, value, "a long key that ends in \(Self.hex(key[9...]))")
                : .damaged("a long key is cut short")
        case KeyFormat.Tag.expiry:
            return key.count == 17 && !value.isEmpty ? .other : .damaged("an item of the expiry index is no such")
        default:
            return .damaged("a key is of no known kind")
        }
    }

    private static func isOlder(_ name: ArraySlice<UInt8>, _ value: [UInt8]) -> Bool {
        let number = value.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return name.elementsEqual("upgrading".utf8) || name.elementsEqual("format".utf8) && number == 1
    }

    private static func record(_ key: [UInt8], _ value: [UInt8], _ name: String) -> StoreEntry {
        let isSound = key.withUnsafeBytes { key in
            value.withUnsafeBytes { RecordFormat.read($0, key: key, checked: .all) != nil }
        }
        return isSound ? .entry : .damaged("an entry does not match its checksum: \(name)")
    }

    private static func split(_ key: [UInt8]) -> (namespace: KVNamespace, keyBytes: Int)? {
        guard let end = key.firstIndex(of: 0), end + 1 < key.count,
            let namespace = try? KVNamespace(String(decoding: key[1..<end], as: UTF8.self))
        else {
            return nil
        }
        return (namespace, key.count - end - 1)
    }

    /// Keys may hold any bytes; those of text are shown as they are.
    private static func hex(_ key: ArraySlice<UInt8>) -> String {
        if key.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "'") }) {
            return "'\(String(decoding: key, as: UTF8.self))'"
        }
        return "0x"
            + key.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
