#!/usr/bin/env -S python3 -B
"""Faults of the disk and of its files under a server: what a worker and a client get, whether reads go on, whether
nothing acknowledged is lost, and whether writes work again without a restart.

Writes fail through a preloaded library that `cc` makes of kv_faults.c; the full disk is a tmpfs of 8 MB, for which it
has to be root.
"""

import contextlib
import errno
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import edge

WORKER = """
local function try(body)
  local ok, result = pcall(body)
  return Response.json(ok and { result = result } or { error = result })
end
return function(request, env)
  local kv, query = env.KV, request.query
  local op, key = query.op, query.key
  if op == "get" then return try(function() return kv:get(key) or json.null end) end
  if op == "put" then return try(function() return kv:put(key, (query.text or "x"):rep(math.tointeger(query.times or 1))) end) end
  if op == "delete" then return try(function() return kv:delete(key) end) end
  kv:put(key, "uncaught")
  return "stored"
end
"""
PATIENCE = 20


class Store:
    """A client that keeps what was acknowledged, by key."""

    def __init__(self, server, known=None):
        self.client = edge.Client(server.port)
        self.known = dict(known or {})
        self.doubtful = {}

    def call(self, op, key, **query):
        rest = "".join(f"&{name}={value}" for name, value in query.items())
        status, body = self.client.request(f"/store?op={op}&key={key}{rest}", "POST")
        assert status == 200, (status, body)
        answer = json.loads(body)
        return answer.get("result"), answer.get("error")

    def put(self, key, times=1, text="x"):
        """The text of the error, None where the write was acknowledged."""
        _, error = self.call("put", key, times=times, text=text)
        if error is None:
            self.known[key] = text * times
        else:
            self.doubtful.setdefault(key, []).append(text * times)
        return error

    def delete(self, key):
        _, error = self.call("delete", key)
        if error is None:
            self.known.pop(key, None)
        return error

    def wrong(self):
        """Keys that are not as they were acknowledged."""
        found = []
        for key in self.known.keys() | self.doubtful.keys():
            value, error = self.call("get", key)
            if error or value not in [self.known.get(key)] + self.doubtful.get(key, []):
                found.append((key, error or str(value)[:20]))
        return found

    def until_put(self, key):
        """Seconds until a write is acknowledged again; None where that never happens."""
        start = time.perf_counter()
        while time.perf_counter() - start < PATIENCE:
            if self.put(key) is None:
                return time.perf_counter() - start
            time.sleep(0.02)
        return None


class Report:
    def __init__(self):
        self.failures = []

    def check(self, holds, what):
        if not holds:
            self.failures.append(what)
            print(f"    FAILS: {what}")

    def show(self, name, text):
        print(f"    {name}: {text}")


def shorten(text):
    return re.sub(r"'[^']*/", "'.../", (text or "").split("\n")[0])


def uncaught(server):
    """What a client gets where the worker does not catch the error."""
    client = edge.Client(server.port)
    status, body = client.request("/store?op=uncaught&key=uncaught", "POST")
    return f"{status} {json.loads(body).get('outcome')}" if body.startswith(b"{") else f"{status} {body.decode()}"


def log_lines(server, *words):
    with open(os.path.join(server.directory, "stderr")) as log:
        return [line.strip() for line in log if any(word in line for word in words)]


def start(workspace, edgehost, preload=None, flag=None, limit=None, data=None):
    """As Workspace.serve, with another environment."""
    environment = dict(os.environ)
    # In its sandbox the server could not read the flag that makes its disk fail.
    command = [edgehost, "serve", "--no-parent", "--no-sandbox", "--listen", "127.0.0.1:0"] + (["--data", data] if data else [])
    if preload:
        command = ["env", f"LD_PRELOAD={preload}", f"EDGEHOST_FAULT={flag}"] + command
    if limit:
        command = ["prlimit", f"--nofile={limit}:{limit}"] + command
    return edge.Server(command, workspace.path)


