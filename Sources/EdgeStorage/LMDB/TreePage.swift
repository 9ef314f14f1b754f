import Glibc

/// Reads pages of LMDB 0.9 on 64 bits, as `StoreCheck` needs them.
struct PageSource {
    static let headerBytes = 16

    let file: Int32
    let pageBytes: Int

    /// nil where the file does not have it.
    func page(_ number: UInt64) throws(KVError) -> TreePage? {
        try self.read(number, self.pageBytes).map { TreePage(bytes: $0) }
    }

    func overflowPages(_ valueBytes: Int) -> UInt64 {
        UInt64((Self.headerBytes + valueBytes + self.pageBytes - 1) / self.pageBytes)
    }

    /// The value that begins on a page of its own; nil where the page is none such.
    func overflow(_ number: UInt64, _ valueBytes: Int) throws(KVError) -> [UInt8]? {
        guard let bytes = try self.read(number, Self.headerBytes + valueBytes) else {
            return nil
        }
        let header = TreePage(bytes: bytes)
        let pages: UInt32 = header.load(12)
        guard header.number == number, header.kind == TreePage.overflow,
            UInt64(pages) == self.overflowPages(valueBytes)
        else {
            return nil
        }
        return Array(bytes[Self.headerBytes...])
    }

    private func read(_ number: UInt64, _ byteCount: Int) throws(KVError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let done = pread(self.file, &bytes, byteCount, Int(number) * self.pageBytes)
        guard done >= 0 else {
            throw SystemError.last("read page \(number) of", "data.mdb")
        }
        return done == byteCount ? bytes : nil
    }
}

/// A page of the tree: a header, the offsets of its nodes, and the nodes from the end on.
struct TreePage {
    struct Node {
        let key: [UInt8]
        /// Of a branch.
        let child: UInt64
        /// Of a leaf; empty where the value lies on pages of its own.
        let value: [UInt8]
        let valueBytes: Int
        let overflowPage: UInt64?
    }

    static let overflow: UInt16 = 4
    private static let branch: UInt16 = 1
    private static let leaf: UInt16 = 2
    private static let bigValue: UInt16 = 1
    private static let nodeHeaderBytes = 8

    let bytes: [UInt8]

    var number: UInt64 { self.load(0) }
    var kind: UInt16 { self.load(10) & 0x0f }
    private var lower: Int { Int(self.load(12) as UInt16) }
    private var upper: Int { Int(self.load(14) as UInt16) }
    var count: Int { (self.lower - PageSource.headerBytes) / 2 }

    /// Whether number, kind and bounds are those of a page of the tree. A branch has two children at least.
    func isSound(number: UInt64, isLeaf: Bool) -> Bool {
        self.number == number && self.kind == (isLeaf ? Self.leaf : Self.branch)
            && self.lower >= PageSource.headerBytes && self.lower.isMultiple(of: 2) && self.lower <= self.upper
            && self.upper <= self.bytes.count && self.count >= (isLeaf ? 1 : 2)
    }

    /// nil where it does not lie in the page. The page must be sound.
    func node(_ index: Int, isLeaf: Bool) -> Node? {
        let start = Int(self.load(PageSource.headerBytes + 2 * index) as UInt16)
        guard start >= self.upper, start + Self.nodeHeaderBytes <= self.bytes.count else {
            return nil
        }
        let (low, high) = (self.load(start) as UInt16, self.load(start + 2) as UInt16)
        let flags: UInt16 = self.load(start + 4)
        let size = UInt64(low) | UInt64(high) << 16
        let keyEnd = start + Self.nodeHeaderBytes + Int(self.load(start + 6) as UInt16)
        guard keyEnd <= self.bytes.count else {
            return nil
        }
        let key = Array(self.bytes[(start + Self.nodeHeaderBytes)..<keyEnd])
        guard isLeaf else {
            return Node(key: key, child: size | UInt64(flags) << 32, value: [], valueBytes: 0, overflowPage: nil)
        }
        let inPlace = flags == Self.bigValue ? 8 : Int(size)
        guard flags == 0 || flags == Self.bigValue, keyEnd + inPlace <= self.bytes.count else {
            return nil
        }
        let value = Array(self.bytes[keyEnd..<(keyEnd + inPlace)])
        guard flags == Self.bigValue else {
            return Node(key: key, child: 0, value: value, valueBytes: value.count, overflowPage: nil)
        }
        // Larger than any record: no bound of the file, which `StoreCheck` holds, but one of memory.
        guard size <= KVLimits.valueBytes * 2 else {
            return nil
        }
        return Node(key: key, child: 0, value: [], valueBytes: Int(size), overflowPage: self.load(keyEnd))
    }

    func load<Number: FixedWidthInteger>(_ offset: Int) -> Number {
        self.bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
