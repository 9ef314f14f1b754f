"""Throughput with two event loops against one.

Where a machine has no cores left for the load, two loops and the load share them: the ratio of answers a second is then bounded by
the cores, and what tells whether loops get in each other's way is the CPU time an answer. Both are told.
"""

import contextlib
import os

import edge
import harness
import workloads

SUMMARY = "throughput and CPU an answer with two event loops against one"
QUICK = ["--rounds", "3", "--seconds", "0.7"]
WORKS = {"hello": workloads.HELLO_WORK, "JSON + KV": workloads.SHOP_WORK}
CONFIGURATIONS = {1: "edgehost_one_thread.lua", 2: "edgehost_quiet.lua"}
# One for the load, two for the loops, one for the rest.
ENOUGH_CORES = 4


def options(parser):
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--connections", type=int, default=64)


def measure(arguments, server, work):
    path, extra = WORKS[work]
    return harness.run_load(
        arguments.edgehost, server, path, arguments.connections, arguments.seconds, warm_up=0.3, extra=extra
    )


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("loops", SUMMARY, arguments)
    reports = {(work, loops): [] for work in WORKS for loops in CONFIGURATIONS}
    with contextlib.ExitStack() as stack:
        servers = {}
        for loops, configuration in CONFIGURATIONS.items():
            workspace = stack.enter_context(edge.Workspace({"hello": workloads.HELLO, "shop": workloads.SHOP}, configuration))
            servers[loops] = stack.enter_context(harness.serve(workspace, arguments))
            harness.put(servers[loops].port, "/shop", workloads.CATALOG)
        for _ in range(arguments.rounds):
            for work, loops in reports:
                reports[work, loops].append(measure(arguments, servers[loops], work))
    rows = []
    for work in WORKS:
        one, two = ([(r["throughput"]["ok_per_s"], r["server"]["cpu_us_per_answer"]) for r in reports[work, loops]]
                    for loops in (1, 2))  # fmt: skip
        rates = [after[0] / before[0] for before, after in zip(one, two)]
        # By CPU time an answer: what two cores of their own would answer.
        by_cpu = [2 * before[1] / after[1] for before, after in zip(one, two)]
        medians = [harness.median([pair[index] for pair in side]) for index in (0, 1) for side in (one, two)]
        rows.append([work, *medians, harness.median(rates), harness.median(by_cpu)])
        part.figure(f"{work}: answers with 2 loops / with 1", "", rates, "higher")
        part.figure(f"{work}: the same by CPU time an answer", "", by_cpu, "higher")
    part.table(
        f"closed loop on {arguments.connections} connections, medians of {arguments.rounds} rounds",
        ["work", "answers/s, 1 loop", "2 loops", "CPU us, 1 loop", "2 loops", "ratio of answers", "ratio by CPU"],
        rows,
    )
    if (os.cpu_count() or 1) < ENOUGH_CORES:
        part.notice(f"{os.cpu_count()} cores, which the load shares: the ratio of answers is theirs; the loops' is the one by CPU")
    part.save(reports=[{"work": work, "loops": loops, "rounds": rounds} for (work, loops), rounds in reports.items()])
