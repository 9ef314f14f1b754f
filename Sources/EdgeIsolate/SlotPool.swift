import CIsolate

/// The slots of one lane: which images they are bound to, which are idle. Not thread-safe: a lane owns its pool.
///
/// A slot is leased (running or suspended), idle (bound to an image, ready after a restore) or spare (see ``SpareSlots``). Leasing
/// prefers an idle slot of the image, then a spare one, then a new one, then the idle slot of another image that has rested longest.
public struct SlotPool: ~Copyable {
    private struct IdleSlot {
        var slot: OpaquePointer
        /// Of the image the slot is bound to: while the slot is, its image is in memory.
        var hold: ImageHold
        var since: UInt64
    }

    private struct RecentSlot {
        var image: ObjectIdentifier
        var slot: IdleSlot
    }

    /// The slot that was given back last, for a few images: what most leases want, without a search. The others are in `idle`.
    private var recent: [RecentSlot?] = Array(repeating: nil, count: Self.recentCount)
    private static var recentCount: Int { 8 }
    /// Idle slots by image; the last of each list was used last.
    private var idle: [ObjectIdentifier: [IdleSlot]] = [:]
    private var spare: SpareSlots
    private let maximumSlots: Int
    public private(set) var leasedCount = 0
    public private(set) var idleCount = 0

    /// - Parameters:
    ///   - maximumSlots: how many isolates this lane may hold, running, suspended and idle together.
    ///   - maximumSpare: how many slots to keep mapped that no image is bound to.
    ///   - maximumReady: how many of these keep 64 KB of memory for the worker that comes next.
    public init(maximumSlots: Int, maximumSpare: Int = 16, maximumReady: Int = 4) {
        precondition(maximumSlots > 0)
        self.maximumSlots = maximumSlots
        self.spare = SpareSlots(maximum: maximumSpare, maximumReady: maximumReady)
    }

    deinit {
        for case .some(let recent) in self.recent {
            edge_slot_release(recent.slot.slot)
        }
        // Isolates that are still leased release their slots themselves.
        for list in self.idle.values {
            for entry in list {
                edge_slot_release(entry.slot)
            }
        }
    }

    /// An isolate of this image, to be restored before its first step; nil when all slots are leased, no address space is
    /// left, or the image can't be read.
    public mutating func lease(_ image: Image) -> Isolate? {
        let key = ObjectIdentifier(image)
        if let entry = self.takeRecent(key) ?? self.popIdle(key) {
            self.leasedCount += 1
            return Isolate(slot: entry.slot, hold: entry.hold)
        }
        // In this order: an image that no slot is there for is not read.
        guard let slot = self.unboundSlot() else { return nil }
        guard let hold = image.hold() else {
            self.spare.add(slot)
            return nil
        }
        edge_slot_bind(slot, image.raw)
        self.leasedCount += 1
        return Isolate(slot: slot, hold: hold)
    }

    /// Whether the next lease of this image needs no slot of another.
    public func hasIdle(_ image: Image) -> Bool {
        let key = ObjectIdentifier(image)
        return self.recent[Self.place(of: key)]?.image == key || self.idle[key]?.isEmpty == false
    }

    /// Takes an isolate of `image` back.
    ///
    /// - Parameter now: any clock that only grows; it orders slots by rest.
    public mutating func giveBack(_ isolate: consuming Isolate, of image: Image, now: UInt64) {
        precondition(self.leasedCount > 0)
        self.leasedCount -= 1
        self.idleCount += 1
        let (slot, hold) = isolate.intoSlot()
        assert(hold.image === image)
        edge_isolate_retire(slot)
        let key = ObjectIdentifier(image)
        let place = Self.place(of: key)
        self.putAside(place)
        self.recent[place] = RecentSlot(image: key, slot: IdleSlot(slot: slot, hold: hold, since: now))
    }

    private static func place(of key: ObjectIdentifier) -> Int {
        // Objects are at least 16 bytes apart.
        (Int(bitPattern: key) >> 4) & (Self.recentCount - 1)
    }

    private mutating func takeRecent(_ key: ObjectIdentifier) -> IdleSlot? {
        let place = Self.place(of: key)
        guard let recent = self.recent[place], recent.image == key else { return nil }
        self.recent[place] = nil
        self.idleCount -= 1
        return recent.slot
    }

    /// Moves a recent slot to the others of its image, all of which have rested longer.
    private mutating func putAside(_ place: Int) {
        guard let recent = self.recent[place] else { return }
        self.recent[place] = nil
        self.idle[recent.image, default: []].append(recent.slot)
    }

    private mutating func putAllAside() {
        for place in self.recent.indices {
            self.putAside(place)
        }
    }

    /// Gives back the memory of slots that have been idle since before `deadline`.
    public mutating func trim(idleSince deadline: UInt64) {
        self.putAllAside()
        for key in Array(self.idle.keys) {
            while let oldest = self.idle[key]?.first, oldest.since < deadline {
                self.removeOldest(key)
                self.spare.add(oldest.slot)
            }
        }
    }

    /// Sees that the next images which have no slot here find one with memory. Costs tens of microseconds for each that was
    /// taken since the last call: not for the path of a request.
    public mutating func prepare() {
        self.spare.prepare()
    }

    /// Frees the idle slots of an image that no deployment uses any more.
    public mutating func forget(_ image: Image) {
        self.putAllAside()
        guard let list = self.idle.removeValue(forKey: ObjectIdentifier(image)) else { return }
        self.idleCount -= list.count
        for entry in list {
            self.spare.add(entry.slot)
        }
    }

    private mutating func popIdle(_ key: ObjectIdentifier) -> IdleSlot? {
        // First, because asking an empty table so makes one, and a first request has no time for that.
        guard !self.idle.isEmpty, let entry = self.idle[key]?.popLast() else { return nil }
        self.idleCount -= 1
        return entry
    }

    private mutating func removeOldest(_ key: ObjectIdentifier) {
        self.idle[key]?.removeFirst()
        self.idleCount -= 1
        if self.idle[key]?.isEmpty == true {
            self.idle.removeValue(forKey: key)
        }
    }

    private mutating func unboundSlot() -> OpaquePointer? {
        if self.leasedCount + self.idleCount < self.maximumSlots,
            let slot = self.spare.take() ?? edge_slot_acquire(Isolate.maximumMemoryBytes, false)
        {
            return slot
        }
        return self.evict()
    }

    private mutating func evict() -> OpaquePointer? {
        self.putAllAside()
        let candidates = self.idle.compactMap { key, list in list.first.map { (key, $0) } }
        guard let (key, entry) = candidates.min(by: { $0.1.since < $1.1.since }) else { return nil }
        self.removeOldest(key)
        // Its image may leave memory: binding the slot to another does not look at it.
        return entry.slot
    }
}
