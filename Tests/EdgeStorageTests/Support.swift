import EdgeStorage
import Glibc
import Synchronization
import Testing

/// The implementations that the conformance suite runs on.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case memory
    case lmdb

    var testDescription: String { self.rawValue }

    /// Runs `body` on an empty store with a clock turned by hand, and closes the store.
    func withStore(_ body: (any KeyValueStore, ManualClock) async throws -> Void) async throws {
        let clock = ManualClock()
        switch self {
        case .memory:
            let store = MemoryStore(clock: clock.read)
            try await body(store, clock)
            store.close()
        case .lmdb:
            try await withDirectory { path in
                let store = try LMDBStore(.testing(path, clock: clock))
                try await body(store, clock)
                store.close()
            }
        }
    }
}

final class ManualClock: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)

    var now: Int64 { self.time.withLock { $0 } }

    var read: KVClock {
        { self.now }
    }

    func advance(milliseconds: Int64) {
        self.time.withLock { $0 += milliseconds }
    }
}

extension LMDBConfiguration {
    /// As a tool by default: a server also sweeps by itself, at times that no test can know.
    static func testing(_ path: String, role: Role = .tool, clock: ManualClock? = nil) -> LMDBConfiguration {
        var configuration = LMDBConfiguration(path: path, role: role)
        if let clock {
            configuration.clock = clock.read
        }
        return configuration
    }
}

struct SystemFailure: Error {
    let code = errno
}

/// Runs `body` with the path of a new directory, and removes it.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/edgestorage-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
        throw SystemFailure()
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { removeTree(path) }
    try await body(path)
}

func removeTree(_ path: String) {
    guard let directory = opendir(path) else {
        unlink(path)
        return
    }
    while let item = readdir(directory) {
        let name = withUnsafeBytes(of: &item.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." {
            removeTree("\(path)/\(name)")
        }
    }
    closedir(directory)
    rmdir(path)
}

func readFile(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else {
        throw SystemFailure()
    }
    defer { close(file) }
    var status = stat()
    fstat(file, &status)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    guard pread(file, &bytes, bytes.count, 0) == bytes.count else {
        throw SystemFailure()
    }
    return bytes
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else {
        throw SystemFailure()
    }
    defer { close(file) }
    guard write(file, bytes, bytes.count) == bytes.count else {
        throw SystemFailure()
    }
}

/// SplitMix64: the same numbers for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

func bytes(_ text: String) -> [UInt8] {
    Array(text.utf8)
}

func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
}

extension KeyValueStore {
    @discardableResult
    func put(
        _ namespace: KVNamespace,
        _ key: [UInt8],
        _ put: KVPut,
        _ condition: KVCondition = .none
    ) async throws -> KVOutcome {
        try await self.write(KVMutation(namespace, key, .put(put, condition)))
    }

    @discardableResult
    func put(_ namespace: KVNamespace, _ key: String, _ value: String) async throws -> KVOutcome {
        try await self.put(namespace, bytes(key), KVPut(bytes(value)))
    }

    @discardableResult
    func delete(_ namespace: KVNamespace, _ key: [UInt8], ifVersion: UInt64? = nil) async throws -> KVOutcome {
        try await self.write(KVMutation(namespace, key, .delete(ifVersion: ifVersion)))
    }

    func increment(
        _ namespace: KVNamespace,
        _ key: String,
        by amount: Int64 = 1,
        initial: Int64 = 0,
        expiry: KVExpiry? = nil
    ) async throws -> Int64? {
        let operation = KVMutation.Operation.increment(by: amount, initial: initial, expiry: expiry)
        guard case .incremented(let sum, _) = try await self.write(KVMutation(namespace, bytes(key), operation)) else {
            return nil
        }
        return sum
    }

    /// All keys of a listing, page by page.
    func allKeys(_ request: KVListRequest) throws -> [[UInt8]] {
        var request = request
        var keys: [[UInt8]] = []
        while true {
            let page = try self.list(request)
            #expect(page.items.count <= request.limit)
            keys += page.items.map(\.key)
            guard let cursor = page.cursor else {
                return keys
            }
            request.cursor = cursor
        }
    }
}

/// The code of the error that `body` throws, nil where it throws none.
func code(_ body: () async throws -> Void) async -> KVError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? KVError)?.code
    }
}
