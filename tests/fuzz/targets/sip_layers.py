"""Transport, transactions and dialogs: after any messages a valid one is answered, and in the end nothing is left."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from twisted.internet.task import Clock

from magroup.sip import (
    accept,
    client_transaction,
    datagrams,
    dialog,
    edge,
    endpoint,
    modify,
    prack,
    refer,
    refresh,
    server_transaction,
    session,
    transaction,
    transport,
)
from magroup.sip.accept import IncomingSession
from magroup.sip.edge import Edge
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.memory import MemoryNetwork
from magroup.sip.message import MessageError, Request, Response, parse_message
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.timers import Timers
from magroup.sip.transaction import TransactionLayer
from magroup.sip.transport import Transports
from tests.fuzz.target import Target, hold
from tests.fuzz.targets.program import SEPARATOR, program, steps
from tests.fuzz.targets.sip_words import INVITE, MESSAGES, OPTIONS, REFER, SDP, TOKENS

HERE, THERE = ("192.0.2.2", 5060), ("192.0.2.1", 5060)
OVER = 64 * 0.5 + 6
"""Seconds after which all transactions have forgotten themselves."""


class _Owner:
    """A call that rings, or is answered at once where the caller has asked for that; what its peer wants is done."""

    def __init__(self) -> None:
        self.session: Any = None

    def offered(self, offer: Offer) -> None:
        offer.accept(SDP, lambda sdp: None)

    def referred(self, refer: IncomingRefer) -> None:
        refer.accept()
        refer.notify(200)

    def informed(self, request: Request, respond: Callable[[int], None]) -> None:
        respond(200)

    def __getattr__(self, name: str) -> Any:
        return lambda *what: None


class _Element:
    """What is sent to: it takes calls, and answers OPTIONS."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.network = MemoryNetwork(self.clock, record=True)
        self.timers = Timers(self.clock)
        self.endpoint = Endpoint("magroup", 120)
        self.transports = Transports(self.clock, lambda message, hop: None, network=self.network)
        numbers = count(1)
        self.layer = TransactionLayer(self.transports, self.timers, self.endpoint, lambda: f"t{next(numbers)}")
        self.endpoint.layer = self.layer
        edge = Edge(self.transports, self.layer.receive, HERE, lambda host: host == "192.0.2.9", b"s" * 16)
        self.transports.receive, self.transports.malformed = edge.receive, self.layer.malformed
        self.endpoint.methods = {"INVITE": self._invited, "OPTIONS": self._asked}
        self.sessions: list[IncomingSession] = []
        self.answers: list[bytes] = []
        self.wire = self.network.open(*THERE, lambda data, host, port: self.answers.append(data))
        with suppress(StopIteration):
            self.transports.listen_udp(*HERE).send(None)

    def _invited(self, transaction: Any, request: Request, hop: Hop) -> None:
        owner = _Owner()
        owner.session = IncomingSession(self.endpoint, owner, transaction, request, hop, "bob")  # type: ignore[arg-type]
        self.sessions.append(owner.session)
        if "Supported" in request.headers:
            owner.session.progress(183, SDP)
        if "Subject" in request.headers:
            owner.session.answer(SDP)

    def _asked(self, transaction: Any, request: Request, hop: Hop) -> None:
        transaction.respond(request.respond(200, to_tag="x"))

    def send(self, data: bytes) -> None:
        """With the tag of the newest answer in the place of TAG."""
        self.wire.send(data.replace(b"TAG", self._tag()), *HERE)
        self.run(0)

    def _tag(self) -> bytes:
        for data in reversed(self.answers[-5:]):
            with suppress(MessageError):
                message = parse_message(data)
                if isinstance(message, Response) and message.to.tag:
                    return message.to.tag.encode("utf-8", "surrogateescape")
        return b"none"

    def run(self, seconds: float) -> None:
        """From one thing that is due to the next."""
        end = self.clock.seconds() + seconds
        while self.clock.calls and (first := min(call.getTime() for call in self.clock.calls)) <= end + 1e-9:
            self.clock.advance(max(0.0, first - self.clock.seconds()))
        self.clock.advance(max(0.0, end - self.clock.seconds()))


