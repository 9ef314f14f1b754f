import EdgeIsolate

/// Leases under the ceiling of all isolates' memory: when it, or a worker's share of it, is nearly reached, idle isolates are
/// given back first.
enum IsolateLease {
    /// nil where there is no slot or no memory for one more isolate of this image.
    static func take(_ image: Image, from pool: inout SlotPool) -> Isolate? {
        if !IsolateMemory.admits(image) {
            pool.trim(idleSince: .max)
            guard IsolateMemory.admits(image) else { return nil }
        }
        return pool.lease(image)
    }

    static func giveBack(_ isolate: consuming Isolate, of image: Image, to pool: inout SlotPool, now: UInt64) {
        pool.giveBack(isolate, of: image, now: now)
        if IsolateMemory.isTight || !IsolateMemory.admits(image) {
            pool.trim(idleSince: .max)
        }
    }
}
