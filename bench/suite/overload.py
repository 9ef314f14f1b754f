"""Overload: what a server still does when far more is asked of it than it can do.

First the peak: the most answers a second of a CPU-heavy worker in a closed loop. Then open loops at multiples of it over so many
connections that requests keep coming however slow the server is; last, the same beside a light worker that asks for little.
Each step has a server of its own, and the peak is measured again before and after it: the machine may have other work.
"""

import contextlib

import edge
import harness

SUMMARY = "goodput, time to a 503 and memory at twice and five times the peak; a light worker beside it"
MINIMUM_GOODPUT = 0.9
HEAVY = """
return function()
  local sum = 0
  for i = 1, %d do sum = sum + i %% 7 end
  return tostring(sum)
end
"""
LIGHT = "return function(request) return 'Hello, ' .. (request.query.name or 'world') .. '!\\n' end\n"


def options(parser):
    parser.add_argument("--seconds", type=float, default=8, help="of each step")
    parser.add_argument("--connections", type=int, default=1024, help="of the open loops")
    parser.add_argument("--factors", type=float, nargs="+", default=[1, 2, 5], help="multiples of the peak")
    parser.add_argument("--loops", type=int, default=150_000, help="turns of the heavy worker's loop")
    parser.add_argument("--light-rate", type=int, default=200, help="light requests a second")


@contextlib.contextmanager
def served(arguments):
    workers = {"heavy": HEAVY % arguments.loops, "light": LIGHT}
    with edge.Workspace(workers, "edgehost_quiet.lua") as workspace:
        with harness.serve(workspace, arguments) as server:
            yield server


def closed_loop(arguments, connections):
    with served(arguments) as server:
        return harness.run_load(
            arguments.edgehost, server, "/heavy", connections, max(2, arguments.seconds / 2), warm_up=0.5
        )


def find_peak(arguments):
    """The report of the closed loop that answers most."""
    reports = [closed_loop(arguments, connections) for connections in (2, 4, 8, 16, 32)]
    return max(reports, key=lambda report: report["throughput"]["ok_per_s"])


class Step:
    """An open loop, and what the peak was around it."""

    def __init__(self, name, report, before, after):
        self.name, self.report = name, report
        self.peak = (before["throughput"]["ok_per_s"] + after["throughput"]["ok_per_s"]) / 2
        self.goodput = report["throughput"]["ok_per_s"]
        self.share = self.goodput / self.peak
        self.peak_cpu = (before["server"]["cpu_us_per_answer"] + after["server"]["cpu_us_per_answer"]) / 2
        # The server's CPU time for all it was asked, refusals included, by answers that are of use.
        self.cpu = report["server"]["cpu_us"] / max(1, self.goodput * report["duration_s"])


def overload(arguments, rate, with_light):
    """The reports of the heavy load and of the light one beside it, if there is one."""
    with served(arguments) as server:
        heavy = harness.Load(
            arguments.edgehost, server, "/heavy", arguments.connections, arguments.seconds, f"{rate:.1f}", warm_up=2
        )
        light = None
        if with_light:
            light = light_load(arguments, server, arguments.seconds - 1, warm_up=2.5).report()
        report = heavy.report()
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}")
    return report, light


def light_load(arguments, server, seconds, warm_up):
    return harness.Load(
        arguments.edgehost, server, "/light", 8, seconds, arguments.light_rate, warm_up, ["--arrivals", "poisson"]
    )


def lost(report):
    return sum(report["requests"]["errors"].values()) + report["requests"]["unsent"]


def row(step):
    report = step.report
    return [
        step.name, step.goodput, step.share, step.peak_cpu / step.cpu, report["throughput"]["unavailable_per_s"],
        lost(report), report["requests"]["oldest_unsent_s"],
        harness.milliseconds(report, "ok", "p50"), harness.milliseconds(report, "ok"),
        harness.milliseconds(report, "unavailable", "p50"), harness.milliseconds(report, "unavailable"),
        report["server"]["rss_start_kib"] / 1024, report["server"]["rss_peak_kib"] / 1024,
    ]  # fmt: skip


