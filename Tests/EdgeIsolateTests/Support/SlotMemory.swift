import EdgeIsolate
import Glibc

struct NoAddress: Error {}

/// The address space of the slot that a step's bytes lie in.
struct SlotMemory: Equatable {
    /// Slots are this far apart, and begin so far from multiples of it.
    private static let stride: UInt = 1 << 32
    private static let offset: UInt = 1 << 16
    private static let pageBytes = 4096

    let base: UInt

    /// Runs the isolate's entry once more to see where it lies; its first result must be a string.
    init(_ isolate: borrowing Isolate, budget: Budget = .request) throws {
        isolate.restore(budget: budget)
        var writer = MessageWriter()
        writer.beginArray(count: 0)
        let step = writer.bytes.withUnsafeBytes {
            isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 0)
        }
        guard case .done(var reader) = step,
            (try? reader.beginArray()) ?? 0 > 0,
            let address = (try? reader.readBytes())?.baseAddress
        else { throw NoAddress() }
        self.base = UInt(bitPattern: address) & ~(Self.stride - 1) + Self.offset
    }

    /// A copy of its first bytes.
    func bytes(count: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: self.base), count: count))
    }

    /// Whether its first bytes are those of a copy of them. What the slot is charged for (`granted` in arena.h) may differ:
    /// it keeps a part of what its last run was.
    func holds(_ copy: [UInt8]) -> Bool {
        let granted = 24..<32
        return copy.withUnsafeBytes { copy in
            guard let copied = copy.baseAddress, let start = UnsafeRawPointer(bitPattern: self.base) else {
                return false
            }
            let rest = granted.upperBound
            return memcmp(start, copied, granted.lowerBound) == 0
                && memcmp(start + rest, copied + rest, copy.count - rest) == 0
        }
    }

    /// Bytes of the slot that can't be written to.
    var readOnlyBytes: UInt {
        get throws {
            guard let file = fopen("/proc/self/maps", "r") else { throw NoAddress() }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 512)
            var sum: UInt = 0
            while fgets(&line, Int32(line.count), file) != nil {
                let fields = line.withUnsafeBufferPointer { text in
                    text.prefix { $0 != 0 }.split { $0 == 0x20 || $0 == 0x2d }.prefix(3).map {
                        String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self)
                    }
                }
                guard fields.count == 3, let start = UInt(fields[0], radix: 16), let end = UInt(fields[1], radix: 16),
                    start >= self.base, start < self.base + UInt(Isolate.maximumMemoryBytes)
                else { continue }
                if !fields[2].contains("w") { sum += end - start }
            }
            return sum
        }
    }

    /// Bytes of the slot that lie in memory.
    var residentBytes: Int {
        let pages = Isolate.maximumMemoryBytes / Self.pageBytes
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pages) { states in
            let start = UnsafeMutableRawPointer(bitPattern: self.base)
            guard mincore(start, Isolate.maximumMemoryBytes, states.baseAddress) == 0 else { return -1 }
            return states.count { $0 & 1 == 1 } * Self.pageBytes
        }
    }
}
