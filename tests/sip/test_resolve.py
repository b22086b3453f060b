"""From a URI to hops: numeric hosts, names by NAPTR, SRV and addresses, choice by weight, what is kept and how long."""

from collections import Counter
from random import Random
from typing import Any

from twisted.internet import reactor
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.names import authority, client, common, dns, server
from twisted.names.error import DNSNameError, DNSQueryTimeoutError, DNSServerError
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.records import Records
from magroup.sip.resolve import Locator, hop_for
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


class NumericTests(SynchronousTestCase):
    def test_hop_for(self) -> None:
        table = {
            "sip:192.0.2.1": Hop("udp", "192.0.2.1", 5060),
            "sip:u@192.0.2.1:5070;transport=TCP": Hop("tcp", "192.0.2.1", 5070),
            "sip:[2001:DB8::1]": Hop("udp", "2001:db8::1", 5060),
            "sip:[2001:db8::1]:5070;transport=udp": Hop("udp", "2001:db8::1", 5070),
            "sips:192.0.2.1": Hop("tls", "192.0.2.1", 5061, name="192.0.2.1"),
            "sips:192.0.2.1;transport=tcp": Hop("tls", "192.0.2.1", 5061, name="192.0.2.1"),
            "sip:192.0.2.1;transport=tls": Hop("tls", "192.0.2.1", 5061, name="192.0.2.1"),
            "sip:example.com;maddr=192.0.2.9": Hop("udp", "192.0.2.9", 5060),
            "sips:example.com;maddr=[2001:db8::9]": Hop("tls", "2001:db8::9", 5061, name="example.com"),
            "sip:example.com": None,
            "sip:192.0.2.1;maddr=example.com": None,
            "sip:999.1.1.1": None,
            "sip:[:::::]": None,
        }
        for uri, hop in table.items():
            self.assertEqual(hop_for(parse_uri(uri)), hop, uri)

    def test_refused(self) -> None:
        table = {
            "tel:+41": 416,
            "sip:192.0.2.1;transport=sctp": 400,
            "sip:192.0.2.1;transport=ws": 400,
            "sips:192.0.2.1;transport=udp": 400,
            "sip:example.com;transport=x": 400,
        }
        for uri, status in table.items():
            error = self.assertRaises(SipError, hop_for, parse_uri(uri))
            self.assertEqual(error.status, status, uri)


