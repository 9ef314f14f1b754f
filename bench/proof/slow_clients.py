#!/usr/bin/env -S python3 -B
"""Slow clients beside honest ones: slowhttptest sends slow heads, slow bodies and range floods, and reads slowly.

Honest clients ask all the while, one from the attacker's own address where that has connections left, one from another
(127.0.0.2): every answer is right, and memory stays bounded. Without slowhttptest the run is skipped."""

import os
import shutil
import subprocess
import threading
import time

import edge
from honest import Honest

WORKERS = {
    "hello": 'return function() return "hello" end\n',
    "big": 'local text = ("x"):rep(4 << 20)\nreturn function() return text end\n',
    "echo": "return function(request) return request:text() end\n",
}
MAXIMUM_RSS_KIB = 700 * 1024
SECONDS = 40
CORES = os.cpu_count()

# name, options, connections, whether the attacker's address has connections left (it has 2,500 of the server's 10,000)
RUNS = [
    ("slow heads", ["-H", "-i", "5", "-u", "{url}/hello"], 2000, True),
    ("slow heads, more than one address may", ["-H", "-i", "5", "-u", "{url}/hello"], 4000, False),
    ("slow bodies", ["-B", "-i", "5", "-s", "8192", "-u", "{url}/echo"], 2000, True),
    ("large slow bodies", ["-B", "-i", "1", "-x", "1000", "-s", "8000000", "-u", "{url}/echo"], 2000, True),
    ("ranges", ["-R", "-t", "HEAD", "-a", "10", "-b", "3000", "-u", "{url}/hello"], 2000, True),
    ("slow readers", ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3", "-u", "{url}/big"], 1000, True),
]


def attack(server, options, connections):
    url = f"http://127.0.0.1:{server.port}"
    command = ["slowhttptest", "-c", str(connections), "-r", "500", "-l", str(SECONDS), "-p", "5", "-v", "1"]
    command += [option.format(url=url) for option in options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak_rss = peak_files = 0
    while process.poll() is None:
        peak_rss = max(peak_rss, server.rss_kib())
        peak_files = max(peak_files, len(os.listdir(f"/proc/{server.pid}/fd")))
        time.sleep(0.2)
    said = [line.strip() for line in process.stdout.read().splitlines() if line.strip()]
    end = next((line for line in reversed(said) if "status" in line.lower() or "Exit" in line), "")
    return peak_rss, peak_files, end


def main():
    arguments = edge.parse_arguments(__doc__, lambda parser: parser.add_argument("--only", default="", help="a run"))
    if not shutil.which("slowhttptest"):
        print("skipped: there is no slowhttptest on this machine (apt-get install slowhttptest)")
        return
    holds = True
    for name, options, connections, has_room in RUNS:
        if not name.startswith(arguments.only):
            continue
        with edge.Workspace(WORKERS) as workspace, workspace.serve(arguments.edgehost) as server:
            over = threading.Event()
            honest = [Honest(server.port, "127.0.0.2", over)]
            if has_room:
                honest.append(Honest(server.port, "127.0.0.1", over))
            for client in honest:
                client.start()
            peak_rss, peak_files, end = attack(server, options, connections)
            over.set()
            for client in honest:
                client.join()
            # What the attack held is let go of.
            deadline = time.monotonic() + 60
            while len(os.listdir(f"/proc/{server.pid}/fd")) > 100 and time.monotonic() < deadline:
                time.sleep(0.2)
            files, code = len(os.listdir(f"/proc/{server.pid}/fd")), server.stop()
        print(f"{name}, {connections} connections for {SECONDS} s: {end}")
        print(f"  peak RSS {peak_rss} KiB, peak {peak_files} open files, {files} afterwards, exit {code}")
        for client in honest:
            print(f"  honest from {client.address}: {client.report()}", flush=True)
        good = not any(client.wrong for client in honest) and all(client.times for client in honest)
        holds = holds and good and peak_rss < MAXIMUM_RSS_KIB and files <= 100 and code == 0
    edge.conclude(holds, f"every honest answer is right, and RSS stays below {MAXIMUM_RSS_KIB} KiB")


main()
