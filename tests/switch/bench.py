"""A whole switch on a task.Clock with simulated phones around it, joined by networks in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.events import Event
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.lines import Line, Trunk
from magroup.model.people import User
from magroup.model.settings import Settings
from magroup.rtp.memory import MemoryWires
from magroup.rtp.recordings import Recordings
from magroup.sip.accept import IncomingSession
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.dialog import hop_for
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.headers import format_address
from magroup.sip.hop import Hop
from magroup.sip.invite import OutgoingSession
from magroup.sip.memory import MemoryNetwork
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.register import Registering
from magroup.sip.sdp_relay import direction
from magroup.sip.session import Session
from magroup.sip.timers import Timers
from magroup.sip.transaction import TransactionLayer
from magroup.sip.transport import Transports
from magroup.telephony import Telephony
from tests.switch.surroundings import FakeLibrary, MemoryStore, at_once

SWITCH = Hop("udp", "127.0.0.1", 5060)


def sdp(host: str, port: int, way: str = "sendrecv", codecs: str = "0 8 101") -> bytes:
    """A phone's session description."""
    return (
        f"v=0\r\no=phone 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP {codecs}\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\na={way}\r\n"
    ).encode()


class Talk:
    """One call of a phone; ``log`` is what happened to it in order."""

    def __init__(self, phone: "Phone") -> None:
        self.phone = phone
        self.session: Session
        self.log: list[str] = []
        self.heard_sdp = b""
        self.offers: list[Offer] = []
        self.refers: list[IncomingRefer] = []
        self.notified: list[str] = []
        self.answers_changes = True

    @property
    def is_up(self) -> bool:
        return self.session.state.name == "CONFIRMED"

    @property
    def invite(self) -> Request:
        return self.session.invite  # type: ignore[attr-defined, no-any-return]

    def ring(self) -> None:
        self._incoming.progress(180)

    def answer(self) -> None:
        offer = self._incoming.offer
        self.heard_sdp = offer or self.heard_sdp
        self._incoming.answer(self.phone.sdp(), {"Allow": [self.phone.allow]} if self.phone.allow else None)

    def reject(self, status: int, headers: dict[str, str] | None = None) -> None:
        self._incoming.reject(status, "", headers)

    @property
    def _incoming(self) -> IncomingSession:
        assert isinstance(self.session, IncomingSession)
        return self.session

    def hang_up(self) -> None:
        self.session.bye()

    def hold(self) -> None:
        self.session.modifier.change(self.phone.sdp("sendonly"), self._changed)

    def retrieve(self) -> None:
        self.session.modifier.change(self.phone.sdp(), self._changed)

    def _changed(self, status: int, answer: bytes) -> None:
        self.log.append(f"changed {status}")
        if answer:
            self.heard_sdp = answer

    def refer(self, target: str) -> None:
        self.session.send("REFER", headers={"Refer-To": target, "Referred-By": f"<sip:{self.phone.number}@phone>"},
                          answered=lambda response: self.log.append(f"refer {response.status}"))  # fmt: skip

    def replaces(self, swapped: bool = False) -> str:
        """The Replaces of this dialog, escaped, as it goes into a Refer-To of another call; some mix up the tags."""
        dialog = self.session.confirmed_dialog
        call_id = dialog.call_id.replace("@", "%40")
        tags = (dialog.remote_tag, dialog.local_tag) if swapped else (dialog.local_tag, dialog.remote_tag)
        return f"{call_id}%3Bfrom-tag%3D{tags[0]}%3Bto-tag%3D{tags[1]}"

    # SessionUser

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        self.log.append(f"progress {status}{' sdp' if sdp else ''}")
        if sdp:
            self.heard_sdp = sdp

    def answered(self, sdp: bytes, response: Response) -> None:
        self.log.append("answered")
        self.heard_sdp = sdp or self.heard_sdp
        if isinstance(self.session, OutgoingSession) and self.session.is_offerless:
            self.session.ack(self.phone.sdp())

    def rejected(self, status: int, reason: str, response: Response) -> None:
        self.log.append(f"rejected {status}")

    def acknowledged(self, sdp: bytes) -> None:
        self.log.append("acknowledged")
        self.heard_sdp = sdp or self.heard_sdp

    def cancelled(self, reason: str) -> None:
        self.log.append(f"cancelled {reason}".strip())

    def offered(self, offer: Offer) -> None:
        self.log.append(f"offered {direction(offer.sdp) if offer.sdp else 'nothing'}")
        self.heard_sdp = offer.sdp or self.heard_sdp
        self.offers.append(offer)
        if self.answers_changes:
            way = "sendrecv" if not offer.sdp else str(direction(offer.sdp).reversed)
            offer.accept(self.phone.sdp(way), self.acknowledged)

    def referred(self, refer: IncomingRefer) -> None:
        self.refers.append(refer)

    def informed(self, request: Request, respond: Callable[[int], None]) -> None:
        self.log.append(f"info {request.body.decode()}")
        respond(200)

    def ended(self, cause: str) -> None:
        self.log.append(f"ended {cause}".strip())


