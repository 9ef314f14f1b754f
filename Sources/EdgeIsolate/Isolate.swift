import CIsolate

/// The right to run one isolate: a slot bound to an image. Exactly one owner; given back to the pool it came from.
///
/// An isolate may be stepped on different threads, one at a time. Everything a ``Step`` or ``log`` hands out points into
/// the slot and is valid until the next step or restore.
// Unchecked Sendable: it has one owner, who may be on any thread.
public struct Isolate: ~Copyable, @unchecked Sendable {
    /// The address space of every slot, in bytes: an upper bound of any memory limit.
    public static let maximumMemoryBytes = 2 << 30

    let slot: OpaquePointer
    /// Of the image the slot is bound to. Unmanaged, as a value that has something to destroy can't be discarded.
    private let hold: Unmanaged<ImageHold>

    init(slot: OpaquePointer, hold: ImageHold) {
        self.slot = slot
        self.hold = Unmanaged.passRetained(hold)
    }

    deinit {
        edge_slot_release(self.slot)
        self.hold.release()
    }

    /// Gives up ownership without releasing the slot.
    consuming func intoSlot() -> (OpaquePointer, ImageHold) {
        let parts = (self.slot, self.hold.takeRetainedValue())
        discard self
        return parts
    }

    /// Makes the heap pristine, whatever became of it: a copy of the image.
    public func restore(budget: Budget) {
        var raw = budget.raw
        edge_isolate_restore(self.slot, &raw)
    }

    /// Runs until the guest needs the host, ends, or is ended.
    ///
    /// - Parameters:
    ///   - message: the entry's arguments (first step), the reply to the call before, or nothing after a preemption.
    ///   - unixMilliseconds: the time the guest sees; it stands still within a step.
    ///   - sliceNanoseconds: when to preempt; 0 for never.
    public func step(
        message: UnsafeRawBufferPointer,
        unixMilliseconds: Int64,
        sliceNanoseconds: UInt64
    ) -> Step {
        var input = edge_input(
            message: message.baseAddress?.assumingMemoryBound(to: UInt8.self),
            length: message.count,
            unix_ms: unixMilliseconds,
            slice_ns: sliceNanoseconds
        )
        return Step(edge_isolate_step(self.slot, &input))
    }

    public var usage: Usage {
        let raw = edge_isolate_usage(self.slot)
        return Usage(
            cpuNanoseconds: raw.cpu_ns,
            heapBytes: Int(raw.heap_bytes),
            hostCalls: Int(raw.host_calls),
            droppedLogRecords: Int(raw.log_dropped)
        )
    }

    /// Counts CPU time that the host spent on the guest's behalf: the next step ends it where its limit is reached.
    public func charge(cpuNanoseconds: UInt64) {
        edge_isolate_charge(self.slot, cpuNanoseconds)
    }

    /// The log records of this run, one array each: level 0...3, text, fields or nil. Readable after a kill too.
    public var log: MessageReader {
        var length = 0
        let bytes = edge_isolate_log(self.slot, &length)
        return MessageReader(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    public func clearLog() {
        edge_isolate_clear_log(self.slot)
    }
}
