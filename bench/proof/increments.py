#!/usr/bin/env -S python3 -B
"""Proof 5, first half: ten parallel clients increment 10,000 times in all; no increment is lost or seen twice."""

import itertools
import time

import edge

WORKER = """
return function(request, env)
  if request.method == "POST" then return tostring(env.KV:increment("n", 1)) end
  return env.KV:get("n")
end
"""
CLIENTS, INCREMENTS = 10, 10_000


def main():
    arguments = edge.parse_arguments(__doc__)
    seen = []
    with edge.Workspace({"count": WORKER}) as workspace, workspace.serve(arguments.edgehost) as server:
        start = time.perf_counter()
        requests = itertools.repeat(edge.request("/count", "POST"), INCREMENTS)
        edge.drive(server.port, CLIENTS, requests, lambda status, body: seen.append((status, body)))
        seconds = time.perf_counter() - start
        status, total = edge.Client(server.port).request("/count")
    print(f"{CLIENTS} clients, {INCREMENTS} increments in {seconds:.1f} s: the counter says {total.decode()}")
    expected = {(200, str(number).encode()) for number in range(1, INCREMENTS + 1)}
    right = status == 200 and total == str(INCREMENTS).encode() and set(seen) == expected
    edge.conclude(right, f"the counter says {INCREMENTS} and each client saw numbers of its own")


main()