def light_row(name, report):
    return [
        name, report["throughput"]["ok_per_s"], report["statuses"].get("200", 0) / max(1, report["requests"]["due"]),
        report["throughput"]["unavailable_per_s"], lost(report),
        harness.milliseconds(report, "ok", "p50"), harness.milliseconds(report, "ok"),
    ]  # fmt: skip


def run_steps(arguments, peak):
    """The steps, and the report of the light load beside the last one."""
    connections, rate = peak["connections"], peak["throughput"]["ok_per_s"]
    most = max(arguments.factors)
    wanted = [(f"{factor:g} x", factor, False) for factor in arguments.factors] + [(f"{most:g} x + light", most, True)]
    steps, before, light = [], closed_loop(arguments, connections), None
    for name, factor, with_light in wanted:
        report, light = overload(arguments, factor * rate, with_light)
        after = closed_loop(arguments, connections)
        steps.append(Step(name, report, before, after))
        before = after
    return steps, light


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("overload", SUMMARY, arguments)
    peak = find_peak(arguments)
    cpu = peak["server"]["cpu_us_per_answer"] / 1000
    print(f"peak {peak['throughput']['ok_per_s']:.0f}/s with {peak['connections']} connections,"
          f" {cpu:.2f} ms of CPU a request")  # fmt: skip
    steps, light = run_steps(arguments, peak)
    with served(arguments) as server:
        alone = light_load(arguments, server, arguments.seconds, warm_up=1).report()
    part.table(
        f"a heavy worker, asked for multiples of its peak on {arguments.connections} connections; ms, MB",
        ["load", "ok/s", "of peak", "by CPU", "503/s", "lost", "waits s", "200 p50", "p99", "503 p50", "p99", "RSS", "peak"],
        [row(step) for step in steps],
    )
    part.table(
        f"a light worker, asked {arguments.light_rate}/s on 8 connections; ms",
        ["load", "ok/s", "of asked", "503/s", "lost", "p50", "p99"],
        [light_row("alone", alone), light_row(f"beside {max(arguments.factors):g} x", light)],
    )
    print("\nof peak: ok/s by the peak just before and after; by CPU: the same by CPU time an answer, which other work on the machine"
          "\ndoes not change; lost: not answered, or not sent when the load ended; waits: how long the oldest of those had been due")  # fmt: skip
    plots(part, steps)
    part.figure("peak", "1/s", [peak["throughput"]["ok_per_s"]], "higher")
    for step in steps:
        part.figure(f"goodput of the peak at {step.name}", "", [step.share], "higher")
        part.figure(f"goodput by CPU at {step.name}", "", [step.peak_cpu / step.cpu], "higher")
        part.figure(f"p99 of a 200 at {step.name}", "ms", [harness.milliseconds(step.report)])
        part.figure(f"p99 of a 503 at {step.name}", "ms", [harness.milliseconds(step.report, "unavailable")])
    part.save(peak=peak, open={step.name: step.report for step in steps}, light={"alone": alone, "beside": light})
    holds = min(step.share for step in steps) >= MINIMUM_GOODPUT
    edge.conclude(holds, f"goodput under overload is at least {MINIMUM_GOODPUT:.0%} of the peak")


def plots(part, steps):
    def timeline(value):
        return [(step.name, [[second, value(step, entry)] for second, entry in enumerate(step.report["timeline"])])
                for step in steps]  # fmt: skip

    part.plot("lines", "goodput over time", "s", "of the peak", timeline(lambda step, entry: entry["ok"] / step.peak))
    part.plot("lines", "resident memory over time", "s", "MB", timeline(lambda _, entry: entry["rss_kib"] / 1024))
    curves = [(f"{kind} at {step.name}", harness.curve([step.report], kind))
              for step in steps for kind in ("ok", "unavailable")]  # fmt: skip
    part.plot("percentiles", "latency under overload", "percentile", "ms", [curve for curve in curves if curve[1]])
