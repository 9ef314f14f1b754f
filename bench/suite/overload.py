"""Overload: what a server still does when far more is asked of it than it can do.

The server, with one event loop and its background threads, has core 0 to itself, the load core 1: what the load costs, and what the
kernel does for it, is then not taken from the server. First the peak: the most answers a second of a CPU-heavy worker in a closed
loop. Then open loops at multiples of it over so many connections that requests keep coming however slow the server is; last, the
same beside a light worker that asks for little. Each step has a server of its own, and the peak is measured again before and after
it: the machine may have other work. All steps are taken several times over, in turns; what is told are medians.
All this for requests of some 0.3, 1 to 2 and 4 to 8 ms of CPU time, of which the first run on the event loop.

The kernel's work for a connection is done where the server reads and writes, so refusals take time from core 0 even if the server
itself did nothing: `refusal us` is what core 0 spent beyond the answers that are of use, by refusals. The load tells how busy it
was itself; where that is near 100%, it was the limit.
"""

import contextlib

import edge
import harness

SUMMARY = "goodput, time to a 503 and memory at twice and five times the peak; a light worker beside it"
QUICK = ["--rounds", "1"]
MINIMUM_GOODPUT = 0.9
MAXIMUM_OTHERS = 0.2
SERVER_CORE, LOAD_CORE = 0, 1
PEAK_CONNECTIONS = (2, 8, 32)
HEAVY = """
return function()
  local sum = 0
  for i = 1, %d do sum = sum + i %% 7 end
  return tostring(sum)
end
"""
LIGHT = "return function(request) return 'Hello, ' .. (request.query.name or 'world') .. '!\\n' end\n"


def options(parser):
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 100), metavar="N", help="of all steps")
    parser.add_argument("--seconds", type=float, default=3, help="of each step")
    parser.add_argument("--peak-seconds", type=float, default=1.5, help="of each closed loop")
    parser.add_argument("--connections", type=int, default=1024, help="of the open loops")
    parser.add_argument("--factors", type=float, nargs="+", default=[1, 2, 5], help="multiples of the peak")
    parser.add_argument("--loops", type=int, nargs="+", default=[25_000, 150_000, 700_000], help="turns of the heavy workers' loops")
    parser.add_argument("--light-rate", type=int, default=200, help="light requests a second")
    parser.add_argument("--no-light", action="store_true", help="leave the light worker out")


@contextlib.contextmanager
def served(arguments, loops):
    workers = {"heavy": HEAVY % loops, "light": LIGHT}
    with edge.Workspace(workers, "edgehost_one_thread.lua") as workspace:
        with harness.serve(workspace, arguments, SERVER_CORE) as server:
            yield server


def closed_loop(arguments, loops, connections):
    with served(arguments, loops) as server:
        return harness.run_load(
            arguments.edgehost, server, "/heavy", connections, arguments.peak_seconds, warm_up=0.5, core=LOAD_CORE
        )


def find_peak(arguments, loops):
    """The report of the closed loop that answers most."""
    reports = [closed_loop(arguments, loops, connections) for connections in PEAK_CONNECTIONS]
    return max(reports, key=lambda report: report["throughput"]["ok_per_s"])


class Step:
    """An open loop, and what the peak was around it."""

    def __init__(self, name, report, before, after):
        self.name, self.report = name, report
        self.peak = (before["throughput"]["ok_per_s"] + after["throughput"]["ok_per_s"]) / 2
        self.goodput = report["throughput"]["ok_per_s"]
        self.share = self.goodput / self.peak
        peak_cpu = (before["server"]["cpu_us_per_answer"] + after["server"]["cpu_us_per_answer"]) / 2
        # The server's CPU time for all it was asked, refusals included, by answers that are of use.
        cpu = report["server"]["cpu_us"] / max(1, self.goodput * report["duration_s"])
        self.cpu_share = peak_cpu / cpu
        refused = report["throughput"]["unavailable_per_s"]
        spent = report["server"]["cpu_us"] / report["duration_s"] - self.goodput * peak_cpu
        self.refusal_us = spent / refused if refused > 0 else None
        self.load_share = report["generator"]["cpu_us"] / 1e6 / (report["duration_s"] + report["warm_up_s"])


def overload(arguments, loops, rate, with_light):
    """The reports of the heavy load and of the light one beside it, if there is one."""
    with served(arguments, loops) as server:
        heavy = harness.Load(
            arguments.edgehost, server, "/heavy", arguments.connections, arguments.seconds, f"{rate:.1f}", warm_up=2,
            core=LOAD_CORE,
        )  # fmt: skip
        light = None
        if with_light:
            light = light_load(arguments, server, arguments.seconds - 1, warm_up=2.5).report()
        report = heavy.report()
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}")
    return report, light


def light_load(arguments, server, seconds, warm_up):
    return harness.Load(
        arguments.edgehost, server, "/light", 8, seconds, arguments.light_rate, warm_up, ["--arrivals", "poisson"], LOAD_CORE
    )


def lost(report):
    return sum(report["requests"]["errors"].values()) + report["requests"]["unsent"]


def medians(name, columns):
    """A row of the medians of each column, over the rounds."""
    return [name] + [harness.median(column) for column in zip(*columns)]


