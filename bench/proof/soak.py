#!/usr/bin/env -S python3 -B
"""Minutes of mixed load, one request in twenty hostile: memory, file descriptors and threads stay flat, every honest
answer is right, every hostile one is what its limit says, and the process is the same at the end."""

import asyncio
import json
import os
import random
import time

import edge

WORKERS = {
    "hello": 'return function(request) return "Hello, " .. (request.query.name or "world") .. "!" end',
    "cart": """
return function(request, env)
  local key = request.query.key
  local cart = env.KV:get(key, { type = "json" }) or { items = {}, count = 0 }
  cart.count = cart.count + 1
  cart.items[#cart.items % 20 + 1] = { name = "item " .. cart.count, price = cart.count * 1.5 }
  env.KV:put(key, cart, { ttl = 600 })
  return Response.json({ count = cart.count, seen = env.KV:increment("seen") })
end
""",
    "large": 'local page = ("0123456789abcdef"):rep(65536)\nreturn function() return page end',
    "upload": 'return function(request) return tostring(#request:text()) end',
    "stream": """
return function()
  return Response.stream(function(write)
    for piece = 1, 50 do
      write(("piece %d\\n"):format(piece))
      if piece % 10 == 0 then sleep(1) end
    end
  end)
end
""",
    "loop": "return { limits = { cpu_ms = 20 }, fetch = function() while true do end end }",
    "bomb": """
return { limits = { memory_mb = 8, cpu_ms = 500 }, fetch = function()
  local kept = {}
  for n = 1, math.huge do kept[n] = ("x"):rep(1000) .. n end
end }
""",
    "pattern": """
return { limits = { cpu_ms = 20 }, fetch = function()
  return tostring(string.find(("a"):rep(5000), (".-"):rep(20) .. "b"))
end }
""",
    "flood": """
return { limits = { cpu_ms = 200 }, fetch = function()
  for n = 1, 20000 do log.warn("flood", { n = n, text = ("y"):rep(200) }) end
  return "flooded"
end }
""",
}
MEGABYTE = 1 << 20


def options(parser):
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--seed", type=int, default=int(time.time()))


class Broken(Exception):
    """The server closed the connection, or sent what is no answer."""


