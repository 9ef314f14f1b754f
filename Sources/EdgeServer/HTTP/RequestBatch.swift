/// The connections of one event loop whose request is whole and waits for its turn.
///
/// Reading, running a worker and writing are different pieces of code, most of it the kernel's, and each is larger than the
/// first cache of a core. One request after another, each piece drives the others out; for a few requests at a time, each
/// is fetched once. See decision 17.
struct RequestBatch {
    /// Connections are held until their turn is over.
    private var waiting: [HTTPConnection] = []
    /// Those whose turn it is now.
    private(set) var running: [HTTPConnection] = []
    /// Whether requests have their turn now; one that becomes whole meanwhile need not wait.
    private(set) var isRunning = false
    /// Whether the end of what has arrived is waited for.
    var isScheduled = false

    var count: Int {
        self.waiting.count
    }

    mutating func add(_ connection: HTTPConnection) {
        self.waiting.append(connection)
    }

    /// Moves all that wait to ``running``; ``end()`` must follow.
    mutating func begin() {
        precondition(!self.isRunning, "turns never nest")
        self.isRunning = true
        swap(&self.waiting, &self.running)
    }

    mutating func end() {
        self.isRunning = false
        self.running.removeAll(keepingCapacity: true)
    }
}
