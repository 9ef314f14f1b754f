#!/usr/bin/env -S python3 -B
"""Proof 3: a global counter reads 1 on every request, and memory stays flat."""

import collections
import itertools
import time

import edge

WORKER = "counter = 0\nreturn function() counter = counter + 1 return tostring(counter) end\n"
CONNECTIONS, CHECKED, FURTHER = 64, 100_000, 500_000
MAXIMUM_GROWTH_KIB = 2048


def run(server, count):
    answers = collections.Counter()
    start = time.perf_counter()
    requests = itertools.repeat(edge.request("/count"), count)
    edge.drive(server.port, CONNECTIONS, requests, lambda status, body: answers.update([(status, body)]))
    print(f"{count} requests over {CONNECTIONS} connections in {time.perf_counter() - start:.1f} s: {dict(answers)}")
    return answers == {(200, b"1"): count}


def main():
    arguments = edge.parse_arguments(__doc__)
    with edge.Workspace({"count": WORKER}) as workspace, workspace.serve(arguments.edgehost) as server:
        right = run(server, CHECKED)
        before = server.rss_kib()
        right = run(server, FURTHER) and right
        after = server.rss_kib()
        print(f"RSS after {CHECKED}: {before} KiB; after {FURTHER} more: {after} KiB ({after - before:+} KiB)")
    flat = after - before <= MAXIMUM_GROWTH_KIB
    edge.conclude(right and flat, f"every answer is 1, and RSS grows by at most {MAXIMUM_GROWTH_KIB} KiB")


main()
