"""Honest clients, for proofs of what others do to them."""

import socket
import threading
import time

import edge


class Honest(threading.Thread):
    """One request after another over new connections and old ones, from one address."""

    def __init__(self, port, address, over):
        super().__init__()
        self.port, self.address, self.over = port, address, over
        self.times, self.wrong = [], []

    def run(self):
        client = None
        while not self.over.is_set():
            start = time.perf_counter()
            try:
                if client is None or len(self.times) % 20 == 0:
                    client = edge.Client.__new__(edge.Client)
                    client.socket = socket.create_connection(
                        ("127.0.0.1", self.port), timeout=20, source_address=(self.address, 0)
                    )
                    client.buffer = bytearray()
                answer = client.request("/hello")
                if answer != (200, b"hello"):
                    self.wrong.append(answer)
                    client = None
            except OSError as error:
                self.wrong.append(repr(error))
                client = None
            self.times.append(time.perf_counter() - start)
            time.sleep(0.005)

    def report(self):
        times = [1000 * seconds for seconds in self.times]
        shown = f"{len(times)} requests, {len(self.wrong)} wrong"
        if times:
            half, most = edge.percentile(times, 0.5), edge.percentile(times, 0.99)
            shown += f", p50 {half:.1f} ms, p99 {most:.1f} ms, max {max(times):.0f} ms"
        return shown + (f" ({self.wrong[0]})" if self.wrong else "")
