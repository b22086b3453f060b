"""How long one whole call takes in the SIP layers: INVITE, 180, 200, ACK, BYE, 200 between two endpoints in memory.

Run ``python -m tests.bench.sip_dialog [calls] [--profile]`` in the tree: microseconds of CPU per call, both sides,
parsing and encoding included. The clock goes 10 ms on with each call, so that timers start, end and fire as under load.
"""

import cProfile
import pstats
import sys
from collections import deque
from collections.abc import Callable
from time import process_time
from typing import Any

from twisted.internet.task import Clock

from magroup.sip.accept import IncomingSession
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, parse_message
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.timers import Timers
from magroup.sip.transaction import TransactionLayer

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


class Owner:
    """Hears everything, does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return self.ignore

    def ignore(self, *arguments: Any) -> None:
        pass


class Side:
    """One endpoint; what it sends waits in ``wire`` for the other one."""

    def __init__(self, clock: Clock, wire: deque[tuple["Side", bytes, Hop]], host: str) -> None:
        self.wire = wire
        self.hop = Hop("udp", host, 5060)
        self.other: Side
        self.endpoint = Endpoint()
        self.layer = self.endpoint.layer = TransactionLayer(self, Timers(clock), self.endpoint)
        self.endpoint.methods["INVITE"] = self.called
        self.session: IncomingSession

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None:
        self.wire.append((self.other, data, self.hop))

    def local(self, hop: Hop) -> tuple[str, int]:
        return self.hop.host, self.hop.port

    shown = local

    def called(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        assert isinstance(transaction, InviteServerTransaction)
        self.session = IncomingSession(self.endpoint, Owner(), transaction, request, hop)
        self.session.progress(180)
        self.session.answer(SDP)


def run(calls: int) -> float:
    """Make the calls; microseconds of CPU each."""
    clock = Clock()
    wire: deque[tuple[Side, bytes, Hop]] = deque()
    ann, bob = Side(clock, wire, "192.0.2.1"), Side(clock, wire, "192.0.2.2")
    ann.other, bob.other = bob, ann

    def carry() -> None:
        while wire:
            side, data, source = wire.popleft()
            side.layer.receive(parse_message(data), source)

    start = process_time()
    for number in range(calls):
        session = OutgoingSession(ann.endpoint, Owner(), bob.hop)
        session.call(f"sip:{number}@192.0.2.2", "<sip:ann@192.0.2.1>", f"<sip:{number}@192.0.2.2>", SDP, {})
        carry()
        session.bye()
        carry()
        clock.advance(0.01)
    spent = process_time() - start
    assert not ann.endpoint.sessions and not bob.endpoint.sessions
    return spent / calls * 1e6


if __name__ == "__main__":
    count = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), 10000)
    run(count // 10)
    if "--profile" in sys.argv:
        with cProfile.Profile() as profile:
            run(count)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    else:
        print(f"{min(run(count) for _ in range(3)):.0f} us per call")
