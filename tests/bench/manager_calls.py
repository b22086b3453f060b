"""Calls to manager numbers beside plain calls: ``python -m tests.bench.manager_calls [--rate 20] [--ramp]``.

The load tool calls lines, and then the manager numbers of groups whose managers these are: the call is answered with an
announcement, the manager's phone rings and answers, both are connected, and hung up after a second. The CPU of the
server for each says how many of them a core takes. ``--ramp`` looks for the highest rate that runs so long without a
failure or a repeated message; where the load tool was the limit, that is told.
"""

import argparse
from pathlib import Path
from statistics import median
from typing import Any

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.load_tool import loaded
from tests.bench.sip_servers import TREE, Magroup

GROUPS = 20
RAMP = (20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 500)
LATE = 50.0
"""Milliseconds (p99) that the load tool may be late."""
SCENARIO = """\
[run]
seconds = {seconds}
[media]
rtp = "none"
[[phones]]
numbers = "2000-2019"
secret = "load{{number}}"
after = 0
calls = 99
[[callers]]
numbers = "3000-3999"
secret = "load{{number}}"
dial = "{dial}"
rate = {rate}
talk = 1
pause = 0
"""
GROUP = """\
[[groups]]
number = "{number}"
members = ["{member}"]
options = {{ announcements = ["Music.wav"] }}
"""
DIALLED = {"plain": "2000-2019", "manager": "9000-9019"}


def groups() -> str:
    return "".join(GROUP.format(number=9000 + at, member=2000 + at) for at in range(GROUPS))


def report(server: Magroup, kind: str, rate: float, seconds: float) -> dict[str, Any]:
    return loaded(server, SCENARIO.format(dial=DIALLED[kind], rate=rate, seconds=seconds))


def cpu(found: dict[str, Any]) -> float:
    """Milliseconds for each call."""
    return float(found["server_usage"]["cpu_per_call"])


def line(kind: str, rate: float, found: dict[str, Any]) -> str:
    counts, values = found["counts"], found["values"]
    return (
        f"{kind:8} {rate:4}/s  {cpu(found):5.2f} ms a call  {found['server_usage']['server_cpu']:3.0f} % of a core  "
        f"{counts.get('calls_failed', 0)} failed, {counts.get('repeated', 0)} repeats, ring delay p50 "
        f"{values['ring_delay']['p50']:.1f}, p99 {values['ring_delay']['p99']:.1f} ms, load tool late p99 "
        f"{values['lateness']['p99']:.1f} ms"
    )


def ramp(tree: Path, text: str, seconds: float) -> None:
    best = {}
    for kind in DIALLED:
        with Magroup(tree, text) as server:
            for rate in RAMP:
                found = report(server, kind, rate, seconds)
                print(line(kind, rate, found), flush=True)
                counts = found["counts"]
                if found["values"]["lateness"]["p99"] > LATE:
                    print(f"{kind}: the load tool was the limit", flush=True)
                    break
                if counts.get("calls_failed") or counts.get("repeated"):
                    break
                best[kind] = rate
    print(f"clean: {best}, {best.get('manager', 0) / best.get('plain', 1):.2f} of the plain rate")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.manager_calls", description=__doc__)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tree", type=Path, default=TREE)
    parser.add_argument("--ramp", action="store_true")
    options = parser.parse_args()
    text = company(read(SCENARIO.format(dial="2000", rate=1, seconds=1) + groups()))
    if options.ramp:
        ramp(options.tree.absolute(), text, options.seconds)
        return
    costs: dict[str, list[float]] = {kind: [] for kind in DIALLED}
    for _ in range(options.rounds):
        for kind in DIALLED:
            with Magroup(options.tree.absolute(), text) as server:
                report(server, kind, options.rate, 3)
                found = report(server, kind, options.rate, options.seconds)
            costs[kind].append(cpu(found))
            print(line(kind, options.rate, found), flush=True)
    plain, manager = median(costs["plain"]), median(costs["manager"])
    print(f"plain {plain:.2f} ms a call, manager number {manager:.2f} ms: {plain / manager:.2f} of the plain rate")


if __name__ == "__main__":
    main()
