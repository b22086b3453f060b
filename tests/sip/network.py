"""SIP elements on one task.Clock, joined by a network in memory that may lose, repeat, delay and reorder messages."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.accept import IncomingSession
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import MessageError, Request, Response, parse_message
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.session import Session
from magroup.sip.timers import Timers
from magroup.sip.transaction import TransactionLayer

OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
ANSWER = OFFER.replace(b"192.0.2.1", b"192.0.2.2").replace(b"4000", b"5000")
OTHER = OFFER.replace(b"4000", b"4002")
EVERYTHING_OVER = 64 * 0.5 + 5.0 + 1.0
"""Seconds after which each transaction has forgotten itself: 64 * T1, then T4, and a little."""


class Sent:
    """One message on the wire: when, by whom, to whom, and parsed anew at each look so that nothing is shared."""

    def __init__(self, time: float, source: Hop, target: Hop, data: bytes) -> None:
        self.time = time
        self.source = source
        self.target = target
        self.data = data

    @property
    def message(self) -> Any:
        return parse_message(self.data)

    @property
    def line(self) -> str:
        """``INVITE`` or ``200 INVITE``: what a call flow diagram says."""
        message = self.message
        return message.method if isinstance(message, Request) else f"{message.status} {message.cseq[1]}"

    def __repr__(self) -> str:
        return f"{self.time:.2f} {self.source.host} > {self.target.host} {self.line}"


class Network:
    """Joins nodes by ``(host, port)``; every message takes ``delay`` seconds, ``jitter`` more at random."""

    def __init__(self, seed: int = 0) -> None:
        self.clock = Clock()
        self.random = Random(seed)
        self.loss = 0.0
        self.duplicates = 0.0
        self.delay = 0.0
        self.jitter = 0.0
        self.drops: Callable[[Sent], bool] = lambda sent: False
        self.log: list[Sent] = []
        self.nodes: dict[tuple[str, int], Node] = {}
        self.broken: set[str] = set()
        self._tags = (f"{number:x}{self.random.getrandbits(24):06x}" for number in range(1, 10**9))

    def token(self) -> str:
        return next(self._tags)

    def carry(self, data: bytes, source: Hop, target: Hop, failed: Callable[[str], None] | None) -> None:
        """Send ``data`` (as bytes, so that both sides parse and encode) on its way."""
        sent = Sent(self.clock.seconds(), source, target, data)
        self.log.append(sent)
        if target.host in self.broken:
            if failed is not None:
                self.clock.callLater(0, failed, "Connection refused")
            return
        if self.drops(sent):
            return
        reliable = target.transport != "udp"
        for _ in range(1 if reliable or self.random.random() >= self.duplicates else 2):
            if reliable or self.random.random() >= self.loss:
                late = self.delay + (0 if reliable else self.random.random() * self.jitter)
                self.clock.callLater(late, self._deliver, data, source, target)

    def _deliver(self, data: bytes, source: Hop, target: Hop) -> None:
        node = self.nodes.get((target.host, target.port))
        if node is not None:
            node.deliver(data, source._replace(local_host=target.host, local_port=target.port, flow=target.flow))

    def run(self, seconds: float = 0.0) -> None:
        """Let time pass, from one scheduled call to the next: each sees the time it was scheduled for."""
        clock = self.clock
        end = clock.seconds() + seconds
        while clock.calls and (first := min(call.getTime() for call in clock.calls)) <= end + 1e-9:
            clock.advance(max(0.0, first - clock.seconds()))
        clock.advance(max(0.0, end - clock.seconds()))

    def lines(self, source: str = "", start: float = 0.0) -> list[str]:
        """The messages on the wire as a call flow, those of one sender if it is named."""
        return [sent.line for sent in self.log if sent.time >= start and (not source or sent.source.host == source)]

    def times(self, line: str, source: str = "") -> list[float]:
        """When messages of this kind were sent, in seconds rounded to the wheel's tick."""
        return [
            round(sent.time, 2) for sent in self.log
            if sent.line == line and (not source or sent.source.host == source)
        ]  # fmt: skip

    def last(self, line: str, source: str = "") -> Any:
        """The newest message of this kind."""
        for sent in reversed(self.log):
            if sent.line == line and (not source or sent.source.host == source):
                return sent.message
        raise AssertionError(f"No {line} among {self.log}")


