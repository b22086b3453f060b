"""The whole switch with lines, registrations, presence and calls, to which a phone with a secret sends anything.

What is challenged is sent again with credentials. In the end a good phone registers and calls, and nothing is left.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from magroup.model.groups import Group, Member
from magroup.model.settings import Settings
from magroup.sip import bindings, contacts, notifier, publications, registering, subscription
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.errors import SipError
from magroup.sip.message import MessageError, Request, Response, parse_message
from magroup.switch import call, diversion, guard, holding, identity, leg, making, redirection, registrar, transfer
from magroup.switch.remotecc import incoming
from tests.fuzz.target import Target, hold
from tests.fuzz.targets.program import SEPARATOR, program, steps
from tests.fuzz.targets.sip_words import SDP, TOKENS
from tests.switch.bench import company, run
from tests.switch.watching import WatchBench

HOST = "127.0.0.99"
_COMPANY = company(groups=[Group(1, "Sales", number="8973")]).changed(
    members=tuple(
        Member(at, 1, f"user{number}", number, f"S{at}", at == 1, at)
        for at, number in enumerate(("1047", "1175", "1068"), 1)
    ),
)  # fmt: skip
_SETTINGS = replace(Settings(), sip=replace(Settings().sip, options_ping_interval=0, session_expires=0))


class _Attacker:
    """Has the secret of 1047. ``heard`` are the answers and requests that came."""

    def __init__(self, bench: WatchBench) -> None:
        self.bench = bench
        self.heard: list[Request | Response] = []
        self._wire = bench.network.open(HOST, 5060, self._received)
        self._answers = Answers(Credentials("1047", "secret"), lambda: "c")
        self._asked: Request | None = None

    def _received(self, data: bytes, host: str, port: int) -> None:
        try:
            message = parse_message(data)
        except MessageError:
            # The answer to what could not be read has in it what could not be read.
            return
        self.heard.append(message)
        asked = self._asked
        if isinstance(message, Response) and message.status == 401 and asked is not None:
            self._asked = None
            with suppress(SipError, KeyError):
                asked.headers.update(self._answers.answer(message, asked))
                asked.set("CSeq", f"{asked.cseq[0] + 1} {asked.method}")
                asked.replace_top_via(f"SIP/2.0/UDP {HOST};branch=z9hG4bKauth{len(self.heard)};rport")
                self._send(asked.encode())
        elif isinstance(message, Request) and message.method in ("NOTIFY", "INVITE", "BYE", "REFER", "OPTIONS"):
            self._send(message.respond(200 if message.method != "INVITE" else 180, to_tag="attacker").encode())

    def _send(self, data: bytes) -> None:
        self._wire.send(data, "127.0.0.1", 5060)

    def send(self, data: bytes) -> None:
        """TAG is that of the newest answer."""
        tags = [message.to.tag for message in self.heard[-5:] if isinstance(message, Response) and message.to.tag]
        data = data.replace(b"TAG", (tags or ["none"])[-1].encode("utf-8", "surrogateescape"))
        self._asked = None
        with suppress(MessageError):
            found = parse_message(data)
            self._asked = found if isinstance(found, Request) else None
        self._send(data)
        self.bench.run()


def _check(data: bytes) -> None:
    bench = WatchBench(_COMPANY, _SETTINGS)
    friend = bench.phone("1175")
    attacker = _Attacker(bench)
    for step in steps(data):
        if isinstance(step, int):
            bench.run(min(step / 10, 40.0), 0.5)
        else:
            attacker.send(step)
        for talk in friend.calls[-1:]:
            with suppress(SipError, AssertionError):
                if talk.session.state.name == "EARLY" or not talk.log:
                    talk.answer()
    _works(bench)
    for phone in bench.phones:
        phone._registering.stop()
        for talk in phone.calls:
            talk.hang_up()
    bench.run()
    for one in bench.switch.calls():
        for connection in one.connections:
            with suppress(Exception):
                run(bench.switch.clear_connection(connection.id))
    bench.telephony.bindings.forget("1047")
    bench.run(80.0, 2.0)
    left: Any = {name: value for name, value in bench.left().items() if value}
    if left:
        # Subscriptions last up to an hour, and what was asked of who is gone waits for half a minute.
        bench.run(90.0, 2.0)
        bench.run(3700.0, 50.0)
        left = {name: value for name, value in bench.left().items() if value}
    hold(not left, "left", left)
    run(bench.telephony.stop())


def _works(bench: WatchBench) -> None:
    """A phone that nobody has heard of yet registers, and can call."""
    good = bench.phone("1118", "127.0.0.50")
    hold(good.is_registered, "a good phone cannot register")
    other = bench.phone("1068", "127.0.0.51")
    talk = good.dial("1068")
    bench.run(0.5)
    hold(other.calls, "a good call does not arrive", talk.log)
    other.call.answer()
    bench.run(0.5)
    hold(talk.is_up, "a good call is not answered", talk.log)
    talk.hang_up()
    bench.run(0.5)


def _asked(
    method: str, number: int, user: str = "1047", more: str = "", body: bytes = b"", tag: str = "", call_id: str = "x"
) -> bytes:
    to = f"<sip:{user}@127.0.0.1>" + (f";tag={tag}" if tag else "")
    return (
        f"{method} sip:{user}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {HOST};branch=z9hG4bK{method}{number}{call_id};rpo"
        f"rt\r\nMax-Forwards: 70\r\n"
        f"From: <sip:1047@127.0.0.1>;tag=f\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {number} {method}\r\nContact: <s"
        f"ip:1047@{HOST}>\r\n"
        f"User-Agent: Cisco-CP8861/12.8.1\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body  # fmt: skip


PIDF = (
    b'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:1047@127.0.0.1"><tuple id="t"><status><basic>closed</b'
    b'asic></status>'
    b"<note>x</note></tuple></presence>"
)  # fmt: skip
REGISTER = _asked("REGISTER", 1, more="Expires: 300\r\nAllow-Events: talk, hold\r\n", call_id="r")
INVITE = _asked("INVITE", 1, "1175", "Content-Type: application/sdp\r\nSupported: timer, 100rel\r\n", SDP)
ACK = _asked("ACK", 2, "1175", tag="TAG")
TYPED = "Content-Type: application/sdp\r\n"
SEEDS = (
    REGISTER,
    program(REGISTER, _asked("REGISTER", 3, more="Expires: 0\r\n", call_id="r")),
    program(INVITE, ACK, 5, _asked("BYE", 3, "1175", tag="TAG")),
    program(
        INVITE,
        ACK,
        _asked("INVITE", 4, "1175", TYPED, SDP.replace(b"sendrecv", b"sendonly"), "TAG"),
        _asked("ACK", 4, "1175", tag="TAG"),
        5,
        _asked("REFER", 5, "1175", "Refer-To: <sip:1068@127.0.0.1>\r\n", tag="TAG"),
        20,
        _asked("BYE", 6, "1175", tag="TAG"),
    ),
    program(_asked("INVITE", 1, "8973", TYPED, SDP), 50, _asked("CANCEL", 2, "8973").replace(b"CANCEL2x", b"auth1")),
    program(_asked("INVITE", 1, "9999", TYPED, SDP)),
    program(
        REGISTER,
        _asked(
            "SUBSCRIBE",
            1,
            "1175",
            "Event: dialog\r\nExpires: 600\r\nAccept: application/dialog-info+xml\r\n",
            call_id="s",
        ),
        INVITE,
        20,
    ),
    program(
        _asked("SUBSCRIBE", 1, "1175", "Event: presence;id=1\r\nExpires: 60\r\n", call_id="p"),
        _asked("SUBSCRIBE", 1, "1047", "Event: message-summary\r\n", call_id="m"),
        700,
    ),
    program(
        _asked(
            "PUBLISH",
            1,
            "1047",
            "Event: presence\r\nExpires: 60\r\nContent-Type: application/pidf+xml\r\n",
            PIDF,
            call_id="u",
        ),
        100,
    ),
    program(
        REGISTER,
        _asked(
            "REFER",
            1,
            "1047",
            "Refer-To: <urn:x-cisco-remotecc:token-registration>\r\nContent-Type: application/x-cisco-alarm+xml\r\n",
            b"<a/>",
            call_id="c",
        ),
    ),
    program(
        _asked("OPTIONS", 1),
        _asked("MESSAGE", 1),
        _asked("INFO", 1, "1175", "Content-Type: application/dtmf-relay\r\n", b"Signal=5\r\nDuration=160\r\n", "TAG"),
    ),
    program(
        _asked("INVITE", 1, "1175", f"{TYPED}Replaces: x;to-tag=1;from-tag=2\r\nRequire: replaces\r\n", SDP),
        _asked("INVITE", 5, "1175", "Require: none\r\n"),
    ),
)
TARGET = Target(
    "switch",
    _check,
    (
        bindings,
        contacts,
        registering,
        notifier,
        subscription,
        publications,
        registrar,
        guard,
        call,
        leg,
        making,
        holding,
        transfer,
        redirection,
        diversion,
        identity,
        incoming,
    ),
    SEEDS,
    (
        *TOKENS,
        SEPARATOR,
        SEPARATOR + b"+20" + SEPARATOR,
        SEPARATOR + b"+400" + SEPARATOR,
        *(SEPARATOR + seed + SEPARATOR for seed in SEEDS),
        SEPARATOR + ACK,
        b"TAG",
        b"8973",
        b"1175",
        b"1047",
        b"9999",
        b"\r\nEvent: dialog",
        b"\r\nEvent: presence",
        b"\r\nExpires: 0",
        b"\r\nSIP-If-Match: x",
        b"\r\nDiversion: <sip:1175@a>",
        b"\r\nP-Asserted-Identity: <sip:1175@a>",
    ),
    12 << 10,
    kept=4096,
    fresh=40,
    seconds=3.0,
)
