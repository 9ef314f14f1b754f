"""One HTML file of all results in bench/results: tables, plots, machine and settings of each part. It loads nothing."""

import argparse
import glob
import html
import json
import os

import harness
import svg

SUMMARY = "renders bench/results/*.json as bench/results/report.html"
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd }
td:first-child, th:first-child { text-align: left } svg { width: 100%; font: 12px system-ui, sans-serif; margin: 1em 0 }
.machine, caption { color: #666; font-size: 13px; text-align: left } nav a { margin-right: 1em }
"""


def table(entry):
    def row(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{html.escape(harness.text(cell))}</{tag}>" for cell in cells) + "</tr>"

    rows = "".join(row(cells, "td") for cells in entry["rows"])
    return f"<table><caption>{html.escape(entry['title'])}</caption>{row(entry['head'], 'th')}{rows}</table>"


def section(result):
    machine, settings = result["machine"], result["settings"]
    told = [f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, Linux {machine['kernel']}",
            machine["edgehost"], machine["time"], f"other work {machine.get('others_share', 0):.0%} of the machine",
            ", ".join(f"{key} {value}" for key, value in settings.items() if value is not None)]  # fmt: skip
    parts = [f'<h2 id="{html.escape(result["part"])}">{html.escape(result["part"])}</h2>',
             f"<p>{html.escape(result['title'])}</p>"]  # fmt: skip
    parts += [table(entry) for entry in result["tables"]]
    parts += [svg.render(plot) for plot in result["plots"]]
    parts.append('<p class="machine">' + "<br>".join(html.escape(line) for line in told) + "</p>")
    return "\n".join(parts)


def read(paths):
    """The results of the suite among the files; others are left out."""
    results = []
    for path in paths:
        with open(path) as file:
            result = json.load(file)
        if isinstance(result, dict) and "tables" in result and "machine" in result:
            results.append(result)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="*", help="result files (default: all of bench/results)")
    default = os.path.join(harness.RESULTS, "report.html")
    parser.add_argument("--output", default=default, help="(default: bench/results/report.html)")
    arguments = parser.parse_args()
    paths = arguments.results or sorted(glob.glob(os.path.join(harness.RESULTS, "*.json")))
    results = read([path for path in paths if not path.endswith("reference.json") or arguments.results])
    if not results:
        parser.error("there are no results: run bench/run NAME first")
    links = " ".join(f'<a href="#{html.escape(r["part"])}">{html.escape(r["part"])}</a>' for r in results)
    body = "\n".join(section(result) for result in results)
    with open(arguments.output, "w") as file:
        file.write(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>edgehost: benchmarks</title>'
                   f"<style>{STYLE}</style><h1>edgehost: benchmarks</h1><nav>{links}</nav>\n{body}\n</html>\n")  # fmt: skip
    print(os.path.relpath(arguments.output))
