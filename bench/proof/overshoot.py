#!/usr/bin/env -S python3 -B
"""How much CPU a request gets beyond its limit before it is killed: each attack of attacks/*.lua with a limit of 50 ms, by 1, 2
and 8 clients at once on 2 server threads.

The figures are the server's own: the CPU time it logs for each kill, less the limit. Every attack must end so; the server
must live.
"""

import glob
import json
import os
import re
import threading

import edge

AT_ONCE, LIMIT_US = (1, 2, 8), 50_000
MAXIMUM_P99_US = 5_000


def options(parser):
    parser.add_argument("--kills", type=int, default=48, help="of each attack by each number of clients")
    parser.add_argument("--json", help="write the distributions to this file")


class Log:
    """The kills that the server logs, from where it was read last."""

    def __init__(self, path):
        self.path, self.offset = path, 0

    def overshoots(self, name, count):
        """The us beyond the limit of `count` kills of a worker, which are logged by the time they are answered, or soon after."""
        found = []
        for _ in range(200):
            with open(self.path) as file:
                file.seek(self.offset)
                for line in iter(file.readline, ""):
                    if not line.endswith("\n"):
                        break
                    self.offset = file.tell()
                    if "outcome=exceeded_cpu" in line and re.search(rf" worker={name}\b", line):
                        found.append(int(re.search(r"cpu_us=(\d+)", line).group(1)) - LIMIT_US)
            if len(found) >= count:
                break
            threading.Event().wait(0.05)
        return found


def attack(port, name, clients, kills):
    """Makes so many requests by so many clients at once; returns what did not end as it should."""
    problems = []

    def run():
        try:
            client = edge.Client(port)
            for _ in range(kills // clients):
                status, body = client.request(f"/{name}")
                outcome = json.loads(body).get("outcome") if status == 503 else body[:80]
                if (status, outcome) != (503, "exceeded_cpu"):
                    problems.append(f"{name} by {clients}: {status} {outcome}")
            client.close()
        except (OSError, ValueError) as error:
            problems.append(f"{name} by {clients}: {type(error).__name__}: {error}")

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def summary(values):
    return {"p50": edge.percentile(values, 0.5), "p99": edge.percentile(values, 0.99), "max": max(values)}


def main():
    arguments = edge.parse_arguments(__doc__, options)
    kills = max(8, arguments.kills // 8 * 8)
    files = sorted(glob.glob(os.path.join(edge.HERE, "attacks", "*.lua")))
    workers = {os.path.basename(path)[:-4]: open(path).read() for path in files}
    problems, samples = [], {clients: {} for clients in AT_ONCE}
    with edge.Workspace(workers) as workspace, workspace.serve(arguments.edgehost) as server:
        log = Log(server.log.name)
        print("us of CPU beyond the limit, by requests at once")
        print(f"{'attack':16}" + "".join(f"{f'{n}: p50':>10}{'p99':>7}{'max':>7}" for n in AT_ONCE))
        for name in sorted(workers):
            line = f"{name:16}"
            for clients in AT_ONCE:
                problems += attack(server.port, name, clients, kills)
                values = log.overshoots(name, kills)
                if len(values) != kills:
                    problems.append(f"{name} by {clients}: {len(values)} of {kills} kills are logged")
                samples[clients][name] = values
                figures = summary(values or [0])
                line += f"{figures['p50']:10}{figures['p99']:7}{figures['max']:7}"
            print(line, flush=True)
        alive = server.process.poll() is None and server.stop() == 0
    line, worst = f"{'all':16}", 0
    for clients in AT_ONCE:
        figures = summary([value for values in samples[clients].values() for value in values] or [0])
        worst = max(worst, figures["p99"])
        line += f"{figures['p50']:10}{figures['p99']:7}{figures['max']:7}"
    print(line)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump({"part": "overshoot", "limit_us": LIMIT_US, "kills": kills, "overshoot_us": samples}, file)
    for problem in problems[:20]:
        print(problem)
    what = f"every attack is killed, 99% at most {MAXIMUM_P99_US} us of CPU late, and the server lives"
    edge.conclude(alive and not problems and worst <= MAXIMUM_P99_US, what)


main()
