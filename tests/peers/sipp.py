"""SIPp 3.6 as a peer: scripted callers, phones and registrations, with the traces to show what happened.

The scenarios of `scenarios/` (or a path to any other XML file); "stay" and "ring" are parameters:

callers, all of which answer one 401 or 407 and a re-INVITE, UPDATE, INFO, NOTIFY or OPTIONS within the call:
    uac             is answered (with or without ringing), stays, hangs up
    uac_greeting    the same, but ringing before the answer is an error
    uac_wait_bye    is answered and stays until the other side hangs up
    uac_hold        is answered, holds, resumes after "stay", hangs up after "stay"
    uac_update      is answered, sends UPDATE with a new offer, stays, hangs up
    uac_prack       acknowledges a reliable 180 or 183, then like uac
    uac_cancel      gives up "stay" after 180 or 183
    uac_refused     is refused with any final answer from 300 on
phones:
    uas             rings, answers after "ring", is hung up
    uas_at_once     answers without ringing, is hung up
    uas_bye         rings, answers after "ring", hangs up after "stay"
    uas_hold        answers after "ring", holds, resumes after "stay", is hung up
    uas_prack       the same as uas with a reliable 180
    uas_ring        rings until the CANCEL
    uas_late_200    its 200 crosses the CANCEL: ACK and BYE are due
    uas_busy        486
    uas_code        rings for "ring", then refuses: keys code, reason (480 Temporarily Unavailable)
    uas_challenge   401 first; the digest of "user" and "password" is answered, another is challenged again
    uas_redirect    302: key contact
    uas_silent      never answers anything, ends well after "stay"
the rest:
    subscribe       subscribes to [event] ([accept]) of "service", is notified four times, unsubscribes
    register        registers "caller" for `expires` seconds (key), with digest when asked; 0 unregisters
    register_refused  must end in 401, 403, 404 or 423
    options         OPTIONS, 200 is due
    uas_options     answers an OPTIONS with 200
    uas_registrar   a registrar for one REGISTER: digest with user and password, 403 when they are wrong

Keys of all: caller, domain, service (the number called), user, password, formats (payload types of the SDP).
SIPp's digest is MD5 only. A phone that registers is two runs on one address: `register` with `ip`, then `uas`
with the same.
"""

import csv
import io
import ipaddress
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.peers.addresses import address, rtp_ports
from tests.peers.process import PeerProcess
from tests.peers.sip_trace import SipText
from tests.peers.waiting import PeerTimeout, tail, until

BINARY = "/usr/bin/sipp"
SCENARIOS = Path(__file__).parent / "scenarios"
TRANSPORTS = {"udp": "u1", "tcp": "t1"}
DEFAULTS = {
    "caller": "caller",
    "formats": "0 8 101",
    "code": "480",
    "reason": "Temporarily Unavailable",
    "contact": "sip:nobody@127.0.0.1",
    "expires": "60",
    "realm": "peers",
    "event": "dialog",
    "accept": "application/dialog-info+xml",
}

_MESSAGE = re.compile(
    r"^-{20,} (\S+ \S+|\S+)\n(?:UDP|TCP|TLS) message (sent|received) (?:\(\d+ bytes\)|\[\d+\] bytes ?):?\n",
    re.M,
)


@dataclass(frozen=True)
class Traced(SipText):
    """A message as SIPp logged it."""

    sent: bool = False


@dataclass(frozen=True)
class SippResult:
    """How a run ended."""

    exit_code: int
    successful: int
    failed: int
    created: int
    retransmissions: int
    counters: Mapping[str, str] = field(repr=False)
    """The last row of the statistics, by SIPp's column names."""
    messages: Sequence[Traced] = field(repr=False)

    @property
    def statuses(self) -> list[int]:
        """Status codes received, in order."""
        return [message.status for message in self.messages if message.status and not message.sent]


class SippFailed(AssertionError):
    """A run ended with failed calls; the text has the errors and the messages."""


