"""Throughput, latency and CPU time of the server by kind of work and number of connections.

Each cell is measured twice in each round: closed loop for the most it answers and its CPU time an answer, then open loop at half of
that for latencies without coordinated omission.
"""

import contextlib

import edge
import harness
import workloads

NAME = "http"
SUMMARY = "hello, JSON + KV, 1 MB response, 64 KB upload by connections: requests/s, latency, CPU an answer"
WARM_UP_SECONDS = 0.3
QUICK = ["--rounds", "3", "--seconds", "0.4"]
WORKERS = {
    "hello": workloads.HELLO,
    "shop": workloads.SHOP,
    "megabyte": "local body = ('x'):rep(1 << 20)\nreturn function() return body end\n",
    "upload": "return function(request) return tostring(#request:text()) end\n",
}
KINDS = {
    "hello": workloads.HELLO_WORK,
    "JSON + KV": workloads.SHOP_WORK,
    "1 MB response": ("/megabyte", []),
    "64 KB upload": ("/upload", ["--method", "POST", "--body", "x" * 65536]),
}


def options(parser):
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 64, 1000])


@contextlib.contextmanager
def served(arguments):
    with edge.Workspace(WORKERS, "edgehost_quiet.lua") as workspace:
        with harness.serve(workspace, arguments) as server:
            harness.put(server.port, "/shop", workloads.CATALOG)
            yield server


def cell(arguments, server, kind, connections):
    path, extra = KINDS[kind]
    closed = harness.run_load(
        arguments.edgehost, server, path, connections, arguments.seconds, warm_up=WARM_UP_SECONDS, extra=extra
    )
    rate = max(1, closed["throughput"]["ok_per_s"] / 2)
    half = harness.run_load(
        arguments.edgehost, server, path, connections, arguments.seconds, f"{rate:.1f}", WARM_UP_SECONDS,
        [*extra, "--arrivals", "poisson"],
    )  # fmt: skip
    # A server on a busy machine may refuse some: that is told. Anything else is wrong.
    if {*closed["statuses"], *half["statuses"]} - {"200", "503"}:
        raise RuntimeError(f"{kind} on {connections} connections: {closed['statuses']}, {half['statuses']}")
    return closed, half


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("http", SUMMARY, arguments)
    cells = {(kind, count): [] for kind in KINDS for count in arguments.connections}
    with served(arguments) as server:
        for _ in range(arguments.rounds):
            for kind, count in cells:
                cells[kind, count].append(cell(arguments, server, kind, count))
    rows = []
    for (kind, count), measured in cells.items():
        rates = [closed["throughput"]["ok_per_s"] for closed, _ in measured]
        cpu = [closed["server"]["cpu_us_per_answer"] for closed, _ in measured]
        p50, p99, p999 = ([harness.milliseconds(half, percentile=p) for _, half in measured]
                          for p in ("p50", "p99", "p99_9"))  # fmt: skip
        refused = sum(report["statuses"].get("503", 0) for pair in measured for report in pair)
        rows.append([f"{kind}, {count}", *map(harness.median, (rates, cpu, p50, p99, p999)), refused])
        part.figure(f"{kind}, {count} connections: answers", "1/s", rates, "higher")
        part.figure(f"{kind}, {count} connections: server CPU an answer", "us", cpu)
        part.figure(f"{kind}, {count} connections: p99 at half load", "ms", p99)
    part.table(
        f"medians of {arguments.rounds} rounds; latency at half of the most, in ms from when a request was due",
        ["work, connections", "answers/s", "server CPU us", "p50", "p99", "p99.9", "503s"],
        rows,
    )
    part.plot(
        "bars", "server CPU an answer", "", "us", [("", [[row[0], row[2]] for row in rows])]
    )  # fmt: skip
    for kind in KINDS:
        curves = [(f"{count} connections", harness.curve([half for _, half in cells[kind, count]]))
                  for count in arguments.connections]  # fmt: skip
        part.plot("percentiles", f"{kind}: latency at half load", "percentile", "ms", curves)
    part.save(cells=[{"kind": kind, "connections": count, "rounds": measured}
                     for (kind, count), measured in cells.items()])  # fmt: skip
