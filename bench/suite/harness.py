"""What the parts of the suite share: load from `edgehost bench http`, tables, results with the machine they come from."""

import contextlib
import datetime
import functools
import http.client
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

import edge

RESULTS = os.path.join(edge.ROOT, "bench", "results")


class Load:
    """A load that `edgehost bench http` makes in a process of its own; its report is there when it has ended."""

    def __init__(self, edgehost, server, path, connections, seconds, rate="max", warm_up=1.0, extra=(), core=None):
        pid = ["--pid", str(server.pid)] if server.pid else []
        command = pinned(core) + [
            edgehost, "bench", "http", "--url", f"http://127.0.0.1:{server.port}{path}", *pid,
            "--connections", str(connections), "--rate", str(rate), "--duration", str(seconds),
            "--warmup", str(warm_up), "--json", "-", *extra,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            nice(LOAD_NICE) + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def report(self):
        output, errors = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError(f"the load failed: {errors.strip() or output.strip()}")
        return json.loads(output)


def pinned(core):
    return [] if core is None else ["taskset", "-c", str(core)]


# Before other work of the machine; the load before the server, which it must not wait for when that takes all cores.
SERVER_NICE, LOAD_NICE = -10, -15


@functools.cache
def nice(level):
    """Words before a command that give it this priority; none where that is not allowed."""
    with contextlib.suppress(OSError):
        tried = subprocess.run(["nice", "-n", str(level), "true"], capture_output=True)
        return ["nice", "-n", str(level)] if not tried.stderr else []
    return []


def serve(workspace, arguments, core=None):
    return workspace.serve(arguments.edgehost, core, nice(SERVER_NICE))


def run_load(*arguments, **options):
    return Load(*arguments, **options).report()


def milliseconds(report, kind="ok", percentile="p99", times="latency_us"):
    """A percentile in ms; None where there is no answer of that kind."""
    value = report[times][kind].get(percentile)
    return None if value is None else value / 1000


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def text(value, digits=2):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)


def print_table(head, rows):
    """Prints columns: the first to the left, the others to the right."""
    cells = [list(head)] + [[text(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        line = [row[0].ljust(widths[0])] + [value.rjust(width) for value, width in zip(row[1:], widths[1:])]
        print("  ".join(line).rstrip())


def versions():
    """Of the peers that are installed in their customary places."""
    commands = {"nginx": ["nginx", "-v"], "node": ["node", "--version"], "Python": ["python3", "--version"]}
    found = {}
    for name, command in commands.items():
        executable = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin")
        if executable:
            done = subprocess.run([executable, *command[1:]], capture_output=True, text=True)
            found[name] = (done.stdout + done.stderr).strip().split()[-1].rsplit("/", 1)[-1]
    return found


def machine(edgehost):
    def read(path, prefix):
        with open(path) as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith(prefix)), "unknown")

    version = subprocess.run([edgehost, "--version"], capture_output=True, text=True, check=True)
    return {
        "cpu": read("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": read("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "edgehost": " ".join(version.stdout.split()),
        "versions": versions(),
        "load_average": os.getloadavg()[0],
        "favoured": bool(nice(LOAD_NICE)),
        "time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def busy_seconds():
    """CPU time of everything on the machine since it started."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, *_ = map(int, stat.readline().split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


# Paths of this machine.
NOT_SETTINGS = ("edgehost", "nio", "deno", "bun", "wasmtime", "libwasmtime")
# Of a part that ran and whose property does not hold.
DOES_NOT_HOLD = 3


class Part:
    """The results of one part: what is printed is kept for the JSON and for the report."""

    def __init__(self, name, title, arguments):
        self.name, self.arguments = name, arguments
        self.result = {
            "part": name, "title": title, "machine": machine(arguments.edgehost),
            "settings": {key: value for key, value in vars(arguments).items() if key not in NOT_SETTINGS},
            "figures": [], "tables": [], "plots": [], "notices": [], "verdicts": [],
        }  # fmt: skip
        self.start, self.busy, self.own = time.monotonic(), busy_seconds(), sum(os.times()[:4])

    def table(self, title, head, rows):
        print(f"\n{title}\n")
        print_table(head, rows)
        self.result["tables"].append({"title": title, "head": head, "rows": rows})

    def figure(self, name, unit, values, better="lower"):
        """One figure to compare runs by, with a value of each round."""
        values = [value for value in values if value is not None]
        if values:
            self.result["figures"].append({"name": name, "unit": unit, "better": better, "values": values})

    def plot(self, kind, title, x, y, series):
        """kind: lines, log-lines (both axes), percentiles (x from 0 to 100) or bars (x are names)."""
        self.result["plots"].append({
            "kind": kind, "title": title, "x": x, "y": y,
            "series": [{"name": name, "points": points} for name, points in series],
        })  # fmt: skip

    def notice(self, words):
        """Something the reader of the figures must know."""
        print("\n" + words)
        self.result["notices"].append(words)

    def verdict(self, holds, what):
        """Whether a promise was kept; told at the end, and in the report."""
        self.result["verdicts"].append({"holds": holds, "what": what})

    def others_share(self):
        """The share of the machine that other work took so far."""
        elapsed = (time.monotonic() - self.start) * os.cpu_count()
        others = busy_seconds() - self.busy - (sum(os.times()[:4]) - self.own)
        return max(0.0, others / elapsed)

    def save(self, **raw):
        """Writes the JSON and ends the program. The servers must have ended: their time is not other work."""
        share = self.result["machine"]["others_share"] = self.others_share()
        self.result["seconds"] = round(time.monotonic() - self.start, 1)
        if share > 0.05:
            print(f"\nother work took {share:.0%} of the machine: compare ratios of this run only")
        os.makedirs(RESULTS, exist_ok=True)
        path = os.path.join(RESULTS, self.name + ".json")
        with open(path, "w") as file:
            json.dump({**self.result, **raw}, file, indent=1)
            file.write("\n")
        print(f"\n{os.path.relpath(path)}", file=sys.stderr)
        for verdict in self.result["verdicts"]:
            print(("holds: " if verdict["holds"] else "FAILS: ") + verdict["what"])
        sys.exit(0 if all(verdict["holds"] for verdict in self.result["verdicts"]) else DOES_NOT_HOLD)


PERCENTILES = {"p10": 10, "p25": 25, "p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99, "p99_5": 99.5,
               "p99_9": 99.9, "p99_99": 99.99}  # fmt: skip


def curve(reports, kind="ok", times="latency_us"):
    """Points of a percentile plot, in ms: the medians of the reports."""
    points = [[x, median([milliseconds(report, kind, name, times) for report in reports])]
              for name, x in PERCENTILES.items()]  # fmt: skip
    return [point for point in points if point[1] is not None]


def put(port, path, body):
    """Makes one PUT; it must succeed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("PUT", path, body)
    status = connection.getresponse().status
    connection.close()
    if status >= 300:
        raise RuntimeError(f"PUT {path}: {status}")


def pause(seconds):
    time.sleep(seconds)
