import EdgeRuntime

/// A sink that keeps the response, and lets the test say when a chunk is taken.
final class CollectingSink: ResponseSink {
    enum Reader {
        /// Takes each chunk at once.
        case eager
        /// Takes a chunk when the test says so.
        case manual
        case gone
    }

    var reader: Reader
    private(set) var status: Int?
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private(set) var isComplete = false
    private(set) var isBroken = false
    private var waiting: ((Bool) -> Void)?
    /// Called when the head comes.
    var onHead: (() -> Void)?

    init(reader: Reader = .eager) {
        self.reader = reader
    }

    var text: String { String(decoding: self.body, as: UTF8.self) }
    var isWaiting: Bool { self.waiting != nil }

    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        self.begin(head)
        self.body += body
        self.isComplete = true
    }

    func begin(_ head: HTTPResponseHead) {
        precondition(self.status == nil, "a request is answered once")
        self.status = head.status
        self.onHead?()
        self.headers = head.fields.fields.map { (head.fields.string($0.name), head.fields.string($0.value)) }
    }

    func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) {
        precondition(self.status != nil && !self.isComplete && self.waiting == nil, "chunks come one by one")
        guard self.reader != .gone else { return written(false) }
        self.body += chunk
        if self.reader == .eager { written(true) } else { self.waiting = written }
    }

    /// The client has taken the chunk that waits, or is gone.
    func take(_ taken: Bool = true) {
        let written = self.waiting
        self.waiting = nil
        written?(taken)
    }

    func finish() {
        precondition(self.status != nil && !self.isComplete, "a response ends once")
        self.isComplete = true
    }

    func abort() {
        self.finish()
        self.isBroken = true
    }
}
