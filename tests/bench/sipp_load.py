"""SIPp as a load: callers at a rate and the phone that answers them, and what both counted."""

import csv
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

SCENARIO = Path(__file__).with_name("sipp_uas.xml")
REGISTER = Path(__file__).with_name("sipp_register.xml")
NET = os.environ.get("BENCH_NET", "127.0.9")
"""Another one for a benchmark beside another."""

CALLER = f"{NET}.41"
PHONE = f"{NET}.42"
HOLD = 100
"""Milliseconds from answer to BYE."""
PATIENT = ("-max_invite_retrans", "9")
"""An INVITE is repeated for 32 seconds, as phones do; by itself SIPp gives up after 16."""

SLACK = 40
"""Seconds that the last calls may take beyond the time in which they are made."""


@dataclass(frozen=True)
class Load:
    """What became of a load; ``retransmissions`` on both sides, ``setup`` mean milliseconds from INVITE to 200."""

    calls: int
    failed: int
    retransmissions: int
    setup: float

    @property
    def is_clean(self) -> bool:
        return not self.failed and not self.retransmissions

    def __str__(self) -> str:
        return f"{self.failed} failed, {self.retransmissions} repeats, {self.setup:.0f} ms each"


class Phone:
    """SIPp at PHONE, answering every call until ``stop``; ``more`` are options of SIPp."""

    def __init__(self, on: list[str], *more: str) -> None:
        self._folder = TemporaryDirectory(prefix="bench-")
        self._figures = Path(self._folder.name, "uas.csv")
        self._process = sipp(on, ["-sf", str(SCENARIO), "-i", PHONE, "-p", "5060", *more], self._figures)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    @property
    def retransmissions(self) -> int:
        return int(last_row(self._figures).get("Retransmissions(C)", 0))


def call(
    server: str, rate: int, seconds: float, on: list[str], hold: int = HOLD, calls: int = 0, more: Sequence[str] = ()
) -> Load:  # fmt: skip
    """Call through ``server`` (its address) to the phone that it is set up to reach, ``rate`` times a second.

    ``hold``: milliseconds from answer to BYE; ``calls``: how many, if not as many as fit in; ``more``: options of SIPp.
    """
    return _made(["-sn", "uac", "-s", "5551234", "-d", str(hold), *more], server, rate, seconds + hold / 1000, on,
                 calls or int(rate * seconds))  # fmt: skip


def register(
    server: str, rate: int, seconds: float, on: list[str], users: Sequence[str], ip: str = CALLER
) -> Load:  # fmt: skip
    """Register ``users`` in turn, whose passwords are ``load`` and the user's name; each has its own challenge.

    ``ip`` is the address that they all have.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder, "users.csv")
        lines = [f"{user};[authentication username={user} password=load{user}]" for user in users]
        file.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
        return _made(["-sf", str(REGISTER), "-inf", str(file)], server, rate, seconds, on, int(rate * seconds), ip)


def _made(
    scenario: list[str], server: str, rate: int, seconds: float, on: list[str], calls: int, ip: str = CALLER
) -> Load:  # fmt: skip
    with TemporaryDirectory(prefix="bench-") as folder:
        figures = Path(folder, "uac.csv")
        arguments = [
            *scenario, f"{server}:5060", "-i", ip, "-p", "5060", "-r", str(rate), "-m", str(calls), "-l", "20000",
            "-recv_timeout", "40000", *PATIENT,
        ]  # fmt: skip
        process = sipp(on, arguments, figures)
        try:
            process.wait(seconds + SLACK)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        row = last_row(figures)
    answered = int(row.get("SuccessfulCall(C)", 0))
    return Load(calls, calls - answered, int(row.get("Retransmissions(C)", 0)), _milliseconds(row["ResponseTime1(C)"]))


def _milliseconds(text: str) -> float:
    """SIPp's ``hours:minutes:seconds:microseconds``."""
    hours, minutes, seconds, micros = map(int, text.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + micros / 1000


BUFFER = str(4 << 20)
"""Octets that wait for SIPp and for what it sends: with its own 64 KiB it loses answers at thousands a second."""


def sipp(on: list[str], arguments: list[str], figures: Path) -> "subprocess.Popen[bytes]":
    """SIPp on a core, its counters of each second in ``figures``."""
    binary = shutil.which("sipp")
    if binary is None:
        raise SystemExit("SIPp is needed (Debian's package sip-tester)")
    return subprocess.Popen(
        [*on, binary, *arguments, "-buff_size", BUFFER, "-nostdin", "-trace_stat", "-stf", str(figures), "-fd", "1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def last_row(figures: Path) -> dict[str, str]:
    if not figures.exists():
        return {}
    rows = list(csv.DictReader(figures.read_text("latin-1").splitlines(), delimiter=";"))
    return rows[-1] if rows else {}
