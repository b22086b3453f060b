"""The address plan: every peer gets a loopback address of its own.

So it can sit on port 5060 (the senders of RFC 4475 must), and two tests, or two test runs on one machine,
never meet. An address is leased by an abstract unix socket of its name, which the kernel gives back even when
the run is killed.
"""

import itertools
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

from twisted.trial.unittest import TestCase

FIRST, LAST = 11, 249
RTP_BASE, RTP_PORTS = 20000, 40

_turn = itertools.count()


@dataclass
class Address:
    """A leased address, 127.0.0.11 to 127.0.0.249, and the RTP ports that belong to it.

    baresip binds its RTP ports on 0.0.0.0, so ports are shared out as well as addresses: 20000 to 29559.
    """

    ip: str
    rtp_first: int
    rtp_last: int
    _lease: socket.socket = field(repr=False)

    def __str__(self) -> str:
        return self.ip

    def release(self) -> None:
        """Give the address back."""
        self._lease.close()


def lease() -> Address:
    """Lease the next free address; OSError when none is left."""
    for _ in range(LAST - FIRST + 1):
        octet = FIRST + next(_turn) % (LAST - FIRST + 1)
        ip = f"127.0.0.{octet}"
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0magroup-peer-{ip}")
            _probe(ip)
        except OSError:
            claim.close()
            continue
        first, last = rtp_ports(ip)
        return Address(ip, first, last, claim)
    raise OSError("every loopback address of the peers is leased")


def rtp_ports(ip: str) -> tuple[int, int]:
    """The first and the last RTP port of a peer's address; those of the first one for any other address."""
    octet = int(ip.rpartition(".")[2]) if ip.startswith("127.0.0.") else FIRST
    first = RTP_BASE + RTP_PORTS * (max(octet, FIRST) - FIRST)
    return first, first + RTP_PORTS - 2


def _probe(ip: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((ip, 5060))


def addresses(test: TestCase) -> Iterator[str]:
    """Addresses for one test, as many as are asked for: `alice, bob = islice(addresses(self), 2)`."""
    while True:
        yield address(test).ip


def address(test: TestCase) -> Address:
    """One address, given back when the test and every cleanup registered after this call are over."""
    leased = lease()
    test.addCleanup(leased.release)
    return leased
