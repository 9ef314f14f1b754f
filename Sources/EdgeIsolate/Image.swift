import CIsolate
import Synchronization

/// A worker's frozen heap: what every request of it starts from. Its content never changes, so any thread may lease isolates of it.
///
/// The heap is in memory while somebody holds it (``hold()``), as each slot that is bound to it does. An image that is kept in a
/// file is in memory no longer than that; any other one is always.
public final class Image: Sendable {
    private struct Residency {
        var holders = 0
        var file: ImageFile?
    }

    // Its heap is read while it is held, and loaded or unloaded under the lock while it is not; the rest never changes.
    nonisolated(unsafe) let raw: OpaquePointer
    /// The bytes of the heap that each isolate has of its own: what a restore copies.
    public let byteCount: Int
    /// The bytes of the heap that its isolates share, as no request writes to them: strings and compiled functions.
    public let sharedByteCount: Int
    /// How many words of what a restore copies are pointers into it.
    public let relocationCount: Int
    private let residency: Mutex<Residency>
    private let isInMemory: Atomic<Bool>
    private let hasBadFile = Atomic(false)

    /// An image that is in memory.
    init(_ raw: OpaquePointer) {
        self.raw = raw
        self.byteCount = edge_image_size(raw)
        self.sharedByteCount = edge_image_shared_size(raw)
        self.relocationCount = edge_image_relocations(raw)
        self.residency = Mutex(Residency())
        self.isInMemory = Atomic(true)
    }

    /// An image that is in a file; nil without memory, or signal handlers.
    public init?(byteCount: Int, sharedByteCount: Int, relocationCount: Int, file: ImageFile) {
        // Nothing else starts the engine in a process that builds no image.
        guard (try? Engine.start()) != nil,
            let raw = edge_image_make_absent(byteCount, sharedByteCount, relocationCount)
        else { return nil }
        self.raw = raw
        self.byteCount = byteCount
        self.sharedByteCount = sharedByteCount
        self.relocationCount = relocationCount
        self.residency = Mutex(Residency(file: file))
        self.isInMemory = Atomic(false)
    }

    deinit {
        edge_image_free(self.raw)
    }

    /// Whether it is in memory now. Another thread may change that at any time but while it is held.
    public var isLoaded: Bool { self.isInMemory.load(ordering: .relaxed) }

    /// Whether its file turned out to be missing or damaged, so that it has to be built anew.
    public var isLost: Bool { self.hasBadFile.load(ordering: .relaxed) }

    /// Whether it is kept in a file.
    public var isInFile: Bool { self.residency.withLock { $0.file != nil } }

    /// Keeps the image in memory for as long as the result lives, and reads it if it is not; nil where that fails, or the ceiling of
    /// all isolates' memory leaves no room for it.
    public func hold() -> ImageHold? {
        let isHeld = self.residency.withLock { residency in
            guard self.isLoaded || self.load(residency.file) else { return false }
            residency.holders += 1
            return true
        }
        return isHeld ? ImageHold(self) : nil
    }

    fileprivate func release() {
        self.residency.withLock { residency in
            residency.holders -= 1
            self.unloadIfUnheld(residency)
        }
    }

    /// From now on the image is in this file, and in memory only while it is held.
    public func move(to file: ImageFile) {
        self.residency.withLock { residency in
            residency.file = file
            self.unloadIfUnheld(residency)
        }
    }

    private func unloadIfUnheld(_ residency: borrowing Residency) {
        guard residency.holders == 0, residency.file != nil, self.isLoaded else { return }
        edge_image_unload(self.raw)
        self.isInMemory.store(false, ordering: .relaxed)
    }

    private func load(_ file: ImageFile?) -> Bool {
        guard let file else { preconditionFailure("an image without a file is in memory") }
        switch file.load(into: self.raw) {
        case .loaded:
            self.isInMemory.store(true, ordering: .relaxed)
            return true
        case .lost:
            self.hasBadFile.store(true, ordering: .relaxed)
            return false
        case .outOfResources:
            return false
        }
    }

    /// What a file has to hold of the image, which is in memory; nil where its heap can't be moved to another process.
    public func pack() -> PackedImage? {
        guard let hold = self.hold() else { return nil }
        return withExtendedLifetime(hold) { PackedImage(self.raw) }
    }
}

/// Keeps an image in memory.
public final class ImageHold: Sendable {
    let image: Image

    fileprivate init(_ image: Image) {
        self.image = image
    }

    deinit {
        self.image.release()
    }
}
