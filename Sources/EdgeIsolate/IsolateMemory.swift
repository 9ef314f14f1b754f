import CIsolate

/// The memory of all isolates of this process: images that are in memory, their copies in slots, and the heaps that grew beyond them.
///
/// One worker's image and isolates get at most as much as is left for the others, so a greedy worker comes to half of the ceiling.
public enum IsolateMemory {
    /// The most that all isolates may take together, in bytes. There is no ceiling before it is set.
    public static func setCeiling(_ bytes: Int) {
        precondition(bytes > 0)
        edge_memory_set_ceiling(bytes)
    }

    /// Idle isolates should give their memory back now.
    public static var isTight: Bool {
        edge_memory_is_tight()
    }

    /// Whether there is room for one more isolate of this image, and for the image where it is not in memory.
    public static func admits(_ image: Image) -> Bool {
        edge_memory_admits(image.raw)
    }
}