class Node:
    """An address in the network; what arrives is parsed and kept in ``received``. By itself it answers nothing."""

    def __init__(self, network: Network, host: str, port: int = 5060, transport: str = "udp") -> None:
        self.network = network
        self.hop = Hop(transport, host, port)
        self.received: list[Request | Response] = []
        network.nodes[host, port] = self

    @property
    def host(self) -> str:
        """The address as it stands in a URI."""
        return f"[{self.hop.host}]" if ":" in self.hop.host else self.hop.host

    def deliver(self, data: bytes, hop: Hop) -> None:
        with suppress(MessageError):
            self.received.append(parse_message(data))

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None:
        self.network.carry(data, self.hop, hop, failed)

    def local(self, hop: Hop) -> tuple[str, int]:
        return self.hop.host, self.hop.port

    shown = local

    def say(self, text: str | bytes | Request | Response, node: "Node") -> None:
        """Send a message written by hand (line ends as in the source file)."""
        if isinstance(text, Request | Response):
            text = text.encode()
        elif isinstance(text, str):
            head, _, body = text.strip().partition("\n\n")
            text = "\r\n".join(line.strip() for line in head.split("\n")).encode() + b"\r\n\r\n" + body.encode()
        self.send(text, node.hop)

    def got(self) -> list[str]:
        return [
            message.method if isinstance(message, Request) else f"{message.status} {message.cseq[1]}"
            for message in self.received
        ]


class Owner:
    """A SessionUser that writes down what it hears; ``does`` maps an event's name to what else happens then."""

    def __init__(self, **does: Callable[..., None]) -> None:
        self.heard: list[Any] = []
        self.does = does
        self.offers: list[Offer] = []
        self.refers: list[IncomingRefer] = []
        self.responds: list[Callable[[int], None]] = []
        self.session: Any = None

    def _note(self, name: str, note: tuple[Any, ...], *arguments: Any) -> None:
        self.heard.append(note[0] if len(note) == 1 else note)
        if name in self.does:
            self.does[name](*arguments)

    @property
    def names(self) -> list[str]:
        return [note if isinstance(note, str) else note[0] for note in self.heard]

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        self._note("progressed", ("progressed", status, sdp), status, sdp)

    def answered(self, sdp: bytes, response: Response) -> None:
        self._note("answered", ("answered", sdp), sdp)

    def rejected(self, status: int, reason: str, response: Response) -> None:
        self._note("rejected", ("rejected", status), status)

    def acknowledged(self, sdp: bytes) -> None:
        self._note("acknowledged", ("acknowledged", sdp), sdp)

    def cancelled(self, reason: str) -> None:
        self._note("cancelled", ("cancelled", reason), reason)

    def offered(self, offer: Offer) -> None:
        self.offers.append(offer)
        self._note("offered", ("offered", offer.sdp), offer)

    def referred(self, refer: IncomingRefer) -> None:
        self.refers.append(refer)
        self._note("referred", ("referred", refer.target.uri.text), refer)

    def informed(self, request: Request, respond: Callable[[int], None]) -> None:
        self.responds.append(respond)
        self._note("informed", ("informed", request.body), request, respond)

    def ended(self, cause: str) -> None:
        self._note("ended", ("ended", cause), cause)