async def read_answer(reader):
    """Status and body, of a length or in chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    status = int(lines[0].split()[1])
    fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    if fields.get(b"transfer-encoding") != b"chunked":
        return status, await reader.readexactly(int(fields.get(b"content-length", 0))), fields
    parts = []
    while True:
        size = int(await reader.readuntil(b"\r\n"), 16)
        parts.append((await reader.readexactly(size + 2))[:-2])
        if size == 0:
            return status, b"".join(parts), fields


class Client:
    """One of many, with a connection that it keeps while the server does."""

    def __init__(self, number, soak):
        self.number, self.soak, self.random = number, soak, random.Random(soak.seed * 1000 + number)
        self.reader = self.writer = None
        self.carts = 0

    async def connect(self):
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.soak.port, limit=1 << 22)

    def drop(self):
        if self.writer is not None:
            self.writer.transport.abort()
            self.writer = None

    async def exchange(self, path, body=b"", method="GET", fields=""):
        await self.connect()
        length = f"content-length: {len(body)}\r\n" if body or method != "GET" else ""
        self.writer.write(f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{fields}{length}\r\n".encode() + body)
        answer = await asyncio.wait_for(read_answer(self.reader), 30)
        if answer[2].get(b"connection") == b"close":
            self.drop()
        return answer[:2]

    async def run(self, end):
        while time.monotonic() < end:
            is_hostile = self.random.random() < 0.05
            kind = self.random.choice(HOSTILE if is_hostile else HONEST)
            try:
                problem = await kind(self)
            except (OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError, ValueError) as error:
                problem = f"{type(error).__name__} {error}"
                self.drop()
            self.soak.count(kind.__name__, is_hostile, problem)
        self.drop()

    @staticmethod
    def expect(answer, status, body=None):
        """None where the answer is as expected, else what it is."""
        if answer[0] != status or (body is not None and answer[1] != body):
            return f"{answer[0]} {answer[1][:80]!r}"
        return None

    async def hello(self):
        name = f"c{self.random.randrange(10**6)}"
        return self.expect(await self.exchange(f"/hello?name={name}"), 200, f"Hello, {name}!".encode())

    async def cart(self):
        self.carts += 1
        status, body = await self.exchange(f"/cart?key=cart{self.number}", method="POST")
        return self.expect((status, body), 200) or (
            None if json.loads(body)["count"] == self.carts else f"cart {body!r}, not {self.carts}"
        )

    async def large(self):
        status, body = await self.exchange("/large")
        return self.expect((status, b""), 200) or (None if body == PAGE else f"{len(body)} bytes")

    async def upload(self):
        size = self.random.choice((1000, 50_000, MEGABYTE))
        return self.expect(await self.exchange("/upload", b"u" * size, "POST"), 200, str(size).encode())

    async def stream(self):
        return self.expect(await self.exchange("/stream"), 200, STREAM)

    async def slow(self):
        """A request that comes in pieces; the others go on in between."""
        await self.connect()
        text = b"GET /hello?name=slow HTTP/1.1\r\nhost: localhost\r\n\r\n"
        for start in range(0, len(text), 8):
            self.writer.write(text[start : start + 8])
            await asyncio.sleep(0.02)
        answer = await asyncio.wait_for(read_answer(self.reader), 30)
        return self.expect(answer[:2], 200, b"Hello, slow!")

    async def aborted(self):
        """Goes away in the middle of an answer, or of a request."""
        await self.connect()
        if self.random.random() < 0.5:
            self.writer.write(b"GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n")
            await self.reader.read(1000)
        else:
            self.writer.write(b"POST /upload HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\nbegin")
            await self.writer.drain()
        self.drop()

    async def loop(self):
        return await self.killed("/loop", "cpu")

    async def bomb(self):
        return await self.killed("/bomb", "memory")

    async def pattern(self):
        return await self.killed("/pattern", "cpu")

    async def killed(self, path, what):
        status, body = await self.exchange(path)
        outcome = json.loads(body).get("outcome", "") if body.startswith(b"{") else ""
        return None if status >= 500 and what in outcome else f"{status} {body[:80]!r}"

    async def flood(self):
        status, body = await self.exchange("/flood")
        return None if (status, body) == (200, b"flooded") or status >= 500 else f"{status} {body[:80]!r}"

    async def header_bomb(self):
        fields = "".join(f"x-{number}: {'z' * 200}\r\n" for number in range(2000))
        try:
            status, _ = await self.exchange("/hello", fields=fields)
        except (OSError, EOFError):
            self.drop()
            return None
        self.drop()
        return None if 400 <= status < 500 else str(status)


HONEST = [Client.hello] * 8 + [Client.cart] * 4 + [Client.large, Client.upload, Client.stream, Client.slow, Client.aborted]
HOSTILE = [Client.loop, Client.bomb, Client.pattern, Client.flood, Client.header_bomb]
PAGE = b"0123456789abcdef" * 65536
STREAM = b"".join(b"piece %d\n" % number for number in range(1, 51))


class Soak:
    def __init__(self, server, seed):
        self.port, self.seed = server.port, seed
        self.pid = serving_pid(server.pid)
        self.counts, self.problems, self.samples = {}, [], []
        self.requests = self.hostile = 0

    def count(self, kind, is_hostile, problem):
        self.requests += 1
        self.hostile += is_hostile
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if problem:
            self.problems.append(f"{kind}: {problem}")

    def sample(self, seconds):
        with open(f"/proc/{self.pid}/status") as status:
            fields = dict(line.split(":", 1) for line in status)
        sizes = [int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon", "VmSize", "Threads")]
        with open(f"/proc/{self.pid}/smaps_rollup") as rollup:
            private = sum(int(line.split()[1]) for line in rollup if line.startswith("Private_Dirty"))
        files = len(os.listdir(f"/proc/{self.pid}/fd"))
        self.samples.append((seconds, sizes[0], sizes[1], sizes[2], sizes[3], files, private, self.requests))

    async def watch(self, start, end, every):
        while time.monotonic() < end:
            self.sample(time.monotonic() - start)
            await asyncio.sleep(every)

    def slope(self, column):
        """Least squares over the second half: the growth in it and twice its standard error, as parts of the mean."""
        half = self.samples[len(self.samples) // 2 :]
        times, values = [sample[0] for sample in half], [sample[column] for sample in half]
        middle, mean = sum(times) / len(times), sum(values) / len(values)
        spread = sum((moment - middle) ** 2 for moment in times) or 1
        rate = sum((moment - middle) * (value - mean) for moment, value in zip(times, values)) / spread
        rest = sum((value - mean - rate * (moment - middle)) ** 2 for moment, value in zip(times, values))
        error = 2 * (rest / max(1, len(half) - 2) / spread) ** 0.5
        scale = (times[-1] - times[0]) / (mean or 1)
        return rate * scale, error * scale, mean


def serving_pid(pid):
    """The process that answers: the one started, or its child where a parent watches it."""
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        found = children.read().split()
    return int(found[0]) if found else pid


async def drive(soak, minutes, clients):
    start = time.monotonic()
    end = start + minutes * 60
    every = max(1.0, minutes * 60 / 120)
    await asyncio.gather(
        soak.watch(start, end, every), *(Client(number, soak).run(end) for number in range(clients))
    )


def main():
    arguments = edge.parse_arguments(__doc__, options)
    with edge.Workspace(WORKERS) as workspace, workspace.serve(arguments.edgehost) as server:
        soak = Soak(server, arguments.seed)
        asyncio.run(drive(soak, arguments.minutes, arguments.clients))
        # Connections end; what is idle is given back.
        time.sleep(2)
        is_same = soak.pid == serving_pid(server.pid) and server.process.poll() is None
        soak.sample(arguments.minutes * 60 + 2)
        log = os.path.getsize(os.path.join(workspace.path, "stderr"))
        data = os.path.getsize(os.path.join(workspace.path, ".edgehost", "data.mdb"))
    print(f"{'s':>6} {'RSS MB':>8} {'anon MB':>8} {'virtual GB':>10} {'threads':>7} {'files':>6} {'requests':>9}")
    for sample in soak.samples[:: max(1, len(soak.samples) // 24)] + [soak.samples[-1]]:
        seconds, rss, anonymous, virtual, threads, files, _, requests = sample
        print(
            f"{seconds:6.0f} {rss / 1024:8.1f} {anonymous / 1024:8.1f} {virtual / (1 << 20):10.1f} {threads:7} {files:6} {requests:9}"
        )
    soak.samples.pop()
    print(", ".join(f"{kind} {count}" for kind, count in sorted(soak.counts.items())))
    print(f"log {log >> 20} MB, store {data >> 20} MB, seed {arguments.seed}")
    is_flat = True
    for name, column in (("RSS", 1), ("anonymous memory", 2), ("virtual size", 3), ("threads", 4), ("files", 5)):
        part, error, mean = soak.slope(column)
        # Growth counts where it is more than what attacks under way at one moment and not at another explain.
        is_flat = is_flat and not (part > 0.05 and part > error)
        print(f"{name}: {part * 100:+.2f} % over the second half (+- {error * 100:.2f}, mean {mean:.0f})")
    for problem in soak.problems[:20]:
        print(problem)
    edge.conclude(
        is_same and is_flat and not soak.problems,
        f"{soak.requests} requests in {arguments.minutes:g} minutes, {soak.hostile} of them hostile: "
        f"{len(soak.problems)} wrong answers, the process is {'the same' if is_same else 'another'}, "
        f"memory, files and threads are {'flat' if is_flat else 'not flat'}",
    )


main()
