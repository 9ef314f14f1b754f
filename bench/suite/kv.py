"""The store: reads, durable writes and contended increments over HTTP, each by itself, with the same number of connections.

A worker that does not touch the store takes turns with them: the difference is the store's. So does raw LMDB in a C program
(bench/peers/lmdb), with the same sizes and the same durability, without HTTP, Lua or records: what the store can't beat, but
for writes, which it gathers from all connections into one transaction. The program commits one, and 64, at a time.
"""

import os
import shutil
import subprocess
import tempfile

import edge
import harness

SUMMARY = "reads, durable writes and contended increments, beside a worker without a store and raw LMDB"
QUICK = ["--rounds", "3", "--seconds", "0.8"]
KEYS = 1000
SOURCE = os.path.join(edge.ROOT, "bench/peers/lmdb/lmdb_bench.c")
WORKERS = {
    "none": "return function() return 'value' end\n",
    "read": "return function(request, env) return env.KV:get('key' .. math.random(1, 1000)) or '-' end\n",
    "read_ten": """
        return function(request, env)
          local found = 0
          for i = 1, 10 do if env.KV:get('key' .. math.random(1, 1000)) then found = found + 1 end end
          return tostring(found)
        end
        """,
    "write": "return function(request, env) env.KV:put('key' .. math.random(1, 1000), ('v'):rep(100)) return 'ok' end\n",
    "increment": "return function(request, env) return tostring(env.KV:increment('counter')) end\n",
}


def options(parser):
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--connections", type=int, default=64)


class RawLMDB:
    """The C program, on a directory of its own beside the server's."""

    def __init__(self, folder):
        self.folder, self.program, self.missing = folder, os.path.join(folder, "lmdb_bench"), None
        # The measures: name to the ns of wall time, and of CPU time, of each round.
        self.wall, self.cpu = {}, {}
        compiler = shutil.which("cc") or shutil.which("clang")
        built = compiler and subprocess.run(
            [compiler, "-O2", "-o", self.program, SOURCE, "-llmdb"], capture_output=True, text=True
        )
        if not built or built.returncode != 0:
            self.missing = "raw LMDB is left out: " + (built.stderr.strip() if built else "there is no C compiler")

    def measure(self, seconds):
        if self.missing:
            return
        with tempfile.TemporaryDirectory(dir=self.folder) as directory:
            command = [self.program, directory, str(seconds), str(KEYS)]
            done = subprocess.run(harness.nice(harness.SERVER_NICE) + command, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            name, _, wall, cpu = line.split()
            self.wall.setdefault(name, []).append(float(wall))
            self.cpu.setdefault(name, []).append(float(cpu))

    def tell(self, part):
        if self.missing:
            part.notice(self.missing)
            return
        rows = []
        for name, wall in self.wall.items():
            rates = [1e9 / value for value in wall]
            rows.append([name, harness.median(rates), harness.median(self.cpu[name]) / 1000])
            part.figure(f"raw LMDB, {name}", "1/s", rates, "higher")
        part.table("raw LMDB, one thread; read_in_one: all in one transaction, write_64: 64 writes in one",
                   ["operation", "operations/s", "CPU us"], rows)  # fmt: skip


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("kv", SUMMARY, arguments)
    reports = {name: [] for name in WORKERS}
    with edge.Workspace(WORKERS, "edgehost_quiet.lua") as workspace, harness.serve(workspace, arguments) as server:
        raw = RawLMDB(workspace.path)
        client = edge.Client(server.port)
        for _ in range(2 * KEYS):
            client.request("/write")
        client.close()
        for _ in range(arguments.rounds):
            for name in WORKERS:
                reports[name].append(harness.run_load(
                    arguments.edgehost, server, "/" + name, arguments.connections, arguments.seconds, warm_up=0.5
                ))  # fmt: skip
            raw.measure(arguments.seconds / 4)
    rows = []
    for name, rounds in reports.items():
        rates = [report["throughput"]["ok_per_s"] for report in rounds]
        cpu = [report["server"]["cpu_us_per_answer"] for report in rounds]
        times = [harness.median([harness.milliseconds(report, percentile=p) for report in rounds])
                 for p in ("p50", "p99", "p99_9")]  # fmt: skip
        failed = sum(report["requests"]["due"] - report["statuses"].get("200", 0) for report in rounds)
        rows.append([name, harness.median(rates), harness.median(cpu), *times, failed])
        part.figure(f"{name}: answers", "1/s", rates, "higher")
        part.figure(f"{name}: server CPU an answer", "us", cpu)
    part.table(
        f"closed loop on {arguments.connections} connections, medians of {arguments.rounds} rounds; ms",
        ["worker", "answers/s", "server CPU us", "p50", "p99", "p99.9", "failed"],
        rows,
    )
    part.plot("bars", "answers a second", "", "1/s", [("", [[row[0], row[1]] for row in rows])])
    raw.tell(part)
    part.save(reports=reports, lmdb={"wall_ns": raw.wall, "cpu_ns": raw.cpu})