class Sipp:
    """One run of SIPp: `result = await Sipp(self, "uac", "127.0.0.1:5060", service="100").run()`."""

    def __init__(
        self,
        test: TestCase,
        scenario: str | Path,
        remote: str | None = None,
        *,
        ip: str | None = None,
        port: int = 5060,
        calls: int | None = 1,
        rate: int = 10,
        limit: int | None = None,
        service: str = "service",
        caller: str = "caller",
        domain: str | None = None,
        user: str | None = None,
        password: str = "secret",
        stay: float = 0.1,
        ring: float = 0.1,
        keys: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        inject: Sequence[Sequence[str]] | None = None,
        media: tuple[str, int] | None = None,
        transport: str = "udp",
        timeout: float = 15.0,
        extra: Sequence[str] = (),
    ) -> None:
        """`remote` is "ip" or "ip:port" (a caller needs it); times in seconds, whole milliseconds count.

        With `calls` None a phone serves until it is dismissed: needed where the server pings it with OPTIONS,
        for SIPp counts a ping as a call.

        `keys` are [words] of the scenario, `variables` its global $variables, `inject` rows for [field0] ...;
        `media` puts an address into the SDP, such as that of an RtpSink; `extra` are further options of SIPp.
        """
        self.test = test
        self.name = f"sipp {Path(scenario).stem}"
        self.scenario = Path(scenario) if "/" in str(scenario) else SCENARIOS / f"{scenario}.xml"
        self.ip = ip or address(test).ip
        self.port = port
        self.timeout = timeout
        self.directory = Path(test.mktemp()).absolute()
        self.directory.mkdir(parents=True)
        text = self.scenario.read_text().replace("[code]", (keys or {}).get("code", DEFAULTS["code"]))
        (self.directory / self.scenario.name).write_text(text)
        self._is_caller = not self.scenario.stem.startswith("uas")
        self._tcp = transport == "tcp"
        host = (remote or "").rpartition(":")[0] if re.search(r"[^:]:\d+$", remote or "") else remote
        words = DEFAULTS | {"caller": caller, "domain": domain or host or self.ip, "user": user or caller}
        own_media = rtp_ports(address(test).ip if ":" in self.ip else self.ip)[1] - 6
        rtp_ip, rtp_port = media or (self.ip, own_media)
        words |= {"password": password, "rtp_ip": rtp_ip, "rtp_port": str(rtp_port)} | dict(keys or {})
        options = [BINARY, *([remote] if remote else []), "-sf", self.scenario.name]
        options += ["-i", self.ip, "-p", str(port), "-ci", self.ip, "-t", TRANSPORTS[transport]]
        options += ["-bind_local", "-nostdin", "-skip_rlimit", "-r", str(rate)]
        options += ["-m", str(calls)] if calls else []
        options += ["-l", str(limit)] if limit else []
        options += ["-mi", self.ip, "-mp", str(own_media)]
        options += ["-au", user or caller, "-ap", password, "-s", service, "-d", str(round(stay * 1000))]
        options += ["-set", "ring_ms", str(round(ring * 1000))] if "ring_ms" in text else []
        options += ["-timeout", f"{max(1, round(timeout))}s", "-timeout_error", "-deadcall_wait", "500"]
        options += ["-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log"]
        options += ["-trace_stat", "-stf", "statistics.csv", "-fd", "1"]
        for word, value in words.items():
            options += ["-key", word, value]
        for variable, value in (variables or {}).items():
            options += ["-set", variable, value]
        if inject is not None:
            rows = "".join(";".join(row) + ";\n" for row in inject)
            (self.directory / "rows.csv").write_text("SEQUENTIAL\n" + rows)
            options += ["-inf", "rows.csv"]
        if self.scenario.stem == "uas_silent":
            options += ["-default_behaviors", "none"]
        self.process = PeerProcess(self.name, [*options, *extra], self.directory)

    @property
    def address(self) -> tuple[str, int]:
        """Where it sends from and listens."""
        return self.ip, self.port

    @property
    def uri(self) -> str:
        """A SIP URI that reaches it."""
        return f"sip:peer@{self.ip}:{self.port}" + (";transport=tcp" if self._tcp else "")

    async def start(self) -> "Sipp":
        """Start it; comes back when the socket is open."""
        self.test.addCleanup(self.stop)
        self.process.start()
        await until(
            lambda: self.process.ended or (self._tcp and self._is_caller) or self._bound(),
            5.0,
            what=f"{self.name}: open socket",
            seen=self.report,
        )
        if self.process.exit_code:
            raise SippFailed(f"{self.name}: ended at once\n{self.report()}")
        return self

    def _bound(self) -> bool:
        packed = ipaddress.ip_address(self.ip).packed
        words = [packed[at : at + 4][::-1] for at in range(0, len(packed), 4)]
        family = "6" if len(packed) > 4 else ""
        table = Path(f"/proc/net/{'tcp' if self._tcp else 'udp'}{family}").read_text()
        local = f" {b''.join(words).hex().upper()}:{self.port:04X} "
        return local + ("0" * 2 * len(packed) + ":0000 0A" if self._tcp else "") in table

    async def run(self) -> SippResult:
        """Start it and see it through: `start` and `finished`."""
        await self.start()
        return await self.finished()

    async def finished(self) -> SippResult:
        """Wait for the end; SippFailed when a call failed or SIPp did."""
        result = await self.ended()
        if result.exit_code:
            raise SippFailed(f"{self.name}: exit code {result.exit_code}\n{self.report()}")
        return result

    async def ended(self) -> SippResult:
        """Wait for the end, good or bad."""
        await self.process.wait_end(self.timeout + 5)
        return self.result()

    def result(self) -> SippResult:
        """The counters and messages so far."""
        counters = self._counters()

        def counted(name: str) -> int:
            return int(counters.get(name, "0") or 0)

        return SippResult(
            exit_code=-1 if self.process.exit_code is None else self.process.exit_code,
            successful=counted("SuccessfulCall(C)"),
            failed=counted("FailedCall(C)"),
            created=counted("TotalCallCreated"),
            retransmissions=counted("Retransmissions(C)"),
            counters=counters,
            messages=self.messages(),
        )

    def _counters(self) -> dict[str, str]:
        rows = list(csv.reader(io.StringIO(self._file("statistics.csv")), delimiter=";"))
        return dict(zip(rows[0], rows[-1], strict=False)) if len(rows) > 1 else {}

    def _file(self, name: str) -> str:
        path = self.directory / name
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def messages(self) -> list[Traced]:
        """Every message sent and received so far."""
        parts = _MESSAGE.split(self._file("messages.log"))
        return [
            Traced(parts[i + 2].lstrip("\n"), sent=parts[i + 1] == "sent")
            for i in range(1, len(parts) - 2, 3)
        ]

    async def message(self, what: str | int, timeout: float = 15.0, *, count: int = 1) -> Traced:
        """Wait for the `count`-th message received of a method ("CANCEL") or a status (183)."""

        def found() -> list[Traced]:
            got = [m for m in self.messages() if not m.sent]
            wanted = [m for m in got if what in (m.status, m.first_line.split(" ")[0])]
            return wanted[count - 1 :]

        name = f"{self.name}: {what}"
        await until(lambda: found() or self.process.ended, timeout, what=name, seen=self.report)
        arrived = found()
        if not arrived:
            raise PeerTimeout(f"{name}: ended without it\n{self.report()}")
        return arrived[0]

    async def stop(self) -> None:
        """End it now, whatever it does."""
        if self.process.running:
            await self.process.kill()

    async def dismiss(self) -> SippResult:
        """Take no new calls, end with the running ones; SippFailed when one failed."""
        self.process.send_signal(signal.SIGUSR1)
        return await self.finished()

    def report(self) -> str:
        """Errors, counters and the last messages."""
        lines = [f"  {'->' if m.sent else '<-'} {m.first_line} [{m.header('CSeq')}]" for m in self.messages()]
        traced = "\n".join(lines[-40:]) or "  (no messages)"
        last = "\n".join(m.text for m in self.messages()[-1:])
        return (
            f"  {self.ip}:{self.port}, {'running' if self.process.running else 'ended'},"
            f" exit code {self.process.exit_code}\n{traced}\n  the last message:\n{tail(last, 40)}\n"
            f"  errors:\n{tail(self._file('errors.log'))}\n  output:\n{tail(self.process.text(), 12)}"
        )