class Phone:
    """A SIP phone with an address of its own. New calls wait in ``calls`` to be rung and answered by the test.

    ``heard`` are the responses that came.
    """

    def __init__(self, bench: "Bench", number: str, host: str, secret: str = "secret", to: Hop = SWITCH) -> None:
        self.bench = bench
        self.number = number
        self.host = host
        self.media_port = 4000
        self.calls: list[Talk] = []
        self.is_registered = False
        self.pings = 0
        self.answers_invites = True
        self.allow = ""
        self.timers = Timers(bench.clock)
        self.endpoint = Endpoint("phone", 0)
        self.transports = Transports(bench.clock, lambda message, hop: None, network=bench.network)
        self.layer = self.endpoint.layer = TransactionLayer(self.transports, self.timers, self, bench.token)
        self.transports.receive = self._received
        self.heard: list[Response] = []
        self._answers = Answers(Credentials(number, secret))
        self._to = to
        run(self.transports.listen_udp(host, 5060))
        self.endpoint.methods = {"INVITE": self._invited, "OPTIONS": self._pinged}
        self._registering = Registering(self.endpoint, to, f"sip:{to.host}", f"sip:{number}@{to.host}", number,
                                        Credentials(number, secret), self._registered, 3600)  # fmt: skip

    def _received(self, message: Request | Response, hop: Hop) -> None:
        if isinstance(message, Response):
            self.heard.append(message)
        self.layer.receive(message, hop)

    def _registered(self, is_registered: bool, what: str) -> None:
        self.is_registered = is_registered

    def expires(self, seconds: int) -> None:
        """Register for so long from now on."""
        self._registering._expires = seconds

    def register(self) -> "Phone":
        self._registering.start()
        self.bench.run()
        return self

    def unregister(self) -> None:
        self._registering.stop()
        self.bench.run()

    def unplug(self) -> None:
        """The phone is gone without a word."""
        run(self.transports.stop())

    def sdp(self, way: str = "sendrecv") -> bytes:
        return sdp(self.host, self.media_port, way)

    def dial(
        self, number: str, offer: bytes | None = None, headers: dict[str, list[str]] | None = None, to: str = ""
    ) -> Talk:
        """Call ``number``; ``to`` is another one in the To header."""
        talk = Talk(self)
        session = OutgoingSession(self.endpoint, talk, self._to, self.number)
        talk.session = session
        session.authenticator = self._authenticate
        target = f"sip:{number}@{self._to.host}"
        me = format_address(f"Phone {self.number}", f"sip:{self.number}@{self._to.host}")
        called = f"<sip:{to}@{self._to.host}>" if to else f"<{target}>"
        session.call(target, me, called, self.sdp() if offer is None else offer, headers or {})
        self.bench.run()
        return talk

    @property
    def call(self) -> Talk:
        """The newest call that came."""
        return self.calls[-1]

    def _authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
        try:
            return self._answers.answer(response, request)
        except SipError:
            return None

    def request(self, transaction: Any, request: Request, hop: Hop) -> None:
        """As Endpoint.request, but the outcome of a REFER is noted."""
        usage = self.endpoint.dialogs.get((request.call_id, request.to.tag))
        if request.method != "NOTIFY" or not isinstance(usage, Session) or usage.dialog is None:
            self.endpoint.request(transaction, request, hop)
            return
        usage.dialog.accepts(request)
        if isinstance(usage.user, Talk):
            usage.user.notified.append(request.body.decode().strip())
        transaction.respond(request.respond(200))

    def ack(self, request: Request, hop: Hop) -> None:
        self.endpoint.ack(request, hop)

    def _invited(self, transaction: Any, request: Request, hop: Hop) -> None:
        if not self.answers_invites:
            return
        talk = Talk(self)
        talk.session = IncomingSession(self.endpoint, talk, transaction, request, hop, self.number)
        self.calls.append(talk)

    def _pinged(self, transaction: Any, request: Request, hop: Hop) -> None:
        self.pings += 1
        transaction.respond(request.respond(200, to_tag="x"))


