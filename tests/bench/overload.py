"""More calls than can be served: ``python -m tests.bench.overload [--seconds 10] [--times 2] [--rounds 2]``.

First the peak is looked for: SIPp calls at more and more a second, until fewer are served than are made. Then half of
the peak is called all the time, and for ``--seconds`` so much more that it is ``--times`` the peak; in turn with as
much as can just not be served (1.15 times the peak), for machines that are not always as fast. Meanwhile calls
that were up before go on and end, and phones that are registered register again. Callers take 503 for an answer.

Told are the calls served a second (after the first second, in which nothing may be refused yet), what became of the
calls that were up and of the registrations, and how long after the overload the last call was refused.
"""

import argparse
import csv
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from magroup.load.company import company
from magroup.load.reading import read
from tests.bench.sip_servers import COMPANY, TREE, Magroup, pinned
from tests.bench.sipp_load import CALLER, NET, PATIENT, SLACK, Phone, register, sipp

SCENARIO = Path(__file__).with_name("sipp_overload.xml")
PHONES = f"{NET}.44"
USERS = [f"{number}" for number in range(20_000, 20_200)]
LINES = company(read('[[phones]]\nnumbers = "20000-20199"\nsecret = "load{number}"\n'))
FIRST, STEP = 200, 1.25
RAMP_SECONDS = 5.0
BEFORE, AFTER = 3.0, 8.0
HELD, HELD_RATE = 60, 30
REGISTERED_RATE = 20
JUST_TOO_MUCH = 1.15


@dataclass(frozen=True)
class Second:
    """What SIPp counted in one second that began at ``at`` (of ``time.time``)."""

    at: float
    made: int
    served: int
    refused: int
    failed: int


FAILED = "Failed"
"""How the names of SIPp's counters begin, of which each is a reason."""

ERRORS = 20
"""Lines of SIPp's errors that are kept."""


class Callers:
    """SIPp that calls ``rate`` times a second from now on, ``calls`` in all; ``hold``: milliseconds until BYE.

    When they have finished ``reasons`` are why calls failed, by SIPp's names, and ``errors`` the first lines of
    what it said of it.
    """

    def __init__(self, server: str, rate: int, calls: int, port: int, hold: int = 100) -> None:
        self._folder = TemporaryDirectory(prefix="bench-")
        self._figures = Path(self._folder.name, "uac.csv")
        self._errors = Path(self._folder.name, "errors")
        self._longest = calls / rate + hold / 1000 + SLACK
        self.reasons: dict[str, int] = {}
        self.errors: list[str] = []
        self._process = sipp(pinned(1), [
            "-sf", str(SCENARIO), f"{server}:5060", "-i", CALLER, "-p", str(port), "-r", str(rate), "-m", str(calls),
            "-d", str(hold), "-l", "30000", "-recv_timeout", "35000",
            "-trace_err", "-error_file", str(self._errors), *PATIENT,
        ], self._figures)  # fmt: skip

    def finished(self) -> list[Second]:
        """What became of them, by seconds."""
        try:
            self._process.wait(self._longest)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        rows = list(csv.DictReader(self._figures.read_text("latin-1").splitlines(), delimiter=";"))
        self.reasons = {
            name.removeprefix(FAILED).removesuffix("(C)"): int(count) for name, count in rows[-1].items()
            if name.startswith(FAILED) and name.endswith("(C)") and name != f"{FAILED}Call(C)" and int(count)
        }  # fmt: skip
        if self._errors.exists():
            with self._errors.open(encoding="latin-1") as errors:
                self.errors = [line.rstrip() for line in islice(errors, ERRORS)]
        self._folder.cleanup()
        return [
            Second(
                float(row["CurrentTime"].split("\t")[-1]), int(row["OutgoingCall(P)"]), int(row["served(P)"]),
                int(row["refused(P)"]), int(row["FailedCall(P)"]),
            ) for row in rows
        ]  # fmt: skip


def total(seconds: list[Second]) -> Second:
    """Of all of them."""
    return Second(
        seconds[-1].at, sum(one.made for one in seconds), sum(one.served for one in seconds),
        sum(one.refused for one in seconds), sum(one.failed for one in seconds),
    )  # fmt: skip


