"""Line graphs as SVG, with nothing from outside."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 900, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 30, 34
COLOURS = ("#0b61a4", "#c2410c", "#15803d", "#7e22ce")
Values = Sequence[float | None]


def graph(title: str, unit: str, times: Sequence[float], lines: Sequence[tuple[str, Values]]) -> str:
    """An SVG element: ``lines`` are names with a value for each of ``times`` (seconds), None where there is none."""
    highest = max((value for _, values in lines for value in values if value is not None), default=0.0)
    top = _nice(highest or 1.0)
    end = max(times, default=0.0) or 1.0
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(time: float, value: float) -> str:
        return f"{LEFT + time / end * inner_width:.1f},{TOP + (1 - value / top) * inner_height:.1f}"

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12">',
        f'<text x="{LEFT}" y="18" font-weight="bold">{escape(title)}</text>',
    ]
    for step in range(5):
        y = TOP + step * inner_height / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * (1 - step / 4):g}</text>')
    for step in range(5):
        x, anchor = LEFT + step * inner_width / 4, "end" if step == 4 else "middle"
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 16}" text-anchor="{anchor}">{end * step / 4:.0f} s</text>')
    at = WIDTH - RIGHT
    for (name, values), colour in reversed(list(zip(lines, COLOURS, strict=False))):
        for piece in _pieces(times, values):
            points = " ".join(place(time, value) for time, value in piece)
            if len(piece) == 1:
                x_place, _, y_place = points.partition(",")
                parts.append(f'<circle cx="{x_place}" cy="{y_place}" r="2" fill="{colour}"/>')
                continue
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        label = f"{name}, {unit}" if unit else name
        parts.append(f'<text x="{at}" y="18" text-anchor="end" fill="{colour}">{escape(label)}</text>')
        at -= 8 * len(label) + 16
    return "".join([*parts, "</svg>"])


def _pieces(times: Sequence[float], values: Values) -> list[list[tuple[float, float]]]:
    """A line is broken where there is no value."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for time, value in zip(times, values, strict=True):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((time, value))
    return [piece for piece in pieces if piece]


def _nice(highest: float) -> float:
    """The next of 1, 2, 4, 5, 8 times a power of ten."""
    power = 10 ** floor(log10(highest))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= highest) if highest else float(ceil(1))
