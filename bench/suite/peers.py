"""The same hello on edgehost and on others, in turns, with one server process on core 0 and the load on core 1.

Those that are not installed are left out with a notice. None but edgehost and nginx without its code cache gives a
request a state of its own.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time

import edge
import harness

SUMMARY = "hello on edgehost, nginx, nginx + Lua, node and plain NIOHTTP1 in turns: CPU an answer, start"
PEERS = os.path.join(edge.ROOT, "bench", "peers")
NGINX_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")
NGINX = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
{modules}
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {http}
  server {{ listen 127.0.0.1:{port}; location / {{ {location} }} }}
}}
"""
NGINX_LUA = """
default_type text/plain;
content_by_lua_block {
  local body = "Hello, " .. (ngx.req.get_uri_args().name or "world") .. "!\\n"
  ngx.header["content-length"] = #body
  ngx.print(body)
}
"""


def options(parser):
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--peer", help="the executable of nio-hello; without it, it is left out unless it is built")
    parser.add_argument("--only", nargs="+", help="these peers")


class Peer(edge.Server):
    """A server that says nothing when it listens: it is asked until it answers."""

    def __init__(self, command, directory, port, core):
        self.directory, self.port = directory, port
        self.log = open(os.path.join(directory, "stderr"), "ab")
        start = time.perf_counter()
        self.process = subprocess.Popen(
            harness.nice(harness.SERVER_NICE) + harness.pinned(core) + command, cwd=directory, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                edge.Client(port).close()
                self.start_seconds = time.perf_counter() - start
                return
            time.sleep(0.001)
        raise RuntimeError(f"{command[0]} did not start: {open(self.log.name).read()}")

    def __exit__(self, *ignored):
        # Told to end, nginx takes its worker with it; killed, it does not.
        self.process.terminate()
        self.process.wait(timeout=10)
        super().__exit__(*ignored)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def nginx(workspace, location, lua=""):
    executable = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    modules = next((path for path in NGINX_MODULES if os.path.exists(f"{path}/ngx_http_lua_module.so")), None)
    if not executable:
        return "nginx is not installed"
    if lua and not modules:
        return "libnginx-mod-http-lua is not installed"
    folder, port = os.path.join(workspace.path, "nginx" + str(len(lua))), free_port()
    os.makedirs(folder, exist_ok=True)
    names = ["ndk_http_module.so", "ngx_http_lua_module.so"] if lua else []
    with open(os.path.join(folder, "nginx.conf"), "w") as file:
        file.write(NGINX.format(
            folder=folder, port=port, location=location, http=lua,
            modules="".join(f"load_module {modules}/{name};\n" for name in names),
        ))  # fmt: skip
    return lambda: Peer([executable, "-p", folder, "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"],
                        folder, port, 0)  # fmt: skip


def candidates(arguments, workspace):
    """What starts each server, or why it can't be."""
    def printing(command):
        return lambda: edge.Server(command, workspace.path, 0, harness.nice(harness.SERVER_NICE))

    node = shutil.which("node")
    built = os.path.join(edge.ROOT, ".build/peers/nio-hello/release/nio-hello")
    nio = arguments.peer or (built if os.access(built, os.X_OK) else None)
    return {
        "edgehost": lambda: harness.serve(workspace, arguments, core=0),
        "nginx return 200": nginx(workspace, 'default_type text/plain; return 200 "Hello, world!\\n";'),
        "nginx + Lua": nginx(workspace, NGINX_LUA, "lua_code_cache on;"),
        "nginx + Lua, no cache": nginx(workspace, NGINX_LUA, "lua_code_cache off;"),
        "node": printing([node, os.path.join(PEERS, "node/hello.js")]) if node else "node is not installed",
        "NIOHTTP1": printing([os.path.abspath(nio)]) if nio else "bench/proof/cpu_per_request.py builds it",
    }


def measure(arguments, name, server):
    slow = name.endswith("no cache")
    return harness.run_load(
        arguments.edgehost, server, "/hello", 4 if slow else arguments.connections, arguments.seconds, warm_up=0.5, core=1
    )


def start_to_answer(start):
    """Milliseconds from the start of a process to its first 200."""
    before = time.perf_counter()
    with start() as server:
        client = edge.Client(server.port)
        if client.request("/hello") != (200, b"Hello, world!\n"):
            raise RuntimeError("the peer answers something else")
        elapsed = (time.perf_counter() - before) * 1e3
        client.close()
    return elapsed


def main():
    arguments = edge.parse_arguments(__doc__, options)
    part = harness.Part("peers", SUMMARY, arguments)
    with open(os.path.join(edge.ROOT, "workers/hello.lua")) as file:
        workspace = edge.Workspace({"hello": file.read()}, "edgehost_one_thread.lua")
    reports, starts = {}, {}
    with workspace, contextlib.ExitStack() as stack:
        known = candidates(arguments, workspace)
        chosen = {}
        for name, start in known.items():
            if arguments.only and name not in arguments.only:
                continue
            if isinstance(start, str):
                print(f"{name} is left out: {start}")
                continue
            starts[name] = [start_to_answer(start) for _ in range(arguments.rounds)]
            chosen[name] = stack.enter_context(start())
            reports[name] = []
        for _ in range(arguments.rounds):
            for name, server in chosen.items():
                reports[name].append(measure(arguments, name, server))
    rows = []
    for name, rounds in reports.items():
        cpu = [report["server"]["cpu_us_per_answer"] for report in rounds]
        rates = [report["throughput"]["ok_per_s"] for report in rounds]
        p50, p99 = ([harness.milliseconds(report, percentile=p) for report in rounds] for p in ("p50", "p99"))
        rows.append([name, *map(harness.median, (rates, cpu, p50, p99, starts[name]))])
        part.figure(f"{name}: server CPU an answer", "us", cpu)
        part.figure(f"{name}: process start to first 200", "ms", starts[name])
    if "edgehost" in reports:
        own = rows[0][2]
        rows = [[*row, own / row[2]] for row in rows]
    part.table(
        f"hello on {arguments.connections} connections (4 without the code cache), medians of {arguments.rounds} rounds; ms",
        ["server on core 0", "answers/s", "CPU us", "p50", "p99", "start to 200", "edgehost's CPU / its"],
        rows,
    )
    part.plot("bars", "server CPU an answer", "", "us", [("", [[row[0], row[2]] for row in rows if "no cache" not in row[0]])])
    part.save(reports=reports, starts=starts)
