import CIsolate

/// The slots of a pool that no image is bound to. A few of them are ready: they have the memory that a small image needs, as new
/// pages are most of what a start on a new slot costs. The others are empty: address space only.
struct SpareSlots: ~Copyable {
    private var ready: [OpaquePointer] = []
    private var empty: [OpaquePointer] = []
    private let maximum: Int
    private let maximumReady: Int

    /// - Parameters:
    ///   - maximum: how many to keep mapped.
    ///   - maximumReady: how many of them may be ready, each with `EDGE_READY_BYTES` that no worker is charged for.
    init(maximum: Int, maximumReady: Int) {
        self.maximum = maximum
        self.maximumReady = min(maximumReady, maximum)
        self.ready.reserveCapacity(self.maximumReady)
    }

    deinit {
        for slot in self.ready {
            edge_slot_release(slot)
        }
        for slot in self.empty {
            edge_slot_release(slot)
        }
    }

    mutating func take() -> OpaquePointer? {
        self.ready.popLast() ?? self.empty.popLast()
    }

    /// Takes a slot that is no longer needed by its image.
    mutating func add(_ slot: OpaquePointer) {
        if self.ready.count < self.maximumReady {
            edge_slot_make_ready(slot)
            self.ready.append(slot)
        } else if self.ready.count + self.empty.count < self.maximum {
            edge_slot_trim(slot)
            self.empty.append(slot)
        } else {
            edge_slot_release(slot)
        }
    }

    /// Makes slots ready until there are as many as may be: empty ones, then new ones, while address space is left.
    mutating func prepare() {
        while self.ready.count < self.maximumReady {
            guard let slot = self.empty.popLast() ?? edge_slot_acquire(Isolate.maximumMemoryBytes, false) else {
                return
            }
            edge_slot_make_ready(slot)
            self.ready.append(slot)
        }
    }
}