def run(coroutine: Any) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the coroutine waits for something")


class Bench:
    """The switch, its clock and its phones; ``events`` are those of all devices."""

    def __init__(self, configuration: Configuration, settings: Settings | None = None) -> None:
        self.clock = Clock()
        self.clock.advance(1_700_000_000)
        self.network = MemoryNetwork(self.clock)
        self.wires = MemoryWires()
        self.store = MemoryStore()
        self.library = FakeLibrary()
        self.recordings = Recordings(self.clock, at_once, at_once)
        self.configuration = configuration
        self.events: list[Event] = []
        self._tokens = 0
        self.settings = settings or Settings()
        self.phones: list[Phone] = []
        self.names: dict[str, list[str]] = {}
        self.start()

    def start(self) -> None:
        async def resolve(uri: Any) -> list[Hop]:
            if uri.host in self.names:
                return [Hop("udp", host, 5060) for host in self.names[uri.host]]
            hop = hop_for(uri)
            return [hop] if hop else []

        self.telephony = Telephony(
            self.clock, self.settings, lambda: self.configuration, self.store, self.library,  # type: ignore[arg-type]
            self.recordings, self.wires, resolve, self.network, self.token,
        )  # fmt: skip
        self.switch = self.telephony.switch
        run(self.telephony.listen(("udp:127.0.0.1:5060",)))
        self.telephony.registrar.restore(self.store.registrations.values())
        self.telephony.configure(None, self.configuration)
        self.switch.monitor_start(self.events.append)

    def token(self) -> str:
        self._tokens += 1
        return f"t{self._tokens:08x}"

    def run(self, seconds: float = 0.0, step: float = 0.1) -> None:
        """Let everything under way arrive, then time pass."""
        for _ in range(20):
            self.clock.advance(0)
        while seconds > 0:
            self.clock.advance(min(step, seconds))
            seconds -= step
            for _ in range(6):
                self.clock.advance(0)

    def phone(self, number: str, host: str = "", secret: str = "secret", register: bool = True) -> Phone:
        phone = Phone(self, number, host or f"127.0.0.{11 + len(self.phones)}", secret)
        self.phones.append(phone)
        return phone.register() if register else phone

    def told(self, *devices: str) -> list[str]:
        """The events so far in short: ``Delivered 1047``."""
        return [f"{type(event).__name__} {event.device}" for event in self.events
                if not devices or event.device in devices]  # fmt: skip

    def packets(self) -> int:
        """How many RTP packets went out from the ports that are open now."""
        return sum(len(wire.sent) for wire in self.wires.open_wires.values() if not wire.address[1] % 2)

    def left(self) -> dict[str, Any]:
        """What the switch still holds; everything is empty when nothing goes on."""
        telephony = self.telephony
        return {
            "calls": list(self.switch.calls_by_id),
            "dialogs": list(telephony.endpoint.dialogs),
            "sessions": len(telephony.endpoint.sessions),
            "invited": list(telephony.endpoint.invited),
            "clients": list(telephony.layer.clients),
            "servers": list(telephony.layer.servers),
            "streams": telephony.media.active,
            "ports": telephony.ports.in_use,
            "recordings": len(self.recordings),
        }


def company(lines: Sequence[str] = ("1047", "1175", "1068", "1118"), trunks: Sequence[Trunk] = (),
            groups: Sequence[Group] = ()) -> Configuration:  # fmt: skip
    """Lines with a user each, all with the secret ``secret``."""
    users = tuple(
        User(at, f"user{number}", f"First{number}", f"Last{number}", lines=(number,))
        for at, number in enumerate(lines, 1)
    )  # fmt: skip
    return Configuration(users=users, lines=tuple(Line(number, "secret") for number in lines), trunks=tuple(trunks),
                         groups=tuple(groups))  # fmt: skip


class BenchTest(SynchronousTestCase):
    """A test with a bench, which must be empty at its end."""

    configuration = company()
    settings = replace(Settings(), sip=replace(Settings().sip, options_ping_interval=0, session_expires=0))

    def setUp(self) -> None:
        self.bench = Bench(self.configuration, self.settings)

    def tearDown(self) -> None:
        for phone in self.bench.phones:
            phone._registering.stop()
        self.bench.run(70.0, 0.5)
        empty = {name: type(value)() for name, value in self.bench.left().items()}
        self.assertEqual(self.bench.left(), empty)
        run(self.bench.telephony.stop())
        for phone in self.bench.phones:
            phone.layer.stop()
