"""What one SIP message costs in the transports: received, parsed and sent back over a real socket on loopback.

Run ``python -m tests.bench.sip_transport [udp|tcp] [messages]`` in the tree: microseconds of CPU per message, the
system's share included; first in memory, part by part, then over the socket. A child process plays the peer.
"""

import os
import socket
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from magroup.sip.hop import Hop
from magroup.sip.memory import MemoryNetwork
from magroup.sip.message import Request, Response, parse_message
from magroup.sip.transport import Transports

UNDER_WAY = 16
INVITE = (
    "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnashds{0};rport\r\n"
    "Max-Forwards: 70\r\nFrom: Ann <sip:ann@192.0.2.1>;tag=ann{0}\r\nTo: Bob <sip:bob@192.0.2.2>\r\n"
    "Call-ID: call{0}@192.0.2.1\r\nCSeq: 1 INVITE\r\nContact: <sip:ann@192.0.2.1>\r\nUser-Agent: bench\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE\r\nSupported: 100rel, timer\r\nContent-Type: application/sdp\r\n"
    "Content-Length: 150\r\n\r\n" + "v" * 150
)


def invite(number: int) -> bytes:
    return INVITE.format(number).encode()


def cost(work: Callable[[Any], Any], items: list[Any]) -> str:
    """The best of three rounds."""
    rounds = []
    for _ in range(3):
        start = process_time()
        for item in items:
            work(item)
        rounds.append((process_time() - start) / len(items) * 1e6)
    return f"{min(rounds):6.2f} us"


def in_memory(messages: int) -> None:
    """The parts, without a socket."""
    clock = Clock()
    network = MemoryNetwork(clock)
    transports = Transports(clock, lambda message, hop: None, network=network)
    Deferred.fromCoroutine(transports.listen_udp("192.0.2.2", 5060))
    network.lose = lambda datagram: True
    received = network.wires["192.0.2.2", 5060].received
    hop = Hop("udp", "192.0.2.1", 5060, "192.0.2.2", 5060)
    data = [invite(number) for number in range(messages)]
    print("parsed           ", cost(parse_message, data))
    print("received, parsed ", cost(lambda one: received(one, "192.0.2.1", 5060), data))
    print("sent in memory   ", cost(lambda one: transports.send(one, hop), data))
    print("encoded          ", cost(Request.encode, [parse_message(one) for one in data[:2000]]))


def peer(kind: str, port: int) -> None:
    """Keeps some messages under way until nothing comes back any more."""
    with socket.socket(type=socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as made:
        made.connect(("127.0.0.1", port))
        made.settimeout(1)
        number = 0
        try:
            for number in range(UNDER_WAY):
                made.send(invite(number))
            while made.recv(65536):
                number += 1
                made.send(invite(number))
        except OSError:
            pass


def over_a_socket(kind: str, messages: int) -> None:
    started = 0.0

    def receive(message: Request | Response, hop: Hop) -> None:
        nonlocal started
        count = transports.counters.received
        if count == 1:
            started = process_time()
        transports.send(message.respond(180, to_tag="bob").encode(), hop)
        if count == messages:
            print(f"answered by {kind}  {(process_time() - started) / messages * 1e6:6.2f} us")
            Deferred.fromCoroutine(transports.stop()).addBoth(lambda done: reactor.stop())

    transports = Transports(reactor, receive)
    listening = Deferred.fromCoroutine(getattr(transports, f"listen_{kind}")("127.0.0.1", 0))
    ports: list[int] = []
    listening.addCallback(ports.append)
    if os.fork() == 0:
        peer(kind, ports[0])
        os._exit(0)
    reactor.run()


if __name__ == "__main__":
    kind = sys.argv[1] if len(sys.argv) > 1 else "udp"
    messages = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    in_memory(messages)
    over_a_socket(kind, messages)
