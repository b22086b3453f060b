"""linphone-daemon 5.1 (Debian 12) as a phone, driven by text commands over a unix socket.

    lin = await Linphone(self, "lin", registrar="127.0.0.1:5060", secret="...").start()
    await lin.registered()
    call = await lin.dial("sip:100@127.0.0.1")
    await lin.wait("StreamsRunning", call)
    await lin.play(wav, call)

States of a call, in the order of a life: IncomingReceived, IncomingEarlyMedia, OutgoingInit,
OutgoingProgress, OutgoingRinging, OutgoingEarlyMedia, Connected, StreamsRunning, Pausing, Paused,
PausedByRemote, Resuming, Referred, UpdatedByRemote, Updating, Error, End, Released. Calls are numbered from 1
in the order in which they began.

What it can beside baresip: attended transfer, Replaces, SHA-256, UPDATE, PRACK. What it cannot: record
(`streams` counts packets instead, when a stream has ended), and speak before `play` (no RTP at all is sent
until then). `call-stats` kills it, so nothing here asks for that. It makes its socket in /tmp whatever TMPDIR
says.
"""

import os
import re
import signal
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.internet.error import ConnectError
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.peers.addresses import address, rtp_ports
from tests.peers.events import Event, Events, asked, matching
from tests.peers.linphone_pipe import Pipe, fields, read_event
from tests.peers.linphone_setup import Setup, write
from tests.peers.process import PeerProcess
from tests.peers.sip_trace import SipText, from_linphone
from tests.peers.waiting import PeerTimeout, reactor, tail, until, within

BINARY = "/usr/bin/linphone-daemon"
SOCKETS = Path("/tmp")
POLL = 0.04
"""Seconds between two looks for events."""

XDG = {"CONFIG_HOME": ".config", "DATA_HOME": ".local/share", "CACHE_HOME": ".cache"}
CODECS = {
    "PCMU": "PCMU/8000/1",
    "PCMA": "PCMA/8000/1",
    "G722": "G722/8000/1",
    "opus": "opus/48000/2",
}

_numbers = count(1)


