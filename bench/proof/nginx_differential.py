#!/usr/bin/env -S python3 -B
"""The same legal requests, as raw bytes, to edgehost and to nginx: status class, framing, bodies and keep-alive agree.

nginx serves `/` itself and passes `/echo` to a small origin. Each case is followed by a plain GET on the same connection,
which tells whether the connection lives on and whether the server found the end of the request. A difference is printed;
those known and judged below are no failure. Without nginx the run is skipped."""

import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import edge

WORKER = """
return {
  routes = { "/", "/hello", "/echo", "/empty", "/*" },
  fetch = function(request)
    if request.path == "/echo" then return request:text() end
    if request.path == "/empty" then return { status = 204 } end
    return "hello\\n"
  end,
}
"""

NGINX = """
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  client_max_body_size 16m;
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 200 "hello\\n"; }}
    location /empty {{ return 204; }}
    location /echo {{ proxy_pass http://127.0.0.1:{origin}; proxy_http_version 1.1; }}
  }}
}}
"""

H = "Host: h\r\n"
PROBE = f"GET /hello HTTP/1.1\r\n{H}\r\n".encode()
CHUNKED = "Transfer-Encoding: chunked\r\n"


def get(target="/", fields="", version="1.1", host=H):
    return f"GET {target} HTTP/{version}\r\n{host}{fields}\r\n".encode()


def post(fields, body=b"", target="/echo", method="POST", version="1.1"):
    return f"{method} {target} HTTP/{version}\r\n{H}{fields}\r\n".encode() + body


def chunked(text):
    return text.replace("|", "\r\n").encode()


