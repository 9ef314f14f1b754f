import EdgeIsolate
import Glibc

/// The head of each file in an ``ImageFolder``: what kind of file it is, for which executable and which settings, and a flat message
/// with a checksum over all of that.
///
///     0  "edgehost"   8  format   12  length of the message   16  the executable's and the settings' key   32  checksum   48  message
struct PrivateFile {
    /// Changes with the layout of this head, and of the messages.
    static let format: UInt32 = 1
    static let headLength = 48
    /// A longer message is not kept.
    static let maximumLength = 64 << 20
    private static let magic = Array("edgehost".utf8)
    private static let checksumRange = 32..<48

    let key: Fingerprint

    /// The file's first bytes: head and message.
    func encode(_ message: [UInt8]) -> [UInt8] {
        var bytes = Self.magic
        Self.append(Self.format, to: &bytes)
        Self.append(UInt32(message.count), to: &bytes)
        Self.append(self.key.high, to: &bytes)
        Self.append(self.key.low, to: &bytes)
        let sum = Self.checksum(bytes, message[...])
        Self.append(sum.first, to: &bytes)
        Self.append(sum.second, to: &bytes)
        return bytes + message
    }

    /// The message of a file that begins with these bytes, the length it should have where they are too few, or nil for a file that
    /// is damaged, of another format, or of another key.
    enum Decoded: Equatable {
        case message([UInt8])
        case needs(Int)
    }

    func decode(_ bytes: [UInt8]) -> Decoded? {
        guard bytes.count >= Self.headLength, bytes.starts(with: Self.magic) else { return nil }
        let length = bytes.withUnsafeBytes { bytes -> Int? in
            guard bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self) == Self.format,
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self) == self.key.high,
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self) == self.key.low
            else { return nil }
            return Int(bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        }
        guard let length, length <= Self.maximumLength else { return nil }
        guard bytes.count >= Self.headLength + length else { return .needs(Self.headLength + length) }
        let message = bytes[Self.headLength..<Self.headLength + length]
        let sum = Self.checksum(Array(bytes[..<Self.checksumRange.lowerBound]), message)
        let isWhole = bytes.withUnsafeBytes { bytes in
            bytes.loadUnaligned(fromByteOffset: 32, as: UInt64.self) == sum.first
                && bytes.loadUnaligned(fromByteOffset: 40, as: UInt64.self) == sum.second
        }
        return isWhole ? .message(Array(message)) : nil
    }

    /// The message of the file behind the descriptor; nil where there is none to be trusted.
    func read(_ descriptor: Int32) -> [UInt8]? {
        // Enough for most.
        switch Self.read(descriptor, count: 4096).flatMap({ self.decode($0) }) {
        case .message(let message): return message
        case .needs(let count):
            guard case .message(let message) = Self.read(descriptor, count: count).flatMap({ self.decode($0) }) else {
                return nil
            }
            return message
        case nil: return nil
        }
    }

    /// The first bytes of a file, at most `count`; nil where it can't be read.
    private static func read(_ descriptor: Int32, count: Int) -> [UInt8]? {
        var isReadable = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, filled)
                if got < 0 && errno == EINTR { continue }
                isReadable = got >= 0
                if got <= 0 { break }
                filled += got
            }
        }
        return isReadable ? bytes : nil
    }

    private static func checksum(_ head: [UInt8], _ message: ArraySlice<UInt8>) -> ImageChecksum {
        (head + message).withUnsafeBytes { ImageChecksum(of: $0) }
    }

    private static func append(_ word: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