class Linphone:
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
        auto_answer: bool = False,
        early_media: bool = False,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        transport: str = "udp",
        expires: int = 600,
        authority: Path | None = None,
        publish: bool = False,
        srtp: bool = False,
    ) -> None:
        """Without `ip` it leases an address; without `registrar` ("ip" or "ip:port") it does not register.

        `early_media` sends 183 with media to a caller; `codecs` of PCMU, PCMA, G722, opus, best first;
        `transport` udp, tcp or tls, with `authority` as what it trusts (without, it trusts everybody);
        `publish` says its presence, which is that it is there; with `srtp` it speaks encrypted (SDES) or not at all.
        """
        self.test = test
        self.name = name
        self.ip = ip or address(test).ip
        self.port = port
        self.registrar = registrar
        self.codecs = codecs
        self.directory = Path(test.mktemp()).absolute()
        self.socket = SOCKETS / f"magroup-peer-{os.getpid()}-{next(_numbers)}-{name}"
        first, last = rtp_ports(address(test).ip if ":" in self.ip else self.ip)
        self.setup = Setup(
            name=name,
            ip=self.ip,
            port=port,
            registrar=registrar,
            domain=domain or registrar or self.ip,
            secret=secret,
            auth_user=auth_user or name,
            transport=transport,
            expires=expires,
            early_media=early_media,
            rtp_first=first,
            rtp_last=last,
            authority=authority,
            publish=publish,
            srtp=srtp,
        )
        command = [BINARY, "--pipe", self.socket.name, "--config", str(self.directory / "linphonerc")]
        command += ["--log", str(self.log_file), "--disable-stats-events"]
        self.process = PeerProcess(
            f"linphone {name}",
            command + (["--auto-answer"] if auto_answer else []),
            self.directory,
            environment={f"XDG_{kind}": str(self.directory / folder) for kind, folder in XDG.items()},
            memory=4 << 30,
            on_end=self._ended,
        )
        self.events = Events(f"linphone {name}", self.report)
        self._pipe: Pipe | None = None
        self._turn = DeferredLock()
        self._polling: LoopingCall | None = None

    @property
    def log_file(self) -> Path:
        """Its log, which holds the SIP messages."""
        return self.directory / "linphone.log"

    @property
    def uri(self) -> str:
        """A URI that reaches it without a registrar."""
        return f"sip:{self.name}@{self.ip}" + ("" if self.port == 5060 else f":{self.port}")

    # Running

    async def start(self, timeout: float = 10.0) -> "Linphone":
        """Start the phone; comes back when it takes commands."""
        self.directory.mkdir(parents=True)
        write(self.setup, self.directory)
        self.test.addCleanup(self.stop)
        self.process.start()
        await until(self._connected, timeout, what=f"linphone {self.name}: socket", seen=self.report)
        await self.command("audio-codec-disable ALL")
        for place, codec in enumerate(self.codecs):
            mime = CODECS[codec]
            await self.command(f"audio-codec-enable {mime}")
            await self.command(f"audio-codec-move {mime} {place}")
        self._start_polling()
        return self

    async def _connected(self) -> bool:
        if self.process.ended:
            raise PeerTimeout(f"linphone {self.name} did not start\n{self.report()}")
        try:
            self._pipe = await connectProtocol(UNIXClientEndpoint(reactor, str(self.socket), 1), Pipe())
        except ConnectError:
            return False
        return True

    async def stop(self) -> None:
        """Unregister and end; killed when that takes more than a second."""
        await self._stop_polling()
        if self._pipe is not None and self.process.running and not self.process.stopped:
            self._pipe.transport.write(b"quit\n")
            with suppress(PeerTimeout):
                await self.process.wait_end(1.0)
        await self.process.kill()
        self._forget_socket()

    async def unplug(self) -> None:
        """Vanish without a word, as a phone whose cable is pulled."""
        await self._stop_polling()
        await self.process.kill()

    async def freeze(self) -> None:
        """Stay on the network but answer nothing; `thaw` lets it go on."""
        await self._stop_polling()
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        self.process.send_signal(signal.SIGCONT)
        self._start_polling()

    def _start_polling(self) -> None:
        self._polling = LoopingCall(self._poll)
        self._polling.clock = reactor
        self._polling.start(POLL).addErrback(self._poll_failed)

    async def _stop_polling(self) -> None:
        polling, self._polling = self._polling, None
        if polling is not None and polling.running:
            polling.stop()
            # a look that is under way ends first
            await self._turn.acquire()
            self._turn.release()

    def _ended(self) -> None:
        self.events.end(PeerTimeout(f"linphone {self.name} is gone\n{self.report()}"))
        self._forget_socket()

    def _forget_socket(self) -> None:
        self.socket.unlink(missing_ok=True)

    # Commands

    async def command(self, line: str, timeout: float = 15.0) -> dict[str, str]:
        """Give a command and return the fields of the response; AssertionError when it says "Error"."""
        return fields(await self.text(line, timeout), f"linphone {self.name}: {line}")

    async def text(self, line: str, timeout: float = 15.0) -> str:
        """Give a command and return the response as it is."""
        await self._turn.acquire()
        try:
            if self._pipe is None or self.process.ended:
                raise PeerTimeout(f"linphone {self.name}: no connection for {line}\n{self.report()}")
            what = f"linphone {self.name}: {line}"
            return await within(self._pipe.ask(line), timeout, what=what, seen=self.report)
        finally:
            self._turn.release()

    def _poll(self) -> "Deferred[None]":
        return Deferred.fromCoroutine(self._pop_events())

    async def _pop_events(self) -> None:
        while self._polling is not None and not self.process.ended:
            text = await self.text("pop-event")
            event = read_event(text)
            if event is None:
                return
            self.events.add(event)

    def _poll_failed(self, failure: Failure) -> None:
        # a phone that died is reported by its process; whoever waits hears of anything else now
        if not self.process.ended:
            self.events.end(PeerTimeout(f"linphone {self.name}: {failure.value}\n{self.report()}"))

    async def register_status(self) -> str:
        """State of the registration: None, Progress, Ok, Cleared or Failed."""
        text = await self.text("register-status 1")
        found = re.search(r"State: LinphoneRegistration(\w+)", text)
        return found[1] if found else "None"

    async def registered(self, timeout: float = 20.0) -> None:
        """Wait until the registrar has answered 200."""
        await self._registration("Ok", timeout)

    async def refused(self, timeout: float = 20.0) -> SipText:
        """Wait until the registration failed, and return the last answer."""
        await self._registration("Failed", timeout)
        return [m for m in self.received() if m.method == "REGISTER" and m.status >= 300][-1]

    async def _registration(self, state: str, timeout: float) -> None:
        async def there() -> bool:
            return await self.register_status() == state

        await until(there, timeout, what=f"linphone {self.name}: registration {state}", seen=self.report)

    async def dial(self, uri: str, *, early_media: bool = False) -> int:
        """Call, and return the number of the call; `early_media` speaks before the answer."""
        answer = await self.command(f"call {uri}" + (" --early-media" if early_media else ""))
        return int(answer["Id"])

    async def incoming(self, timeout: float = 15.0) -> int:
        """Wait for an incoming call, and return its number."""
        return int((await self.wait("IncomingReceived", timeout=timeout))["call"])

    async def answer(self, call: int) -> None:
        """Answer an incoming call."""
        await self.command(f"answer {call}")

    async def hangup(self, call: int) -> None:
        """End a call, or refuse it (603)."""
        await self.command(f"terminate {call}")

    async def hold(self, call: int) -> None:
        """Hold a call; comes back when it is held."""
        await self.command(f"call-pause {call}")
        await self.wait("Paused", call)

    async def resume(self, call: int) -> None:
        """Resume a held call; comes back when the sound flows."""
        self.mark()
        await self.command(f"call-resume {call}")
        await self.wait("StreamsRunning", call)

    async def transfer(self, call: int, uri: str) -> None:
        """Transfer a call without asking: REFER."""
        await self.command(f"call-transfer {call} {uri}")

    async def transfer_attended(self, call: int, consultation: int) -> None:
        """Connect the two other sides: REFER with Replaces."""
        await self.command(f"call-transfer {call} {consultation}")

    async def dtmf(self, digit: str) -> None:
        """Send one digit in the current call, RFC 4733; the next has to wait until this one arrived."""
        await self.command(f"dtmf {digit}")

    async def play(self, path: Path, call: int) -> None:
        """Speak a WAV file (its name must end in .wav) into a running call, once."""
        if path.suffix != ".wav":
            raise ValueError(f"linphone plays nothing of {path.name}")
        await self.command(f"incall-player-start {path} {call}")

    async def call_state(self, call: int) -> str:
        """State of a call without its prefix, or "Released" when it is not known any more."""
        found = re.search(r"State: LinphoneCall(\w+)", await self.text(f"call-status {call}"))
        return found[1] if found else "Released"

    # What it saw

    def mark(self) -> None:
        """Forget events that were not asked for yet."""
        self.events.mark()

    async def wait(self, state: str, call: int | None = None, timeout: float = 15.0, **match: Any) -> Event:
        """The first event since the mark in which a call came to that state; each is handed out once.

        The event has `type` (the state), `call` (its number) and `from`. "Dtmf" is the event of a digit
        received.
        """
        wanted = match | ({} if call is None else {"call": call})
        return await self.events.wait(matching(state, wanted), asked(state, wanted), timeout)

    def log(self) -> str:
        """All of its log."""
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    def trace(self) -> list[SipText]:
        """Every SIP message sent and received."""
        return from_linphone(self.log(), f"{self.ip}:{self.port}")

    def received(self) -> list[SipText]:
        """The SIP messages received."""
        return [m for m in self.trace() if m.source != f"{self.ip}:{self.port}"]

    def sent(self) -> list[SipText]:
        """The SIP messages sent."""
        return [m for m in self.trace() if m.source == f"{self.ip}:{self.port}"]

    def sdps(self, call_id: str | None = None) -> list[SipText]:
        """The messages with a session description, of one call or of all; see `SipText.media`."""
        with_body = [message for message in self.trace() if message.media()]
        return [m for m in with_body if call_id in (None, m.header("Call-ID"))]

    def streams(self) -> list[tuple[int, int]]:
        """RTP packets sent and received in a call so far, each time its sound stopped: by hold or the end."""
        found = re.findall(
            r"ortp-message-sent +(\d+) packets.*?ortp-message-received +(\d+) packets", self.log(), re.S
        )
        return [(int(sent), int(received)) for sent, received in found]

    def report(self) -> str:
        """Events, SIP messages in short and the end of the log."""
        events = [f"  {e['type']} call={e.get('call')} {e.get('from', '')}" for e in self.events.seen]
        messages = [
            f"  {m.source} -> {m.destination} {m.first_line} [{m.header('CSeq')}]" for m in self.trace()
        ]
        counts = f"  {len(events)} events, {len(messages)} messages"
        log = [line for line in self.log().splitlines() if "warning" in line or "error" in line]
        return "\n".join(
            [counts, *events[-25:], *messages[-25:], self.process.report(), tail("\n".join(log), 8)]
        )
