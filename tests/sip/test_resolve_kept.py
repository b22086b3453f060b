"""From a URI to hops: what is kept and how long, and a real server of names."""

from random import Random
from typing import Any

from twisted.internet import reactor
from twisted.names import authority, client, common, dns, server
from twisted.names.error import DNSQueryTimeoutError
from twisted.trial.unittest import TestCase

from magroup.sip.hop import Hop
from magroup.sip.records import Records
from magroup.sip.resolve import Locator
from magroup.sip.uri import parse_uri
from tests.sip.resolving import LOCATED, TTL, ZONE, LocatorTestCase, a, aaaa


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
