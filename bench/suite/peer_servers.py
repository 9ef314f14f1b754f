"""The servers that edgehost is measured beside: how each is started on a given port, or why it can't be."""

import os
import shutil
import subprocess
import sys

import edge
import servers

PEERS = os.path.join(edge.ROOT, "bench", "peers")
NGINX_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")
HELLO_LOCATION = 'location / { default_type text/plain; return 200 "Hello, Ada!\\n"; }'


class Peer:
    """A server to measure, or the reason why there is none."""

    def __init__(self, name, command=None, missing=None, works=("hello", "JSON + KV"), connections=None, note=""):
        self.name, self.command, self.missing, self.works = name, command, missing, works
        # Fewer than the others where a request takes milliseconds: 64 would only queue.
        self.connections, self.note = connections, note

    def start(self, core, prefix=()):
        port = servers.free_port()
        return servers.PortServer(self.command(port), port, core, prefix)


def add_options(parser):
    for name in ("deno", "bun", "wasmtime"):
        parser.add_argument(f"--{name}", default=os.environ.get(name.upper()), metavar="PATH",
                            help=f"the executable of {name} (default: ${name.upper()}, or {name} in PATH)")  # fmt: skip
    parser.add_argument("--libwasmtime", default=os.environ.get("LIBWASMTIME"), metavar="PATH",
                        help="the library of wasmtime's C interface (default: $LIBWASMTIME)")  # fmt: skip
    parser.add_argument("--nio", default=os.environ.get("NIO_HELLO"), metavar="PATH",
                        help="the executable of nio-hello (default: $NIO_HELLO, or build it)")  # fmt: skip
    parser.add_argument("--no-build", action="store_true", help="leave nio-hello out unless it is built")


def find(path, name):
    """The absolute path of an executable that was given or is in PATH; None where there is none."""
    found = shutil.which(path or name) or shutil.which(path or name, path="/usr/sbin")
    if path and not found:
        sys.exit(f"{path}: no such executable")
    return os.path.abspath(found) if found else None


def edgehost_command(arguments, folder, port, data, options=()):
    return [arguments.edgehost, "serve", *options, "--listen", f"127.0.0.1:{port}", "--workers", f"{folder}/workers",
            "--config", f"{folder}/edgehost.lua", "--data", data]  # fmt: skip


def edgehost(arguments, workspace):
    def command(port):
        # What is measured is the process that serves.
        return edgehost_command(arguments, workspace.path, port, f"{workspace.path}/data", ["--no-parent"])

    return Peer("edgehost", command, note="a fresh isolate for each request; durable store")


def nginx(workspace, name, cache=None):
    """nginx with Lua where `cache` is on or off, else one that returns a constant."""
    executable = find(None, "nginx")
    if not executable:
        return Peer(name, missing="nginx is not installed")
    modules = next((path for path in NGINX_MODULES if os.path.exists(f"{path}/ngx_http_lua_module.so")), None)
    if cache and not modules:
        return Peer(name, missing="libnginx-mod-http-lua is not installed")
    folder = os.path.join(workspace.path, name.replace(" ", "-").replace(",", ""))
    os.makedirs(folder)
    with open(os.path.join(PEERS, "nginx/nginx.conf.in")) as file:
        template = file.read()
    with open(os.path.join(PEERS, "nginx/lua.conf")) as file:
        locations = file.read() if cache else HELLO_LOCATION

    def command(port):
        names = ["ndk_http_module.so", "ngx_http_lua_module.so"] if cache else []
        with open(os.path.join(folder, "nginx.conf"), "w") as file:
            file.write(template.format(
                folder=folder, port=port, locations=locations,
                http=f"lua_code_cache {cache}; lua_shared_dict store 1m;" if cache else "",
                modules="".join(f"load_module {modules}/{module};\n" for module in names),
            ))  # fmt: skip
        return [executable, "-p", folder, "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"]

    works = ("hello", "JSON + KV") if cache else ("hello",)
    notes = {"on": "one VM for all requests, shared dict", "off": "a VM for each request", None: "a constant"}
    return Peer(name, command, works=works, connections=4 if cache == "off" else None, note=notes[cache])


def javascript(name, path, words):
    executable = find(path, name)
    if not executable:
        return Peer(name, missing=f"{name} is not in PATH")
    return Peer(name, lambda port: [executable, *words, str(port)], note="one heap for all requests, a Map")


def nio_hello(arguments):
    """The path of the peer that is plain SwiftNIO: given, or built; and why there is none."""
    if arguments.nio:
        return find(arguments.nio, "nio-hello"), None
    scratch = os.path.join(edge.ROOT, ".build/peers/nio-hello")
    built = os.path.join(scratch, "release/nio-hello")
    if arguments.no_build:
        return (built, None) if os.access(built, os.X_OK) else (None, "nio-hello is not built")
    print("building bench/peers/nio-hello (minutes when it is new)", flush=True)
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--package-path", f"{PEERS}/nio-hello",
               "--scratch-path", scratch]  # fmt: skip
    if not shutil.which("swift") or subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
        return None, "nio-hello could not be built"
    return built, None


def all_peers(arguments, workspace):
    """Each peer, edgehost first; those without a command say what is missing."""
    nio, missing = nio_hello(arguments)
    lua = [nginx(workspace, "nginx + Lua", "on"), nginx(workspace, "nginx + Lua, no cache", "off")]
    return [
        edgehost(arguments, workspace),
        *lua,
        nginx(workspace, "nginx return 200"),
        Peer("NIO, no HTTP parser", nio and (lambda port: [nio, str(port), "bare"]), missing, ("hello",), note="a constant"),
        Peer("NIOHTTP1", nio and (lambda port: [nio, str(port)]), missing, ("hello",), note="a constant"),
        javascript("node", None, [f"{PEERS}/node/server.mjs"]),
        javascript("bun", arguments.bun, [f"{PEERS}/fetch.mjs"]),
        javascript("deno", arguments.deno, ["run", "--no-prompt", "--allow-net", f"{PEERS}/fetch.mjs"]),
    ]
