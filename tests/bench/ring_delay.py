"""Ring delay under load: ``python -m tests.bench.ring_delay [--share 0.7] [--rate N] [--seconds 45] [--before 40]
[--tree DIR]``.

SIPp calls through trunks, so many times a second that the server takes ``--share`` of a core, which differs from one
minute to the next; or at ``--rate``. The load tool calls lines and manager numbers meanwhile, three a
second of each, and tells how long after its INVITE a phone gets one. Once without the other calls, once with them, when
there are as many transactions of theirs as there will be: of the last 32 s. What the load tool itself was late by is
told, too: on a machine with two cores it shares one with SIPp. And in how many half seconds the server had the whole
core, which is when others wait.
"""

import argparse
import socket
import threading
import time
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any, Self

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.load_tool import loaded
from tests.bench.manager_calls import DIALLED, SCENARIO, groups
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import CALLER, HOLD, PATIENT, SLACK, Phone, last_row, sipp

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

FIRST_RATE = 500
CONTROL = 8930
"""SIPp's port for commands."""

LOOK_STEP = 0.5
LOOKS = 4
"""After so many the rate is corrected, by a factor of MOST at most."""

MOST = 1.1
FULL = 0.95


def tell(what: str, found: dict[str, Any]) -> None:
    delay, late, counts = found["values"]["ring_delay"], found["values"]["lateness"], found["counts"]
    print(
        f"{what}: ring delay p50 {delay['p50']:.1f}, p95 {delay['p95']:.1f}, p99 {delay['p99']:.1f}, at most "
        f"{delay['max']:.1f} ms of {delay['count']:.0f} calls; load tool late p99 {late['p99']:.1f} ms; "
        f"{counts.get('calls_failed', 0)} failed, {counts.get('repeated', 0)} repeats; server "
        f"{found['server_usage']['server_cpu']:.0f} % of a core",
        flush=True,
    )


class Beside:
    """SIPp's calls from trunk to trunk during a ``with`` block, ``rate`` a second.

    With a ``share`` of a core that the server is to take the rate is corrected all the time: what a call takes is not
    the same from one minute to the next. ``shares`` are what it took in each half second since ``look``.
    """

    def __init__(self, server: Magroup, rate: float, share: float | None) -> None:
        self.rate, self.rates = rate, [rate]
        self.shares: list[float] = []
        self._server, self._share = server, share
        self._folder = TemporaryDirectory(prefix="bench-")
        self._figures = Path(self._folder.name, "uac.csv")
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._steer)

    def __enter__(self) -> Self:
        self._process = sipp(pinned(1), [
            "-sn", "uac", "-s", "5551234", "-d", str(HOLD), *SMOOTH, f"{self._server.host}:5060", "-i", CALLER, "-p",
            "5060", "-r", f"{self.rate:.0f}", "-l", "20000", "-recv_timeout", "40000", *PATIENT, "-cp", str(CONTROL),
        ], self._figures)  # fmt: skip
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        # No more calls; it ends when those that are up have.
        self._tell("q")
        try:
            self._process.wait(SLACK)
        finally:
            self._process.kill()
            self._process.wait()
        self.counts = last_row(self._figures)
        self._folder.cleanup()

    def look(self) -> None:
        """Forget what was until now."""
        self.shares, self.rates = [], [self.rate]

    def _steer(self) -> None:
        used, at, found = seconds_of(self._server), time.monotonic(), list[float]()
        while not self._is_over.wait(LOOK_STEP):
            more, now = seconds_of(self._server), time.monotonic()
            found.append((more - used) / (now - at))
            self.shares.append(found[-1])
            used, at = more, now
            if self._share is not None and len(found) == LOOKS:
                self.rate *= min(max(self._share / max(mean(found), 0.01), 1 / MOST), MOST)
                self.rates.append(self.rate)
                self._tell(f"cset rate {self.rate:.0f}")
                found.clear()

    def _tell(self, command: str) -> None:
        """Something that SIPp's control port understands."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            control.sendto(command.encode(), ("127.0.0.1", CONTROL))

    def __str__(self) -> str:
        full = sum(share >= FULL for share in self.shares)
        return (
            f"{min(self.rates):.0f} to {max(self.rates):.0f} calls/s, {mean(self.shares):.0%} of a core, the whole "
            f"of it in {full} of {len(self.shares)} half seconds, at most {max(self.shares):.0%}"
        )


def seconds_of(server: Magroup) -> float:
    """CPU seconds it has taken so far."""
    used = server.usage()
    return used.user + used.system


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ring_delay", description=__doc__)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument("--rate", type=int, help="calls a second, whatever they take")
    parser.add_argument("--seconds", type=float, default=45.0)
    parser.add_argument("--before", type=float, default=40.0, help="seconds of the other calls before it is measured")
    parser.add_argument("--tree", type=Path, default=TREE)
    options = parser.parse_args()
    scenario = SCENARIO.format(dial=DIALLED["plain"], rate=RATE, seconds=options.seconds)
    scenario += MORE.format(dial=DIALLED["manager"], rate=RATE)
    people = company(read(scenario + groups())).removeprefix("format = 1\n")
    with Phone(pinned(1), *SMOOTH) as phone, Magroup(options.tree.absolute(), COMPANY + people) as server:
        loaded(server, scenario, "--seconds", "3")
        tell("alone", loaded(server, scenario))
        repeated, share = phone.retransmissions, None if options.rate else options.share
        with Beside(server, options.rate or FIRST_RATE, share) as beside:
            time.sleep(options.before)
            beside.look()
            found = loaded(server, scenario)
            told = str(beside)
        tell("beside them", found)
    counts = beside.counts
    repeats = int(counts["Retransmissions(C)"]) + phone.retransmissions - repeated
    print(f"these calls: {told}; {counts['FailedCall(C)']} of {counts['OutgoingCall(C)']} failed, {repeats} repeats")


if __name__ == "__main__":
    main()
