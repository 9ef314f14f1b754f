#!/usr/bin/env -S python3 -B
"""Proof 5, second half: `kill -9` in the middle of 10,000 acknowledged puts; none is missing after a restart."""

import random
import threading
import time

import edge

WORKER = """
return function(request, env)
  local key = request.query.key
  if request.method == "PUT" then
    env.KV:put(key, "value of " .. key)
    return "stored"
  end
  return env.KV:get(key) or "missing"
end
"""
CLIENTS, PUTS = 16, 10_000


def options(parser):
    parser.add_argument("--seed", type=int, default=int(time.time()))


class Writers:
    """Threads that put keys of their own until the server is killed or enough are acknowledged."""

    def __init__(self, server, acknowledged, limit):
        self.server, self.acknowledged, self.limit = server, acknowledged, limit
        self.lock = threading.Lock()
        start = len(acknowledged)
        self.threads = [threading.Thread(target=self.put, args=(f"{start}-{n}",)) for n in range(CLIENTS)]

    def put(self, prefix):
        client = edge.Client(self.server.port)
        number = 0
        while True:
            key = f"{prefix}-{number}"
            number += 1
            try:
                answer = client.request(f"/store?key={key}", "PUT")
            except OSError:
                return
            with self.lock:
                if answer == (200, b"stored"):
                    self.acknowledged.append(key)
                # The others are in the middle of theirs.
                if len(self.acknowledged) >= self.limit:
                    self.server.kill()
                    return

    def run(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()


def missing(server, keys):
    client = edge.Client(server.port)
    return [key for key in keys if client.request(f"/store?key={key}") != (200, f"value of {key}".encode())]


def main():
    arguments = edge.parse_arguments(__doc__, options)
    middle = random.Random(arguments.seed).randint(PUTS // 4, PUTS * 3 // 4)
    acknowledged, lost = [], []
    with edge.Workspace({"store": WORKER}) as workspace:
        for limit in (middle, PUTS):
            start = time.perf_counter()
            with workspace.serve(arguments.edgehost) as server:
                Writers(server, acknowledged, limit).run()
            seconds = time.perf_counter() - start
            with workspace.serve(arguments.edgehost) as server:
                lost += missing(server, acknowledged)
            print(f"seed {arguments.seed}: killed at {len(acknowledged)} puts ({seconds:.1f} s); missing: {len(lost)}")
    edge.conclude(not lost and len(acknowledged) >= PUTS, f"none of {len(acknowledged)} acknowledged puts is missing")


main()
