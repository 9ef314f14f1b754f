#!/usr/bin/env python3
"""Issue 3, proof 4: 100,000 requests by keep-alive clients across a SIGUSR2 restart and 100 reloads; none fails.

A client opens another connection only when an answer says `connection: close`. Half of the connections pause now and then,
so that a handover finds idle ones.
"""

import collections
import os
import selectors
import signal
import socket
import threading
import time

import edge

CONNECTIONS = 16
PAUSE_SECONDS = 0.05
PAUSE_EVERY = 50


def worker(version):
    return f"return function() return '{version}' end"


class Connection:
    """One client: requests one after another, and counts what went wrong."""

    def __init__(self, port, pauses):
        self.port, self.pauses = port, pauses
        self.socket = None
        self.sent = 0
        self.resumes_at = 0.0

    def send(self):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.socket.sendall(edge.request("/version"))
        self.sent += 1

    def receive(self):
        """The status and the body, None while the answer is not whole."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed without an answer")
        self.buffer += data
        taken = edge.take_response(self.buffer)
        if taken and b"connection: close" in bytes(self.buffer).lower().split(b"\r\n\r\n")[0]:
            self.close()
        return taken and taken[:2]

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


class Clients:
    """All connections, on one thread, until told to stop."""

    def __init__(self, port):
        self.port = port
        self.total = self.reconnects = 0
        self.failures = collections.Counter()
        self.latest = -1
        self.longest = 0.0
        self.stopping = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        selector = selectors.DefaultSelector()
        resting = [Connection(self.port, number % 2 == 0) for number in range(CONNECTIONS)]
        busy = 0
        while busy or not self.stopping:
            now = time.perf_counter()
            for connection in [one for one in resting if one.resumes_at <= now and not self.stopping]:
                resting.remove(connection)
                if self.begin(connection):
                    selector.register(connection.socket, selectors.EVENT_READ, (connection, now))
                    busy += 1
                else:
                    resting.append(connection)
            for key, _ in selector.select(timeout=PAUSE_SECONDS):
                connection, since = key.data
                if self.finish(connection, since):
                    selector.unregister(key.fileobj)
                    busy -= 1
                    pauses = connection.pauses and connection.sent % PAUSE_EVERY == 0
                    connection.resumes_at = time.perf_counter() + (PAUSE_SECONDS if pauses else 0)
                    resting.append(connection)

    def begin(self, connection):
        try:
            connection.send()
            return True
        except OSError as error:
            self.fail(connection, f"sending: {error}")
            return False

    def finish(self, connection, since):
        """Whether the exchange is over."""
        try:
            answer = connection.receive()
            if answer is None:
                return False
            if answer[0] != 200:
                self.fail(connection, f"status {answer[0]}")
            else:
                self.latest = max(self.latest, int(answer[1]))
        except OSError as error:
            self.fail(connection, f"receiving: {error}")
        self.total += 1
        self.reconnects += connection.socket is None
        self.longest = max(self.longest, time.perf_counter() - since)
        return True

    def fail(self, connection, why):
        self.failures[why] += 1
        connection.close()

    def wait(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            if time.monotonic() > deadline:
                self.stop()
                edge.conclude(False, f"the server goes on; requests {self.total}, failures {dict(self.failures)}")
            time.sleep(0.001)

    def stop(self):
        self.stopping = True
        self.thread.join()


def reload(workspace, server, version):
    path = os.path.join(workspace.path, "workers", "version.lua")
    with open(path + "~", "w") as file:
        file.write(worker(version))
    os.rename(path + "~", path)
    server.process.send_signal(signal.SIGHUP)


def log(server):
    with open(server.log.name) as file:
        return file.read()


def main():
    def extra(parser):
        parser.add_argument("--requests", type=int, default=100_000)
        parser.add_argument("--reloads", type=int, default=100)
        parser.add_argument("--restarts", type=int, default=1)

    arguments = edge.parse_arguments(__doc__, extra)
    command = [arguments.edgehost, "serve", "--listen", "127.0.0.1:0"]
    with edge.Workspace({"version": worker(0)}) as workspace, edge.Server(command, workspace.path) as server:
        # Nobody else reads what the server tells; a full pipe would stop it.
        threading.Thread(target=lambda: collections.deque(server.process.stdout, 0), daemon=True).start()
        clients = Clients(server.port)
        restarts = {arguments.reloads * (n + 1) // (arguments.restarts + 1) for n in range(arguments.restarts)}
        handovers = 0
        for version in range(1, arguments.reloads + 1):
            clients.wait(lambda: clients.total >= version * arguments.requests / (arguments.reloads + 1))
            reload(workspace, server, version)
            if version in restarts:
                server.process.send_signal(signal.SIGUSR2)
                handovers += 1
                clients.wait(lambda: log(server).count("a new server process serves") == handovers)
            clients.wait(lambda: clients.latest == version)
        clients.wait(lambda: clients.total >= arguments.requests)
        clients.stop()
        status = server.stop()
        failed = sum(clients.failures.values())
        print(f"{clients.total} requests, {CONNECTIONS} connections, {arguments.reloads} reloads, {handovers} restarts")
        print(f"failed: {failed} {dict(clients.failures)}; told to reconnect: {clients.reconnects}")
        print(f"longest answer: {clients.longest * 1000:.1f} ms; the last version served: {clients.latest}")
        edge.conclude(failed == 0 and status == 0, "no request fails across restarts and reloads")


if __name__ == "__main__":
    main()
