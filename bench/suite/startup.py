"""Cold starts: a fresh state, a restore, a relocation and a whole request by size of the image and by cost of the script's top
level; and a process from its start to the first answer, by number of workers."""

import json
import subprocess
import time

import edge
import harness

SUMMARY = "fresh state, restore, relocation, first request, process start, by image size and top level"
MEASURES = ("fresh", "restore", "relocate", "request")
SIZES_KB = (0, 256, 1024, 4096, 8192)
COSTS_MS = (0, 1, 10, 100)
SIZED = """
local kept = {}
for i = 1, %d do kept[i] = { number = i, text = "entry " .. i } end
return function() return "ok" .. #kept end
"""
COSTLY = """
local start, n = os.clock(), 0
for i = 1, %d do n = n + i %% 7 end
return function() return "ok" .. n end
"""
# Turns of the loop in a ms, about; the table tells what it came to.
TURNS_A_MS = 120_000
# An entry of `kept` takes about 230 bytes.
ENTRIES_A_KB = 4
FLEET = "return {{ routes = {{ 'GET /w{number}' }}, fetch = function() return 'w{number}' end }}\n"


def options(parser):
    parser.add_argument("--rounds", type=int, default=7, help="process starts of each fleet")
    parser.add_argument("--fleets", type=int, nargs="+", default=[1, 100, 1000], help="numbers of workers")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes and costs only")


def isolate(arguments, workspace, worker):
    command = [*harness.nice(harness.SERVER_NICE), arguments.edgehost, "bench", "startup", "--worker", worker, "--json"]
    done = subprocess.run(command, cwd=workspace.path, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def first_answer(arguments, count):
    """Milliseconds from the start of a process to its first 200, and of the first and the second answer of a worker then."""
    workers = {f"w{number}": FLEET.format(number=number) for number in range(count)}
    times = []
    with edge.Workspace(workers, "edgehost_quiet.lua") as workspace:
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            with harness.serve(workspace, arguments) as server:
                client = edge.Client(server.port)
                answers = [start]
                for _ in range(2):
                    before = time.perf_counter()
                    if client.request("/w0")[0] != 200:
                        raise RuntimeError("the first request failed")
                    answers.append(time.perf_counter() - before)
                times.append([(time.perf_counter() - start - answers[2]) * 1e3, answers[1] * 1e3, answers[2] * 1e3])
                client.close()
    return [list(column) for column in zip(*times)]


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("startup", SUMMARY, arguments)
    sizes, costs = (SIZES_KB[:2], COSTS_MS[:2]) if arguments.quick else (SIZES_KB, COSTS_MS)
    workers = {f"size{size}": SIZED % (size * ENTRIES_A_KB) for size in sizes}
    workers.update({f"cost{cost}": COSTLY % (cost * TURNS_A_MS) for cost in costs})
    with edge.Workspace(workers, "edgehost_startup.lua") as workspace:
        reports = {name: isolate(arguments, workspace, name) for name in workers}
    for group, title in (("size", "by size of the image"), ("cost", "by cost of the script's top level")):
        rows, chosen = [], [name for name in workers if name.startswith(group)]
        for name in chosen:
            report = reports[name]
            p50 = [report[measure + "_us"]["p50"] for measure in MEASURES]
            rows.append([name, report["image_bytes"] / 1024, *p50, report["restore_us"]["p99"], p50[0] / p50[1]])
            for measure, value in zip(MEASURES, p50):
                part.figure(f"{name}: {measure}", "us", [value])
        head = ["worker", "image KB", *(f"{m} us" for m in MEASURES), "restore p99", "fresh/restore"]
        part.table(f"an isolate, {title}: medians", head, rows)
        x = (lambda name: reports[name]["image_bytes"] / 1024) if group == "size" else (lambda name: reports[name]["fresh_us"]["p50"])
        series = [(measure, [[x(name), reports[name][measure + "_us"]["p50"]] for name in chosen]) for measure in MEASURES]
        part.plot("log-lines", f"an isolate, {title}", "KB" if group == "size" else "fresh us", "us", series)
    rows, starts = [], {}
    for count in arguments.fleets:
        total, first, second = starts[count] = first_answer(arguments, count)
        rows.append([str(count), *map(harness.median, (total, first, second))])
        part.figure(f"process start to first 200, {count} workers", "ms", total)
    part.table(
        f"a process, medians of {arguments.rounds} starts; ms", ["workers", "start to 200", "first request", "second"], rows
    )
    part.plot("log-lines", "process start to the first 200", "workers", "ms", [("", [[int(r[0]), r[1]] for r in rows])])
    part.save(isolates=reports, processes=starts)
