"""A process from its start to the first 200, by number of workers: with an empty data folder, and with what a start left there.

With an empty one every top level is run. Where the server keeps images of its workers in the folder, later starts read them. The
two are measured in turns, so that the difference is the images'."""

import os
import shutil
import time

import edge
import harness
import peer_servers
import servers

SMALL = "return {{ routes = {{ 'GET /w{number}' }}, fetch = function() return 'w{number}' end }}\n"
# Turns of the loop in a ms, about; the tables tell what it came to.
TURNS_A_MS = 120_000
COSTLY = """
local start, n = os.clock(), 0
for i = 1, %d do n = n + i %% 7 end
return function() return "ok" .. n end
"""
COSTLY_FLEET_MS = 20


def add_options(parser):
    parser.add_argument("--rounds", type=int, default=9, help="process starts of each fleet")
    parser.add_argument("--fleets", type=int, nargs="+", default=[1, 100, 1000], help="numbers of workers")
    parser.add_argument("--costly-fleet", type=int, default=50, help=f"workers with a top level of {COSTLY_FLEET_MS} ms")


def costly(milliseconds):
    return COSTLY % (milliseconds * TURNS_A_MS)


def samples():
    """The sample workers of the repository, as a workspace."""
    workspace = edge.Workspace({}, "edgehost_quiet.lua")
    shutil.copytree(os.path.join(edge.ROOT, "workers"), f"{workspace.path}/workers", dirs_exist_ok=True)
    return workspace


EMPTY, KEPT = "empty data folder", "images kept"


class Fleet:
    """A folder of workers, and what the starts of a server on it took."""

    def __init__(self, name, workspace, paths):
        self.name, self.workspace, self.paths = name, workspace, paths
        # Each in ms.
        self.times = {EMPTY: [], KEPT: []}
        # Of each worker but the first, in each start: us of its first request and of its second.
        self.requests = {EMPTY: [], KEPT: []}

    def start(self, arguments, way):
        # As a user starts it: with its parent, and without the priority that the servers of other parts have.
        data = os.path.join(self.workspace.path, "data" if way == KEPT else "data-empty")
        if way == EMPTY:
            shutil.rmtree(data, ignore_errors=True)
        port = servers.free_port()
        command = peer_servers.edgehost_command(arguments, self.workspace.path, port, data)
        with servers.PortServer(command, port) as server:
            client, elapsed = server.first_answer(self.paths[0])
            requests = [[request_us(client, path) for _ in range(2)] for path in self.paths[1:]]
            client.close()
        return elapsed, requests

    def measure(self, arguments):
        """Returns whether the server keeps images."""
        self.start(arguments, KEPT)
        images = os.path.join(self.workspace.path, "data", "images")
        keeps = os.path.isdir(images) and any(os.scandir(images))
        for _ in range(arguments.rounds):
            for way in (EMPTY, KEPT) if keeps else (EMPTY,):
                elapsed, requests = self.start(arguments, way)
                self.times[way].append(elapsed)
                self.requests[way] += requests
        return keeps

    def rows(self):
        for way, times in self.times.items():
            if times:
                first, second = list(zip(*self.requests[way])) or ([], [])
                late = edge.percentile(first, 0.99) if first else None
                yield [f"{self.name}, {way}", harness.median(times), min(times), harness.median(first), late, harness.median(second)]


def request_us(client, path):
    before = time.perf_counter()
    status, _ = client.request(path)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}")
    return (time.perf_counter() - before) * 1e6


def fleets(arguments):
    yield Fleet("samples", samples(), ["/hello"])
    for count in arguments.fleets:
        workers = {f"w{number}": SMALL.format(number=number) for number in range(count)}
        yield Fleet(f"{count} small", edge.Workspace(workers, "edgehost_quiet.lua"), [f"/{name}" for name in workers])
    count = arguments.costly_fleet
    if count:
        workers = {f"w{number}": costly(COSTLY_FLEET_MS) for number in range(count)}
        paths = [f"/{name}" for name in workers]
        yield Fleet(f"{count} of {COSTLY_FLEET_MS} ms", edge.Workspace(workers, "edgehost_startup.lua"), paths)


def measure(part, arguments):
    """Adds its tables, figures and plot; returns the times of each fleet."""
    rows, raw, keeps_images, curves = [], {}, False, {}
    for fleet in fleets(arguments):
        with fleet.workspace:
            keeps_images = fleet.measure(arguments) or keeps_images
        rows += fleet.rows()
        raw[fleet.name] = fleet.times
        for way, times in fleet.times.items():
            part.figure(f"process start to first 200, {fleet.name}, {way}", "ms", times)
            if times and fleet.name.endswith("small"):
                curves.setdefault(way, []).append([len(fleet.paths), harness.median(times)])
    part.table(
        f"a process, medians of {arguments.rounds} starts; requests are each worker's first and second after the start",
        ["workers", "start to 200 ms", "least", "first request us", "p99", "second us"],
        rows,
    )
    if not keeps_images:
        part.notice("starts from images are left out: this edgehost keeps none in its data folder")
    part.plot("log-lines", "process start to the first 200", "workers", "ms", list(curves.items()))
    return raw
