"""Density: the memory of a process by workers loaded, and by requests suspended at once."""

import selectors
import socket

import edge
import harness

SUMMARY = "memory by workers loaded and by requests suspended at once"
WORKER = "return {{ routes = {{ 'GET /w{number}' }}, fetch = function() return 'w{number}' end }}\n"
WAIT = "return { limits = { wall_ms = 300000 }, fetch = function() sleep(240000) return 'late' end }\n"


def options(parser):
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 1000, 2500, 5000, 10000])
    parser.add_argument("--suspended", type=int, nargs="+", default=[1, 1000, 2500, 5000, 8000, 10000])


def settled(server):
    """KiB when two readings in a row agree, or nearly so."""
    before = server.rss_kib()
    while True:
        harness.pause(0.3)
        now = server.rss_kib()
        if abs(now - before) <= 64:
            return now
        before = now


def loaded(arguments, count):
    workers = {f"w{number}": WORKER.format(number=number) for number in range(count)}
    with edge.Workspace(workers, "edgehost_quiet.lua") as workspace, harness.serve(workspace, arguments) as server:
        if len(server.lines) != count + 1:
            raise RuntimeError(f"{len(server.lines) - 1} of {count} workers load")
        return settled(server), server.start_seconds


class Waiting:
    """Connections with a request each that is not answered for long; what is answered at once was refused."""

    def __init__(self, port):
        self.port, self.sockets, self.refused = port, [], 0
        self.selector = selectors.DefaultSelector()

    def grow(self, count):
        while len(self.sockets) < count:
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            connection.sendall(edge.request("/wait"))
            self.selector.register(connection, selectors.EVENT_READ)
            self.sockets.append(connection)

    def count_refused(self):
        for key, _ in self.selector.select(timeout=0.5):
            key.fileobj.recv(65536)
            self.selector.unregister(key.fileobj)
            self.refused += 1
        return self.refused

    def close(self):
        for connection in self.sockets:
            connection.close()


def suspended(arguments):
    """Rows of requests asked for, suspended and KiB."""
    rows = []
    with edge.Workspace({"wait": WAIT}, "edgehost_quiet.lua") as workspace:
        with harness.serve(workspace, arguments) as server:
            idle = server.rss_kib()
            waiting = Waiting(server.port)
            for count in arguments.suspended:
                waiting.grow(count)
                memory = settled(server)
                open_now = count - waiting.count_refused()
                rows.append([count, open_now, memory, (memory - idle) / max(1, open_now)])
            waiting.close()
    return rows


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("density", SUMMARY, arguments)
    fleets = [[count, *loaded(arguments, count)] for count in arguments.workers]
    base = fleets[0]
    rows = [[str(count), kib / 1024, (kib - base[1]) / max(1, count - base[0]), seconds * 1e3]
            for count, kib, seconds in fleets]  # fmt: skip
    part.table("workers loaded", ["workers", "RSS MB", "KB a further one", "listening after ms"], rows)
    part.plot("lines", "memory by workers loaded", "workers", "MB", [("RSS", [[r[0], r[1] / 1024] for r in fleets])])
    part.figure("RSS a further worker", "KB", [rows[-1][2]])
    requests = suspended(arguments)
    part.table(
        "requests suspended at once, one worker", ["asked", "suspended", "RSS MB", "KB a request"],
        [[str(asked), there, kib / 1024, each] for asked, there, kib, each in requests],
    )  # fmt: skip
    part.plot("lines", "memory by requests suspended", "requests", "MB", [("RSS", [[r[1], r[2] / 1024] for r in requests])])
    part.figure("RSS a suspended request", "KB", [requests[-1][3]])
    part.save(loaded=fleets, suspended=requests)
