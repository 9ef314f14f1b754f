import CProcess
import Glibc

/// `edgehost sandbox`: confines a process as the server would be and tries what it can still do.
public enum SandboxCommand {
    /// Returns whether everything was as expected. Without the sandbox (`--no-sandbox`) it shows what a process can do that has
    /// none.
    public static func run(_ options: ServerOptions, json: Bool) throws -> Bool {
        let options = try options.resolve()
        let listener = try SandboxProbe.listen()
        defer { close(listener.descriptor) }
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw CommandError("pipe: \(String(cString: strerror(errno)))") }
        // In a process of its own: what is not denied may end it.
        let child = Fork.make {
            close(pipe[0])
            self.probe(options, listener, Console(descriptor: pipe[1]))
        }
        guard child >= 0 else { throw CommandError("fork: \(String(cString: strerror(errno)))") }
        close(pipe[1])
        let text = self.readToEnd(pipe[0])
        close(pipe[0])
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return self.show(SandboxFindings(text: text, status: status), json: json)
    }

    private static func probe(_ options: ResolvedOptions, _ listener: (Int32, UInt16), _ pipe: Console) -> Never {
        do {
            let sandbox = try options.confine().filter(options.sandbox)
            pipe.line(SandboxFindings.heading(sandbox))
            SandboxProbe(options, in: sandbox, listener: listener) { pipe.write($0.record) }.run()
        } catch {
            pipe.line(SandboxFindings.failure("\(error)"))
        }
        _exit(0)
    }

    private static func readToEnd(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    private static func show(_ findings: SandboxFindings, json: Bool) -> Bool {
        if let failure = findings.failure {
            Console.error.failure(failure)
            return false
        }
        Console.output.write(json ? findings.json : findings.table)
        return findings.isAsExpected
    }
}
