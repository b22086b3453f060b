"""The report of a load as one HTML page that needs nothing else."""

from collections.abc import Iterator
from html import escape

from magroup.load.graph import graph
from magroup.load.report_text import SHOWN, UNITS, USAGE
from magroup.load.result import Result

STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1c1c1c;background:#fff}"
    "table{border-collapse:collapse;margin:1em 0}th,td{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.missed{color:#b00020;font-weight:bold}"
    ".kept{color:#15692e}svg{width:100%;height:auto;margin:.5em 0}h2{margin-top:1.6em}"
)


def as_html(result: Result) -> str:
    """The whole page."""
    return "\n".join(_page(result)) + "\n"


def _page(result: Result) -> Iterator[str]:
    title = escape(f"{result.name or 'Load'}: {result.server}")
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
    yield f"<h1>{title}</h1>"
    cut = ", cut short" if result.is_cut_short else ""
    yield (f"<p>{escape(result.started_at)}, {result.seconds:.1f} s with {result.workers} workers{cut}; "
           f"magroup {escape(result.version)}</p>")  # fmt: skip
    if result.problem:
        yield f'<p class="missed">Not done: {escape(result.problem)}</p></body></html>'
        return
    if result.verdicts:
        yield "<h2>Limits</h2><table>"
        for verdict in result.verdicts:
            name = "kept" if verdict.is_kept else "missed"
            yield f'<tr><td class="{name}">{name}</td><td>{escape(str(verdict))}</td></tr>'
        yield "</table>"
    for note in result.notes:
        yield f"<p>Note: {escape(note)}</p>"
    yield from _graphs(result)
    yield "<h2>Times and shares</h2><table><tr><th>measured</th><th>unit</th>"
    yield "".join(f'<th class="n">{one}</th>' for one in (*SHOWN, "count")) + "</tr>"
    for _, name, unit, found in result.statistics():
        cells = "".join(f'<td class="n">{found[one]:.2f}</td>' for one in SHOWN)
        yield f'<tr><td>{escape(name)}</td><td>{unit}</td>{cells}<td class="n">{found["count"]:.0f}</td></tr>'
    yield "</table><h2>Counts</h2><table>"
    for _, what, count in result.counts():
        yield f'<tr><td>{escape(what)}</td><td class="n">{count}</td></tr>'
    yield "</table>"
    reasons = list(result.reasons())
    if reasons:
        yield "<h2>What failed, and why</h2><table>"
        for kind, text, count in reasons:
            yield f'<tr><td>{escape(kind)}</td><td>{escape(text)}</td><td class="n">{count}</td></tr>'
        yield "</table>"
    yield "<h2>Server and load tool</h2><table>"
    for name, value in result.usage.items():
        yield f'<tr><td>{USAGE[name]}</td><td class="n">{value:.2f}</td><td>{UNITS[name]}</td></tr>'
    yield (f'<tr><td>busiest worker of the load tool</td><td class="n">{result.tool_cpu:.2f}</td>'
           "<td>% of a processor</td></tr></table></body></html>")  # fmt: skip


def _graphs(result: Result) -> Iterator[str]:
    points = result.points
    if len(points) < 2:
        return
    times = [point.at for point in points]
    yield "<h2>Over time</h2>"
    yield graph("Calls a second", "", times, [
        ("offered", [point.offered for point in points]), ("failed", [point.failed for point in points]),
        ("served", [point.served for point in points]),
    ])  # fmt: skip
    yield graph("At the moment", "", times, [
        ("calls", [point.calls_up for point in points]), ("phones", [point.phones_registered for point in points]),
    ])  # fmt: skip
    yield graph("Post-dial delay", "ms", times, [
        ("median", [point.delay_p50 for point in points]), ("p95", [point.delay_p95 for point in points]),
    ])  # fmt: skip
    if any(point.server_cpu is not None for point in points):
        yield graph("CPU", "%", times, [
            ("server", [point.server_cpu for point in points]),
            ("busiest worker", [point.tool_cpu for point in points]),
        ])  # fmt: skip
        yield graph("Memory of the server", "MiB", times, [("memory", [point.server_memory for point in points])])
