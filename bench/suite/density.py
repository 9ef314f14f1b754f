"""Density: the memory of a process by workers loaded, and by requests suspended at once.

Resident memory and the kernel's page tables for it are told apart: a slot of its own for each request costs tables, too."""

import contextlib
import selectors
import socket

import edge
import harness

SUMMARY = "memory by workers loaded and by requests suspended at once"
QUICK = ["--workers", "1", "2500", "10000", "--suspended", "1", "2500", "10000"]
WORKER = "return {{ routes = {{ 'GET /w{number}' }}, fetch = function() return 'w{number}' end }}\n"
WAIT = "return { limits = { wall_ms = 300000, concurrency = 10000 }, fetch = function() sleep(240000) return 'late' end }\n"


def options(parser):
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 1000, 2500, 5000, 10000])
    parser.add_argument("--suspended", type=int, nargs="+", default=[1, 1000, 2500, 5000, 8000, 10000])


def settled(server):
    """KiB of resident memory and of page tables, when two readings in a row agree, or nearly so."""
    before = server.rss_kib()
    while True:
        harness.pause(0.3)
        now = server.rss_kib()
        if abs(now - before) <= 64:
            return now, server.page_table_kib()
        before = now


def loaded(arguments, count):
    """Workers, KiB resident and of page tables, and ms until the server listens."""
    workers = {f"w{number}": WORKER.format(number=number) for number in range(count)}
    with edge.Workspace(workers, "edgehost_quiet.lua") as workspace, harness.serve(workspace, arguments) as server:
        if len(server.lines) != count + 1:
            raise RuntimeError(f"{len(server.lines) - 1} of {count} workers load")
        return [count, *settled(server), server.start_seconds * 1e3]


class Waiting:
    """Connections with a request each that is not answered for long; what is answered, or closed, at once was refused."""

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
            with contextlib.suppress(ConnectionResetError):
                key.fileobj.recv(65536)
            self.selector.unregister(key.fileobj)
            self.refused += 1
        return self.refused

    def close(self):
        for connection in self.sockets:
            connection.close()


def suspended(arguments):
    """Rows of requests suspended, KiB resident and of page tables, and how many were asked for."""
    rows = []
    with edge.Workspace({"wait": WAIT}, "edgehost_crowd.lua") as workspace:
        with harness.serve(workspace, arguments) as server:
            waiting = Waiting(server.port)
            for count in arguments.suspended:
                waiting.grow(count)
                memory = settled(server)
                rows.append([count - waiting.count_refused(), *memory, count])
            waiting.close()
    return rows


def tell(part, what, title, rows, last):
    """`rows`: how many, KiB resident, KiB of page tables, and one more column, which `last` names."""
    first, lines = rows[0], []
    for count, resident, tables, further in rows:
        more = max(1, count - first[0])
        lines.append([str(count), resident / 1024, (resident - first[1]) / more, tables / 1024, (tables - first[2]) / more, further])
    part.table(title, [what, "RSS MB", "KB a further one", "page tables MB", "KB a further one", last], lines)
    curves = [("RSS", [[row[0], row[1] / 1024] for row in rows]), ("page tables", [[row[0], row[2] / 1024] for row in rows])]
    part.plot("lines", title, what, "MB", curves)
    part.figure(f"RSS a further {what[:-1]}", "KB", [lines[-1][2]])
    part.figure(f"page tables a further {what[:-1]}", "KB", [lines[-1][4]])
    part.figure(f"most {what}", "", [float(rows[-1][0])], "higher")


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("density", SUMMARY, arguments)
    fleets = [loaded(arguments, count) for count in arguments.workers]
    tell(part, "workers", "memory by workers loaded", fleets, "listening after ms")
    requests = suspended(arguments)
    tell(part, "suspended requests", "memory by requests suspended at once, of one worker", requests, "asked for")
    part.save(loaded=fleets, suspended=requests)
