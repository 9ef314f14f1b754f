/// What ``StartupBenchmark`` measures. Every sample is one operation between two reads of the monotonic clock.
public enum StartupMeasure: String, Sendable, CaseIterable {
    /// A start without an image: take and map a slot, make the Lua state, open the libraries, run the prelude (which was
    /// compiled before), compile and run the script's top level, set its configuration. Includes the page faults of the new
    /// heap; nothing is collected or frozen.
    case fresh
    /// The image copied over the heap of an isolate that is kept: what each request on a warm slot begins with.
    case restore
    /// The first isolate of a worker on a new slot: map the slot's address space, copy and relocate the image, restore it.
    /// Includes the page faults of the slot, which had no memory before; not its unmapping afterwards.
    case relocate
    /// `relocate` on a slot that has memory, as a lane keeps some for workers that have no isolate: neither the slot's address space nor
    /// its pages are waited for.
    case ready
    /// `relocate` for an image that is not in memory: it is read from its file and checked first, as for the first request of a worker
    /// that has rested, or of a process that found it in its data folder. The file's pages are in the system's cache.
    case disk
    /// A whole GET request through the gateway without a socket: lease, restore, run the handler, answer, log, give back.
    case request
}