class LocatorTests(LocatorTestCase):
    def test_located(self) -> None:
        for uri, places in LOCATED.items():
            self.assertEqual(self.places(uri), places, uri)

    def test_numeric_hosts_ask_nobody(self) -> None:
        self.assertEqual(self.resolve("sip:192.0.2.1"), [Hop("udp", "192.0.2.1", 5060)])
        self.assertEqual((self.dns.asked, self.system.asked), ([], []))

    def test_the_name_that_a_certificate_must_hold(self) -> None:
        """That of the URI, not of the server that DNS names (RFC 5922 section 7.3)."""
        self.assertEqual(self.resolve("sips:full.example.com")[0].name, "full.example.com")
        self.assertEqual({hop.name for hop in self.resolve("sip:two.example.com")}, {""})

    def test_questions(self) -> None:
        self.resolve("sip:full.example.com:5060")
        self.assertEqual(self.dns.asked, ["A full.example.com", "AAAA full.example.com"])
        self.dns.asked.clear()
        self.resolve("sip:two.example.com;transport=tcp")
        self.assertEqual(
            self.dns.asked, ["SRV _sip._tcp.two.example.com", "A four.example.com", "AAAA four.example.com"]
        )

    def test_hosts_of_the_system(self) -> None:
        self.assertEqual(self.places("sip:localhost"), [("udp", "127.0.0.1", 5060), ("udp", "::1", 5060)])
        self.assertEqual(self.places("sip:pbx:5070"), [("udp", "192.0.2.50", 5070)])
        self.assertEqual(self.places("sip:only.hosts.example:5070"), [("udp", "192.0.2.51", 5070)])
        self.assertNotIn("A localhost", self.dns.asked)

    def test_families(self) -> None:
        self.locator = Locator(self.clock, self.records, Random(1), [10])
        self.assertEqual(self.places("sip:plain.example.com"), [("udp", "2001:db8::1", 5060)])
        self.assertEqual(self.refused("sip:four.example.com")[0], 404)

    def test_nowhere(self) -> None:
        for host in ("gone.example.com", "none.example.com", "x" * 64 + ".com", "a..b", ".".join(["abc"] * 100)):
            self.assertEqual(self.refused(f"sip:{host}")[0], 404, host)
        self.assertEqual(self.refused("sip:gone.example.com"), (404, "No such host gone.example.com"))
        self.assertEqual(self.refused("tel:1")[0], 416)
        self.assertEqual(self.refused("sip:plain.example.com;transport=sctp")[0], 400)

    def test_dns_does_not_answer(self) -> None:
        for error in (DNSQueryTimeoutError(1), DNSServerError("x"), OSError("no network"), ValueError("odd answer")):
            self.records.stop()
            self.dns.failing = {"silent.example.com": error}
            self.assertEqual(
                self.refused("sip:silent.example.com"), (503, "DNS does not answer about silent.example.com")
            )

    def test_servers_that_know_only_addresses(self) -> None:
        for name in ("plain.example.com", "_sip._udp.plain.example.com", "_sip._tcp.plain.example.com"):
            self.dns.failing[name] = DNSQueryTimeoutError(1)
        del self.dns.failing["plain.example.com"]
        self.assertEqual(self.places("sip:plain.example.com"), [("udp", *place) for place in BOTH])

    def test_one_server_of_several_without_an_answer(self) -> None:
        self.dns.failing["gone.example.com"] = DNSQueryTimeoutError(1)
        self.assertEqual(self.places("sip:mixed.example.com"), [("udp", "192.0.2.4", 5060)])
        self.dns.failing["four.example.com"] = DNSQueryTimeoutError(1)
        self.clock.advance(TTL)
        self.assertEqual(self.places("sip:mixed.example.com"), [("udp", "192.0.2.4", 5060)], "what was known before")
        self.records.stop()
        self.assertEqual(self.refused("sip:mixed.example.com")[0], 503)

    def test_it_does_not_take_for_ever(self) -> None:
        self.dns.held = []
        waiting = self.start("sip:plain.example.com")
        self.clock.advance(9)
        self.assertNoResult(waiting)
        self.clock.advance(2)
        self.assertEqual(self.failureResultOf(waiting, SipError).value.status, 503)

    def test_not_more_than_16(self) -> None:
        hops = self.resolve("sip:many.example.com")
        self.assertEqual((len(hops), len(set(hops))), (16, 16))


class ChoiceTests(LocatorTestCase):
    def first(self, *records: Any) -> Counter[int]:
        """How often each port comes first in 1000 times."""
        self.dns.zone = {"_sip._udp.x.example.com": list(records), "four.example.com": [a("192.0.2.4")]}
        counted = Counter[int]()
        for _ in range(1000):
            hops = self.resolve("sip:x.example.com;transport=udp")
            self.assertEqual(len(hops), len(records))
            counted[hops[0].port] += 1
        return counted

    def test_weights(self) -> None:
        counted = self.first(*(srv(1, weight, 6000 + weight, "four.example.com") for weight in (10, 30, 60)))
        for port, share in ((6010, 100), (6030, 300), (6060, 600)):
            self.assertTrue(share * 0.7 < counted[port] < share * 1.3, counted)

    def test_no_weights(self) -> None:
        counted = self.first(srv(1, 0, 6001, "four.example.com"), srv(1, 100, 6002, "four.example.com"))
        self.assertTrue(0 < counted[6001] < 60, counted)

    def test_priorities_come_before_weights(self) -> None:
        counted = self.first(srv(2, 1000, 6002, "four.example.com"), srv(1, 1, 6001, "four.example.com"))
        self.assertEqual(counted, {6001: 1000})


