#!/usr/bin/env -S python3 -B
"""Proof 4: the server's CPU time a request for `hello`, beside plain NIOHTTP1 in the same run.

The server has core 0, wrk (one thread, 64 connections) core 1. The peer is bench/peers/nio-hello; it is built here
unless --peer names a binary of it.
"""

import os
import re
import statistics
import subprocess
import sys

import edge

MAXIMUM_RATIO = 1.25


def options(parser):
    parser.add_argument("--peer", help="the executable of nio-hello (default: build it)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of one measurement")


def build_peer():
    package = os.path.join(edge.ROOT, "bench/peers/nio-hello")
    scratch = os.path.join(edge.ROOT, ".build/peers/nio-hello")
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--package-path", package]
    subprocess.run(command + ["--scratch-path", scratch], check=True, stdout=sys.stderr)
    return os.path.join(scratch, "release/nio-hello")


def measure(server, seconds):
    """CPU us a request and requests a second under load."""
    before = server.cpu_seconds()
    wrk = ["taskset", "-c", "1", "wrk", "-t1", "-c64", f"-d{seconds}s", f"http://127.0.0.1:{server.port}/hello?name=Ada"]
    report = subprocess.run(wrk, check=True, capture_output=True, text=True).stdout
    spent = server.cpu_seconds() - before
    if "Non-2xx" in report or "Socket errors" in report:
        sys.exit(report)
    count = int(re.search(r"(\d+) requests in", report).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", report).group(1))
    return spent / count * 1e6, rate


def main():
    arguments = edge.parse_arguments(__doc__, options)
    peer_path = os.path.abspath(arguments.peer or build_peer())
    with open(os.path.join(edge.ROOT, "workers/hello.lua")) as file:
        workers = {"hello": file.read()}
    figures = {"edgehost": [], "nio-hello": []}
    with edge.Workspace(workers, "edgehost_one_thread.lua") as workspace:
        with workspace.serve(arguments.edgehost, core=0) as edgehost, edge.Server(
            [peer_path], workspace.path, core=0
        ) as peer:
            servers = {"edgehost": edgehost, "nio-hello": peer}
            answers = {edge.Client(server.port).request("/hello?name=Ada") for server in servers.values()}
            if answers != {(200, b"Hello, Ada!\n")}:
                sys.exit(f"the two answer differently: {answers}")
            for server in servers.values():
                measure(server, 1)
            for number in range(arguments.rounds):
                for name, server in servers.items():
                    cpu, rate = measure(server, arguments.seconds)
                    figures[name].append(cpu)
                    print(f"round {number + 1}: {name:9} {cpu:6.2f} us of CPU a request, {rate:8.0f} requests/s")
    edgehost_us, peer_us = (statistics.median(figures[name]) for name in ("edgehost", "nio-hello"))
    ratio = edgehost_us / peer_us
    print(f"median: edgehost {edgehost_us:.2f} us, nio-hello {peer_us:.2f} us, ratio {ratio:.3f}")
    edge.conclude(ratio <= MAXIMUM_RATIO, f"a fresh isolate a request costs at most {MAXIMUM_RATIO} times NIOHTTP1")


main()
