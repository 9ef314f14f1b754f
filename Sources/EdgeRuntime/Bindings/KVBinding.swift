import EdgeIsolate
import EdgeStorage

/// `env.KV` and its like: turns calls of a script into reads and mutations of the store.
///
/// Times are Unix seconds for the script, as `os.time()` gives them, and milliseconds in the store.
struct KVBinding {
    private let store: any KeyValueStore
    /// Those the worker declared: a script can't make itself a handle to another.
    private let namespaces: [KVNamespace]

    init(store: any KeyValueStore, worker: Worker) {
        self.store = store
        self.namespaces = worker.namespaces
    }

    /// Serves a read at once, into `reply`.
    func read(
        _ operation: HostOperation,
        _ arguments: CallArguments,
        _ reply: inout MessageWriter
    ) throws(BindingError) {
        let namespace = try self.namespace(arguments)
        do {
            switch operation {
            case .kvGet: try self.get(namespace, arguments, &reply)
            case .kvGetMany: try self.getMany(namespace, arguments, &reply)
            default: try self.list(namespace, arguments, &reply)
            }
        } catch let error as KVError {
            throw arguments.error(error.message)
        } catch let error as BindingError {
            throw error
        } catch {
            preconditionFailure("unknown error of a store: \(error)")
        }
    }

    /// Begins a write; `completion` may be called on any thread.
    func write(
        _ operation: HostOperation,
        _ arguments: CallArguments,
        completion: @escaping @Sendable (Result<KVOutcome, KVError>) -> Void
    ) throws(BindingError) {
        let namespace = try self.namespace(arguments)
        let key = try arguments.string(1, "the key")
        let mutation: KVMutation.Operation
        switch operation {
        case .kvPut: mutation = try Self.put(arguments)
        case .kvDelete: mutation = try Self.delete(arguments)
        case .kvIncrement: mutation = try Self.increment(arguments)
        default: mutation = try Self.compareAndPut(arguments)
        }
        self.store.write(KVMutation(namespace, key, mutation), completion: completion)
    }

    /// What the script gets for a write that was done.
    static func reply(_ outcome: KVOutcome, _ reply: inout MessageWriter) {
        switch outcome {
        case .stored(let version):
            reply.beginReply(count: 1)
            reply.write(Int64(clamping: version))
        case .conflict(let current):
            reply.beginReply(count: 2)
            reply.writeNil()
            current.map { reply.write(Int64(clamping: $0)) } ?? reply.writeNil()
        case .deleted(let existed):
            reply.beginReply(count: 1)
            reply.write(existed)
        case .incremented(let value, _):
            reply.beginReply(count: 1)
            reply.write(value)
        }
    }

    private func namespace(_ arguments: CallArguments) throws(BindingError) -> KVNamespace {
        guard case .table(let entries) = arguments[0],
            let name = entries.first(where: { $0.key == .text("namespace") })?.value.text
        else {
            throw arguments.error("call it with a colon on a namespace, as in env.KV:get(\"key\")")
        }
        guard let namespace = self.namespaces.first(where: { $0.name == name }) else {
            throw arguments.error("the worker has no namespace of this name: declare it in the manifest, kv = { ... }")
        }
        return namespace
    }
}

extension KVBinding {
    private func get(_ namespace: KVNamespace, _ arguments: CallArguments, _ reply: inout MessageWriter) throws {
        let key = try arguments.string(1, "the key")
        try Self.checkType(arguments)
        try key.withUnsafeBytes { key in
            try self.get(namespace, key, &reply)
        }
    }

    private func get(
        _ namespace: KVNamespace,
        _ key: UnsafeRawBufferPointer,
        _ reply: inout MessageWriter
    ) throws(KVError) {
        try self.store.read(namespace, key: key) { entry in
            guard let entry else {
                reply.beginReply(count: 1)
                reply.writeNil()
                return
            }
            reply.beginReply(count: 3)
            reply.write(entry.value)
            entry.metadata.map { reply.write($0) } ?? reply.writeNil()
            reply.write(Int64(clamping: entry.version))
        }
    }

    /// Serves a plain `get`; false where the worker has no such namespace.
    func get(_ call: KVGetArguments, _ reply: inout MessageWriter) throws(BindingError) -> Bool {
        guard let namespace = self.namespaces.first(where: { $0.isNamed(call.namespace) }) else { return false }
        do throws(KVError) {
            try self.get(namespace, call.key, &reply)
        } catch {
            throw BindingError("\(HostOperation.kvGet.name): \(error.message)")
        }
        return true
    }

    /// What one `get_many` returns at most: the host holds all of it, outside of the guest's memory limit.
    private static let manyBytes = 32 << 20

    private func getMany(_ namespace: KVNamespace, _ arguments: CallArguments, _ reply: inout MessageWriter) throws {
        guard case .array(let members) = arguments[1] else {
            throw arguments.error("the keys are a list of strings, got a \(arguments[1].typeName)")
        }
        try Self.checkType(arguments)
        var keys: [[UInt8]] = []
        for member in members {
            guard case .string(let key) = member else {
                throw arguments.error("the keys are a list of strings; one of them is a \(member.typeName)")
            }
            keys.append(key)
        }
        var found: [(key: [UInt8], value: [UInt8])] = []
        var byteCount = 0
        try self.store.readMany(namespace, keys: keys) { index, entry in
            guard let entry else { return }
            byteCount += entry.value.count
            if byteCount <= Self.manyBytes { found.append((keys[index], Array(entry.value))) }
        }
        guard byteCount <= Self.manyBytes else {
            throw arguments.error(
                "the values are larger than \(Self.manyBytes >> 20) MB together: ask for fewer at a time"
            )
        }
        reply.beginReply(count: 1)
        reply.beginTable(count: found.count)
        for (key, value) in found {
            reply.write(key)
            reply.write(value)
        }
    }