class Phone(Node):
    """A user agent: an Endpoint on its TransactionLayer. ``owners`` are those of the sessions it was called with."""

    def __init__(
        self, network: Network, host: str, port: int = 5060, transport: str = "udp", **settings: Any
    ) -> None:
        super().__init__(network, host, port, transport)
        self.timers = Timers(network.clock)
        self.endpoint = Endpoint("test", **settings)
        self.layer = TransactionLayer(self, self.timers, self.endpoint, network.token)
        self.endpoint.layer = self.layer
        self.endpoint.methods["INVITE"] = self.called
        self.owners: list[Owner] = []
        self.new_owner: Callable[[], Owner] = Owner
        self.on_call: Callable[[IncomingSession], None] = lambda session: None

    def deliver(self, data: bytes, hop: Hop) -> None:
        try:
            message = parse_message(data)
        except MessageError as error:
            self.layer.malformed(error, hop)
            return
        self.received.append(message)
        self.layer.receive(message, hop)

    def called(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        assert isinstance(transaction, InviteServerTransaction)
        owner = self.new_owner()
        owner.session = IncomingSession(self.endpoint, owner, transaction, request, hop)
        self.owners.append(owner)
        self.on_call(owner.session)

    def call(
        self, to: Node, sdp: bytes = OFFER, headers: dict[str, list[str]] | None = None, direct: bool = True,
        **does: Callable[..., None],
    ) -> Owner:  # fmt: skip
        """Start a call; the session is the owner's ``session``."""
        owner = Owner(**does)
        session = owner.session = OutgoingSession(self.endpoint, owner, to.hop, direct=direct)
        session.call(f"sip:b@{to.host}:{to.hop.port}", f"<sip:a@{self.host}>", "<sip:b@test>", sdp, headers or {})
        return owner

    def leftovers(self) -> list[str]:
        """What is still known, in words; empty when all is over."""
        endpoint = self.endpoint
        found = [*self.layer.describe(), *endpoint.describe()]
        found += [f"session {session}" for session in endpoint.sessions]
        found += [f"invited {key}" for key in endpoint.invited]
        if self.timers.running:
            found.append(f"{self.timers.running} timers")
        return found


class NetworkTestCase(SynchronousTestCase):
    """Each test ends with empty tables: after 64*T1 and a little nothing of it is known any more, no timer runs."""

    def setUp(self) -> None:
        self.network = Network()
        self.run_for = self.network.run

    def tearDown(self) -> None:
        self.assert_empty()

    def assert_empty(self) -> None:
        self.network.run(EVERYTHING_OVER)
        for node in self.network.nodes.values():
            if isinstance(node, Phone):
                self.assertEqual(node.leftovers(), [], f"left at {node.hop}")
                self.assertEqual((node.layer.clients, node.layer.servers), ({}, {}))
                self.assertEqual((node.endpoint.dialogs, node.endpoint.sessions), ({}, set()))
                self.assertEqual(node.endpoint.invited, set())
        self.assertEqual(self.network.clock.getDelayedCalls(), [])

    def phones(self, transport: str = "udp", **settings: Any) -> tuple[Phone, Phone]:
        """Ann and Bob."""
        return (
            Phone(self.network, "192.0.2.1", transport=transport, **settings),
            Phone(self.network, "192.0.2.2", transport=transport, **settings),
        )

    def connected(self, ann: Phone, bob: Phone, sdp: bytes = OFFER, answer: bytes = ANSWER) -> tuple[Owner, Owner]:
        """A call from ann that bob has answered, its ACK arrived."""
        bob.on_call = lambda session: session.answer(answer)
        calling = ann.call(bob, sdp)
        self.network.run()
        called = bob.owners[-1]
        self.assertIn("answered", calling.names)
        return calling, called

    def hang_up(self, *owners: Owner) -> None:
        for owner in owners:
            session: Session = owner.session
            session.bye()
        self.network.run()


class Element(Phone):
    """A transaction layer whose user writes down what comes: ``asked`` transactions with their ``requests``, ``acks``,
    ``answers`` to ours.
    """

    def __init__(self, network: Network, host: str, port: int = 5060, transport: str = "udp") -> None:
        super().__init__(network, host, port, transport)
        self.layer.user = self
        self.asked: list[Any] = []
        self.requests: list[Request] = []
        self.acks: list[Request] = []
        self.answers: list[Response] = []

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        self.asked.append(transaction)
        self.requests.append(request)

    def ack(self, request: Request, hop: Hop) -> None:
        self.acks.append(request)

    def ask(self, method: str, to: Node, **headers: list[str]) -> Any:
        """Start a client transaction."""
        request = Request(method, f"sip:b@{to.host}", {
            "Max-Forwards": ["70"], "From": ["<sip:a@test>;tag=from"], "To": ["<sip:b@test>"], "Call-ID": ["call"],
            "CSeq": [f"7 {method}"], **{name.replace("_", "-"): value for name, value in headers.items()},
        })  # fmt: skip
        return self.layer.request(request, to.hop, self.answers.append)

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.answers]
