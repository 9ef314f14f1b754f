import Foundation
import Glibc

/// What a process has written and how it ended.
// Unchecked Sendable: the condition's lock guards all that changes.
final class ProcessRecord: @unchecked Sendable {
    struct Snapshot {
        var outputBytes: [UInt8] = []
        var errorBytes: [UInt8] = []
        var end: ChildProcess.End?

        var output: String { String(decoding: self.outputBytes, as: UTF8.self) }
        var error: String { String(decoding: self.errorBytes, as: UTF8.self) }

        /// Whole lines only.
        var outputLines: [String] { Self.lines(self.output) }
        var errorLines: [String] { Self.lines(self.error) }
        /// All but the line with which a server says what it is.
        var problems: [String] {
            // The second is of a kernel that lacks something, not of the server.
            self.errorLines.filter { !$0.contains(" starting") && !$0.contains("the sandbox lacks a wall") }
        }

        private static func lines(_ text: String) -> [String] {
            text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    /// Longer than any machine should need: only a test that would hang reaches it.
    private static let patience: TimeInterval = 60

    private let changed = NSCondition()
    private var state = Snapshot()

    var snapshot: Snapshot {
        self.changed.lock()
        defer { self.changed.unlock() }
        return self.state
    }

    /// Calls `body` unless the process has been reaped, which can't happen meanwhile.
    func withProcessAlive(_ body: () -> Void) {
        self.changed.lock()
        defer { self.changed.unlock() }
        if self.state.end == nil { body() }
    }

    func wait<T>(for what: String, _ condition: (Snapshot) -> T?) throws -> T {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        self.changed.lock()
        defer { self.changed.unlock() }
        while true {
            if let found = condition(self.state) { return found }
            if self.state.end != nil || !self.changed.wait(until: deadline) {
                let end = self.state.end.map { "it ended with \($0)" } ?? "it still runs"
                throw Failure(
                    "no sign of \(what); \(end)\n--- stdout\n\(self.state.output)\n--- stderr\n\(self.state.error)"
                )
            }
        }
    }

    /// Reads both pipes to their ends and closes them. Others may hold them when the process has ended: not for ever.
    func collect(output: Int32, error: Int32, hasEnded: () -> Bool) {
        var open = [output, error]
        var deadline = Date.distantFuture
        while !open.isEmpty, Date() < deadline {
            var descriptors = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let count = poll(&descriptors, nfds_t(descriptors.count), 1000)
            if deadline == .distantFuture, hasEnded() { deadline = Date(timeIntervalSinceNow: Self.patience) }
            guard count > 0 else { continue }
            for ready in descriptors where ready.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 64 << 10)
                let count = read(ready.fd, &buffer, buffer.count)
                if count > 0 {
                    self.append(buffer[..<count], isOutput: ready.fd == output)
                } else if count == 0 || errno != EINTR {
                    close(ready.fd)
                    open.removeAll { $0 == ready.fd }
                }
            }
        }
        for descriptor in open { close(descriptor) }
    }

    /// - Parameter reap: waits for the process, whose number is free for others from then on.
    func end(reap: () -> ChildProcess.End) {
        self.changed.lock()
        self.state.end = reap()
        self.changed.broadcast()
        self.changed.unlock()
    }

    private func append(_ bytes: ArraySlice<UInt8>, isOutput: Bool) {
        self.changed.lock()
        if isOutput { self.state.outputBytes += bytes } else { self.state.errorBytes += bytes }
        self.changed.broadcast()
        self.changed.unlock()
    }
}
