"""Plots as SVG text: curves on plain, logarithmic or percentile axes, and bars."""

import html
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 320, 70, 180, 34, 44
COLOURS = ["#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#17becf", "#7f7f7f"]
MAXIMUM_PERCENTILE = 99.99


class Linear:
    def __init__(self, values, low, high):
        self.start, self.end = min(0, *values), max(values) or 1
        self.low, self.high = low, high

    def place(self, value):
        return self.low + (value - self.start) / (self.end - self.start) * (self.high - self.low)

    def ticks(self):
        step = 10 ** math.floor(math.log10((self.end - self.start) / 4))
        step *= next(factor for factor in (1, 2, 5, 10) if (self.end - self.start) / (step * factor) <= 6)
        return [number * step for number in range(math.ceil(self.start / step), math.floor(self.end / step) + 1)]


class Logarithmic:
    def __init__(self, values, low, high):
        positive = [value for value in values if value > 0] or [1]
        self.start = math.floor(math.log10(min(positive)))
        self.end = max(self.start + 1, math.ceil(math.log10(max(positive))))
        self.low, self.high = low, high

    def place(self, value):
        power = math.log10(max(value, 10**self.start))
        return self.low + (power - self.start) / (self.end - self.start) * (self.high - self.low)

    def ticks(self):
        return [10.0**power for power in range(self.start, self.end + 1)]


class Percentile:
    """Equal space for each further nine."""

    def __init__(self, _, low, high):
        self.low, self.high = low, high

    def place(self, value):
        nines = -math.log10(1 - min(value, MAXIMUM_PERCENTILE) / 100)
        return self.low + nines / -math.log10(1 - MAXIMUM_PERCENTILE / 100) * (self.high - self.low)

    def ticks(self):
        return [0, 50, 90, 99, 99.9, 99.99]


AXES = {"lines": (Linear, Linear), "log-lines": (Logarithmic, Logarithmic), "percentiles": (Percentile, Logarithmic)}


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{html.escape(str(words))}</text>'


def frame(plot, parts, height=HEIGHT):
    title = plot["title"] + (f", {plot['y']}" if plot["y"] else "")
    label = html.escape(title)
    body = "".join(parts)
    return (f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">'
            + text(LEFT, 18, title, "start", 'font-weight="bold"') + body + "</svg>")  # fmt: skip


def curves(plot):
    series = [entry for entry in plot["series"] if entry["points"]]
    points = [point for entry in series for point in entry["points"]]
    if not points:
        return ""
    x_axis, y_axis = AXES[plot["kind"]]
    x = x_axis([point[0] for point in points], LEFT, WIDTH - RIGHT)
    y = y_axis([point[1] for point in points], HEIGHT - BOTTOM, TOP)
    parts = []
    for tick in x.ticks():
        at = x.place(tick)
        parts.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(text(at, HEIGHT - BOTTOM + 16, number(tick)))
    for tick in y.ticks():
        at = y.place(tick)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, at + 4, number(tick), "end"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, plot["x"]))
    for index, entry in enumerate(series):
        colour = COLOURS[index % len(COLOURS)]
        line = " ".join(f"{x.place(px):.1f},{y.place(py):.1f}" for px, py in entry["points"])
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        parts += [f'<circle cx="{x.place(px):.1f}" cy="{y.place(py):.1f}" r="2.2" fill="{colour}"/>'
                  for px, py in entry["points"]]  # fmt: skip
        parts.append(text(WIDTH - RIGHT + 10, TOP + 14 + index * 17, entry["name"], "start", f'fill="{colour}"'))
    return frame(plot, parts)


def bars(plot):
    points = [point for entry in plot["series"] for point in entry["points"]]
    if not points:
        return ""
    most = max(value for _, value in points) or 1
    start, room = 190, WIDTH - 190 - 90
    parts = []
    for index, (name, value) in enumerate(points):
        y = TOP + index * 22
        parts.append(text(start - 8, y + 13, name, "end"))
        parts.append(f'<rect x="{start}" y="{y}" width="{room * value / most:.1f}" height="16" fill="{COLOURS[0]}"/>')
        parts.append(text(start + room * value / most + 6, y + 13, number(value), "start"))
    return frame(plot, parts, TOP + len(points) * 22 + 8)


def render(plot):
    return bars(plot) if plot["kind"] == "bars" else curves(plot)
