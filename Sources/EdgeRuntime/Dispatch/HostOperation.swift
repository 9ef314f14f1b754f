import EdgeIsolate

/// What a guest may ask of the host. The raw value is the operation byte of a call message.
enum HostOperation: UInt8, CaseIterable {
    case module = 1
    case requestText
    case requestChunk
    case requestMultipart
    case kvGet
    case kvGetMany
    case kvPut
    case kvDelete
    case kvList
    case kvIncrement
    case kvCompareAndPut
    case contextRemaining
    case sleep
    case secret
    case fetch
    case responseSend
    case responseBegin
    case responseWrite
    case responseFinish

    /// The name under which the prelude finds the operation.
    var name: String {
        switch self {
        case .module: "module"
        case .requestText: "request.text"
        case .requestChunk: "request.chunk"
        case .requestMultipart: "request.multipart"
        case .kvGet: "kv.get"
        case .kvGetMany: "kv.get_many"
        case .kvPut: "kv.put"
        case .kvDelete: "kv.delete"
        case .kvList: "kv.list"
        case .kvIncrement: "kv.increment"
        case .kvCompareAndPut: "kv.compare_and_put"
        case .contextRemaining: "context.remaining"
        case .sleep: "sleep"
        case .secret: "secret"
        case .fetch: "fetch"
        case .responseSend: "response.send"
        case .responseBegin: "response.begin"
        case .responseWrite: "write"
        case .responseFinish: "response.finish"
        }
    }

    var isKV: Bool {
        Self.kvGet.rawValue <= self.rawValue && self.rawValue <= Self.kvCompareAndPut.rawValue
    }

    /// The operations' numbers by name.
    static let table = Value.table(
        Self.allCases.map { .init(key: .text($0.name), value: .integer(Int64($0.rawValue))) }
    )
}
