import Glibc

/// Reads a whole store without LMDB, which believes what it reads and may end the process over damage: every page of the
/// tree and of the list of free pages, every record with its checks.
public struct StoreCheck {
    public struct Summary: Sendable, Equatable {
        /// Entries whose checks hold.
        public var entries = 0
        /// Pages that are in use.
        public var pages = 0
        /// The first faults that were found, at most `maximumFaults`; none: the store is sound.
        public var faults: [String] = []
        public var faultCount = 0
    }

    public static let maximumFaults = 100

    private let path: String
    private let source: PageSource
    private let lastPage: UInt64
    private var summary = Summary()
    /// A bit for each page of the file.
    private var seen: [UInt64]
    private var previousKey: [UInt8] = []

    /// Checks the store in a directory. No server may have it open; it is not written to.
    /// - Throws: `storeHeld`, `permissionDenied`, `io`, `olderFormat`, and `storeDamaged` or `newerFormat` where not even the header can be read.
    public static func run(path: String) throws(KVError) -> Summary {
        let directory = try DataDirectory(existing: path)
        let lock = try ServerLock(directory, inherited: nil, holder: getpid())
        defer { withExtendedLifetime(lock) {} }
        let file = open(directory.dataFile, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw SystemError.last("open", directory.dataFile)
        }
        defer { close(file) }
        guard let meta = try FileHeader.newestMeta(of: file, directory.dataFile) else {
            return Summary()
        }
        var check = StoreCheck(path, PageSource(file: file, pageBytes: Int(meta.pageSize)), lastPage: meta.lastPage)
        try check.walk(meta)
        return check.summary
    }

    private init(_ path: String, _ source: PageSource, lastPage: UInt64) {
        self.path = path
        self.source = source
        self.lastPage = lastPage
        self.seen = [UInt64](repeating: 0, count: Int(lastPage / 64) + 1)
    }

    private mutating func walk(_ meta: FileHeader.Meta) throws(KVError) {
        for isMain in [true, false] {
            let database = isMain ? meta.main : meta.free
            guard database.root != FileHeader.noRoot else {
                continue
            }
            self.previousKey = []
            let before = self.summary.faultCount
            var counted: UInt64 = 0
            let range = KeyRange(from: [], below: nil)
            try self.page(database.root, Int(database.depth) - 1, range, isMain: isMain, &counted)
            if counted != database.entries, self.summary.faultCount == before {
                self.fault("the \(isMain ? "tree" : "list of free pages") has \(counted) keys, not \(database.entries)")
            }
        }
    }

    /// - Parameter height: levels below this page; LMDB's depth is below 32.
    private mutating func page(
        _ number: UInt64,
        _ height: Int,
        _ range: KeyRange,
        isMain: Bool,
        _ counted: inout UInt64
    ) throws(KVError) {
        guard self.take(number, 1), let page = try self.source.page(number) else {
            return self.fault("page \(number) is used twice, or is no page of the file")
        }
        guard page.isSound(number: number, isLeaf: height == 0) else {
            return self.fault("page \(number) is no \(height == 0 ? "leaf" : "branch") of the tree")
        }
        for index in 0..<page.count {
            guard let node = page.node(index, isLeaf: height == 0) else {
                self.fault("page \(number), item \(index) lies outside of its page")
                continue
            }
            if height > 0 {
                let next = index + 1 < page.count ? page.node(index + 1, isLeaf: false)?.key : range.below
                // The first key of a branch is empty, and stands for that of the branch above.
                let from = index == 0 ? range.from : node.key
                let child = KeyRange(from: from, below: next)
                try self.page(node.child, height - 1, child, isMain: isMain, &counted)
                continue
            }
            counted += 1
            self.checkOrder(node.key, range, number, isMain: isMain)
            guard let value = try self.value(node, number) else {
                continue
            }
            if isMain {
                try self.entry(node.key, value, number)
            } else {
                self.free(value, number)
            }
        }
    }

    /// Keys grow from leaf to leaf, and lie where the branches say.
    private mutating func checkOrder(_ key: [UInt8], _ range: KeyRange, _ number: UInt64, isMain: Bool) {
        // Those of the list of free pages are numbers in the order of the machine.
        let key = isMain ? key : key.reversed()
        let previous = self.previousKey
        if !previous.isEmpty, !previous.lexicographicallyPrecedes(key) {
            self.fault("page \(number): its keys are not in order")
        }
        if isMain, !range.contains(key) {
            self.fault("page \(number): a key lies under the wrong branch")
        }
        self.previousKey = key
    }

    private mutating func value(_ node: TreePage.Node, _ number: UInt64) throws(KVError) -> [UInt8]? {
        guard let first = node.overflowPage else {
            return node.value
        }
        let count = self.source.overflowPages(node.valueBytes)
        guard self.take(first, count), let value = try self.source.overflow(first, node.valueBytes) else {
            self.fault("page \(first), a value of page \(number), is used twice or is no such page")
            return nil
        }
        return value
    }

    private mutating func entry(_ key: [UInt8], _ value: [UInt8], _ number: UInt64) throws(KVError) {
        switch StoreEntry.check(key, value) {
        case .entry: self.summary.entries += 1
        case .other: break
        case .olderFormat: throw Environment.olderFormat(self.path)
        case .damaged(let what): self.fault("page \(number): \(what)")
        }
    }

    /// A list of free pages: how many, and their numbers. One that is in use would be written over.
    private mutating func free(_ value: [UInt8], _ number: UInt64) {
        let numbers = value.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
            }
        }
        guard let count = numbers.first, count < numbers.count else {
            return self.fault("page \(number): a list of free pages is cut short")
        }
        for free in numbers[1...Int(count)] where !self.take(free, 1, isUse: false) {
            self.fault("page \(free) is free and in use, or is no page of the file")
        }
    }

    /// Notes that pages are used; false where one is already, or does not exist.
    private mutating func take(_ first: UInt64, _ count: UInt64, isUse: Bool = true) -> Bool {
        guard first >= 2, first <= self.lastPage, count <= self.lastPage - first + 1 else {
            return false
        }
        for page in first..<first + count {
            guard self.seen[Int(page / 64)] & (1 << (page % 64)) == 0 else {
                return false
            }
            self.seen[Int(page / 64)] |= 1 << (page % 64)
        }
        self.summary.pages += isUse ? Int(count) : 0
        return true
    }

    private mutating func fault(_ what: String) {
        self.summary.faultCount += 1
        if self.summary.faults.count < Self.maximumFaults {
            self.summary.faults.append(what)
        }
    }
}

/// The keys that a branch says lie below it.
private struct KeyRange {
    let from: [UInt8]
    /// nil: no end.
    let below: [UInt8]?

    func contains(_ key: [UInt8]) -> Bool {
        !key.lexicographicallyPrecedes(self.from) && (self.below.map { key.lexicographicallyPrecedes($0) } ?? true)
    }
}
