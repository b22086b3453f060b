"""baresip 1.0.0 (Debian 12) as a phone, driven over its ctrl_tcp module: JSON in netstrings.

    alice = await Baresip(self, "alice", registrar="127.0.0.1:5060", secret="...").start()
    await alice.registered()
    await alice.dial("sip:100@127.0.0.1")
    await alice.wait("CALL_ESTABLISHED")
    await alice.hears(880)

Events: REGISTER_OK, REGISTER_FAIL, CALL_INCOMING, CALL_RINGING, CALL_PROGRESS, CALL_ESTABLISHED, CALL_CLOSED
(param: the reason), TRANSFER (param: the Refer-To), TRANSFER_FAILED, CALL_DTMF_START (param: the digit),
CALL_DTMF_END, CALL_LOCAL_SDP, CALL_REMOTE_SDP (param: offer or answer), CALL_RTPESTAB, CALL_RTCP. `id` is the
Call-ID, `peeruri` the other side.

What this version cannot: attended transfer, Replaces (420), SHA-256 (not even beside MD5), UPDATE (501),
auto-answer headers. On hold it sends a=sendonly and no RTP. After the first re-INVITE it no longer records
what it hears: use `receives` there. Its RTP ports are bound on 0.0.0.0, so its packets come from 127.0.0.1
and not from its own address: tell phones apart by port.
"""

import re
import signal
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import ConnectError
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.peers.addresses import address, rtp_ports
from tests.peers.audio import Samples
from tests.peers.baresip_control import Control, Media
from tests.peers.baresip_setup import RECORDINGS, Setup, account, write
from tests.peers.events import Event, Events, asked, matching
from tests.peers.process import PeerProcess
from tests.peers.recordings import Recordings
from tests.peers.sip_trace import SipText, from_baresip
from tests.peers.waiting import PeerTimeout, reactor, tail, until, within

BINARY = "/usr/bin/baresip"
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_BIT_RATES = re.compile(r"^\s*(\[\d+:\d\d:\d\d\] audio=.*|ctrl_tcp: handle_command:  cmd='audio_debug'.*)?\n", re.M)


