import EdgeRuntime
import Glibc

/// An inotify instance: the file descriptor and the shape of its events.
final class Inotify {
    struct Event {
        let watch: Int32
        let mask: UInt32
        /// The entry of the watched directory; empty where the event is about the directory itself.
        let name: [UInt8]

        func has(_ flags: Int32...) -> Bool {
            flags.contains { self.mask & UInt32(bitPattern: $0) != 0 }
        }
    }

    private static let bufferSize = 64 << 10

    let descriptor: Int32

    init() throws(FileWatchError) {
        self.descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        if self.descriptor < 0 { throw FileWatchError.instances(errno: errno) }
    }

    deinit {
        close(self.descriptor)
    }

    /// The watch of a directory; the same number when it is watched already. Fails with the `errno`.
    func add(_ directory: String, mask: Int32) -> Result<Int32, FileSystem.Failure> {
        let watch = inotify_add_watch(self.descriptor, directory, UInt32(bitPattern: mask | IN_ONLYDIR))
        return watch >= 0 ? .success(watch) : .failure(FileSystem.Failure(code: errno))
    }

    func remove(_ watch: Int32) {
        // It fails when the directory is gone, and with it the watch.
        _ = inotify_rm_watch(self.descriptor, watch)
    }

    /// Up to a buffer full of the events that wait; empty when there are none.
    func read() throws(FileWatchError) -> [Event] {
        var code: Int32 = 0
        let events = withUnsafeTemporaryAllocation(byteCount: Self.bufferSize, alignment: 16) { buffer -> [Event] in
            let count = Glibc.read(self.descriptor, buffer.baseAddress, buffer.count)
            guard count >= 0 else {
                code = errno
                return []
            }
            return Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        guard [0, EAGAIN, EINTR].contains(code) else { throw FileWatchError.system("read", errno: code) }
        return events
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> [Event] {
        var events: [Event] = []
        var offset = 0
        let headerSize = MemoryLayout<inotify_event>.size
        while offset + headerSize <= bytes.count {
            let header = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let nameStart = offset + headerSize
            // The name is padded with zeros.
            let name = bytes[nameStart..<nameStart + Int(header.len)].prefix { $0 != 0 }
            events.append(Event(watch: header.wd, mask: header.mask, name: Array(name)))
            offset = nameStart + Int(header.len)
        }
        return events
    }
}
