"""The report of a load as text."""

from collections.abc import Iterator

from magroup.load.result import Result

SHOWN = ("p50", "p95", "p99", "max", "mean")
UNITS = {"server_cpu": "% of a processor", "server_cpu_most": "% of a processor", "server_memory": "MiB",
         "server_memory_growth": "MiB", "cpu_per_call": "ms of CPU a call"}  # fmt: skip
USAGE = {"server_cpu": "server CPU", "server_cpu_most": "server CPU, most", "server_memory": "server memory, most",
         "server_memory_growth": "server memory, growth", "cpu_per_call": "server CPU"}  # fmt: skip


def as_text(result: Result) -> str:
    """Lines for a terminal."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield f"{result.name or 'load'} against {result.server}, {result.started_at}"
    if result.problem:
        yield f"Not done: {result.problem}"
        return
    cut = ", cut short" if result.is_cut_short else ""
    yield f"{result.seconds:.1f} s with {result.workers} worker{'s' if result.workers > 1 else ''}{cut}"
    counts = list(result.counts())
    if counts:
        yield ""
        for _, what, count in counts:
            yield f"{count:12}  {what}"
    statistics = list(result.statistics())
    if statistics:
        yield ""
        yield f"{'':26}{'':4}" + "".join(f"{one:>11}" for one in SHOWN) + f"{'count':>11}"
        for _, title, unit, found in statistics:
            yield f"{title:26}{unit:4}" + "".join(f"{found[one]:11.2f}" for one in SHOWN) + f"{found['count']:11.0f}"
    reasons = list(result.reasons())
    if reasons:
        yield ""
        for kind, text, count in reasons:
            yield f"{count:12}  {kind}: {text}"
    if result.usage:
        yield ""
        for name, value in result.usage.items():
            yield f"{value:12.2f}  {USAGE[name]}, {UNITS[name]}"
        yield f"{result.tool_cpu:12.2f}  busiest worker of the load tool, % of a processor"
    for note in result.notes:
        yield f"Note: {note}"
    if result.verdicts:
        yield ""
        for verdict in result.verdicts:
            yield f"{'kept  ' if verdict.is_kept else 'MISSED'}  {verdict}"
