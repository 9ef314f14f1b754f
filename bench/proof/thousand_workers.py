#!/usr/bin/env -S python3 -B
"""Proof 6: 1,000 workers in a folder, each with a top level of some ms: start with and without their images, RSS a worker,
latency of each worker's first request."""

import os
import random
import shutil
import subprocess
import time

import edge

WORKER = """
local json = require "json"
local stop = os.clock() + {top_level}
while os.clock() < stop do end
local prices = {{ tea = 350, coffee = 420, cake = 500, number = {number} }}

return {{
  routes = {{ "GET /w{number}", "GET /w{number}/:item" }},
  fetch = function(request)
    local item = request.params.item or "number"
    return Response.json({{ item = item, price = prices[item] }})
  end,
}}
"""


def workspace(count, top_level_ms):
    return edge.Workspace(
        {f"w{number}": WORKER.format(number=number, top_level=top_level_ms / 1000) for number in range(count)}
    )


def ask(client, number):
    status, body = client.request(f"/w{number}")
    return status == 200 and f'"price":{number}'.encode() in body


def start(place, edgehost, count):
    """Seconds from the start of the process to `listening on`, and to the first answer; whether that was right."""
    begin = time.perf_counter()
    with place.serve(edgehost) as server:
        listening = time.perf_counter() - begin
        is_right = ask(edge.Client(server.port), random.randrange(count))
        return listening, time.perf_counter() - begin, is_right and len(server.lines) == count + 1


def report_starts(name, place, edgehost, count, rounds):
    starts = [start(place, edgehost, count) for _ in range(rounds)]
    listening = edge.percentile([each[0] for each in starts], 0.5)
    answered = [each[1] for each in starts]
    print(
        f"{name}: 'listening on' {listening * 1e3:.1f} ms, first 200 {edge.percentile(answered, 0.5) * 1e3:.1f} ms"
        f" (median of {rounds}; best {min(answered) * 1e3:.1f})"
    )
    return all(each[2] for each in starts)


def first_requests(client, count):
    latencies, wrong = [], 0
    for number in range(count):
        begin = time.perf_counter()
        wrong += not ask(client, number)
        latencies.append((time.perf_counter() - begin) * 1e6)
    median, late = edge.percentile(latencies, 0.5), edge.percentile(latencies, 0.99)
    print(f"first request of a worker: median {median:.0f} us, p99 {late:.0f} us, max {max(latencies):.0f} us")
    return wrong == 0


def memory(place, edgehost, count, rss_of_one, rest_seconds):
    with place.serve(edgehost) as server:
        client = edge.Client(server.port)
        for when in ("loaded", "after a request to each", f"after a rest of {rest_seconds} s"):
            if when.startswith("after a request"):
                is_right = first_requests(client, count)
            elif when.startswith("after a rest"):
                time.sleep(rest_seconds)
            each = (server.rss_kib() - rss_of_one) / (count - 1)
            print(f"RSS {when}: {server.rss_kib()} KiB, {rss_of_one} KiB with 1 worker: {each:.1f} KiB a worker")
    return is_right


def main():
    arguments = edge.parse_arguments(
        __doc__,
        lambda parser: (
            parser.add_argument("--count", type=int, default=1000),
            parser.add_argument("--top-level-ms", type=float, default=20),
            parser.add_argument("--rounds", type=int, default=10),
            parser.add_argument("--rest-seconds", type=int, default=17),
        ),
    )
    with workspace(1, 0) as place:
        is_right = report_starts("1 worker", place, arguments.edgehost, 1, arguments.rounds)
        with place.serve(arguments.edgehost) as server:
            ask(edge.Client(server.port), 0)
            rss_of_one = server.rss_kib()
    with workspace(arguments.count, arguments.top_level_ms) as place:
        begin = time.perf_counter()
        subprocess.run([arguments.edgehost, "build"], cwd=place.path, check=True, stdout=subprocess.DEVNULL)
        print(f"edgehost build, {arguments.count} workers of {arguments.top_level_ms:g} ms: {time.perf_counter() - begin:.2f} s")
        name = f"{arguments.count} workers with images"
        is_right = report_starts(name, place, arguments.edgehost, arguments.count, arguments.rounds) and is_right
        is_right = memory(place, arguments.edgehost, arguments.count, rss_of_one, arguments.rest_seconds) and is_right
        shutil.rmtree(os.path.join(place.path, ".edgehost", "images"))
        name = f"{arguments.count} workers without images"
        is_right = report_starts(name, place, arguments.edgehost, arguments.count, 1) and is_right
    edge.conclude(is_right, f"all {arguments.count} workers load and answer right")


main()
