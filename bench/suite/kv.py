"""The store: reads, durable writes and contended increments over HTTP, each by itself, with the same number of connections.

A worker that does not touch the store takes turns with them: the difference is the store's.
"""

import edge
import harness

SUMMARY = "reads, durable writes and contended increments, beside a worker without a store"
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


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("kv", SUMMARY, arguments)
    reports = {name: [] for name in WORKERS}
    with edge.Workspace(WORKERS, "edgehost_quiet.lua") as workspace, harness.serve(workspace, arguments) as server:
        client = edge.Client(server.port)
        for _ in range(2000):
            client.request("/write")
        client.close()
        for _ in range(arguments.rounds):
            for name in WORKERS:
                reports[name].append(harness.run_load(
                    arguments.edgehost, server, "/" + name, arguments.connections, arguments.seconds, warm_up=0.5
                ))  # fmt: skip
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
    part.save(reports=reports)
