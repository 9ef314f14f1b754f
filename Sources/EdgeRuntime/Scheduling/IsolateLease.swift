import EdgeIsolate

/// Leases under the ceiling of all isolates' memory: when it, or a worker's share of it, is nearly reached, idle isolates are
/// given back first.
enum IsolateLease {
    /// nil where there is no slot or no memory for one more isolate of this image.
    static func take(_ image: Image, from pool: inout SlotPool) -> Isolate? {
        self.makeRoom(for: image, in: &pool) ? pool.lease(image) : nil
    }

    /// Whether there is memory for one more isolate of this image, and for the image.
    static func makeRoom(for image: Image, in pool: inout SlotPool) -> Bool {
        if IsolateMemory.admits(image) { return true }
        pool.trim(idleSince: .max)
        return IsolateMemory.admits(image)
    }

    static func giveBack(_ isolate: consuming Isolate, of image: Image, to pool: inout SlotPool, now: UInt64) {
        pool.giveBack(isolate, of: image, now: now)
        if IsolateMemory.isTight || !IsolateMemory.admits(image) {
            pool.trim(idleSince: .max)
        }
    }
}