    private func list(_ namespace: KVNamespace, _ arguments: CallArguments, _ reply: inout MessageWriter) throws {
        let options = try arguments.options(1, known: ["prefix", "limit", "cursor", "reverse"])
        var request = KVListRequest(namespace)
        if let prefix = options["prefix"] { request.prefix = try arguments.string(prefix, "prefix") }
        if let limit = options["limit"] { request.limit = Int(clamping: try arguments.integer(limit, "limit")) }
        if let cursor = options["cursor"] {
            request.cursor = String(decoding: try arguments.string(cursor, "cursor"), as: UTF8.self)
        }
        if let reverse = options["reverse"] { request.reverse = try arguments.bool(reverse, "reverse") }
        let page = try self.store.list(request)
        reply.beginReply(count: 2)
        reply.beginArray(count: page.items.count)
        for item in page.items {
            reply.beginTable(count: 2 + (item.metadata == nil ? 0 : 1) + (item.expiresAt == nil ? 0 : 1))
            reply.write("name")
            reply.write(item.key)
            reply.write("version")
            reply.write(Int64(clamping: item.version))
            if let metadata = item.metadata {
                reply.write("metadata")
                reply.write(metadata)
            }
            if let expiresAt = item.expiresAt {
                reply.write("expires_at")
                reply.write(expiresAt / 1000)
            }
        }
        page.cursor.map { reply.write($0) } ?? reply.writeNil()
    }

    private static func checkType(_ arguments: CallArguments) throws(BindingError) {
        let options = try arguments.options(2, known: ["type"])
        guard let type = options["type"] else { return }
        guard type == .text("text") || type == .text("json") else {
            throw arguments.error("type is \"text\" or \"json\"")
        }
    }
}

extension KVBinding {
    private static let putOptions = ["ttl", "expires_at", "metadata", "if_absent", "if_version"]

    /// Arguments: handle, key, text, kind, options.
    private static func put(_ arguments: CallArguments) throws(BindingError) -> KVMutation.Operation {
        let options = try arguments.options(4, known: Self.putOptions)
        var condition = KVCondition.none
        if let version = options["if_version"] {
            condition = .ifVersion(UInt64(clamping: try arguments.integer(version, "if_version")))
        }
        if let absent = options["if_absent"], try arguments.bool(absent, "if_absent") {
            if case .ifVersion = condition {
                throw arguments.error("if_absent and if_version exclude each other")
            }
            condition = .ifAbsent
        }
        return .put(try Self.content(arguments, options), condition)
    }

    /// Arguments: handle, key, text, kind, options, expected text.
    private static func compareAndPut(_ arguments: CallArguments) throws(BindingError) -> KVMutation.Operation {
        let options = try arguments.options(4, known: ["ttl", "expires_at", "metadata"])
        var expected: [UInt8]?
        if case .string(let bytes) = arguments[5] { expected = bytes }
        return .compareAndPut(expected: expected, try Self.content(arguments, options))
    }

    private static func delete(_ arguments: CallArguments) throws(BindingError) -> KVMutation.Operation {
        let options = try arguments.options(2, known: ["if_version"])
        guard let version = options["if_version"] else { return .delete(ifVersion: nil) }
        return .delete(ifVersion: UInt64(clamping: try arguments.integer(version, "if_version")))
    }

    /// Arguments: handle, key, amount, options.
    private static func increment(_ arguments: CallArguments) throws(BindingError) -> KVMutation.Operation {
        let options = try arguments.options(3, known: ["initial", "ttl", "expires_at"])
        let amount = try arguments.integer(2, "the amount", default: 1)
        let initial = try options["initial"].map { value throws(BindingError) in
            try arguments.integer(value, "initial")
        }
        return .increment(by: amount, initial: initial ?? 0, expiry: try Self.expiry(arguments, options))
    }

    private static func content(_ arguments: CallArguments, _ options: [String: Value]) throws(BindingError) -> KVPut {
        var metadata: [UInt8]?
        if case .string(let bytes)? = options["metadata"] { metadata = bytes }
        return KVPut(
            try arguments.string(2, "the value"),
            kind: arguments[3] == .text("json") ? .json : .text,
            metadata: metadata,
            expiry: try Self.expiry(arguments, options) ?? .never
        )
    }

    private static func expiry(
        _ arguments: CallArguments,
        _ options: [String: Value]
    ) throws(BindingError) -> KVExpiry? {
        if let ttl = options["ttl"] {
            guard options["expires_at"] == nil else {
                throw arguments.error("ttl and expires_at exclude each other")
            }
            return .after(seconds: try arguments.integer(ttl, "ttl"))
        }
        guard let moment = options["expires_at"] else { return nil }
        let seconds = try arguments.integer(moment, "expires_at")
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return .at(unixMilliseconds: overflow ? .max : milliseconds)
    }
}
