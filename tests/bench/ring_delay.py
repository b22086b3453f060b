"""Ring delay under load: ``python -m tests.bench.ring_delay [--rate 350] [--seconds 30] [--before 35]
[--tree DIR]``.

SIPp calls through trunks at ``--rate``, which is to be 70 % of the highest clean rate that ``tests.bench.b2bua --ramp``
has found; the load tool calls lines and manager numbers meanwhile, three a second of each, and tells how long after its
INVITE a phone gets one. Once without the other calls, once with them, when there are as many transactions of theirs
as there will be: of the last 32 s. What the load tool itself was late by is told,
too: on a machine with two cores it shares one with SIPp.
"""

import argparse
import threading
import time
from pathlib import Path
from typing import Any

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.load_tool import loaded
from tests.bench.manager_calls import DIALLED, SCENARIO, groups
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import Load, Phone, call

RATE = 3
MORE = """\
[[callers]]
numbers = "4000-4999"
secret = "load{{number}}"
dial = "{dial}"
rate = {rate}
talk = 1
pause = 0
"""
SMOOTH = ("-timer_resol", "1")
"""As people call: SIPp by itself does all that is due once in 10 ms, at 730 calls/s seven calls in the same moment."""

HEAD_SECONDS = 8.0
"""Until the load tool's phones are registered and it calls."""


def tell(what: str, found: dict[str, Any]) -> None:
    delay, late, counts = found["values"]["ring_delay"], found["values"]["lateness"], found["counts"]
    print(
        f"{what}: ring delay p50 {delay['p50']:.1f}, p95 {delay['p95']:.1f}, p99 {delay['p99']:.1f}, at most "
        f"{delay['max']:.1f} ms of {delay['count']:.0f} calls; load tool late p99 {late['p99']:.1f} ms; "
        f"{counts.get('calls_failed', 0)} failed, {counts.get('repeated', 0)} repeats; server "
        f"{found['server_usage']['server_cpu']:.0f} % of a core",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ring_delay", description=__doc__)
    parser.add_argument("--rate", type=int, default=350)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--before", type=float, default=35.0, help="seconds of the other calls before it is measured")
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    scenario = SCENARIO.format(dial=DIALLED["plain"], rate=RATE, seconds=options.seconds)
    scenario += MORE.format(dial=DIALLED["manager"], rate=RATE)
    people = company(read(scenario + groups())).removeprefix("format = 1\n")
    with Phone(pinned(1), *SMOOTH) as phone, Magroup(options.tree.absolute(), COMPANY + people) as server:
        loaded(server, scenario, "--seconds", "3")
        tell("alone", loaded(server, scenario))
        begun, repeated = time.monotonic(), phone.retransmissions
        loads: list[Load] = []
        seconds = options.before + options.seconds + 2 * HEAD_SECONDS
        more = threading.Thread(target=lambda: loads.append(
            call(server.host, options.rate, seconds, pinned(1), more=SMOOTH)))  # fmt: skip
        more.start()
        time.sleep(options.before)
        tell(f"beside {options.rate} calls/s", loaded(server, scenario))
        more.join()
        print(f"these calls: {loads[0].failed} of {loads[0].calls} failed, "
              f"{loads[0].retransmissions + phone.retransmissions - repeated} repeats, "
              f"{loads[0].setup - 50:.1f} ms added, over {time.monotonic() - begun:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
