import EdgeIsolate
import Glibc

struct NoAddress: Error {}

/// The address space of the slot that a step's bytes lie in.
struct SlotMemory: Equatable {
    /// Slots are this far apart, on multiples of it.
    private static let stride: UInt = 1 << 32
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
        self.base = UInt(bitPattern: address) & ~(Self.stride - 1)
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
