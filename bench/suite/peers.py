"""The same work on edgehost and on others, in turns, with one server process on core 0 and the load on core 1.

Two works: hello, and JSON + KV (parse a JSON body of 1 KB, route, read the shared store, answer JSON). Servers that are not
installed are left out with a notice. None but edgehost and nginx without its code cache gives a request a state of its own.
"""

import contextlib

import edge
import harness
import peer_servers
import servers
import wasmtime
import workloads

SUMMARY = "hello and JSON + KV on edgehost, nginx + Lua, NIO, node ... in turns: CPU an answer, process start"
QUICK = ["--rounds", "3", "--seconds", "0.7"]
WORKS = {"hello": (workloads.HELLO_WORK, workloads.is_hello), "JSON + KV": (workloads.SHOP_WORK, workloads.is_shop)}
WARM_UP_SECONDS = 0.3


def options(parser):
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", nargs="+", help="these peers")
    peer_servers.add_options(parser)


def check(peer, server):
    """Fills the store and makes sure that the peer does the work."""
    client = server.connect()
    for work in peer.works:
        if work == "JSON + KV":
            harness.put(server.port, "/shop", workloads.CATALOG)
            status, body = client.request("/shop", "POST", workloads.ORDER.encode(), "application/json")
        else:
            status, body = client.request(WORKS[work][0][0])
        if not WORKS[work][1](status, body):
            raise RuntimeError(f"{peer.name} answers {work} with {status}, {body[:200]}")
    client.close()


def measure(arguments, peer, server, work):
    path, extra = WORKS[work][0]
    report = harness.run_load(
        arguments.edgehost, server, path, peer.connections or arguments.connections, arguments.seconds,
        warm_up=WARM_UP_SECONDS, extra=extra, core=1,
    )  # fmt: skip
    if set(report["statuses"]) != {"200"}:
        raise RuntimeError(f"{peer.name}, {work}: {report['statuses']}")
    return report


def choose(part, arguments, workspace):
    peers = peer_servers.all_peers(arguments, workspace)
    if arguments.only:
        peers = [peer for peer in peers if peer.name in arguments.only]
    for peer in peers:
        if peer.missing:
            part.notice(f"{peer.name} is left out: {peer.missing}")
    return [peer for peer in peers if not peer.missing]


def run(part, arguments):
    """Reports by work and peer's name, the milliseconds of each process start, and the peers."""
    reports, starts = {work: {} for work in WORKS}, {}
    workspace = edge.Workspace({"hello": workloads.HELLO, "shop": workloads.SHOP}, "edgehost_one_thread.lua")
    with workspace, contextlib.ExitStack() as stack:
        peers = choose(part, arguments, workspace)
        path = workloads.HELLO_WORK[0]
        # In turns, too. Each peer's first start has cold files: it is not counted.
        for round in range(arguments.rounds + 1):
            for peer in peers:
                elapsed = servers.start_to_answer(lambda: peer.start(core=0), path)
                if round > 0:
                    starts.setdefault(peer.name, []).append(elapsed)
        running = []
        for peer in peers:
            running.append((peer, stack.enter_context(peer.start(0, harness.nice(harness.SERVER_NICE)))))
            check(*running[-1])
        for _ in range(arguments.rounds):
            for work in WORKS:
                for peer, server in running:
                    if work in peer.works:
                        reports[work].setdefault(peer.name, []).append(measure(arguments, peer, server, work))
    return reports, starts, peers


def tell_work(part, arguments, work, reports, peers):
    own = [report["server"]["cpu_us_per_answer"] for report in reports.get("edgehost", [])]
    rows, bars = [], []
    for peer in peers:
        if peer.name not in reports:
            continue
        rounds = reports[peer.name]
        cpu = [report["server"]["cpu_us_per_answer"] for report in rounds]
        # Of each round: what the machine did then, it did to both.
        ratios = [mine / its for mine, its in zip(own, cpu)]
        times = [harness.median([harness.milliseconds(report, percentile=p) for report in rounds]) for p in ("p50", "p99")]
        rate = harness.median([report["throughput"]["ok_per_s"] for report in rounds])
        rows.append([peer.name, rate, harness.median(cpu), *times, harness.median(ratios), peer.note])
        part.figure(f"{work}, {peer.name}: server CPU an answer", "us", cpu)
        if peer.name != "edgehost":
            part.figure(f"{work}: edgehost's CPU / {peer.name}'s", "", ratios)
        if not peer.connections:
            bars.append([peer.name, rows[-1][2]])
    part.table(
        f"{work} on {arguments.connections} connections (4 without the code cache), medians of {arguments.rounds} rounds; ms",
        ["server on core 0", "answers/s", "CPU us", "p50", "p99", "edgehost's CPU / its", "state"],
        rows,
    )
    part.plot("bars", f"{work}: server CPU an answer", "", "us", [("", bars)])


def tell_starts(part, arguments, starts):
    rows = []
    for name, times in starts.items():
        ratios = [mine / its for mine, its in zip(starts.get("edgehost", []), times)]
        rows.append([name, harness.median(times), harness.median(ratios)])
        part.figure(f"{name}: process start to first 200", "ms", times)
        if name != "edgehost" and ratios:
            part.figure(f"start: edgehost's / {name}'s", "", ratios)
    part.table(f"process start to the first 200 of hello, medians of {arguments.rounds} starts",
               ["server", "ms", "edgehost's / its"], rows)  # fmt: skip
    part.plot("bars", "process start to the first 200", "", "ms", [("", [[row[0], row[1]] for row in rows])])


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("peers", SUMMARY, arguments)
    reports, starts, peers = run(part, arguments)
    for work, measured in reports.items():
        if measured:
            tell_work(part, arguments, work, measured, peers)
    tell_starts(part, arguments, starts)
    with edge.Workspace({"hello": workloads.HELLO}) as workspace:
        wasmtime.tell(part, arguments, workspace, peer_servers.find(arguments.wasmtime, "wasmtime"))
    part.save(reports=reports, starts=starts)