# name: (bytes, methods of the requests in it). Bytes may be a list: pieces sent apart.
CASES = {
    "get": (get(), ["GET"]),
    "get HTTP/1.0": (get(version="1.0"), ["GET"]),
    "get HTTP/1.0 without host": (get(version="1.0", host=""), ["GET"]),
    "get HTTP/1.0 keep-alive": (get(version="1.0", fields="Connection: keep-alive\r\n"), ["GET"]),
    "get HTTP/1.0 Keep-Alive in capitals": (get(version="1.0", fields="Connection: Keep-Alive\r\n"), ["GET"]),
    "minor version 2": (get(version="1.2"), ["GET"]),
    "head": (b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", ["HEAD"]),
    "head HTTP/1.0": (b"HEAD / HTTP/1.0\r\n\r\n", ["HEAD"]),
    "head of 204": (b"HEAD /empty HTTP/1.1\r\nHost: h\r\n\r\n", ["HEAD"]),
    "get of 204": (get("/empty"), ["GET"]),
    "options": (b"OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n", ["OPTIONS"]),
    "options of the server": (b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", ["OPTIONS"]),
    "trace": (b"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", ["TRACE"]),
    "delete": (b"DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", ["DELETE"]),
    "method nobody knows": (b"FROB / HTTP/1.1\r\nHost: h\r\n\r\n", ["FROB"]),
    "method in small letters": (b"get / HTTP/1.1\r\nHost: h\r\n\r\n", ["get"]),
    "method with a hyphen": (b"M-SEARCH / HTTP/1.1\r\nHost: h\r\n\r\n", ["M-SEARCH"]),
    "absolute target": (get("http://h/hello"), ["GET"]),
    "absolute target without path": (get("http://h"), ["GET"]),
    "absolute target, another host field": (get("http://h/hello", host="Host: other\r\n"), ["GET"]),
    "absolute target in capitals": (get("HTTP://H/hello"), ["GET"]),
    "query": (get("/hello?a=b&c=%20d;e"), ["GET"]),
    "query with ? and /": (get("/hello?a/b?c"), ["GET"]),
    "percent in path": (get("/a%20b%2Fc"), ["GET"]),
    "dots in path": (get("/a/./b/../c"), ["GET"]),
    "double slash": (get("//a//b"), ["GET"]),
    "subdelims in path": (get("/a;b=c,d!e$f'(g)*+@:&"), ["GET"]),
    "target of 4 KB": (get("/" + "a" * 4000), ["GET"]),
    "empty line first": (b"\r\n" + get(), ["GET"]),
    "host with port": (get(host="Host: h:8080\r\n"), ["GET"]),
    "host is IPv6": (get(host="Host: [::1]:80\r\n"), ["GET"]),
    "host is IPv4": (get(host="Host: 127.0.0.1\r\n"), ["GET"]),
    "host in capitals, no space": (get(host="HOST:h\r\n"), ["GET"]),
    "host is empty": (get(host="Host:\r\n"), ["GET"]),
    "tabs and spaces around a value": (get(fields="X: \t a \t \r\n"), ["GET"]),
    "value is empty": (get(fields="X:\r\n"), ["GET"]),
    "value is not ASCII": (b"GET / HTTP/1.1\r\nHost: h\r\nX: caf\xc3\xa9 \xff\r\n\r\n", ["GET"]),
    "name of all token characters": (get(fields="!#$%&'*+-.^_`|~09aZ: x\r\n"), ["GET"]),
    "fifty fields": (get(fields="".join(f"X-{i}: {i}\r\n" for i in range(50))), ["GET"]),
    "field of 6 KB": (get(fields="X: " + "y" * 6000 + "\r\n"), ["GET"]),
    "connection close": (get(fields="Connection: close\r\n"), ["GET"]),
    "connection Close in a list": (get(fields="Connection: foo, Close\r\n"), ["GET"]),
    "connection keep-alive": (get(fields="Connection: keep-alive\r\n"), ["GET"]),
    "te trailers": (get(fields="TE: trailers\r\nConnection: TE\r\n"), ["GET"]),
    "upgrade to something": (get(fields="Connection: upgrade\r\nUpgrade: foo/1\r\n"), ["GET"]),
    "upgrade to h2c": (
        get(fields="Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        ["GET"],
    ),
    "post": (post("Content-Length: 5\r\n", b"hello"), ["POST"]),
    "post of nothing": (post("Content-Length: 0\r\n"), ["POST"]),
    "post without length": (post(""), ["POST"]),
    "put": (post("Content-Length: 5\r\n", b"hello", method="PUT"), ["PUT"]),
    "post HTTP/1.0": (post("Content-Length: 5\r\n", b"hello", version="1.0"), ["POST"]),
    "post to what ignores bodies": (post("Content-Length: 5\r\n", b"hello", "/hello"), ["POST"]),
    "post 1 MB": (post("Content-Length: 1000000\r\n", b"m" * 1_000_000), ["POST"]),
    "post in pieces": ([post("Content-Length: 10\r\n", b"hello"), b"wor", b"ld"], ["POST"]),
    "length with leading zeros": (post("Content-Length: 0005\r\n", b"hello"), ["POST"]),
    "get with a body": (post("Content-Length: 5\r\n", b"hello", method="GET"), ["GET"]),
    "get with a chunked body": (post(CHUNKED, chunked("5|hello|0||"), method="GET"), ["GET"]),
    "chunked": (post(CHUNKED, chunked("5|hello|6| world|0||")), ["POST"]),
    "chunked in capitals": (post("TRANSFER-ENCODING: Chunked\r\n", chunked("5|hello|0||")), ["POST"]),
    "chunked of nothing": (post(CHUNKED, chunked("0||")), ["POST"]),
    "chunk sizes in both cases": (post(CHUNKED, chunked("a|0123456789|A|0123456789|0||")), ["POST"]),
    "chunk size with zeros": (post(CHUNKED, chunked("0005|hello|000||")), ["POST"]),
    "chunk extensions": (post(CHUNKED, chunked('5;a=b;c="d"|hello|0;e||')), ["POST"]),
    "chunk extension after a space": (post(CHUNKED, chunked("5 ;a=b|hello|0||")), ["POST"]),
    "trailers": (post("Trailer: X\r\n" + CHUNKED, chunked("5|hello|0|X: y|Z: w||")), ["POST"]),
    "chunked in pieces": ([post(CHUNKED), b"5\r", b"\nhel", b"lo\r\n0\r\n", b"\r\n"], ["POST"]),
    "to what ignores bodies, chunked": (post(CHUNKED, chunked("5|hello|0||"), "/hello"), ["POST"]),
    "expect, body later": ([post("Expect: 100-continue\r\nContent-Length: 5\r\n"), b"hello"], ["POST"]),
    "expect, body at once": (post("Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello"), ["POST"]),
    "expect in capitals": ([post("Expect: 100-Continue\r\nContent-Length: 5\r\n"), b"hello"], ["POST"]),
    "expect HTTP/1.0": (post("Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello", version="1.0"), ["POST"]),
    "expect without body": (get(fields="Expect: 100-continue\r\n"), ["GET"]),
    "pipeline": (get("/a") + get("/b") + get("/c"), ["GET"] * 3),
    "pipeline of head, 204 and get": (b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("/empty") + get(), ["HEAD", "GET", "GET"]),
    "pipeline behind a post": (post("Content-Length: 5\r\n", b"hello") + get() + get(), ["POST", "GET", "GET"]),
    "pipeline behind a chunked post": (post(CHUNKED, chunked("5|hello|0||")) + get(), ["POST", "GET"]),
    "pipeline with empty lines": (get() + b"\r\n" + get(), ["GET", "GET"]),
    "pipeline that closes": (get() + get(fields="Connection: close\r\n"), ["GET", "GET"]),
    "pipeline of 100": (get() * 100, ["GET"] * 100),
    "byte by byte": ([bytes([byte]) for byte in post("Content-Length: 5\r\n", b"hello")], ["POST"]),
}

# Differences that were looked at, and why edgehost does as it does.
JUDGED = {
    "options of the server": "both refuse it, no route takes it; the request is well-formed, so the connection may live on",
    "trace": "nginx refuses TRACE everywhere; here the methods of a route are the worker's to choose, and this one takes all",
    "method in small letters": "methods are case-sensitive tokens (RFC 9110, 9.1): `get` is a method that nobody knows, as FROB",
    "host is empty": "legal where a target has no authority (RFC 9112, 3.2); nginx serves by host name and refuses it",
}


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def echo(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = echo

    def log_message(self, *_):
        pass


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def send(self, data):
        for piece in data if isinstance(data, list) else [data]:
            self.socket.sendall(piece)
            if isinstance(data, list):
                time.sleep(0.002 if len(piece) < 2 else 0.03)

    def more(self):
        data = self.socket.recv(65536)
        self.unread += data
        return bool(data)

    def take(self, count):
        while len(self.unread) < count:
            if not self.more():
                raise EOFError
        data, self.unread = self.unread[:count], self.unread[count:]
        return data

    def line(self, end=b"\r\n"):
        while end not in self.unread:
            if not self.more():
                raise EOFError
        text, self.unread = self.unread.split(end, 1)
        return text

    def response(self, method):
        """Status class, framing, body and what the head says about the connection; 100 Continue is skipped."""
        while True:
            lines = self.line(b"\r\n\r\n").split(b"\r\n")
            status = int(lines[0].split()[1])
            if status != 100:
                break
        fields = dict((name.lower(), value.strip()) for name, value in (l.split(b":", 1) for l in lines[1:]))
        framing, body = "none", b""
        if method != "HEAD" and status not in (204, 304):
            if b"chunked" in fields.get(b"transfer-encoding", b""):
                framing = "chunked"
                while size := int(self.line().split(b";")[0], 16):
                    body += self.take(size)
                    self.take(2)
                while self.line():
                    pass
            elif b"content-length" in fields:
                framing = "length"
                body = self.take(int(fields[b"content-length"]))
            else:
                framing = "close"
                while self.more():
                    pass
                body, self.unread = self.unread, b""
        elif b"content-length" in fields and status == 204:
            framing = "length in 204"
        closes = fields.get(b"connection", b"").lower() == b"close"
        return status, framing, body, closes


def observe(port, data, methods):
    """What a client sees: the answers, then whether the connection answers one more request."""
    client = Client(port)
    seen = []
    try:
        client.send(data)
        for method in methods:
            status, framing, body, closes = client.response(method)
            # Error pages differ: their bodies are not compared.
            seen.append((f"{status // 100}xx", framing, body if status < 400 else b"", "close" if closes else "keep"))
            if closes:
                break
        client.send(PROBE)
        status, _, body, _ = client.response("GET")
        seen.append("lives on" if (status, body) == (200, b"hello\n") else f"out of step: {status} {body[:40]}")
    except (EOFError, ConnectionError):
        seen.append("closed")
    except TimeoutError:
        seen.append("no answer in 5 s")
    finally:
        client.socket.close()
    return seen


def brief(seen):
    text = ", ".join(
        part if isinstance(part, str) else f"{part[0]} {part[1]} {part[3]} ({len(part[2])} bytes)" for part in seen[:4]
    )
    return text + (", ..." if len(seen) > 4 else "")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_nginx(directory, origin):
    port = free_port()
    path = os.path.join(directory, "nginx.conf")
    with open(path, "w") as file:
        file.write(NGINX.format(directory=directory, port=port, origin=origin))
    process = subprocess.Popen(
        ["nginx", "-c", path, "-e", os.path.join(directory, "error.log")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            Client(port).socket.close()
            return process, port
        except OSError:
            time.sleep(0.05)
    process.kill()
    sys.exit("nginx did not start: " + open(os.path.join(directory, "error.log")).read())


def compare(edgehost, nginx):
    agreed, judged, unknown = 0, 0, []
    for name, (data, methods) in CASES.items():
        ours, theirs = observe(edgehost, data, methods), observe(nginx, data, methods)
        if ours == theirs:
            agreed += 1
            continue
        print(f"{name}\n  edgehost: {brief(ours)}\n  nginx:    {brief(theirs)}")
        if name in JUDGED:
            judged += 1
            print(f"  judged:   {JUDGED[name]}")
        else:
            unknown.append(name)
    print(f"{len(CASES)} cases: {agreed} agree, {judged} differ for a reason, {len(unknown)} differ without one")
    return not unknown


def main():
    arguments = edge.parse_arguments(__doc__)
    if not shutil.which("nginx"):
        print("skipped: there is no nginx on this machine (apt-get install nginx-light)")
        return
    origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as directory, edge.Workspace({"all": WORKER}) as workspace:
        os.chmod(directory, 0o777)
        nginx, port = start_nginx(directory, origin.server_port)
        try:
            with workspace.serve(arguments.edgehost) as server:
                holds = compare(server.port, port)
        finally:
            nginx.terminate()
            nginx.wait()
    edge.conclude(holds, "legal requests are answered as nginx answers them, but for differences with a reason")


main()
