"""Names that are known, and servers of names, for tests of the way to hops."""

from random import Random
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.names import dns
from twisted.names.error import DNSNameError
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.records import Records
from magroup.sip.resolve import Locator
from magroup.sip.uri import parse_uri

TTL = 120


def naptr(order: int, preference: int, service: str, replacement: str, flags: str = "s", regexp: str = "") -> Any:
    return dns.Record_NAPTR(
        order, preference, flags.encode(), service.encode(), regexp.encode(), replacement.encode(), ttl=TTL
    )


def srv(priority: int, weight: int, port: int, target: str) -> Any:
    return dns.Record_SRV(priority, weight, port, target.encode(), ttl=TTL)


def a(address: str, ttl: int = TTL) -> Any:
    return dns.Record_A(address, ttl=ttl)


def aaaa(address: str) -> Any:
    return dns.Record_AAAA(address, ttl=TTL)


ZONE: dict[str, list[Any]] = {
    "plain.example.com": [a("192.0.2.1"), aaaa("2001:db8::1")],
    "four.example.com": [a("192.0.2.4")],
    "six.example.com": [aaaa("2001:db8::6")],
    "alias.example.com": [dns.Record_CNAME("four.example.com", ttl=TTL), a("192.0.2.4")],
    "full.example.com": [
        naptr(20, 10, "SIP+D2U", "_sip._udp.full.example.com"),
        naptr(10, 20, "SIP+D2T", "_sip._tcp.full.example.com"),
        naptr(10, 10, "SIPS+D2T", "_sips._tcp.full.example.com"),
        naptr(1, 1, "SIP+D2S", "_sip._sctp.full.example.com"),
        naptr(1, 1, "E2U+sip", "", "u", "!^.*$!sip:info@example.com!"),
        naptr(1, 1, "SIP+D2U", "", "s", "!^.*$!_sip._udp.evil.example.com!"),
        a("192.0.2.99"),
    ],
    "_sip._udp.full.example.com": [srv(2, 1, 5070, "four.example.com"), srv(1, 1, 5060, "plain.example.com")],
    "_sip._tcp.full.example.com": [srv(1, 1, 5080, "four.example.com")],
    "_sips._tcp.full.example.com": [srv(1, 1, 5081, "six.example.com")],
    "_sip._udp.two.example.com": [srv(1, 1, 5062, "four.example.com")],
    "_sip._tcp.two.example.com": [srv(1, 1, 5063, "four.example.com")],
    "_sip._udp.none.example.com": [srv(0, 0, 0, ".")],
    "none.example.com": [a("192.0.2.98")],
    "_sip._udp.mixed.example.com": [srv(1, 0, 5060, "gone.example.com"), srv(2, 0, 5060, "four.example.com")],
    "_sip._udp.numeric.example.com": [srv(1, 0, 5060, "192.0.2.77")],
    "_sip._udp.many.example.com": [srv(1, 0, port, "plain.example.com") for port in range(6000, 6100)],
}
BOTH = [("192.0.2.1", 5060), ("2001:db8::1", 5060)]

LOCATED: dict[str, list[tuple[str, str, int]]] = {
    "sip:plain.example.com": [("udp", *place) for place in BOTH],
    "sip:PLAIN.Example.COM.": [("udp", *place) for place in BOTH],
    "sip:plain.example.com:5099": [("udp", "192.0.2.1", 5099), ("udp", "2001:db8::1", 5099)],
    "sip:plain.example.com;transport=tcp": [("tcp", *place) for place in BOTH],
    "sips:plain.example.com": [("tls", "192.0.2.1", 5061), ("tls", "2001:db8::1", 5061)],
    "sip:alias.example.com": [("udp", "192.0.2.4", 5060)],
    "sip:full.example.com": [
        ("tls", "2001:db8::6", 5081),
        ("tcp", "192.0.2.4", 5080),
        ("udp", "192.0.2.1", 5060),
        ("udp", "2001:db8::1", 5060),
        ("udp", "192.0.2.4", 5070),
    ],
    "sips:full.example.com": [("tls", "2001:db8::6", 5081)],
    "sip:full.example.com;transport=tls": [("tls", "2001:db8::6", 5081)],
    "sip:full.example.com;transport=TCP": [("tcp", "192.0.2.4", 5080)],
    "sip:full.example.com:5060": [("udp", "192.0.2.99", 5060)],
    "sip:two.example.com": [("udp", "192.0.2.4", 5062), ("tcp", "192.0.2.4", 5063)],
    "sip:nobody@example.org;maddr=two.example.com": [("udp", "192.0.2.4", 5062), ("tcp", "192.0.2.4", 5063)],
    "sip:mixed.example.com": [("udp", "192.0.2.4", 5060)],
    "sip:numeric.example.com": [("udp", "192.0.2.77", 5060)],
}


