#!/usr/bin/env -S python3 -B
"""`kill -9` at a random moment, 200 times, under concurrent puts, increments, deletes, compare_and_put and TTLs.

After each restart every key has what its last acknowledged write left there, or what the one write left that was under
way at the kill; each counter has counted all acknowledged increments and no more than were sent; versions still grow.
"""

import json
import os
import random
import selectors
import signal
import socket
import subprocess
import time

import edge

WORKER = """
local function answer(result) return Response.json({ result = result }) end
return function(request, env)
  local kv, query = env.KV, request.query
  local key, op = query.key, query.op
  if op == "put" then
    return answer(kv:put(key, request:text(), query.ttl and { ttl = math.tointeger(query.ttl) }))
  elseif op == "swap" then
    return answer(kv:compare_and_put(key, query.expected, request:text()))
  elseif op == "delete" then
    return answer(kv:delete(key))
  elseif op == "increment" then
    return answer(kv:increment(key, 1))
  end
  return Response.json(kv:get_many(request:json()))
end
"""
CLIENTS, SLOTS, COUNTERS, MANY = 16, 6, 4, 500
MISSING = None


def options(parser):
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--longest", type=float, default=0.5, help="seconds of writes before a kill, at most")


def message(path, body=""):
    data = body.encode()
    return f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


class Model:
    """What the store must hold: for each key the acknowledged value, and the value of a write without an answer."""

    def __init__(self, generator):
        self.random = generator
        self.values, self.pending = {}, {}
        self.counts, self.unanswered = [0] * COUNTERS, [0] * COUNTERS
        # Keys with a TTL of one second: when the put was sent, and when it was acknowledged.
        self.short = {}
        self.version = 0
        # Keys written since the last check.
        self.recent = set()
        self.fresh = self.acknowledged = self.uncertain = 0

    def value(self, key):
        self.fresh += 1
        return f"{key}.{self.fresh}." + "x" * self.random.choice((0, 20, 200, 1000, 6000))

    def next(self, client):
        """One write: its request, and what to do when it is acknowledged."""
        slot = f"c{client}-{self.random.randrange(SLOTS)}"
        dice = self.random.random()
        if dice < 0.25:
            number = self.random.randrange(COUNTERS)
            self.unanswered[number] += 1
            return message(f"/store?op=increment&key=n{number}"), lambda reply: self.counted(number, reply)
        if dice < 0.35:
            self.begin(slot, MISSING)
            return message(f"/store?op=delete&key={slot}"), lambda _: self.settle(slot)
        if dice < 0.50 and (self.values.get(slot) or "").endswith("."):
            value = self.begin(slot, self.value(slot))
            path = f"/store?op=swap&key={slot}&expected={self.values[slot]}"
            return message(path, value), lambda reply: self.stored(slot, reply)
        if dice < 0.60:
            key = f"short{self.fresh}"
            value = self.begin(key, self.value(key))
            self.short[key] = (time.time(), None)
            return message(f"/store?op=put&ttl=1&key={key}", value), lambda reply: self.brief(key, reply)
        key = slot if dice < 0.75 else f"u{self.fresh}"
        value = self.begin(key, self.value(key))
        ttl = "&ttl=3600" if dice < 0.65 else ""
        return message(f"/store?op=put&key={key}{ttl}", value), lambda reply: self.stored(key, reply)

    def begin(self, key, value):
        self.pending[key] = value
        self.recent.add(key)
        return value

    def settle(self, key):
        self.values[key] = self.pending.pop(key)
        self.acknowledged += 1

    def stored(self, key, reply):
        assert "result" in reply, f"a write without a competitor meets its condition: {reply}"
        self.version = max(self.version, reply["result"])
        self.settle(key)

    def brief(self, key, reply):
        self.stored(key, reply)
        self.short[key] = (self.short[key][0], time.time())

    def counted(self, number, reply):
        self.counts[number] += 1
        self.unanswered[number] -= 1
        self.acknowledged += 1

    def check(self, client, everything=False):
        """Compares with the store; returns what is wrong. What was uncertain is then known."""
        wrong = []
        keys = list(self.values.keys() | self.recent if everything else self.recent)
        for start in range(0, len(keys), MANY):
            part = keys[start : start + MANY]
            before = time.time()
            found = ask(client, message("/store?op=read", json.dumps(part)))
            found = found if isinstance(found, dict) else {}
            after = time.time()
            for key in part:
                wrong += self.compare(key, found.get(key, MISSING), before, after)
        found = ask(client, message("/store?op=read", json.dumps([f"n{n}" for n in range(COUNTERS)])))
        for number in range(COUNTERS):
            least = self.counts[number]
            most = least + self.unanswered[number]
            count = int(found.get(f"n{number}", 0) if isinstance(found, dict) else 0)
            if not least <= count <= most:
                wrong.append(f"counter {number} says {count}, not {least} to {most}")
            self.uncertain += self.unanswered[number]
            self.counts[number], self.unanswered[number] = count, 0
        stored = ask(client, message("/store?op=put&key=version", "x"))["result"]
        if stored <= self.version:
            wrong.append(f"version {stored} after {self.version}")
        self.version = stored
        self.recent = set()
        return wrong

    def compare(self, key, found, before, after):
        allowed = {self.values.get(key, MISSING)}
        if key in self.pending:
            self.uncertain += 1
            allowed.add(self.pending[key])
        if key in self.short:
            sent, stored = self.short[key]
            if after > sent + 1:
                allowed.add(MISSING)
            if stored is not None and before > stored + 1.1:
                allowed = {MISSING}
        if found not in allowed:
            return [f"key {key}: {str(found)[:40]!r}, not {[str(value)[:40] for value in allowed]}"]
        self.pending.pop(key, None)
        self.values[key] = found
        if key in self.short and found is MISSING:
            del self.short[key], self.values[key]
        return []