def _check(data: bytes) -> None:
    element = _Element()
    for step in steps(data):
        if isinstance(step, int):
            element.run(step / 10)
        else:
            element.send(step)
    hold(len(element.layer.servers) + len(element.layer.clients) <= 200, "transactions")
    element.answers.clear()
    element.send(OPTIONS.replace(b"z9hG4bKa1", b"z9hG4bKlast").replace(b"c1@", b"last@"))
    found = [parse_message(answer) for answer in element.answers]
    hold(any(isinstance(one, Response) and one.status == 200 and one.call_id == "last@192.0.2.1" for one in found),
         "a valid request is not answered", element.answers)  # fmt: skip
    for call in element.sessions:
        call.bye()
    element.run(2 * OVER)
    layer = element.layer
    hold(not layer.servers and not layer.clients, "transactions are left", layer.describe())
    hold(
        not element.endpoint.dialogs and not element.endpoint.sessions, "dialogs are left", element.endpoint.describe()
    )
    hold(not element.endpoint.invited, "invitations are left")


def _within(method: bytes, number: int, more: bytes = b"", body: bytes = b"") -> bytes:
    """A request in the dialog of the first INVITE."""
    return (
        b"%b sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%b%d\r\nFrom: sip:ann@192.0.2.1;tag"
        b"=i\r\n"
        b"To: <sip:bob@192.0.2.2>;tag=TAG\r\nCall-ID: i1\r\nCSeq: %d %b\r\nContact: <sip:ann@192.0.2.1>\r\n%b"
        b"Content-Length: %d\r\n\r\n%b" % (method, method, number, number, method, more, len(body), body)
    )  # fmt: skip


ANSWERED = INVITE.replace(b"Supported: 100rel, timer,replaces", b"Subject: now\r\nSupported: timer")
CANCEL = _within(b"CANCEL", 1).replace(b"z9hG4bKCANCEL1", b"z9hG4bKi1;rport").replace(b";tag=TAG", b"")
TYPED = b"Content-Type: application/sdp\r\n"
SEEDS = (
    *MESSAGES,
    program(INVITE, 10, _within(b"PRACK", 2, b"RAck: 1 1 INVITE\r\n"), CANCEL, _within(b"ACK", 1), 5, OPTIONS, OPTIONS),
    program(
        ANSWERED,
        _within(b"ACK", 1),
        _within(b"INVITE", 2, TYPED, SDP),
        _within(b"ACK", 2),
        _within(b"INFO", 3),
        _within(b"BYE", 4),
    ),
    program(
        ANSWERED,
        _within(b"ACK", 1),
        _within(b"UPDATE", 2, TYPED + b"Session-Expires: 90;refresher=uas\r\nSupported: timer\r\n", SDP),
        600,
        _within(b"REFER", 3, b"Refer-To: <sip:c@192.0.2.3>\r\n"),
        20,
        _within(b"NOTIFY", 4, b"Event: refer\r\n"),
        _within(b"OPTIONS", 5),
    ),
    program(REFER, INVITE.replace(b"z9hG4bKi1", b"old"), 300, CANCEL),
    program(
        INVITE.replace(b"application/sdp", b"text/plain"),
        INVITE.replace(b"100rel", b"\r\nRequire: x"),
        OPTIONS.replace(b" sip:bob@", b" tel:1@"),
    ),
)
TARGET = Target(
    "sip_layers",
    _check,
    (
        transport,
        transaction,
        server_transaction,
        client_transaction,
        datagrams,
        edge,
        endpoint,
        dialog,
        session,
        accept,
        modify,
        prack,
        refer,
        refresh,
    ),
    SEEDS,
    (
        *TOKENS,
        SEPARATOR,
        SEPARATOR + b"+5" + SEPARATOR,
        SEPARATOR + b"+330" + SEPARATOR,
        b"TAG",
        _within(b"BYE", 9) + SEPARATOR,
        CANCEL,
        SEPARATOR + ANSWERED + SEPARATOR,
        SEPARATOR + INVITE + SEPARATOR,
    ),
    12 << 10,
    kept=4096,
    room=30 << 10,
    fresh=120,
    seconds=1.0,
)
