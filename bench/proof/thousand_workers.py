#!/usr/bin/env -S python3 -B
"""Proof 6: 1,000 workers in a folder: load time, RSS a worker, latency of each worker's first request."""

import time

import edge

WORKER = """
local json = require "json"
local prices = {{ tea = 350, coffee = 420, cake = 500, number = {number} }}

return {{
  routes = {{ "GET /w{number}", "GET /w{number}/:item" }},
  fetch = function(request)
    local item = request.params.item or "number"
    return Response.json({{ item = item, price = prices[item] }})
  end,
}}
"""
COUNT = 1000


def serve(edgehost, count, body):
    workers = {f"w{number}": WORKER.format(number=number) for number in range(count)}
    with edge.Workspace(workers) as workspace, workspace.serve(edgehost) as server:
        if len(server.lines) != count + 1:
            edge.conclude(False, f"{len(server.lines) - 1} of {count} workers load")
        return body(server)


def first_requests(server):
    loaded = server.rss_kib()
    client = edge.Client(server.port)
    latencies, wrong = [], 0
    for number in range(COUNT):
        start = time.perf_counter()
        status, body = client.request(f"/w{number}")
        latencies.append((time.perf_counter() - start) * 1e6)
        wrong += status != 200 or f'"price":{number}'.encode() not in body
    return server.start_seconds, loaded, server.rss_kib(), latencies, wrong


def main():
    arguments = edge.parse_arguments(__doc__)
    start_of_one, rss_of_one = serve(arguments.edgehost, 1, lambda server: (server.start_seconds, server.rss_kib()))
    seconds, loaded, used, latencies, wrong = serve(arguments.edgehost, COUNT, first_requests)
    print(f"start to 'listening on': 1 worker {start_of_one * 1e3:.1f} ms, {COUNT} workers {seconds * 1e3:.0f} ms")
    for when, rss in (("loaded", loaded), ("after a request to each", used)):
        each = (rss - rss_of_one) / (COUNT - 1)
        print(f"RSS {when}: {rss} KiB with {COUNT} workers, {rss_of_one} KiB with 1: {each:.1f} KiB a worker")
    median, late = edge.percentile(latencies, 0.5), edge.percentile(latencies, 0.99)
    print(f"first request of a worker: median {median:.0f} us, p99 {late:.0f} us, max {max(latencies):.0f} us")
    edge.conclude(wrong == 0, f"all {COUNT} workers load and answer right")


main()