def ask(client, data):
    client.socket.sendall(data)
    while True:
        taken = edge.take_response(client.buffer)
        if taken:
            client.buffer = taken[2]
            assert taken[0] == 200, taken[:2]
            return json.loads(taken[1])
        data = client.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        client.buffer += data


def write_until(server, model, deadline, kill):
    """All clients write until the deadline; then the server is killed with their writes under way."""
    selector = selectors.DefaultSelector()
    for number in range(CLIENTS):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data, acknowledge = model.next(number)
        connection.sendall(data)
        selector.register(connection, selectors.EVENT_READ, [number, bytearray(), acknowledge])
    killed = False
    while selector.get_map():
        if not killed and time.perf_counter() >= deadline:
            kill()
            killed = True
        for key, _ in selector.select(timeout=max(0.0, deadline - time.perf_counter()) if not killed else 10):
            number, buffer, acknowledge = key.data
            try:
                data = key.fileobj.recv(65536)
            except ConnectionError:
                data = b""
            buffer += data
            taken = edge.take_response(buffer)
            if taken:
                assert taken[0] == 200, taken[:2]
                acknowledge(json.loads(taken[1]))
                del buffer[: len(buffer) - len(taken[2])]
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()
            elif taken and not killed:
                data, key.data[2] = model.next(number)
                try:
                    key.fileobj.sendall(data)
                except ConnectionError:
                    pass
            elif taken:
                selector.unregister(key.fileobj)
                key.fileobj.close()


def main():
    arguments = edge.parse_arguments(__doc__, options)
    generator = random.Random(arguments.seed)
    model, wrong, early = Model(generator), [], 0
    start = time.perf_counter()
    with edge.Workspace({"store": WORKER}) as workspace:
        lock = os.path.join(workspace.path, ".edgehost", "server.lock")

        def kill_all(process):
            """First the process that was started, then whoever else has the store."""
            process.send_signal(signal.SIGKILL)
            process.wait()
            with open(lock) as file:
                pid = file.read().strip()
            try:
                os.kill(int(pid), signal.SIGKILL)
            except (ValueError, ProcessLookupError):
                pass

        for number in range(arguments.rounds):
            if number and generator.random() < 0.1:
                # Also while it opens the store, and while it sweeps what expired in between.
                early += 1
                command = [arguments.edgehost, "serve", "--no-parent", "--listen", "127.0.0.1:0"]
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                process = subprocess.Popen(command, cwd=workspace.path, **quiet)
                time.sleep(generator.uniform(0, 0.02))
                kill_all(process)
            with workspace.serve(arguments.edgehost) as server:
                client = edge.Client(server.port)
                wrong += [f"round {number}: {what}" for what in model.check(client)]
                deadline = time.perf_counter() + generator.uniform(0, arguments.longest)
                write_until(server, model, deadline, lambda: kill_all(server.process))
            if wrong:
                break
        with workspace.serve(arguments.edgehost) as server:
            wrong += model.check(edge.Client(server.port), everything=True)
            size = os.path.getsize(os.path.join(workspace.path, ".edgehost", "data.mdb"))
    for what in wrong[:20]:
        print(what)
    seconds = time.perf_counter() - start
    print(
        f"seed {arguments.seed}: {arguments.rounds} kills and {early} at the start in {seconds:.0f} s; "
        f"{model.acknowledged} writes acknowledged, {model.uncertain} under way at a kill; "
        f"{len(model.values)} keys, {size >> 20} MB"
    )
    edge.conclude(not wrong, f"of {model.acknowledged} acknowledged writes none is lost or wrong")


main()
