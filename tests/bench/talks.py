"""Calls that are up while something happens to the server: SIPp at both ends, and what became of each hang-up."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.bench.sipp_load import NET, PATIENT, last_row, sipp
from tests.peers.sipp import SCENARIOS

CALLERS = f"{NET}.44"
PHONES = f"{NET}.45"
NUMBER = "7001"
TRUNKS = f"""\
[[trunks]]
name = "talkers"
address = "{CALLERS}:5060"
inbound_addresses = ["{CALLERS}"]
ping_interval = 0
[[trunks]]
name = "their phones"
address = "{PHONES}:5060"
prefix = "7"
ping_interval = 0
"""
UNEXPECTED = re.compile(r"Aborting call on unexpected message .*?received 'SIP/2.0 (\d+) [^']*? BYE\r?\n")
GIVEN_UP = 40
"""Seconds for which a hang-up is repeated."""


@dataclass(frozen=True)
class Talked:
    """What became of ``calls``: hang-ups that were ``answered`` (200), ``refused`` or never answered, and how many of
    the called were hung up (``heard``).
    """

    calls: int
    answered: int
    refused: int
    heard: int


class Talks:
    """``begin`` calls that last so many seconds; both ends answer what is said to them meanwhile."""

    def __init__(self, server: str, on: list[str]) -> None:
        self._server = server
        self._on = on
        self._folder = TemporaryDirectory(prefix="bench-")
        self._figures = Path(self._folder.name)
        self._callers: list[tuple[subprocess.Popen[bytes], int, float]] = []
        self._phones = sipp(on, self._end("uas", PHONES, 5060, "-set", "ring_ms", "50"), self._figures / "uas.csv")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._phones, *(one for one, _, _ in self._callers)):
            process.kill()
            process.wait()
        self._folder.cleanup()

    def _end(self, scenario: str, ip: str, port: int, *more: str) -> list[str]:
        arguments = ["-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", ip, "-p", str(port), *more]
        words = {"domain": self._server, "caller": "talker", "formats": "0 101", "rtp_ip": ip, "rtp_port": "30000"}
        for word, value in words.items():
            arguments += ["-key", word, value]
        return arguments

    def begin(self, calls: int, seconds: float) -> None:
        """All within a second."""
        port = 5060 + len(self._callers)
        arguments = self._end("uac", CALLERS, port, "-s", NUMBER, "-d", str(round(seconds * 1000)), "-r", str(calls),
                              "-m", str(calls), "-l", str(calls), *PATIENT, "-trace_err", "-error_file",
                              str(self._figures / f"{port}.err"))  # fmt: skip
        process = sipp(self._on, [f"{self._server}:5060", *arguments], self._figures / f"{port}.csv")
        self._callers.append((process, calls, seconds))

    def ended(self) -> list[Talked]:
        """Wait until all callers have hung up or given up; those of each ``begin``, and of all together."""
        found = []
        for at, (process, calls, seconds) in enumerate(self._callers):
            try:
                process.wait(seconds + GIVEN_UP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            row = last_row(self._figures / f"{5060 + at}.csv")
            # SIPp breaks a call off whose hang-up is answered just when it is to answer an UPDATE.
            errors = self._figures / f"{5060 + at}.err"
            statuses = UNEXPECTED.findall(errors.read_text()) if errors.exists() else []
            answered = int(row["SuccessfulCall(C)"]) + statuses.count("200")
            found.append(Talked(calls, answered, len(statuses) - statuses.count("200"), 0))
        # The called hear of it a moment later, and the figures are written each second.
        time.sleep(5)
        self._phones.terminate()
        self._phones.wait()
        heard = int(last_row(self._figures / "uas.csv")["SuccessfulCall(C)"])
        return [*found, Talked(*(sum(values) for values in zip(*(
            (one.calls, one.answered, one.refused) for one in found), strict=True)), heard)]  # fmt: skip
