import CIsolate
import Glibc

/// 128 bits that tell damaged bytes from whole ones; against accidents, not against somebody who chooses the bytes.
public struct ImageChecksum: Sendable, Equatable {
    public var first: UInt64
    public var second: UInt64

    public init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    public init(of bytes: UnsafeRawBufferPointer) {
        var sum: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &sum) {
            edge_image_checksum(bytes.baseAddress, bytes.count, $0.bindMemory(to: UInt64.self).baseAddress)
        }
        self.init(first: sum.0, second: sum.1)
    }
}

/// Where an image is when it is not in memory.
public struct ImageFile: Sendable {
    enum Outcome {
        case loaded
        /// The file is missing, damaged, or another one.
        case lost
        /// There are no descriptors or no memory to read it with, or not below the ceiling: later, perhaps.
        case outOfResources
    }

    private let open: @Sendable () -> Int32
    private let offset: Int
    private let length: Int
    private let checksum: ImageChecksum

    /// - Parameters:
    ///   - offset: where the packed image begins.
    ///   - open: returns a new descriptor of the file, or -1 with errno set; called from any thread.
    public init(
        offset: Int,
        length: Int,
        checksum: ImageChecksum,
        open: @escaping @Sendable () -> Int32
    ) {
        self.offset = offset
        self.length = length
        self.checksum = checksum
        self.open = open
    }

    func load(into image: OpaquePointer) -> Outcome {
        let descriptor = self.open()
        guard descriptor >= 0 else { return [EMFILE, ENFILE, ENOMEM].contains(errno) ? .outOfResources : .lost }
        defer { close(descriptor) }
        var body = edge_image_body(
            offset: UInt64(self.offset),
            length: UInt64(self.length),
            checksum: (self.checksum.first, self.checksum.second)
        )
        switch edge_image_load(image, descriptor, &body) {
        case 0: return .loaded
        case ENOMEM: return .outOfResources
        default: return .lost
        }
    }
}

/// An image as bytes that another process of this executable can run.
public struct PackedImage: ~Copyable {
    private let body: UnsafeMutablePointer<UInt8>
    private let count: Int
    public let checksum: ImageChecksum

    init?(_ image: OpaquePointer) {
        var count = 0
        var sum: (UInt64, UInt64) = (0, 0)
        let body = withUnsafeMutableBytes(of: &sum) {
            edge_image_pack(image, &count, $0.bindMemory(to: UInt64.self).baseAddress)
        }
        guard let body else { return nil }
        self.body = body
        self.count = count
        self.checksum = ImageChecksum(first: sum.0, second: sum.1)
    }

    deinit {
        edge_image_pack_free(self.body)
    }

    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: self.body, count: self.count))
    }
}

extension Engine {
    /// What tells this executable from every other; empty where the linker wrote no build id.
    public static var executableID: [UInt8] {
        var bytes: UnsafePointer<UInt8>?
        let count = edge_build_id(&bytes)
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