def find_peak(server: Magroup) -> float:
    """Calls a second, at most; steps of a quarter until fewer than nine tenths are served."""
    best, rate = 0.0, FIRST
    while True:
        began = time.time()
        seconds = Callers(server.host, rate, int(rate * RAMP_SECONDS), 5060).finished()
        # What waited until the load was over is no sign of strength.
        served, _ = a_second(seconds, began + 1.0, began + RAMP_SECONDS)
        found = total(seconds)
        print(f"{rate} calls/s: {served:.0f}/s served, {found.refused} refused, {found.failed} failed",
              flush=True)  # fmt: skip
        best = max(best, served)
        if served < 0.9 * rate:
            return best
        rate = int(rate * STEP)
        time.sleep(2.0)


def a_second(calls: list[Second], start: float, end: float) -> tuple[float, float]:
    """Served and refused a second between two moments."""
    found = [second for second in calls if start <= second.at - 1.0 and second.at <= end]
    return sum(one.served for one in found) / len(found), sum(one.refused for one in found) / len(found)


def overload(server: Magroup, peak: float, times: float, seconds: float) -> float:
    """The calls served a second."""
    base, more = int(peak / 2), int(peak * (times - 0.5))
    register(server.host, 100, len(USERS) / 100, pinned(1), USERS, PHONES)
    time.sleep(2.0)
    length = BEFORE + seconds + AFTER
    with ThreadPoolExecutor(1) as beside:
        registering = beside.submit(register, server.host, REGISTERED_RATE, length, pinned(1), USERS, PHONES)
        steady = Callers(server.host, base, int(base * length), 5060)
        held = Callers(server.host, HELD_RATE, HELD, 5080, int((BEFORE + 0.6 * seconds) * 1000))
        time.sleep(BEFORE)
        before, began = server.usage(), time.time()
        flood = Callers(server.host, more, int(more * seconds), 5070)
        time.sleep(seconds)
        after, ended = server.usage(), time.time()
        calls = [steady.finished(), flood.finished()]
        up, load = total(held.finished()), registering.result()
    rates = [a_second(found, began + 1.0, ended) for found in calls]
    served, refused = sum(rate[0] for rate in rates), sum(rate[1] for rate in rates)
    late = [second for second in calls[0] if second.at > ended and second.refused]
    recovery = max((second.at - ended for second in late), default=0.0)
    failed = sum(second.failed for found in calls for second in found)
    busy = (after.user + after.system - before.user - before.system) / seconds
    print(f"{base + more} calls/s for {seconds:g} s: {served:.0f}/s served, {served / peak:.0%} of the peak, "
          f"{refused:.0f}/s refused, {failed} failed; {busy:.0%} of a core")  # fmt: skip
    for why in (steady.reasons, flood.reasons):
        if why:
            print("failed:", ", ".join(f"{name} {count}" for name, count in why.items()))
    print(f"calls that were up: {up.served} of {HELD} ended as they should, {up.refused} refused, {up.failed} failed")
    print(f"registrations of those who were: {load.calls - load.failed} of {load.calls}, "
          f"{load.retransmissions} repeats, {load.setup:.0f} ms")  # fmt: skip
    print(f"the last call was refused {recovery:.1f} s after, at {base} calls/s", flush=True)
    for name, found in (("steady", calls[0]), ("more", calls[1])):
        print(f"{name}, served and refused by seconds:", *(f"{one.served}+{one.refused}" for one in found), flush=True)
    return served


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--times", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peak", type=float, default=0.0, help="calls a second; 0: look for it")
    parser.add_argument("--tree", type=Path, default=TREE)
    parser.add_argument("--off", action="store_true", help="nothing is refused")
    options = parser.parse_args()
    settings = {"SIP_OPTIONS_PING_INTERVAL": "0"} | ({"OVERLOAD_WAIT": "0"} if options.off else {})
    lines = LINES.removeprefix("format = 1\n")
    server = Magroup(options.tree.absolute(), COMPANY + lines, **settings)
    with Phone(pinned(1)), server:
        peak = options.peak or find_peak(server)
        found: dict[float, list[float]] = {JUST_TOO_MUCH: [], options.times: []}
        for _ in range(options.rounds):
            for times, rates in found.items():
                rates.append(overload(server, peak, times, options.seconds))
        just, much = (median(rates) for rates in found.values())
        print(f"{options.times} times the peak: {much:.0f}/s served, {much / just:.0%} of {just:.0f}/s at "
              f"{JUST_TOO_MUCH} times, {much / peak:.0%} of {peak:.0f}/s, the peak")  # fmt: skip


if __name__ == "__main__":
    main()
