import EdgeIsolate
import Glibc

/// A packed image in a temporary file; removed with the object.
final class ImageCopy: Sendable {
    let path: String
    let count: Int
    private let checksum: ImageChecksum

    /// nil where the image can't be packed.
    init?(_ image: Image) throws {
        guard let packed = image.pack() else { return nil }
        var template = Array("/tmp/edgehost-image-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw NoIsolate() }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.checksum = packed.checksum
        self.count = packed.withBytes { $0.count }
        let written = packed.withBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard written == self.count else { throw NoIsolate() }
    }

    deinit {
        unlink(self.path)
    }

    /// The image as another process would have it.
    func image(like image: Image) throws -> Image {
        let path = self.path
        let file = ImageFile(offset: 0, length: self.count, checksum: self.checksum) {
            open(path, O_RDONLY | O_CLOEXEC)
        }
        guard
            let copy = Image(
                byteCount: image.byteCount,
                sharedByteCount: image.sharedByteCount,
                relocationCount: image.relocationCount,
                file: file
            )
        else { throw NoIsolate() }
        return copy
    }

    func flip(bit: Int) throws {
        let descriptor = open(self.path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, bit / 8) == 1 else { throw NoIsolate() }
        byte ^= 1 << UInt8(bit % 8)
        guard pwrite(descriptor, &byte, 1, bit / 8) == 1 else { throw NoIsolate() }
    }

    func cut(to count: Int) {
        truncate(self.path, count)
    }
}