class FakeDns:
    """Answers out of ``zone``; names in ``failing`` with an error; ``held`` makes it wait for ``release``."""

    def __init__(self) -> None:
        self.zone = ZONE
        self.failing: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.held: list[tuple[Deferred[Any], Any]] | None = None

    def _answer(self, name: str, kind: Any) -> Deferred[Any]:
        self.asked.append(f"{kind.__name__.removeprefix('Record_')} {name}")
        if name in self.failing:
            return fail(self.failing[name])
        if name not in self.zone:
            return fail(DNSNameError(name))
        records = [r for r in self.zone[name] if isinstance(r, kind | dns.Record_CNAME)]
        answer = [dns.RRHeader(name, record.TYPE, ttl=record.ttl, payload=record) for record in records], [], []
        if self.held is None:
            return succeed(answer)
        waiting: Deferred[Any] = Deferred()
        self.held.append((waiting, answer))
        return waiting

    def release(self) -> None:
        held, self.held = self.held or [], None
        for waiting, answer in held:
            waiting.callback(answer)

    def lookupAddress(self, name: str, timeout: Any = None) -> Deferred[Any]:
        return self._answer(name, dns.Record_A)

    def lookupIPV6Address(self, name: str, timeout: Any = None) -> Deferred[Any]:
        return self._answer(name, dns.Record_AAAA)

    def lookupService(self, name: str, timeout: Any = None) -> Deferred[Any]:
        return self._answer(name, dns.Record_SRV)

    def lookupNamingAuthorityPointer(self, name: str, timeout: Any = None) -> Deferred[Any]:
        return self._answer(name, dns.Record_NAPTR)


class FakeSystem:
    """The reactor's name resolver, for the names in ``hosts``."""

    def __init__(self) -> None:
        self.hosts = {"localhost": ["127.0.0.1", "::1"], "pbx": ["192.0.2.50"], "only.hosts.example": ["192.0.2.51"]}
        self.asked: list[str] = []

    def resolveHostName(self, receiver: Any, name: str, addressTypes: Any = None) -> None:
        self.asked.append(name)
        receiver.resolutionBegan(None)
        for host in self.hosts.get(name, []):
            kind = IPv6Address if ":" in host else IPv4Address
            if kind in addressTypes:
                for _ in range(2):
                    receiver.addressResolved(kind("TCP", host, 0))
        receiver.resolutionComplete()


class LocatorTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.dns = FakeDns()
        self.system = FakeSystem()
        self.records = Records(self.clock, self.dns, self.system)
        self.locator = Locator(self.clock, self.records, Random(1))

    def tearDown(self) -> None:
        self.records.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def start(self, uri: str) -> Deferred[list[Hop]]:
        return Deferred.fromCoroutine(self.locator.resolve(parse_uri(uri)))

    def resolve(self, uri: str) -> list[Hop]:
        return self.successResultOf(self.start(uri))

    def places(self, uri: str) -> list[tuple[str, str, int]]:
        return [hop[:3] for hop in self.resolve(uri)]

    def refused(self, uri: str) -> tuple[int, str]:
        error = self.failureResultOf(self.start(uri), SipError).value
        return error.status, error.reason
