"""From a URI to hops: numeric hosts, names by NAPTR, SRV and addresses, choice by weight."""

from collections import Counter
from random import Random
from typing import Any

from twisted.names.error import DNSQueryTimeoutError, DNSServerError
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.resolve import Locator, hop_for
from magroup.sip.uri import parse_uri
from tests.sip.resolving import BOTH, LOCATED, TTL, LocatorTestCase, a, srv


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
