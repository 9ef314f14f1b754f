import Glibc

/// A hash table from (parent, bytes) to a child: all edges of a trie in three flat arrays, so that a lookup touches few cache
/// lines and allocates nothing.
struct SegmentIndex: Sendable {
    private struct Edge {
        let parent: Int32
        let child: Int32
        let hash: UInt64
        let keyStart: Int
        let keyCount: Int
    }

    private var edges: [Edge] = []
    private var keys: [UInt8] = []
    /// Indices into `edges`, or -1; the count is a power of two and at least twice that of the edges.
    private var slots: [Int32] = Array(repeating: -1, count: 16)

    func find(_ parent: Int32, _ key: UnsafeRawBufferPointer) -> Int32? {
        let hash = Self.hash(parent, key)
        var slot = Int(truncatingIfNeeded: hash) & (self.slots.count - 1)
        while self.slots[slot] >= 0 {
            let edge = self.edges[Int(self.slots[slot])]
            if edge.hash == hash, edge.parent == parent, self.hasKey(edge, key) { return edge.child }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    /// Adds an edge that is not there yet.
    mutating func insert(_ parent: Int32, _ key: [UInt8], child: Int32) {
        let hash = key.withUnsafeBytes { bytes in
            assert(self.find(parent, bytes) == nil)
            return Self.hash(parent, bytes)
        }
        let edge = Edge(parent: parent, child: child, hash: hash, keyStart: self.keys.count, keyCount: key.count)
        self.edges.append(edge)
        self.keys += key
        if self.edges.count * 2 > self.slots.count {
            self.slots = Array(repeating: -1, count: self.slots.count * 2)
            for index in self.edges.indices { self.place(index) }
        } else {
            self.place(self.edges.count - 1)
        }
    }

    private mutating func place(_ index: Int) {
        var slot = Int(truncatingIfNeeded: self.edges[index].hash) & (self.slots.count - 1)
        while self.slots[slot] >= 0 { slot = (slot + 1) & (self.slots.count - 1) }
        self.slots[slot] = Int32(index)
    }

    private func hasKey(_ edge: Edge, _ key: UnsafeRawBufferPointer) -> Bool {
        guard edge.keyCount == key.count, let wanted = key.baseAddress else { return edge.keyCount == key.count }
        return self.keys.withUnsafeBytes { keys in
            guard let base = keys.baseAddress else { return false }
            return memcmp(base + edge.keyStart, wanted, key.count) == 0
        }
    }

    private static func hash(_ parent: Int32, _ key: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(UInt32(bitPattern: parent))
        hash = hash &* 0x9e37_79b1_85eb_ca87
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 29)
    }
}