class KeepingTests(LocatorTestCase):
    def asked(self, uri: str = "sip:plain.example.com:5060") -> int:
        before = len(self.dns.asked)
        self.resolve(uri)
        return len(self.dns.asked) - before

    def test_as_long_as_the_records_live(self) -> None:
        self.assertEqual([self.asked(), self.asked()], [2, 0])
        self.clock.advance(TTL - 1)
        self.assertEqual(self.asked(), 0)
        self.clock.advance(1)
        self.assertEqual([self.asked(), self.asked()], [2, 0])

    def test_the_shortest_life_of_several(self) -> None:
        self.dns.zone = {"x.example.com": [a("192.0.2.1", 50), a("192.0.2.2", 20), aaaa("2001:db8::1")]}
        self.asked("sip:x.example.com:5060")
        self.clock.advance(20)
        self.assertEqual(self.asked("sip:x.example.com:5060"), 1)

    def test_absence(self) -> None:
        self.refused("sip:gone.example.com:5060")
        before = list(self.dns.asked)
        self.refused("sip:gone.example.com:5060")
        self.assertEqual(self.dns.asked, before)
        self.clock.advance(31)
        self.dns.zone = {"gone.example.com": [a("192.0.2.1")]}
        self.assertEqual(self.places("sip:gone.example.com:5060"), [("udp", "192.0.2.1", 5060)])

    def test_failures_are_not_repeated_at_once(self) -> None:
        self.dns.failing["four.example.com"] = DNSQueryTimeoutError(1)
        self.refused("sip:four.example.com:5060")
        before = len(self.dns.asked)
        self.refused("sip:four.example.com:5060")
        self.assertEqual(len(self.dns.asked), before)
        self.dns.failing.clear()
        self.clock.advance(6)
        self.assertEqual(self.places("sip:four.example.com:5060"), [("udp", "192.0.2.4", 5060)])

    def test_what_was_known_serves_while_dns_is_silent(self) -> None:
        self.asked()
        self.dns.failing["plain.example.com"] = DNSQueryTimeoutError(1)
        self.clock.advance(TTL)
        self.assertEqual([self.asked(), self.asked()], [2, 0])
        self.clock.advance(5)
        self.assertEqual(self.asked(), 2)

    def test_many_who_ask_wait_for_one_answer(self) -> None:
        self.dns.held = []
        waiting = [self.start("sip:plain.example.com:5060") for _ in range(50)]
        waiting[0].cancel()
        self.failureResultOf(waiting[0])
        self.assertEqual(len(self.dns.asked), 2)
        self.dns.release()
        for one in waiting[1:]:
            self.assertEqual(len(self.successResultOf(one)), 2)

    def test_not_without_end(self) -> None:
        for number in range(3000):
            self.refused(f"sip:n{number}.example.com:5060")
        self.assertLessEqual(len(self.records._kept), 1024)
        self.assertEqual((self.records._waiting, self.records._asking), ({}, {}))

    def test_stop(self) -> None:
        self.dns.held = []
        waiting = self.start("sip:plain.example.com:5060")
        self.records.stop()
        self.failureResultOf(waiting)
        self.dns.release()
        self.assertEqual((self.records._kept, self.records._waiting, self.records._asking), ({}, {}, {}))


class Zone(authority.FileAuthority):
    """An authority for ``ZONE`` without a file."""

    def __init__(self) -> None:
        common.ResolverBase.__init__(self)
        soa = dns.Record_SOA(b"ns.example.com", "root.example.com", 1, 1, 1, 1, 1)
        self.soa = (b"example.com", soa)
        self.records = {b"example.com": [soa]} | {name.encode(): records for name, records in ZONE.items()}


class RealDnsTests(TestCase):
    """Over UDP on loopback, with the name server and the client of twisted.names."""

    timeout = 30

    def setUp(self) -> None:
        factory = server.DNSServerFactory(authorities=[Zone()])
        factory.noisy = False
        self.port = reactor.listenUDP(0, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
        names = client.Resolver(servers=[("127.0.0.1", self.port.getHost().port)], timeout=(1, 1), reactor=reactor)
        self.locator = Locator(reactor, Records(reactor, names, reactor.nameResolver), Random(1))

    def tearDown(self) -> Any:
        return self.port.stopListening()

    async def test_located(self) -> None:
        for uri, places in LOCATED.items():
            if "mixed" not in uri:
                hops = await self.locator.resolve(parse_uri(uri))
                self.assertEqual([hop[:3] for hop in hops], places, uri)

    async def test_localhost(self) -> None:
        hops = await self.locator.resolve(parse_uri("sip:localhost:5070;transport=tcp"))
        self.assertIn(Hop("tcp", "127.0.0.1", 5070), hops)
