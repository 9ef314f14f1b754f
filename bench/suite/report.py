"""One HTML file of all results in bench/results: targets, tables, plots, machine and settings of each part; it loads nothing. And
one JSON file, suite.json, for `edgehost bench compare`; --reference writes it as the reference run that is committed."""

import argparse
import glob
import html
import json
import os

import harness
import svg
import targets

SUMMARY = "renders bench/results/*.json as report.html and gathers them in suite.json"
REFERENCE = os.path.join(harness.RESULTS, "reference.json")
SUITE = os.path.join(harness.RESULTS, "suite.json")
# Of a part's result, what the reference run keeps: not the report of each load.
KEPT = ("part", "title", "machine", "settings", "seconds", "figures", "tables", "plots", "notices", "verdicts")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 960px; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd }
td:first-child, th:first-child { text-align: left } svg { width: 100%; font: 12px system-ui, sans-serif; margin: 1em 0 }
.machine, caption { color: #666; font-size: 13px; text-align: left } nav a { margin-right: 1em } .notice { color: #865 }
.method { white-space: pre-line; color: #444 }
"""
METHOD = """Servers and load run on this machine over the loopback. What is compared takes turns within one run; tables have the
medians of the rounds, the JSON all of them. Latencies count from when a request was due, not from when it could be sent (no
coordinated omission), and are kept in HdrHistograms. CPU time is that of the server's processes, from their CPU clocks. Figures of
different days or machines compare as ratios within each run only; "other work" is what else the machine did meanwhile."""


def table(entry):
    def row(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{html.escape(harness.text(cell))}</{tag}>" for cell in cells) + "</tr>"

    rows = "".join(row(cells, "td") for cells in entry["rows"])
    return f"<table><caption>{html.escape(entry['title'])}</caption>{row(entry['head'], 'th')}{rows}</table>"


def paragraph(words, kind):
    return f'<p class="{kind}">{html.escape(words)}</p>'


def method(result):
    """What the part's module says of itself."""
    module = {"http": "throughput"}.get(result["part"], result["part"])
    try:
        return __import__(module).__doc__.strip()
    except ImportError:
        return result["title"]


def section(result):
    machine, settings = result["machine"], result["settings"]
    told = [machine["time"], f"{result.get('seconds', 0):.0f} s", f"other work {machine.get('others_share', 0):.0%} of the machine",
            ", ".join(f"{key} {value}" for key, value in settings.items() if value is not None)]  # fmt: skip
    parts = [f'<h2 id="{html.escape(result["part"])}">{html.escape(result["part"])}</h2>', paragraph(method(result), "method")]
    parts += [table(entry) for entry in result["tables"]]
    parts += [paragraph(words, "notice") for words in result.get("notices", [])]
    parts += [paragraph(("holds: " if v["holds"] else "does not hold: ") + v["what"], "notice") for v in result.get("verdicts", [])]
    parts += [svg.render(plot) for plot in result["plots"]]
    parts.append(paragraph("; ".join(told), "machine"))
    return "\n".join(parts)


def page(results):
    machine = results[0]["machine"]
    about = [f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, Linux {machine['kernel']}", machine["edgehost"]]
    about += [f"{name} {version}" for name, version in machine.get("versions", {}).items()]
    links = " ".join(f'<a href="#{html.escape(r["part"])}">{html.escape(r["part"])}</a>' for r in results)
    body = "\n".join(section(result) for result in results)
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>edgehost: benchmarks</title>'
            f"<style>{STYLE}</style><h1>edgehost: benchmarks</h1>{paragraph('; '.join(about), 'machine')}"
            f"{paragraph(METHOD, 'method')}<nav>{links}</nav>\n{table(targets.table(results))}\n{body}\n</html>\n")  # fmt: skip


def read(paths):
    """The results of the parts in the files, in the files of whole runs too; other files are left out."""
    results = []
    for path in paths:
        with open(path) as file:
            result = json.load(file)
        if isinstance(result, dict) and "parts" in result:
            results += result["parts"]
        elif isinstance(result, dict) and "tables" in result and "machine" in result:
            results.append(result)
    return results


def gather(results, path):
    """One file of all parts. Its figures are theirs, with the part before the name."""
    parts = [{key: result[key] for key in KEPT if key in result} for result in results]
    figures = [{**figure, "name": f"{part['part']}: {figure['name']}"} for part in parts for figure in part["figures"]]
    with open(path, "w") as file:
        json.dump({"suite": "edgehost", "figures": figures, "parts": parts}, file, indent=1)
        file.write("\n")
    print(os.path.relpath(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="*", help="result files (default: all parts in bench/results)")
    default = os.path.join(harness.RESULTS, "report.html")
    parser.add_argument("--output", default=default, help="(default: bench/results/report.html)")
    parser.add_argument("--reference", action="store_true", help="write bench/results/reference.json, too")
    arguments = parser.parse_args()
    paths = arguments.results or sorted(set(glob.glob(os.path.join(harness.RESULTS, "*.json"))) - {REFERENCE, SUITE})
    results = read(paths)
    if not results:
        parser.error("there are no results: run bench/run NAME first")
    harness.print_table(*[targets.table(results)[key] for key in ("head", "rows")])
    with open(arguments.output, "w") as file:
        file.write(page(results))
    print(f"\n{os.path.relpath(arguments.output)}")
    gather(results, SUITE)
    if arguments.reference:
        gather(results, REFERENCE)
