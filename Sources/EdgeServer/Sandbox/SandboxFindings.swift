import Glibc

/// What a process in a sandbox reported of itself, and how it ended.
struct SandboxFindings: Equatable {
    private(set) var walls: [String] = []
    private(set) var missing: [String] = []
    private(set) var checks: [SandboxCheck] = []
    /// Why there was no sandbox to look at.
    private(set) var failure: String?

    private static let wallsMark = "walls"
    private static let failureMark = "failure"
    /// The unit separator, which no message holds.
    private static let comma: Character = "\u{1f}"

    /// The first line of a report.
    static func heading(_ sandbox: Sandbox) -> String {
        let lists = [sandbox.walls, sandbox.missing].map { $0.joined(separator: String(self.comma)) }
        return ([self.wallsMark] + lists).joined(separator: "\t")
    }

    /// The only line of a report without a sandbox.
    static func failure(_ text: String) -> String {
        "\(self.failureMark)\t\(text)"
    }

    /// - Parameters:
    ///   - text: the lines of a report.
    ///   - status: of the process, as `waitpid` gives it.
    init(text: String, status: Int32) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        let head = (lines.first ?? "").split(separator: "\t", omittingEmptySubsequences: false)
        if head.first == Self.wallsMark[...], head.count == 3 {
            self.walls = head[1].split(separator: Self.comma).map(String.init)
            self.missing = head[2].split(separator: Self.comma).map(String.init)
        } else {
            let mark = "\(Self.failureMark)\t"
            let told = lines.map { $0.hasPrefix(mark) ? $0.dropFirst(mark.count) : $0 }.joined(separator: "\n")
            self.failure =
                told.isEmpty ? "the process ended before it was in its sandbox (wait status \(status))" : told
            return
        }
        self.checks = lines.dropFirst().compactMap { SandboxCheck(record: $0) }
        self.concludeFromEnd(status)
    }

    /// The process can't tell of what replaced or ended it.
    private mutating func concludeFromEnd(_ status: Int32) {
        guard self.checks.last?.what == SandboxProbe.execution else {
            if self.checks.last?.what == SandboxProbe.foreignCall { return }
            let signal = status & 0x7f
            let what = signal == 0 ? SandboxProbe.execution : "go on after the check before"
            let got = signal == 0 ? "it ran" : "ended by signal \(signal)"
            self.checks.append(SandboxCheck(what, signal == 0 ? .denied : .allowed, got: got, false))
            return
        }
        let signal = status & 0x7f
        guard signal != 0 else { return }
        // SIGSEGV: the kernel has no such calls.
        let isEnded = signal == SIGSYS || signal == SIGSEGV
        self.checks.append(SandboxCheck(SandboxProbe.foreignCall, .ended, got: "ended by signal \(signal)", isEnded))
    }

    var isAsExpected: Bool {
        self.failure == nil && self.checks.allSatisfy(\.isAsExpected)
    }

    var table: String {
        let width = self.checks.map(\.what.count).max() ?? 0
        let rows = self.checks.map { check in
            let padding = String(repeating: " ", count: width - check.what.count)
            let mark = check.isAsExpected ? "  " : "! "
            return "\(mark)\(check.what)\(padding)  \(check.expected.rawValue)  \(check.got)"
        }
        let wrong = self.checks.count { !$0.isAsExpected }
        var lines = ["walls: \(self.walls.isEmpty ? "none" : self.walls.joined(separator: ", "))"]
        lines += self.missing.map { "missing: \($0)" }
        lines += [""] + rows + ["", "\(self.checks.count) checks, \(wrong) not as expected"]
        return lines.joined(separator: "\n") + "\n"
    }

    var json: String {
        func list(_ texts: [String]) -> String { texts.map(SandboxCheck.quoted).joined(separator: ",") }
        let checks = self.checks.map { "    " + $0.json }.joined(separator: ",\n")
        return """
            {
              "walls": [\(list(self.walls))],
              "missing": [\(list(self.missing))],
              "ok": \(self.isAsExpected),
              "checks": [
            \(checks)
              ]
            }

            """
    }
}