def disk_fault(report, arguments, shim, kind, code):
    name = f"{kind} {errno.errorcode.get(code, '')}".strip()
    print(f"{name}:")
    with edge.Workspace({"store": WORKER}) as workspace:
        flag = os.path.join(workspace.path, "fault")
        with start(workspace, arguments.edgehost, shim, flag) as server:
            store = Store(server)
            for number in range(50):
                report.check(store.put(f"before{number}", 10 + 100 * number) is None, f"{name}: a put before the fault")
            with open(flag + ".new", "w") as file:
                file.write(f"{kind} {code}")
            os.rename(flag + ".new", flag)
            first = store.put("lost", 100)
            second = store.put("lost", 50)
            report.check(first is not None and second is not None, f"{name}: a write that failed is acknowledged")
            report.show("a worker catches", shorten(first))
            report.show("and then", shorten(second))
            report.show("uncaught, a client gets", uncaught(server))
            report.check(not store.wrong(), f"{name}: reads during the fault")
            for number in range(20):
                store.put(f"more{number}", 10)
            os.unlink(flag)
            seconds = store.until_put("after")
            report.check(seconds is not None, f"{name}: writes work again")
            if seconds is not None:
                report.show("writes work again after", f"{seconds * 1000:.0f} ms, without a restart")
            report.check(not store.wrong(), f"{name}: reads after the fault")
            for line in log_lines(server, "writes to the store")[:2]:
                report.show("log", shorten(line))
            server.kill()
        with start(workspace, arguments.edgehost) as server:
            again = Store(server, store.known)
            again.doubtful = store.doubtful
            report.check(not again.wrong(), f"{name}: acknowledged writes after a restart: {again.wrong()[:3]}")
        sound(report, arguments, workspace, name)


