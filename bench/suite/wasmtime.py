"""wasmtime, beside the restore of hello's image: what each asks for a fresh instance.

With --libwasmtime (the shared library of its C interface; the wheel `wasmtime` of PyPI has one) a C program of bench/peers/wasmtime
instantiates a module of one page, calls it once and drops it, over and over in one process, with the pooling allocator: wasmtime's
fastest way. With the executable alone, each instance is a process of its own, which is told as that.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time

import edge
import harness

SOURCE = os.path.join(edge.ROOT, "bench/peers/wasmtime/instantiate.c")
MODULE = '(module (memory 1) (data (i32.const 8) "hello") (func (export "run") (result i32) (i32.load (i32.const 8))))'


def run_once(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - start) * 1e3


def restore_us(arguments, workspace):
    """The median restore of hello, in us."""
    command = [arguments.edgehost, "bench", "startup", "--worker", "hello", "--seconds", "0.5", "--json"]
    done = subprocess.run(harness.nice(harness.SERVER_NICE) + command, cwd=workspace.path, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["restore_us"]["p50"]


def tell_library(part, arguments, workspace, library):
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        part.notice("wasmtime in one process is left out: there is no C compiler")
        return
    program = os.path.join(workspace.path, "instantiate")
    subprocess.run([compiler, "-O2", "-o", program, SOURCE, "-ldl"], check=True)
    instances, restores = [], []
    for _ in range(arguments.rounds):
        command = harness.nice(harness.SERVER_NICE) + [program, library, "1", "5000"]
        instances.append(int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1000)
        restores.append(restore_us(arguments, workspace))
    part.figure("wasmtime, in one process: instantiate, call, drop", "us", instances)
    part.figure("restore beside wasmtime", "us", restores)
    ratios = [its / own for its, own in zip(instances, restores)]
    part.figure("wasmtime's instantiate, call, drop / restore", "", ratios, "higher")
    part.table(f"a fresh instance in a running process, medians of {arguments.rounds} rounds in turns; us",
               ["what", "median", "by the restore"],
               [["edgehost: restore hello's image", harness.median(restores), 1.0],
                ["wasmtime: instantiate, call, drop", harness.median(instances), harness.median(ratios)]])  # fmt: skip


def tell(part, arguments, workspace, executable):
    """Adds its tables, or prints why there are none."""
    if arguments.libwasmtime:
        tell_library(part, arguments, workspace, os.path.abspath(arguments.libwasmtime))
    else:
        part.notice("wasmtime in one process is left out: no --libwasmtime is given")
    if executable:
        tell_processes(part, arguments, executable)
    else:
        part.notice("wasmtime's processes are left out: wasmtime is not in PATH")


def tell_processes(part, arguments, executable):
    with tempfile.TemporaryDirectory() as folder:
        text, compiled = os.path.join(folder, "run.wat"), os.path.join(folder, "run.cwasm")
        with open(text, "w") as file:
            file.write(MODULE)
        subprocess.run([executable, "compile", text, "-o", compiled], check=True, capture_output=True)
        ways = {
            "compiled before": [executable, "run", "--allow-precompiled", "--invoke", "run", compiled],
            "compiled when run": [executable, "run", "--invoke", "run", text],
        }
        for command in ways.values():
            run_once(command)
        times = {way: [] for way in ways}
        for _ in range(max(5, arguments.rounds)):
            for way, command in ways.items():
                times[way].append(run_once(command))
    part.table("wasmtime: a process that instantiates a module of one page, calls it once and ends; ms",
               ["module", "median"], [[way, harness.median(values)] for way, values in times.items()])  # fmt: skip
    for way, values in times.items():
        part.figure(f"wasmtime, {way}: process that calls once", "ms", values)
