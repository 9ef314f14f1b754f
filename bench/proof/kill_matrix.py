#!/usr/bin/env -S python3 -B
"""Proof 7: each attack of attacks/*.lua 200 times on 2 server threads, with honest requests in between.

Every attack must end as exceeded_cpu, every honest answer must be right, and the server must live. The overshoot is
the CPU time the server logs for the attack beyond its limit of 50 ms; wall is what the client sees beyond it.
"""

import glob
import json
import os
import re
import threading
import time

import edge

TIMES, CLIENTS, LIMIT_US = 200, 2, 50_000
HONEST = """
local seen = {}
return function(request)
  local n = tonumber(request.query.n)
  seen[#seen + 1] = n
  local sum = 0
  for i = 1, n do sum = sum + i end
  return #seen .. " " .. sum .. " " .. ("%d"):format(n)
end
"""


class Attackers:
    def __init__(self, port, name):
        self.port, self.name = port, name
        self.lock = threading.Lock()
        self.walls, self.problems = [], []

    def run(self):
        threads = [threading.Thread(target=self.attack, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def attack(self, client_number):
        try:
            client = edge.Client(self.port)
            for number in range(TIMES // CLIENTS):
                start = time.perf_counter()
                status, body = client.request(f"/{self.name}")
                wall = (time.perf_counter() - start) * 1e6
                outcome = json.loads(body).get("outcome") if status == 503 else body[:80]
                with self.lock:
                    self.walls.append(wall - LIMIT_US)
                    if (status, outcome) != (503, "exceeded_cpu"):
                        self.problems.append(f"attack: {status} {outcome}")
                n = client_number * 1000 + number
                answer = client.request(f"/honest?n={n}")
                if answer != (200, f"1 {n * (n + 1) // 2} {n}".encode()):
                    with self.lock:
                        self.problems.append(f"honest: {answer}")
        except (OSError, ValueError) as error:
            with self.lock:
                self.problems.append(f"{type(error).__name__}: {error}")


def overshoots(log, name):
    """CPU us beyond the limit of each kill the server has logged for this worker."""
    with open(log) as file:
        kills = [line for line in file if "outcome=exceeded_cpu" in line and line.rstrip().endswith(f"worker={name}")]
    return [int(re.search(r"cpu_us=(\d+)", line).group(1)) - LIMIT_US for line in kills]


def main():
    arguments = edge.parse_arguments(__doc__)
    files = sorted(glob.glob(os.path.join(edge.HERE, "attacks", "*.lua")))
    workers = {os.path.basename(path)[:-4]: open(path).read() for path in files}
    problems, everything = [], []
    with edge.Workspace(dict(workers, honest=HONEST)) as workspace, workspace.serve(arguments.edgehost) as server:
        if len(server.lines) != len(workers) + 2:
            edge.conclude(False, f"all attacks load: {open(server.log.name).read()}")
        print(f"{'attack':16} {'n':>4} {'overshoot p50':>14} {'p99':>7} {'max':>7} {'wall p50':>9} {'p99':>7}  (us)")
        for name in sorted(workers):
            attackers = Attackers(server.port, name)
            attackers.run()
            cpu = overshoots(server.log.name, name)
            if len(cpu) != TIMES:
                attackers.problems.append(f"the server logged {len(cpu)} kills")
            values = cpu or [0]
            everything += cpu
            problems += [f"{name}: {problem}" for problem in attackers.problems]
            print(
                f"{name:16} {len(cpu):4} {edge.percentile(values, 0.5):14} {edge.percentile(values, 0.99):7}"
                f" {max(values):7} {edge.percentile(attackers.walls or [0], 0.5):9.0f}"
                f" {edge.percentile(attackers.walls or [0], 0.99):7.0f}"
            )
            if server.process.poll() is not None:
                problems.append(f"{name}: the server ended with {server.process.returncode}")
                break
        alive = server.process.poll() is None and server.stop() == 0
    if everything:
        median, late = edge.percentile(everything, 0.5), edge.percentile(everything, 0.99)
        print(f"all {len(everything)} kills: overshoot p50 {median} us, p99 {late} us, max {max(everything)} us")
    for problem in problems[:20]:
        print(problem)
    edge.conclude(alive and not problems, "every attack is killed, every honest answer is right, the server lives")


main()
