/// A sum of bytes that finds damage; it is no defence against malice. Each step maps the state one to one, so that bytes
/// changed within one word of 8 always change the 64 bits.
enum Checksum {
    private static let multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let laneBytes = 32

    static func sum(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = Self.mix(seed ^ (UInt64(bytes.count) &* Self.multiplier), 0)
        var offset = 0
        if bytes.count >= Self.laneBytes {
            // Four chains, which the processor runs side by side: one alone would wait for each multiplication.
            var lanes = (state, ~state, state &+ 1, ~state &- 1)
            let end = bytes.count & ~(Self.laneBytes - 1)
            while offset < end {
                lanes.0 = Self.step(lanes.0, Self.word(bytes, offset))
                lanes.1 = Self.step(lanes.1, Self.word(bytes, offset &+ 8))
                lanes.2 = Self.step(lanes.2, Self.word(bytes, offset &+ 16))
                lanes.3 = Self.step(lanes.3, Self.word(bytes, offset &+ 24))
                offset &+= Self.laneBytes
            }
            state = Self.mix(Self.mix(Self.mix(lanes.0, lanes.1), lanes.2), lanes.3)
        }
        while bytes.count &- offset >= 8 {
            state = Self.mix(state, Self.word(bytes, offset))
            offset &+= 8
        }
        if offset < bytes.count {
            var last: UInt64 = 0
            for byte in bytes[offset...] {
                last = last << 8 | UInt64(byte)
            }
            state = Self.mix(state, last)
        }
        return state
    }

    /// The sum in 32 bits: damage goes unseen once in 4 thousand million times.
    static func short(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt32 {
        let sum = Self.sum(bytes, seed: seed)
        return UInt32(truncatingIfNeeded: sum ^ sum >> 32)
    }

    private static func step(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word) &* Self.multiplier
        return product << 29 | product >> 35
    }

    private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word) &* Self.multiplier
        return (product ^ product >> 32) &* Self.multiplier
    }

    /// Little-endian, like everything in a record.
    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
