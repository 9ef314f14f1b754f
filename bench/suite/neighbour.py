"""The neighbour test: how much an honest worker notices of one that spins.

Rounds alternate: the honest worker alone, then beside a worker that burns its whole CPU limit on every request of 16
connections. The honest load is an open loop, so that an answer that waits counts from when its request was due.
"""

import edge
import harness

SUMMARY = "p50 and p99 of an honest worker, alone and beside one that spins on 16 connections"
QUICK = ["--rounds", "3", "--seconds", "2"]
MAXIMUM_RATIO, MAXIMUM_OTHERS = 3, 0.2
HONEST = """
return function(request)
  local sum = 0
  for i = 1, 500 do sum = sum + i end
  return Response.json { n = sum, name = request.query.name or "world" }
end
"""
SPIN = "return { limits = { cpu_ms = %d }, fetch = function() while true do end end }\n"


def options(parser):
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of one half of a round")
    parser.add_argument("--rate", type=int, default=500, help="honest requests a second")
    parser.add_argument("--connections", type=int, default=8, help="of the honest client")
    parser.add_argument("--spin-connections", type=int, default=16)
    parser.add_argument("--spin-ms", type=int, default=50, help="the CPU limit of the worker that spins")


def half_round(arguments, server, spins, seed):
    """The reports of the honest load and, where there is one, of the spinning one."""
    attack = None
    if spins:
        # Begins before the honest load is recorded, and ends after it.
        attack = harness.Load(
            arguments.edgehost, server, "/spin", arguments.spin_connections, arguments.seconds + 1, warm_up=0.5
        )
    extra = ["--arrivals", "poisson", "--seed", str(seed)]
    honest = harness.run_load(
        arguments.edgehost, server, "/honest", arguments.connections, arguments.seconds, arguments.rate, extra=extra
    )
    return honest, attack.report() if attack else None


def row(name, reports):
    figures = [harness.median([harness.milliseconds(report, percentile=p) for report in reports])
               for p in ("p50", "p90", "p99", "p99_9", "max")]  # fmt: skip
    lag = harness.median([report["generator"]["lag_us"].get("p99", 0) / 1000 for report in reports])
    failed = sum(report["requests"]["due"] - report["statuses"].get("200", 0) for report in reports)
    return [name, *figures, lag, failed]


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("neighbour", SUMMARY, arguments)
    alone, beside, attacks = [], [], []
    workers = {"honest": HONEST, "spin": SPIN % arguments.spin_ms}
    with edge.Workspace(workers, "edgehost_quiet.lua") as workspace, harness.serve(workspace, arguments) as server:
        for number in range(arguments.rounds):
            alone.append(half_round(arguments, server, False, number)[0])
            honest, attack = half_round(arguments, server, True, number)
            beside.append(honest)
            attacks.append(attack)
        alive = server.process.poll() is None
    asked = f"{arguments.rate}/s on {arguments.connections} connections"
    part.table(
        f"an honest worker, asked {asked}; ms, medians of {arguments.rounds} rounds",
        ["", "p50", "p90", "p99", "p99.9", "max", "generator p99", "failed"],
        [row("alone", alone), row("beside the spinner", beside)],
    )
    part.plot(
        "percentiles", "latency of the honest worker", "percentile", "ms",
        [("alone", harness.curve(alone)), ("beside the spinner", harness.curve(beside))],
    )  # fmt: skip
    ratios = {}
    for p in ("p50", "p99"):
        quiet, loud = ([harness.milliseconds(r, percentile=p) for r in reports] for reports in (alone, beside))
        ratios[p] = harness.median(loud) / harness.median(quiet)
        part.figure(f"honest {p} alone", "ms", quiet)
        part.figure(f"honest {p} beside the spinner", "ms", loud)
    each = [harness.milliseconds(b) / harness.milliseconds(a) for a, b in zip(alone, beside)]
    part.figure("ratio of the p99s", "", each)
    print(f"\nratio of the p50s {ratios['p50']:.2f}, of the p99s {ratios['p99']:.2f}"
          f" (each round: {', '.join(f'{ratio:.2f}' for ratio in each)})")  # fmt: skip
    # Other work of the machine makes some rounds slow; it makes none fast.
    quietest = [min(harness.milliseconds(report) for report in reports) for reports in (alone, beside)]
    ratios["quietest_p99"] = quietest[1] / quietest[0]
    print(f"quietest rounds: p99 {quietest[0]:.2f} ms alone, {quietest[1]:.2f} ms beside: {ratios['quietest_p99']:.2f}")
    print(f"spinning requests that ended: {sum(sum(attack['statuses'].values()) for attack in attacks)}")
    what = f"the p99 beside a spinning worker is at most {MAXIMUM_RATIO} times"
    # Other work slows the honest worker when it is alone, too, and so makes the ratio small.
    if part.others_share() > MAXIMUM_OTHERS:
        part.notice(f"no verdict whether {what}: the machine was too busy")
    else:
        part.verdict(alive and ratios["p99"] <= MAXIMUM_RATIO, what)
    part.save(ratios=ratios, alone=alone, beside=beside, spinning=attacks)
