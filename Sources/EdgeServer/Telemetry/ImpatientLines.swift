import Synchronization

/// Lines of a process that must not wait for who reads them: what can't be written at once is dropped, and counted.
final class ImpatientLines: Sendable {
    private let output: PatientOutput
    private let dropped = Mutex(0)

    init(_ console: Console) {
        self.output = PatientOutput(console)
    }

    /// Takes a line without its end; never blocks.
    func line(_ text: String) {
        self.dropped.withLock { dropped in
            let notice = dropped > 0 ? PatientOutput.dropNotice(dropped) : ""
            let isWritten = self.output.write(Array("\(notice)\(text)\n".utf8), while: { false })
            dropped = isWritten ? 0 : dropped + 1
        }
    }
}
