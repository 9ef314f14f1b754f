"""What the proofs share: a server under test in a temporary directory, and an HTTP client that checks what it reads."""

import argparse
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)$")


def parse_arguments(description, extra=lambda parser: None):
    parser = argparse.ArgumentParser(description=description)
    default = os.path.join(ROOT, ".build/release/edgehost")
    parser.add_argument("--edgehost", default=default, help="the executable (default: .build/release/edgehost)")
    extra(parser)
    arguments = parser.parse_args()
    if not os.access(arguments.edgehost, os.X_OK):
        sys.exit(f"{arguments.edgehost}: no such executable; run 'make build' or give --edgehost PATH")
    arguments.edgehost = os.path.abspath(arguments.edgehost)
    return arguments


class Server:
    """A process that prints `listening on http://127.0.0.1:PORT`; killed at the end of its `with`."""

    def __init__(self, command, directory, core=None, prefix=()):
        self.directory = directory
        self.log = open(os.path.join(directory, "stderr"), "ab")
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [*prefix, *pinned, *command], cwd=directory, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            found = LISTENING.match(self.lines[-1])
            if found:
                self.port = int(found.group(1))
                self.start_seconds = time.perf_counter() - start
                return
        self.process.wait()
        sys.exit(f"{command[0]} did not start: {open(self.log.name).read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    @property
    def pid(self):
        return self.process.pid

    def processes(self):
        """The process and its descendants: a server may have a parent that restarts it."""
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as children:
                    waiting += [int(child) for child in children.read().split()]
                found.append(pid)
            except FileNotFoundError:
                pass
        return found

    def rss_kib(self):
        return self.status_kib("VmRSS")

    def page_table_kib(self):
        """What the kernel keeps for its mappings; no part of the RSS."""
        return self.status_kib("VmPTE")

    def status_kib(self, field):
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/status") as status:
                total += next(int(line.split()[1]) for line in status if line.startswith(field + ":"))
        return total

    def cpu_seconds(self):
        ticks = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Ends it as an operator does; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


class Workspace:
    """A temporary directory with a folder of workers; removed at the end of its `with`."""

    def __init__(self, workers, config="edgehost_two_threads.lua"):
        self.path = tempfile.mkdtemp(prefix="edgehost-proof-")
        os.mkdir(os.path.join(self.path, "workers"))
        for name, text in workers.items():
            with open(os.path.join(self.path, "workers", name + ".lua"), "w") as file:
                file.write(text)
        shutil.copy(os.path.join(HERE, config), os.path.join(self.path, "edgehost.lua"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def serve(self, edgehost, core=None, prefix=()):
        """`prefix`: words before the command, such as those of `nice`."""
        # What is measured and killed is the process that serves.
        return Server([edgehost, "serve", "--no-parent", "--listen", "127.0.0.1:0"], self.path, core, prefix)


def request(path, method="GET", body=b"", content_type=None):
    length = f"content-length: {len(body)}\r\n" if method != "GET" else ""
    kind = f"content-type: {content_type}\r\n" if content_type else ""
    return f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{kind}{length}\r\n".encode() + body


def take_response(buffer):
    """The status, the body and the rest of the buffer; None where the response is not whole. """
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(buffer[:end]).lower()
    if b"\r\ntransfer-encoding: chunked" in head:
        return take_chunks(buffer, end + 4, int(head[9:12]))
    found = re.search(rb"\r\ncontent-length: (\d+)", head)
    length = int(found.group(1)) if found else 0
    if len(buffer) < end + 4 + length:
        return None
    return int(head[9:12]), bytes(buffer[end + 4 : end + 4 + length]), buffer[end + 4 + length :]


def take_chunks(buffer, start, status):
    """The same for a response in chunks, whose body begins at `start`; peers send small ones."""
    body = b""
    while True:
        end = buffer.find(b"\r\n", start)
        if end < 0:
            return None
        size = int(bytes(buffer[start:end]), 16)
        start = end + 2 + size + 2
        if len(buffer) < start:
            return None
        if size == 0:
            return status, body, buffer[start:]
        body += bytes(buffer[end + 2 : end + 2 + size])


class Client:
    """One blocking connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def request(self, path, method="GET", body=b"", content_type=None):
        self.socket.sendall(request(path, method, body, content_type))
        return self.receive()

    def receive(self):
        """The status and the body of the next response."""
        while True:
            taken = take_response(self.buffer)
            if taken:
                self.buffer = taken[2]
                return taken[0], taken[1]
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the server closed the connection")
            self.buffer += data

    def close(self):
        self.socket.close()


def drive(port, connections, requests, answered):
    """Makes exactly so many requests over so many connections, each connection one at a time.

    `requests` is an iterator of bytes; `answered(status, body)` is called for each response.
    """
    selector = selectors.DefaultSelector()
    waiting = 0
    for _ in range(connections):
        message = next(requests, None)
        if message is None:
            break
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(message)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        waiting += 1
    while waiting:
        ready = selector.select(timeout=60)
        if not ready:
            raise TimeoutError("no answer for a minute")
        for key, _ in ready:
            data = key.fileobj.recv(65536)
            if not data:
                raise ConnectionError("the server closed a connection")
            key.data.extend(data)
            taken = take_response(key.data)
            if not taken:
                continue
            answered(taken[0], taken[1])
            del key.data[:]
            message = next(requests, None)
            if message is None:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                waiting -= 1
            else:
                key.fileobj.sendall(message)


def percentile(values, fraction):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))]


def conclude(holds, what):
    """Prints the verdict and ends with status 0 or 1."""
    print(("holds: " if holds else "FAILS: ") + what)
    sys.exit(0 if holds else 1)