class Baresip:
    """One phone with one account. Every wait is bounded and says what was seen when it fails."""

    def __init__(
        self,
        test: TestCase,
        name: str,
        ip: str | None = None,
        registrar: str | None = None,
        secret: str = "secret",
        *,
        port: int = 5060,
        domain: str | None = None,
        auth_user: str | None = None,
        answer: str = "manual",
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        transport: str = "udp",
        expires: int = 600,
        tone: float = 440.0,
        source: Path | None = None,
        certificate: Path | None = None,
        authority: Path | None = None,
        mwi: bool = False,
        srtp: str = "",
    ) -> None:
        """Without `ip` it leases an address; without `registrar` ("ip" or "ip:port") it does not register.

        `answer` is "manual", "auto" (at once) or "early" (183 with a session description and no
        CALL_INCOMING; it is heard after `answer()` only); `codecs` of PCMU and PCMA, best first, or G722
        alone; `transport` udp, tcp or tls. It speaks a tone of `tone` Hz for two minutes, or the WAV file
        `source` (16 bit mono at the codec's rate). `certificate` (PEM with key) lets it listen for TLS on the
        port above its own, `authority` is what it trusts. With `mwi` it subscribes to its messages.
        `srtp` is "srtp" (RTP/AVP with keys: encrypted where the other side can) or "srtp-mand" (RTP/SAVP only).
        """
        self.test = test
        self.name = name
        self.ip = ip or address(test).ip
        self.port = port
        self.registrar = registrar
        self.directory = Path(test.mktemp()).absolute()
        # an IPv6 phone takes its commands, and its RTP ports, on an address of its own all the same
        own = self.ip if ":" not in self.ip else address(test).ip
        first, last = rtp_ports(own)
        self.control = (own, port + 10000)
        self.setup = Setup(
            name=name,
            ip=self.ip,
            port=port,
            registrar=registrar,
            domain=domain or registrar or (f"{self.ip}:{port}" if port != 5060 else self.ip),
            secret=secret,
            auth_user=auth_user or name,
            answer=answer,
            codecs=codecs,
            transport=transport,
            expires=expires,
            control=self.control,
            rtp_first=first,
            rtp_last=last,
            source=source,
            tone=tone,
            certificate=certificate,
            authority=authority,
            mwi=mwi,
            srtp=srtp,
        )
        family = "-6" if ":" in self.ip else "-4"
        command = [BINARY, family, "-f", str(self.directory), "-v", "-s"]
        self.recordings = Recordings(f"baresip {name}", self.directory / RECORDINGS, self.report)
        self.process = PeerProcess(f"baresip {name}", command, self.directory, on_end=self._ended)
        self.events = Events(f"baresip {name}", self.report)
        self._control: Control | None = None
        self._traced: tuple[int, list[SipText]] = (0, [])
        self._asked: dict[str, Deferred[dict[str, Any]]] = {}
        self._tokens = 0

    @property
    def aor(self) -> str:
        """Its address of record."""
        return f"sip:{self.name}@{self.setup.domain}"

    @property
    def uri(self) -> str:
        """A URI that reaches it without a registrar."""
        suffix = "" if self.port == 5060 else f":{self.port}"
        return f"sip:{self.name}@{self.ip}{suffix}"

    # Running

    async def start(self, timeout: float = 10.0) -> "Baresip":
        """Start the phone; comes back when it takes commands."""
        write(self.setup, self.directory)
        self.test.addCleanup(self.stop)
        self.process.start()
        await until(self._connected, timeout, what=f"baresip {self.name}: control", seen=self.report)
        if self.setup.mwi:
            # A phone that has registered within a millisecond of its start subscribes again and again, without end.
            await self.command("uanew", account(self.setup).strip())
        return self

    async def _connected(self) -> bool:
        if self.process.ended:
            raise PeerTimeout(f"baresip {self.name} did not start\n{self.report()}")
        endpoint = TCP4ClientEndpoint(reactor, *self.control, timeout=1)
        try:
            self._control = await connectProtocol(endpoint, Control(self._said, self._lost))
        except ConnectError:
            return False
        return True

    async def stop(self) -> None:
        """Unregister and end; killed when that takes more than a second, as it does without an answer."""
        await self.process.stop(signal.SIGINT, 1.0)

    async def unplug(self) -> None:
        """Vanish without a word, as a phone whose cable is pulled."""
        await self.process.kill()

    def freeze(self) -> None:
        """Stay on the network but answer nothing; `thaw` lets it go on."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        self.process.send_signal(signal.SIGCONT)

    def _ended(self) -> None:
        gone = PeerTimeout(f"baresip {self.name} is gone\n{self.report()}")
        self.events.end(gone)
        asked, self._asked = self._asked, {}
        for answered in asked.values():
            answered.errback(Failure(gone))

    def _lost(self) -> None:
        self._control = None

    def _said(self, message: dict[str, Any]) -> None:
        if message.get("event"):
            self.events.add(message)
        elif message.get("token") in self._asked:
            self._asked.pop(message["token"]).callback(message)

    # Commands

    async def command(self, command: str, params: str | None = None, timeout: float = 15.0) -> str:
        """Give a command and return its output without colours; AssertionError when it is refused."""
        if self._control is None:
            raise PeerTimeout(f"baresip {self.name}: no connection for {command}\n{self.report()}")
        self._tokens += 1
        message = {"command": command, "token": f"{self.name}-{self._tokens}"}
        answered: Deferred[dict[str, Any]] = Deferred()
        self._asked[message["token"]] = answered
        self._control.give(message | ({"params": params} if params else {}))
        what = f"baresip {self.name}: {command} {params or ''}"
        response = await within(answered, timeout, what=what, seen=self.report)
        if not response.get("ok"):
            raise AssertionError(f"{what}: {response.get('data')}")
        return _COLOURS.sub("", response.get("data") or "")

    async def registered(self, timeout: float = 20.0) -> None:
        """Wait until the registrar has answered 200."""

        async def ok() -> bool:
            return re.search(r"\sOK\b", await self.command("reginfo")) is not None

        await until(ok, timeout, what=f"baresip {self.name}: registration", seen=self.report)

    async def refused(self, timeout: float = 20.0) -> SipText:
        """Wait until a REGISTER was refused for good, and return that answer."""

        def answer() -> SipText | None:
            finals = [m for m in self.received() if m.method == "REGISTER" and m.status >= 300]
            challenges = [m for m in finals if m.status in (401, 407)]
            final = [m for m in finals if m not in challenges[:1]]
            return final[0] if final else None

        found: SipText = await until(answer, timeout, what=f"baresip {self.name}: refusal", seen=self.report)
        return found

    async def dial(self, uri: str) -> None:
        """Call; events of earlier calls are forgotten. The account's transport is put into the URI."""
        self.events.mark()
        await self.command("dial", uri)

    async def answer(self) -> None:
        """Answer the incoming call."""
        await self.command("accept")

    async def hangup(self) -> None:
        """End the current call, or refuse it with 486."""
        await self.command("hangup")

    async def hold(self) -> None:
        """Hold the current call; comes back when the other side has answered the re-INVITE."""
        await self._changed("hold")

    async def resume(self) -> None:
        """Resume the current call; comes back when the other side has answered the re-INVITE."""
        await self._changed("resume")

    async def _changed(self, command: str) -> None:
        before = len(self._answers("INVITE"))
        await self.command(command)
        await until(
            lambda: len(self._answers("INVITE")) > before,
            what=f"baresip {self.name}: answer to {command}",
            seen=self.report,
        )

    def _answers(self, method: str) -> list[SipText]:
        return [m for m in self.received() if m.status >= 200 and m.method == method]

    async def transfer(self, uri: str) -> None:
        """Transfer the current call without asking: REFER."""
        await self.command("transfer", uri)

    async def dtmf(self, digits: str) -> None:
        """Send digits as RFC 4733 events."""
        await self.command("sndcode", digits)

    async def calls(self) -> list[str]:
        """The calls it has, one line each: state and peer."""
        lines = (await self.command("listcalls")).splitlines()
        return [line.strip() for line in lines if "[line" in line]

    async def idle(self, timeout: float = 15.0) -> None:
        """Wait until it has no call."""

        async def none() -> bool:
            return not await self.calls()

        await until(none, timeout, what=f"baresip {self.name}: no call", seen=self.report)

    # What it saw

    def mark(self) -> None:
        """Forget events that were not asked for yet."""
        self.events.mark()

    async def wait(self, event_type: str, timeout: float = 15.0, **match: Any) -> Event:
        """The first event of that type since the mark, each handed out once: `wait("CALL_CLOSED", id=...)`.

        An incoming call that is handed out forgets the events before it.
        """
        what = asked(event_type, match)
        event = await self.events.wait(matching(event_type, match), what, timeout)
        if event_type == "CALL_INCOMING":
            self.events.forget_before(event)
        return event

    def trace(self) -> list[SipText]:
        """Every SIP message sent and received."""
        length = len(self.process.output)
        if length != self._traced[0]:
            self._traced = length, from_baresip(self.process.text())
        return list(self._traced[1])

    def received(self) -> list[SipText]:
        """The SIP messages received."""
        return [message for message in self.trace() if not self._is_own(message)]

    def sent(self) -> list[SipText]:
        """The SIP messages sent."""
        return [message for message in self.trace() if self._is_own(message)]

    def _is_own(self, message: SipText) -> bool:
        # over TCP and TLS the trace has addresses that say nothing, but a Via is always of who asked
        own = f"[{self.ip}]" if ":" in self.ip else self.ip
        listening = rf" {re.escape(own)}:({self.port}|{self.port + 1});"
        asked_by_it = re.search(listening, message.header("Via")) is not None
        return asked_by_it == (message.status == 0)

    def sdps(self, call_id: str | None = None) -> list[SipText]:
        """The messages with a session description, of one call or of all; see `SipText.media`."""
        with_body = [message for message in self.trace() if message.media()]
        return [m for m in with_body if call_id in (None, m.header("Call-ID"))]

    # What it heard

    async def media(self) -> Media:
        """Where the current call's audio goes, and the packet counters."""
        return Media.read(await self.command("audio_debug"))

    async def received_packets(self) -> int:
        """RTP packets received in the current call; 0 without one."""
        return (await self.media()).received

    async def receives(self, packets: int = 25, timeout: float = 15.0) -> None:
        """Wait until that many more packets have come in the current call."""
        before = await self.received_packets()

        async def more() -> bool:
            now = await self.received_packets()
            return now - (before if now >= before else 0) >= packets

        await until(more, timeout, what=f"baresip {self.name}: {packets} RTP packets", seen=self.report)

    def heard(self) -> tuple[Samples, int]:
        """What was heard in the newest call, to its first re-INVITE: samples and their rate."""
        return self.recordings.heard()

    async def hears(
        self, frequency: float, seconds: float = 0.3, timeout: float = 15.0, tolerance: float = 10.0
    ) -> None:
        """Wait until `seconds` of new audio are a tone of `frequency` Hz."""
        await self.recordings.hears(frequency, seconds, timeout, tolerance)

    async def hears_file(
        self, reference: Path, timeout: float = 15.0, score: float = 0.9
    ) -> tuple[float, float]:
        """Wait until the whole WAV file was heard in the newest call: where it began (s), and the score."""
        return await self.recordings.hears_file(reference, timeout, score)

    def report(self) -> str:
        """Events, SIP messages in short and the last output."""
        events = [f"  {e.get('type')} {e.get('param', '')} id={e.get('id', '')}" for e in self.events.seen]
        messages = [
            f"  {m.source} -> {m.destination} {m.first_line} [{m.header('CSeq')}]" for m in self.trace()
        ]
        return "\n".join(
            [
                f"  {len(self.events.seen)} events, {len(messages)} messages, {self.recordings.summary()}",
                *events[-25:],
                *messages[-25:],
                f"  {'running' if self.process.running else f'ended, exit code {self.process.exit_code}'}",
                tail(_BIT_RATES.sub("", _COLOURS.sub("", self.process.text()).replace("\r", "\n"))),
            ]
        )
