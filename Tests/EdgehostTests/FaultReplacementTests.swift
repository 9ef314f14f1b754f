import Foundation
import Glibc
import Testing

/// A fault in a worker's virtual machine: the request ends, and another process takes over.
@Suite struct FaultReplacementTests {
    /// Stays in one C function for seconds. A thread that runs it is in the guest but for microseconds between slices.
    private static let endless = """
        return {
          limits = { cpu_ms = 60000, wall_ms = 60000 },
          fetch = function() return tostring(("a"):rep(60):find((".-"):rep(30) .. "b")) end,
        }
        """

    /// Sends SIGSEGV to the one busy thread of a process, as a fault of the machine in it would: in perl, as neither a shell nor
    /// Swift can call tgkill(2), and as the thread has to be hit while it is still busy.
    private static let fault = """
        my ($process, $call, $signal) = map { $_ + 0 } @ARGV;
        for (1 .. 1000000) {
          my @busy;
          for my $file (glob "/proc/$process/task/*/stat") {
            open(my $stat, "<", $file) or next;
            my $line = <$stat>;
            push @busy, $1 if $line =~ /^(\\d+) .*\\) R /;
          }
          next if @busy != 1;
          syscall($call, $process, $busy[0] + 0, $signal) == 0 or die $!;
          exit 0;
        }
        die "no thread is busy";
        """

    private func fault(in server: RunningServer) throws {
        #if arch(x86_64)
        let call = 234
        #else
        let call = 131
        #endif
        let perl = try Process.run(
            URL(fileURLWithPath: "/usr/bin/perl"),
            arguments: ["-e", Self.fault, "\(server.serverPID)", "\(call)", "\(SIGSEGV)"]
        )
        perl.waitUntilExit()
        try #require(perl.terminationStatus == 0)
    }

    /// One request that faults; nil where the signal hit the thread between two slices, which ends the whole process.
    private func faultedAnswer(of server: RunningServer) throws -> Response? {
        let client = try server.client()
        try client.sendRequest("GET", "/endless")
        try self.fault(in: server)
        return try? client.readResponse()
    }

    @Test func theRequestEndsAndAnotherProcessTakesOver() throws {
        let workspace = try Workspace([
            "endless.lua": Self.endless, "hello.lua": "return function() return 'hello' end",
        ])
        try workspace.writeBeside(
            "edgehost.lua",
            "return { threads = 1, limits = { cpu_ms = 60000, wall_ms = 60000 } }"
        )
        let server = try RunningServer(workspace)
        var old = server.serverPID
        var answer = try self.faultedAnswer(of: server)
        for _ in 0..<5 where answer == nil {
            _ = try server.get("/hello")
            old = server.serverPID
            answer = try self.faultedAnswer(of: server)
        }
        let response = try #require(answer)
        #expect(response.status == 500)
        #expect(response.body.contains("vm_fault"))
        try server.process.wait(for: "the end of the old process") {
            $0.error.contains("the old server process has finished server_pid=\(old)") ? true : nil
        }
        #expect(server.process.error.contains("a worker's virtual machine faulted: replacing the server process"))
        #expect(server.serverPID != old)
        #expect(try server.get("/hello").body == "hello")
        #expect(try server.stop() == .exit(0))
    }
}
