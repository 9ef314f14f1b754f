import Glibc

/// The space that the data file has behind its last page. Puts get it from the disk before they need it, and leave a
/// reserve of it: a delete copies pages before it frees any, and must work on a full disk, where space is freed by deletes.
struct DiskRoom {
    static let reserveBytes = 1 << 20
    /// What a file grows by at least and at most, so that few commits have to wait for the disk to find space.
    private static let growth = 1 << 20...64 << 20

    private let file: Int32
    private let usedBytes: Int
    private let maximumBytes: Int
    private var allocatedBytes: Int
    private var promisedBytes = 0
    private var reusableBytes = 0

    /// - Parameters:
    ///   - usedBytes: up to the end of the last page.
    ///   - maximumBytes: of the store; the file grows up to this and the reserve.
    init(file: Int32, usedBytes: Int, maximumBytes: Int) {
        var status = stat()
        let isKnown = fstat(file, &status) == 0
        self.file = file
        self.usedBytes = usedBytes
        self.maximumBytes = maximumBytes
        self.allocatedBytes = isKnown ? status.st_size : usedBytes
    }

    /// Pages inside of the file that may be written again. They count for the reserve too: what deletes took of the space
    /// behind the last page does not come back.
    mutating func reuse(_ byteCount: Int) {
        self.reusableBytes = byteCount
    }

    /// Whether there is room for so many bytes more; the file grows for them where it can.
    mutating func take(_ byteCount: Int) -> Bool {
        let end = self.usedBytes + self.promisedBytes + byteCount + Self.reserveBytes - self.reusableBytes
        if end > self.allocatedBytes {
            let step = min(max(self.usedBytes / 8, Self.growth.lowerBound), Self.growth.upperBound)
            let largest = self.maximumBytes + Self.reserveBytes
            guard end <= largest, self.grow(to: min(end + step, largest)) || self.grow(to: end) else {
                return false
            }
        }
        self.promisedBytes += byteCount
        return true
    }

    private mutating func grow(to byteCount: Int) -> Bool {
        switch posix_fallocate(self.file, self.allocatedBytes, byteCount - self.allocatedBytes) {
        case 0:
            self.allocatedBytes = byteCount
            return true
        case ENOSPC, EDQUOT, EFBIG:
            return false
        default:
            // Only a disk that says it is full is full; of other faults the write itself will tell.
            return true
        }
    }
}
