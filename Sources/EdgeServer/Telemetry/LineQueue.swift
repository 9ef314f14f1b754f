import EdgeRuntime
import Synchronization

/// Lines on their way to a terminal or a pipe, written by a thread of their own: a reader that stalls must not stall the event
/// loops. When too much waits, further lines are counted and dropped.
final class LineQueue: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var isWriting = false
    }

    private static let maximumBytes = 4 << 20

    private let output: PatientOutput
    private let state = Mutex(State())
    private let thread = LazyThreadPool(numberOfThreads: 1)
    /// Of the monotonic clock, in ns; from then on nobody is waited for.
    private let deadline = Atomic<UInt64>(.max)

    init(_ console: Console) {
        self.output = PatientOutput(console)
    }

    deinit {
        self.close()
    }

    /// Takes a line without its end; never blocks.
    func line(_ text: String) {
        let begins = self.state.withLock { state in
            guard state.waiting.count + text.utf8.count < Self.maximumBytes else {
                state.dropped += 1
                return false
            }
            state.waiting.append(contentsOf: text.utf8)
            state.waiting.append(UInt8(ascii: "\n"))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins {
            self.thread.submit { self.writeUntilEmpty() }
        }
    }

    /// Writes what waits, as far as somebody reads it, and ends the thread; nothing may be added after it.
    func close() {
        self.deadline.store(
            RuntimeClock.system.monotonicNanoseconds() + PatientOutput.graceNanoseconds,
            ordering: .relaxed
        )
        try? self.thread.close()
        // The thread may have ended before it came to the last lines.
        self.writeUntilEmpty()
    }

    private func writeUntilEmpty() {
        while let bytes = self.take() {
            let isWritten = self.output.write(bytes) {
                RuntimeClock.system.monotonicNanoseconds() < self.deadline.load(ordering: .relaxed)
            }
            if !isWritten { return }
        }
    }

    private func take() -> [UInt8]? {
        self.state.withLock { state in
            if state.dropped > 0 {
                state.waiting += Array(PatientOutput.dropNotice(state.dropped).utf8)
                state.dropped = 0
            }
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
