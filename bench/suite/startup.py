"""Cold starts: a fresh state, a restore, a relocation, a start on a ready slot, a start from disk and a whole request, by size of the
image and by cost of the script's top level; and a process from its start to the first answer, with and without the images of its last start."""

import json
import subprocess

import edge
import harness
import process_start
import workloads

SUMMARY = "fresh state, restore, relocation, first request, process start, by image size and top level"
QUICK = ["--seconds", "1.5", "--rounds", "5"]
MEASURES = ("fresh", "restore", "relocate", "ready", "request")
SIZES_KB = (0, 256, 1024, 4096, 8192)
COSTS_MS = (0, 1, 10, 100)
SIZED = """
local kept = {}
for i = 1, %d do kept[i] = { number = i, text = "entry " .. i } end
return function() return "ok" .. #kept end
"""
# An entry of `kept` takes about 230 bytes.
ENTRIES_A_KB = 4


# So many times a top level is run, at least, for its worker to have samples enough.
FRESH_SAMPLES = 30


def options(parser):
    parser.add_argument("--seconds", type=float, default=8, help="of samples of each worker")
    process_start.add_options(parser)


def isolate(arguments, workspace, worker, seconds):
    """The report of `edgehost bench startup`, and what it measures beside MEASURES: a start from disk, where it can."""
    command = [*harness.nice(harness.SERVER_NICE), arguments.edgehost, "bench", "startup", "--worker", worker,
               "--seconds", str(seconds), "--json"]  # fmt: skip
    done = subprocess.run(command, cwd=workspace.path, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench startup of {worker}: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    return report, [key[:-3] for key in report if key.endswith("_us") and key[:-3] not in MEASURES]


def p50(report, measure):
    return report.get(measure + "_us", {}).get("p50")


def tell(part, reports, measures, title, axis, x):
    rows = []
    for name, report in reports.items():
        medians = [p50(report, measure) for measure in measures]
        rows.append([name, report["image_bytes"] / 1024, *medians, report["restore_us"]["p99"], medians[0] / medians[1]])
        for measure, value in zip(measures, medians):
            part.figure(f"{name}: {measure}", "us", [value])
    head = ["worker", "image KB", *(f"{m} us" for m in measures), "restore p99", "fresh/restore"]
    part.table(f"an isolate, {title}: medians", head, rows)
    series = [(measure, [[x(report), p50(report, measure)] for report in reports.values() if p50(report, measure) is not None])
              for measure in measures]  # fmt: skip
    part.plot("log-lines", f"an isolate, {title}", axis, "us", series)


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("startup", SUMMARY, arguments)
    groups = {
        "size": {"hello": workloads.HELLO, **{f"size{size}": SIZED % (size * ENTRIES_A_KB) for size in SIZES_KB}},
        "cost": {f"cost{cost}": process_start.costly(cost) for cost in COSTS_MS},
    }
    seconds = {f"cost{cost}": arguments.seconds + cost * FRESH_SAMPLES / 1000 for cost in COSTS_MS}
    reports, further = {}, []
    with edge.Workspace({**groups["size"], **groups["cost"]}, "edgehost_startup.lua") as workspace:
        for group, workers in groups.items():
            reports[group] = {}
            for name in workers:
                reports[group][name], further = isolate(arguments, workspace, name, seconds.get(name, arguments.seconds))
    if not further:
        part.notice("a start from a persisted image is left out: this edgehost's bench startup does not measure it")
    measures = (*MEASURES, *further)
    tell(part, reports["size"], measures, "by size of the image", "KB", lambda report: report["image_bytes"] / 1024)
    tell(part, reports["cost"], measures, "by cost of the script's top level", "fresh us", lambda report: p50(report, "fresh"))
    processes = process_start.measure(part, arguments)
    part.save(isolates=reports, processes=processes)
