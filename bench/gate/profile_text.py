"""A profile of instructions by function, from addresses and the symbols of an executable."""

import bisect
import re
import shutil
import subprocess


def segments(executable):
    """Of the executable's loaded code: offset in the file, address, size."""
    headers = subprocess.run(["readelf", "-lW", executable], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"LOAD\s+(0x\w+) (0x\w+) 0x\w+ (0x\w+) 0x\w+ R E", headers)
    return [tuple(int(word, 16) for word in words) for words in found]


def symbols(executable):
    """Addresses and names, in order."""
    lines = subprocess.run(["nm", "--defined-only", executable], capture_output=True, text=True, check=True).stdout.splitlines()
    found = sorted((int(words[0], 16), words[2]) for words in map(str.split, lines) if len(words) == 3 and words[1] in "tTwW")
    return [address for address, _ in found], [name for _, name in found]


def readable(names):
    if not shutil.which("swift-demangle"):
        return names
    done = subprocess.run(["swift-demangle", "--simplified"], input="\n".join(names), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def show(executable, path, rounds, lines):
    addresses, names = symbols(executable)
    parts, totals = segments(executable), {}
    with open(path) as file:
        for line in file:
            offset, count = line.split()
            offset = int(offset, 16)
            base, address, _ = next(part for part in parts if part[0] <= offset < part[0] + part[2])
            index = bisect.bisect_right(addresses, offset - base + address) - 1
            name = names[index] if index >= 0 else "?"
            totals[name] = totals.get(name, 0) + int(count)
    total = sum(totals.values())
    most = sorted(totals, key=totals.get, reverse=True)[:lines]
    print(f"{total / rounds:.0f} instructions a request in the server's own code")
    for name, text in zip(most, readable(most)):
        print(f"{totals[name] / rounds:9.0f} {totals[name] / total:6.1%}  {text[:150]}")