def row(name, steps):
    return medians(name, [
        [
            step.goodput, step.share, step.cpu_share, report["throughput"]["unavailable_per_s"], step.refusal_us, lost(report),
            harness.milliseconds(report, "ok", "p50"), harness.milliseconds(report, "ok"),
            harness.milliseconds(report, "unavailable", "p50"), harness.milliseconds(report, "unavailable"),
            report["server"]["rss_start_kib"] / 1024, report["server"]["rss_peak_kib"] / 1024, 100 * step.load_share,
        ]
        for step, report in ((step, step.report) for step in steps)
    ])  # fmt: skip


def light_row(name, reports):
    return medians(name, [
        [
            report["throughput"]["ok_per_s"], report["statuses"].get("200", 0) / max(1, report["requests"]["due"]),
            report["throughput"]["unavailable_per_s"], lost(report),
            harness.milliseconds(report, "ok", "p50"), harness.milliseconds(report, "ok"),
        ]
        for report in reports
    ])  # fmt: skip


def run_steps(arguments, loops, peak):
    """The rounds of each step by its name, and the reports of the light load beside the last one."""
    connections, rate = peak["connections"], peak["throughput"]["ok_per_s"]
    most = max(arguments.factors)
    wanted = [(f"{factor:g} x", factor, False) for factor in arguments.factors]
    if not arguments.no_light:
        wanted.append((f"{most:g} x + light", most, True))
    steps, lights = {name: [] for name, _, _ in wanted}, []
    before = closed_loop(arguments, loops, connections)
    for name, factor, with_light in wanted * arguments.rounds:
        report, light = overload(arguments, loops, factor * rate, with_light)
        after = closed_loop(arguments, loops, connections)
        steps[name].append(Step(name, report, before, after))
        before = after
        if light:
            lights.append(light)
    return steps, lights


def plots(part, weight, steps):
    """Of one round."""
    def timeline(value):
        return [(step.name, [[second, value(step, entry)] for second, entry in enumerate(step.report["timeline"])])
                for step in steps]  # fmt: skip

    part.plot("lines", f"{weight}: goodput over time", "s", "of the peak", timeline(lambda step, entry: entry["ok"] / step.peak))
    part.plot("lines", f"{weight}: resident memory over time", "s", "MB", timeline(lambda _, entry: entry["rss_kib"] / 1024))
    curves = [(f"{kind} at {step.name}", harness.curve([step.report], kind))
              for step in steps for kind in ("ok", "unavailable")]  # fmt: skip
    part.plot("percentiles", f"{weight}: latency under overload", "percentile", "ms", [curve for curve in curves if curve[1]])


def measure(part, arguments, loops):
    """One weight of requests: its tables, figures and plots. Returns its least goodput and the reports."""
    peak = find_peak(arguments, loops)
    weight = f"{peak['server']['cpu_us_per_answer'] / 1000:.1f} ms a request"
    print(f"\npeak {peak['throughput']['ok_per_s']:.0f}/s with {peak['connections']} connections, {weight}")
    steps, lights = run_steps(arguments, loops, peak)
    part.table(
        f"{weight}: asked for multiples of the peak on {arguments.connections} connections, medians of {arguments.rounds}; ms, MB",
        ["load", "ok/s", "of peak", "by CPU", "503/s", "refusal us", "lost", "200 p50", "p99", "503 p50", "p99", "RSS", "peak", "load %"],
        [row(name, rounds) for name, rounds in steps.items()],
    )
    if lights:
        with served(arguments, loops) as server:
            alone = light_load(arguments, server, arguments.seconds, warm_up=1).report()
        part.table(
            f"a light worker, asked {arguments.light_rate}/s on 8 connections; ms",
            ["load", "ok/s", "of asked", "503/s", "lost", "p50", "p99"],
            [light_row("alone", [alone]), light_row(f"beside {max(arguments.factors):g} x", lights)],
        )
    plots(part, weight, [rounds[-1] for rounds in steps.values()])
    # Not the weight in the name: it differs between runs.
    name = f"{loops} turns"
    part.figure(f"{name}: peak", "1/s", [peak["throughput"]["ok_per_s"]], "higher")
    for step, rounds in steps.items():
        part.figure(f"{name}: goodput of the peak at {step}", "", [each.share for each in rounds], "higher")
        part.figure(f"{name}: goodput by CPU at {step}", "", [each.cpu_share for each in rounds], "higher")
        part.figure(f"{name}: p99 of a 200 at {step}", "ms", [harness.milliseconds(each.report) for each in rounds])
        part.figure(f"{name}: p99 of a 503 at {step}", "ms", [harness.milliseconds(each.report, "unavailable") for each in rounds])
    reports = {"peak": peak, "open": {step: [each.report for each in rounds] for step, rounds in steps.items()}, "light": lights}
    return min(harness.median([each.share for each in rounds]) for rounds in steps.values()), reports


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("overload", SUMMARY, arguments)
    measured = {loops: measure(part, arguments, loops) for loops in arguments.loops}
    print("\nof peak: ok/s by the peak just before and after; by CPU: the same by CPU time an answer, which other work on the machine"
          "\ndoes not change; refusal: the server's CPU time beyond that of good answers, by 503s; lost: not answered, or not sent when"
          "\nthe load ended; load %: how much of its core the load took")  # fmt: skip
    what = f"goodput under overload is at least {MINIMUM_GOODPUT:.0%} of the peak"
    if part.others_share() > MAXIMUM_OTHERS:
        part.notice(f"no verdict whether {what}: the machine was too busy")
    else:
        part.verdict(min(share for share, _ in measured.values()) >= MINIMUM_GOODPUT, what)
    part.save(reports={loops: reports for loops, (_, reports) in measured.items()})

