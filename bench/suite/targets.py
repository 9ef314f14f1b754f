"""The targets of the project, and what the figures of a run say of them."""

import harness
import startup


class Target:
    """One target: `reached` takes the figures by part and name and returns the value, or None where it was not measured."""

    def __init__(self, what, most, reached, unit="", at_least=False):
        self.what, self.most, self.reached, self.unit, self.at_least = what, most, reached, unit, at_least

    def row(self, figures):
        value = self.reached(figures)
        wanted = f"{'at least' if self.at_least else 'at most'} {self.most:g} {self.unit}".strip()
        if value is None:
            return [self.what, wanted, "not measured", ""]
        holds = value >= self.most if self.at_least else value <= self.most
        return [self.what, wanted, f"{harness.text(float(value), 3)} {self.unit}".strip(), "yes" if holds else "no"]


def figure(part, name):
    return lambda figures: figures.get((part, name))


def first(*candidates):
    """Of the first candidate that was measured."""
    def reached(figures):
        return next((value for value in (candidate(figures) for candidate in candidates) if value is not None), None)

    return reached


def process_start(fleet):
    name = f"process start to first 200, {fleet}"
    return first(figure("startup", f"{name}, images kept"), figure("startup", f"{name}, empty data folder"))


def image_start(name):
    """A start of the worker from a persisted image: what `bench startup` measures beside the other five."""
    known = {f"{name}: {measure}" for measure in startup.MEASURES}

    def reached(figures):
        return next((value for (part, figure_name), value in figures.items()
                     if part == "startup" and figure_name.startswith(f"{name}: ") and figure_name not in known), None)  # fmt: skip

    return reached


def fresh_by_image(figures):
    fresh, image = figures.get(("startup", "cost100: fresh")), first(image_start("cost100"), figure("startup", "cost100: relocate"))(figures)
    return None if fresh is None or not image else fresh / image


TARGETS = [
    Target("restore of hello's image, p50", 0.5, figure("startup", "hello: restore"), "us"),
    Target("the same, times faster than wasmtime's instantiate, call and drop", 4,
           figure("peers", "wasmtime's instantiate, call, drop / restore"), at_least=True),
    Target("start of hello on a new slot", 20, figure("startup", "hello: relocate"), "us"),
    Target("the same on a slot that the lane kept ready, as it does for the next worker", 20, figure("startup", "hello: ready"), "us"),
    Target("start of hello from a persisted image", 100, image_start("hello"), "us"),
    Target("start of a worker with a 100 ms top level from its image, times faster than running it", 500, fresh_by_image, at_least=True),
    Target("process start to first 200, sample workers", 5, process_start("samples"), "ms"),
    Target("process start to first 200, hello alone, beside nginx without Lua", 1, figure("peers", "start: edgehost's / nginx return 200's")),
    Target("process start to first 200, 1,000 workers", 25, process_start("1000 small"), "ms"),
    Target("hello, CPU a request, beside nginx + Lua with its shared VM", 1, figure("peers", "hello: edgehost's CPU / nginx + Lua's")),
    Target("JSON + KV, CPU a request, beside bun", 1, figure("peers", "JSON + KV: edgehost's CPU / bun's")),
    Target("JSON + KV, CPU a request, beside nginx + Lua", 0.75, figure("peers", "JSON + KV: edgehost's CPU / nginx + Lua's")),
    Target("RSS of a further idle worker", 64, figure("density", "RSS a further worker"), "KB"),
    Target("RSS of a further suspended request", 64, figure("density", "RSS a further suspended request"), "KB"),
    Target("hello: throughput with 2 event loops against 1, by CPU time an answer", 1.9,
           figure("loops", "hello: the same by CPU time an answer"), at_least=True),
    Target("goodput at five times the peak, requests of about 1 ms", 0.9,
           figure("overload", "150000 turns: goodput of the peak at 5 x"), at_least=True),
    Target("p99 of an honest worker beside a spinning one, times its p99 alone", 3, figure("neighbour", "ratio of the p99s")),
]  # fmt: skip


def table(results):
    """The table of the targets, as the parts keep theirs."""
    figures = {(result["part"], figure["name"]): harness.median(figure["values"])
               for result in results for figure in result["figures"]}  # fmt: skip
    return {
        "title": "targets, and what this run reached: medians",
        "head": ["target", "wanted", "reached", ""],
        "rows": [target.row(figures) for target in TARGETS],
    }
