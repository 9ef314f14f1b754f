"""Servers that are started on a port known before, and how long they take from their start to the first answer."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time

import edge
import harness


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class PortServer:
    """A server and its children, in a process group of its own; it ends with its `with`.

    It need not say when it listens: `answer` asks until it answers.
    """

    POLL_SECONDS, START_SECONDS = 0.0002, 120

    def __init__(self, command, port, core=None, prefix=()):
        self.port = port
        self.log = tempfile.TemporaryFile()
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [*prefix, *harness.pinned(core), *command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Told to end, nginx takes its worker with it, and edgehost's parent its child.
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def connect(self):
        """A client, as soon as the server listens."""
        while self.process.poll() is None and time.perf_counter() - self.started < self.START_SECONDS:
            with contextlib.suppress(OSError):
                return edge.Client(self.port)
            time.sleep(self.POLL_SECONDS)
        self.log.seek(0)
        raise RuntimeError(f"{self.process.args} did not start: {self.log.read().decode(errors='replace')[-2000:]}")

    def first_answer(self, path):
        """A client that has had its first 200, and ms from the start of the process to it."""
        while True:
            client = self.connect()
            with contextlib.suppress(OSError):
                status, _ = client.request(path)
                if status == 200:
                    return client, (time.perf_counter() - self.started) * 1e3
                raise RuntimeError(f"{path} was answered with {status}")
            client.close()


def start_to_answer(start, path):
    """Milliseconds from the start of a process to its first 200."""
    with start() as server:
        client, elapsed = server.first_answer(path)
        client.close()
    return elapsed