def sound(report, arguments, workspace, name, data=None):
    command = [arguments.edgehost, "kv", "check"] + (["--data", data] if data else [])
    done = subprocess.run(command, cwd=workspace.path, capture_output=True, text=True)
    report.check(done.returncode == 0, f"{name}: 'kv check' after it: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def small_disk(size):
    folder = tempfile.mkdtemp(prefix="edgehost-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        os.rmdir(folder)


def fill(path):
    """Takes all that is left of a disk."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            if file.write(b"\0" * 4096) == 0:
                return


def full_disk(report, arguments):
    print("full disk (tmpfs of 8 MB):")
    with edge.Workspace({"store": WORKER}) as workspace, small_disk("8m") as disk:
        data = os.path.join(disk, "store")
        with start(workspace, arguments.edgehost, data=data) as server:
            store = Store(server)
            error, count = None, 0
            while error is None and count < 1000:
                error = store.put(f"key{count}", 20_000)
                count += 1
            stored = len(store.known)
            report.check(error is not None and "full" in error, f"full disk: the error of a put: {error}")
            report.show("a worker catches", f"{shorten(error)} (after {stored} values of 20 kB)")
            report.show("uncaught, a client gets", uncaught(server))
            fill(os.path.join(disk, "ballast"))
            report.check(not store.wrong(), "full disk: reads")
            deleted = [store.delete(f"key{number}") for number in range(0, stored // 2)]
            report.check(not any(deleted), f"full disk: deletes: {[e for e in deleted if e][:1]}")
            report.show("deletes with not one byte left", f"{sum(e is None for e in deleted)} of {len(deleted)}")
            again = sum(store.put(f"again{number}", 20_000) is None for number in range(stored // 4))
            report.check(again > stored // 8, f"full disk: puts into the space that was freed: {again}")
            report.show("puts into what they freed", f"{again} of {stored // 4}")
            os.unlink(os.path.join(disk, "ballast"))
            seconds = store.until_put("after")
            report.check(seconds is not None, "full disk: writes work again")
            report.check(not store.wrong(), "full disk: reads after it")
            server.kill()
        with start(workspace, arguments.edgehost, data=data) as server:
            again = Store(server, store.known)
            again.doubtful = store.doubtful
            report.check(not again.wrong(), "full disk: acknowledged writes after a restart")
        sound(report, arguments, workspace, "full disk", data)
    with edge.Workspace({"store": WORKER}) as workspace, small_disk("8m") as disk:
        # From nothing: a disk with no room for a store.
        fill(os.path.join(disk, "ballast"))
        data = os.path.join(disk, "store")
        command = [arguments.edgehost, "serve", "--no-parent", "--listen", "127.0.0.1:0", "--data", data]
        done = subprocess.run(command, cwd=workspace.path, capture_output=True, text=True, timeout=PATIENCE)
        report.check(done.returncode == 1 and "No space left" in done.stderr, f"full disk: a start says: {done.stderr}")
        report.show("a start without room", shorten(done.stderr))


def second_process(report, arguments):
    print("a second process:")
    with edge.Workspace({"store": WORKER}) as workspace, start(workspace, arguments.edgehost) as server:
        store = Store(server)
        store.put("shared", 3)
        command = [arguments.edgehost, "serve", "--no-parent", "--listen", "127.0.0.1:0"]
        done = subprocess.run(command, cwd=workspace.path, capture_output=True, text=True, timeout=PATIENCE)
        report.check(done.returncode == 1 and "held by" in done.stderr, f"a second server: {done}")
        report.show("a second server", f"{shorten(done.stderr)} (status {done.returncode})")
        tool = [arguments.edgehost, "kv"]
        run = {"cwd": workspace.path, "capture_output": True, "text": True, "timeout": PATIENCE}
        got = subprocess.run(tool + ["get", "shared"], **run)
        put = subprocess.run(tool + ["put", "tool", "value"], **run)
        value, _ = store.call("get", "tool")
        report.check(got.stdout == "xxx\n" and put.returncode == 0 and value == "value", "a tool beside the server")
        check = subprocess.run(tool + ["check"], **run)
        report.check(check.returncode == 1 and "held by" in check.stderr, f"kv check beside the server: {check}")
        report.show("'kv get' and 'kv put' beside it", "work; 'kv check': " + shorten(check.stderr))


def files(report, arguments):
    print("files under the server:")
    with edge.Workspace({"store": WORKER}) as workspace:
        data = os.path.join(workspace.path, ".edgehost")
        with start(workspace, arguments.edgehost) as server:
            store = Store(server)
            store.put("before", 3)
            os.rename(data, data + ".away")
            error = store.put("lost")
            report.check(error is not None, "the folder was moved away: a write is acknowledged")
            report.show("the folder is moved away", shorten(error))
            report.check(not store.wrong(), "the folder was moved away: reads")
            os.rename(data + ".away", data)
            seconds = store.until_put("back")
            report.check(seconds is not None, "the folder is back: writes")
            report.show("it is back: writes work after", f"{(seconds or 0) * 1000:.0f} ms")
            for name in os.listdir(data):
                os.chmod(os.path.join(data, name), 0)
            os.chmod(data, 0)
            report.show("no permissions any more", shorten(store.put("quiet")) or "writes go on")
            report.check(not store.wrong(), "no permissions: reads")
            os.chmod(data, 0o700)
            for name in os.listdir(data):
                os.chmod(os.path.join(data, name), 0o600)
            report.check(store.until_put("permitted") is not None, "permissions are back: writes")
            copy = data + ".copy"
            shutil.copytree(data, copy)
            shutil.rmtree(data)
            error = store.put("removed")
            report.check(error is not None, "the folder was removed: a write is acknowledged")
            report.show("the folder is removed", shorten(error))
            report.check(not store.wrong(), "the folder was removed: reads")
            os.rename(copy, data)
            report.check(store.put("replaced") is not None, "a copy in its place: a write is acknowledged")
            server.kill()
        with start(workspace, arguments.edgehost) as server:
            again = Store(server, store.known)
            again.doubtful = store.doubtful
            report.check(not again.wrong(), f"files: acknowledged writes after a restart with the copy: {again.wrong()}")


def descriptors(report, arguments):
    print("no file descriptors left (64):")
    with edge.Workspace({"store": WORKER}) as workspace, start(workspace, arguments.edgehost, limit=64) as server:
        store = Store(server)
        store.put("before")
        others = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        time.sleep(0.5)
        errors = [store.put(f"key{number}") for number in range(50)]
        report.check(not any(errors), f"descriptors: writes: {errors[:1]}")
        report.check(not store.wrong(), "descriptors: reads")
        for other in others:
            other.close()
        report.show("50 writes and all reads", "work")


def main():
    arguments = edge.parse_arguments(__doc__)
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        shim = os.path.join(folder, "kv_faults.so")
        source = os.path.join(edge.HERE, "kv_faults.c")
        subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", shim, source, "-ldl"], check=True)
        for kind, code in (
            ("data", errno.EIO),
            ("data", errno.ENOSPC),
            ("short", 0),
            ("flush", errno.EIO),
            ("flush", errno.ENOSPC),
            ("meta", errno.EIO),
            ("dead", errno.EIO),
            ("dead", errno.EROFS),
        ):
            disk_fault(report, arguments, shim, kind, code)
    if os.geteuid() == 0:
        full_disk(report, arguments)
    else:
        print("full disk: left out, it needs root", file=sys.stderr)
    second_process(report, arguments)
    files(report, arguments)
    descriptors(report, arguments)
    edge.conclude(not report.failures, f"{len(report.failures)} checks failed")


main()
