"""Registrations: RFC 3261 section 10.3 case by case, and what phones do beside it."""

from magroup.model.lines import Registration
from magroup.sip.bindings import Update, target
from magroup.sip.contacts import LONGEST_CONTACT, Limits
from magroup.sip.headers import parse_address
from magroup.sip.hop import Hop
from magroup.sip.message import Request, parse_message
from magroup.sip.registering import STRAGGLER
from tests.sip.binding import CONTACT, INSTANCE, NOW, SOURCE, VIA, BindingsTestCase, _numbers, register


class Updates(BindingsTestCase):
    """Adding, refreshing, removing, fetching."""

    def test_first_contact(self) -> None:
        result = self.update(register(CONTACT, cseq=7))
        expected = Registration(
            "4321", "sip:alice@192.0.2.7:5060", "c1", 7, NOW + 3600, "udp", ("192.0.2.7", 5060), "Phone/1"
        )
        self.assertEqual(result, Update({"Contact": [f"{CONTACT};expires=3600"]}, (expected,)))
        self.assertEqual(self.bindings.contacts("4321"), (expected,))
        self.assertEqual(len(self.bindings), 1)

    def test_refresh(self) -> None:
        self.update(register(CONTACT))
        result = self.update(register(CONTACT, expires="600"), NOW + 100)
        self.assertEqual((len(result.added), len(result.refreshed), len(result.removed)), (0, 1, 0))
        self.assertEqual(result.refreshed[0].expires_at, NOW + 700)
        self.assertEqual(self.bindings.contacts("4321"), result.refreshed)

    def test_fetch(self) -> None:
        self.assertEqual(self.update(register()), Update({}))
        self.update(register(CONTACT, "<sip:alice@192.0.2.8>;q=0.5;expires=100"))
        result = self.update(register(), NOW + 10.5)
        self.assertEqual(
            result, Update({"Contact": [f"{CONTACT};expires=3590", "<sip:alice@192.0.2.8>;q=0.5;expires=90"]})
        )

    def test_expires(self) -> None:
        for contact, header, granted in (
            ("", None, 3600), (";expires=120", None, 120), (";expires=120", "600", 120), ("", "600", 600),
            (";expires=99999", None, 7200), ("", "99999", 7200), ("", "rubbish", 3600),
            (";expires=rubbish", "600", 600),
            ("", "-1", 3600), ("", "10000000000000", 3600), (';expires="120"', None, 120), (";expires=60", None, 60),
            ("", "4294967295", 7200), (";expires=4294967296", None, 3600), (";EXPIRES=70", None, 70),
        ):  # fmt: skip
            result = self.update(register(CONTACT + contact, expires=header))
            self.assertEqual(result.headers["Contact"], [f"{CONTACT};expires={granted}"], (contact, header))

    def test_too_short(self) -> None:
        for contact, header in ((";expires=59", None), ("", "1"), (";expires=1", "600")):
            error = self.refused(register("<sip:other@192.0.2.9>", CONTACT + contact, expires=header))
            self.assertEqual((error.status, error.headers), (423, {"Min-Expires": "60"}))

    def test_remove(self) -> None:
        for value, header in ((f"{CONTACT};expires=0", None), (CONTACT, "0"), ("*", "0")):
            (added,) = self.update(register(CONTACT)).added
            self.assertEqual(self.update(register(value, expires=header)), Update({}, removed=(added,)))
            self.assertEqual((self.contacts(), len(self.bindings)), ([], 0))
        self.assertEqual(self.update(register(f"{CONTACT};expires=0")), Update({}))
        self.assertEqual(self.update(register("*", expires="0")), Update({}))

    def test_star(self) -> None:
        self.update(register(CONTACT, "<sip:alice@192.0.2.8>"))
        for values, header in (
            (["*"], None),
            (["*"], "60"),
            (["*", CONTACT], "0"),
            ([f"*, {CONTACT}"], "0"),
            (["*;x"], "0"),
        ):
            self.assertEqual(self.refused(register(*values, expires=header)).status, 400, (values, header))
        self.assertEqual(len(self.update(register("*", expires="0")).removed), 2)

    def test_several_in_one(self) -> None:
        self.update(register(CONTACT))
        result = self.update(
            register(f"{CONTACT};expires=0, <sip:alice@192.0.2.8>", "<sip:alice@192.0.2.9>;expires=300;q=0.2")
        )
        self.assertEqual(
            result.headers["Contact"], ["<sip:alice@192.0.2.8>;expires=3600", "<sip:alice@192.0.2.9>;q=0.2;expires=300"]
        )
        self.assertEqual((len(result.added), len(result.removed)), (2, 1))

    def test_the_same_contact_twice_in_one(self) -> None:
        result = self.update(register(CONTACT, "<sip:alice@192.0.2.7:5060;ob>;expires=100"))
        self.assertEqual(result.headers["Contact"], ["<sip:alice@192.0.2.7:5060;ob>;expires=100"])
        self.assertEqual(len(result.added), 1)
        result = self.update(register("<sip:alice@192.0.2.7:5060;ob>", f"{CONTACT};expires=0"))
        self.assertEqual((len(result.removed), self.contacts()), (1, []))

    def test_order_by_q(self) -> None:
        self.update(register("<sip:a@h>;q=0.2", "<sip:b@h>", "<sip:c@h>;q=0.9"))
        self.assertEqual(self.contacts(), ["sip:b@h", "sip:c@h", "sip:a@h"])
        for q, kept in (
            ("0", 0.0),
            ("0.", 0.0),
            ("1.000", 1.0),
            ("0.123", 0.123),
            ("2", 1.0),
            ("-1", 1.0),
            ("nan", 1.0),
        ):
            self.update(register(f"<sip:a@h>;q={q}"))
            self.assertEqual({r.q for r in self.bindings.contacts("4321") if r.contact == "sip:a@h"}, {kept}, q)

    def test_limit(self) -> None:
        values = [f"<sip:alice@192.0.2.{n}>" for n in range(20, 24)]
        self.assertEqual(self.refused(register(*values)).status, 403)
        self.assertEqual(self.refused(register(*values * 50)).status, 403)
        self.update(register(*values[:3]))
        self.assertEqual(self.refused(register(values[3])).status, 403)
        self.update(register(f"{values[0]};expires=0", values[3]))
        self.assertEqual(len(self.contacts()), 3)
        self.bindings.limits = Limits(contacts=1)
        self.update(register(values[3]))
        self.assertEqual(self.refused(register(values[0])).status, 403)

    def test_malformed(self) -> None:
        for request in (
            register("sip:user@example.com?Route=%3Csip:sip.example.com%3E"), register(""), register("<sip:a@b"),
            register("<tel:+41315311111>"), register("<mailto:a@b>"), register(f"<sip:{'a' * LONGEST_CONTACT}@b>"),
            register(CONTACT, call_id="c" * 600), register(CONTACT, path="<sip:p" + "x" * 5000 + "@b>"),
            register(CONTACT, path="rubbish"), register(CONTACT, path="<tel:123>"),
        ):  # fmt: skip
            request.headers.setdefault("Contact", [""])
            self.assertEqual(self.refused(request).status, 400)

    def test_nothing_is_half_done(self) -> None:
        self.update(register(CONTACT))
        for value in ("<sip:b@h>;expires=1", "<sip:b@h", "<tel:1>"):
            self.refused(register(f"{CONTACT};expires=0", "<sip:a@h>", value))
            self.assertEqual(self.contacts(), ["sip:alice@192.0.2.7:5060"])

    def test_long_user_agents_are_cut(self) -> None:
        self.assertEqual(len(self.update(register(CONTACT, user_agent="x" * 5000)).added[0].user_agent), 128)


class Torture(BindingsTestCase):
    """The REGISTERs of RFC 4475: which parameters are the URI's and which the header's."""

    def parse(self, *lines: str) -> Request:
        message = parse_message(
            "\r\n".join(
                ["REGISTER sip:example.com SIP/2.0", "Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw",
                 "From: sip:watson@example.com;tag=1", "To: sip:watson@example.com", "Call-ID: c1",
                 f"CSeq: {next(_numbers)} REGISTER", *lines, "", ""],
            ).encode()
        )  # fmt: skip
        assert isinstance(message, Request)
        return message

    def test_contacts_come_back(self) -> None:
        uri = "sip:+19725552222@gw1.example.net"
        for line, contact, params in (
            (f"Contact: {uri};unknownparam", uri, ";unknownparam"),
            (f"Contact: <{uri};unknownparam>", f"{uri};unknownparam", ""),
            ("M: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>",
             "sip:user@example.com?Route=%3Csip:sip.example.com%3E", ""),
            ('Contact: "<sip:x@y>;e=f" <sip:x@y> ; a = "b;,c" ;+sip.instance="<urn:x>";expires=70;m="I, B";d',
             "sip:x@y", ';a="b;,c";+sip.instance="<urn:x>";m="I, B";d'),
        ):  # fmt: skip
            self.setUp()
            request = self.parse(line)
            self.update(request)
            (value,) = self.update(self.parse()).headers["Contact"]
            self.assertTrue(value.startswith(f"<{contact}>;expires="), value)
            self.assertTrue(value.endswith(params), value)
            known = {"expires", *(parse_address(request.items("Contact")[0]).params)}
            self.assertEqual(set(parse_address(value).params), known)

    def test_escaped_nulls_are_two_contacts(self) -> None:
        self.update(self.parse("Contact: <sip:%00@host5.example.com>", "Contact: <sip:%00%00@host5.example.com>"))
        self.assertEqual(self.contacts(), ["sip:%00@host5.example.com", "sip:%00%00@host5.example.com"])

    def test_headers_of_a_contact_are_not_sent(self) -> None:
        for contact, uri in (
            ("sip:user@example.com?Route=%3Csip:x%3E", "sip:user@example.com"),
            ("sip:a?b@h;x=y?Subject=z", "sip:a?b@h;x=y"),
            ("sip:a@h", "sip:a@h"),
        ):  # fmt: skip
            self.assertEqual(target(self.update(register(f"<{contact}>")).added[0]), uri)


class Same(BindingsTestCase):
    """When a contact is one that is known, and when a request comes too late."""

    def replaced(self, first: str, second: str) -> bool:
        self.setUp()
        (before,) = self.update(register(first)).added
        result = self.update(register(second))
        if len(self.contacts()) == 2:
            self.assertEqual((len(result.added), result.removed), (1, ()))
            return False
        self.assertEqual(result.removed == (before,), before.contact != self.contacts()[0])
        self.assertEqual(len(result.added) + len(result.refreshed), 1)
        return True

    def test_by_uri(self) -> None:
        for first, second, same in (
            ("<sip:alice@h>", "<sip:alice@H>", True), ("<sip:alice@h>", "<sip:%61lice@h>", True),
            ("<sip:alice@h>", "<sip:Alice@h>", False), ("<sip:alice@h>", "<sip:alice@h:5060>", False),
            ("<sip:a@h;transport=UDP>", "<sip:a@h;transport=udp>", True),
            ("<sip:a@h>", "<sip:a@h;transport=udp>", False),
            ("<sip:a@h>", "<sip:a@h;ob>", True), ("<sip:a@h>", "<sips:a@h>", False),
            ("<sip:a@h>", '"A" <sip:a@h>;x=y', True),
            ("<sip:a@h?x=1>", "<sip:a@h?x=2>", False), ("<sip:a@[2001:db8::1]>", "<sip:a@[2001:DB8::1]>", True),
        ):  # fmt: skip
            self.assertEqual(self.replaced(first, second), same, (first, second))

    def test_by_device(self) -> None:
        other = INSTANCE.replace("e128", "ffff")
        for first, second, same in (
            (INSTANCE, INSTANCE, True), (INSTANCE, other, False), (INSTANCE, "", False), ("", INSTANCE, False),
            (f"{INSTANCE};reg-id=1", f"{INSTANCE};reg-id=1", True),
            (f"{INSTANCE};reg-id=1", f"{INSTANCE};reg-id=2", False),
            (INSTANCE, f"{INSTANCE};reg-id=1", True), (f"{INSTANCE};reg-id=1", INSTANCE, False),
        ):  # fmt: skip
            self.assertEqual(self.replaced(f"<sip:a-1@h>{first}", f"<sip:a-2@h>{second}"), same, (first, second))

    def test_a_phone_that_starts_again_with_another_contact_leaves_no_ghost(self) -> None:
        for port in range(40000, 40010):
            self.update(register(f"<sip:alice-{port}@192.0.2.7:{port}>{INSTANCE}", call_id=f"c{port}"))
        self.assertEqual(self.contacts(), ["sip:alice-40009@192.0.2.7:40009"])

    def test_overtaken(self) -> None:
        self.update(register(CONTACT, cseq=10))
        for cseq, values, header in ((10, [CONTACT], None), (9, [CONTACT], None), (9, [CONTACT], "0"), (9, ["*"], "0")):
            error = self.refused(register(*values, expires=header, cseq=cseq), NOW + 1)
            self.assertEqual(error.status, 500)
        self.update(register(CONTACT, cseq=11), NOW + 1)
        self.update(register(CONTACT, cseq=1, call_id="another"), NOW + 1)
        self.update(register("<sip:alice@192.0.2.8>", cseq=1, call_id="another"), NOW + 1)

    def test_a_phone_that_counts_from_one_again(self) -> None:
        self.update(register(CONTACT, cseq=10))
        self.assertEqual(len(self.update(register(CONTACT, cseq=1), NOW + STRAGGLER).refreshed), 1)


class Reach(BindingsTestCase):
    """Where requests to a contact go."""

    TCP = Hop("tcp", "192.0.2.7", 40123, "192.0.2.1", 5060, 9)

    def hop(self, contact: str, source: Hop = SOURCE, via: str = VIA, path: str = "") -> Hop:
        self.setUp()
        (added,) = self.update(register(f"<{contact}>", via=via, path=path), source=source).added
        hop = self.bindings.hop(added)
        self.assertEqual((added.transport, added.received), (hop.transport, (hop.host, hop.port)))
        return hop

    def test_udp(self) -> None:
        for contact, port, via, expected in (
            ("sip:a@192.0.2.7", 5060, VIA, SOURCE),
            ("sip:a@192.0.2.7:5070", 5070, VIA.replace("5060", "5070"), SOURCE._replace(port=5070)),
            ("sip:a@10.0.0.5:5060", 61000, VIA, SOURCE._replace(port=61000)),
            ("sip:a@phone.example", 61000, VIA, SOURCE._replace(port=61000)),
            ("sip:a@192.0.2.7:5060", 61000, VIA, SOURCE._replace(port=61000)),
            ("sip:a@192.0.2.7", 61000, VIA.replace(":5060", ""), SOURCE._replace(port=61000)),
            ("sip:a@192.0.2.7:5060", 61000, VIA.replace(";rport", ""), SOURCE),
            ("sip:a@192.0.2.7:5080", 7000, VIA.replace("5060", "7000"), SOURCE._replace(port=5080)),
            ("sip:a@192.0.2.7:5062;transport=tcp", 5060, VIA, Hop("tcp", "192.0.2.7", 5062)),
            ("sip:a@10.0.0.5:5062;transport=tcp", 5060, VIA, SOURCE),
            ("sips:a@192.0.2.7", 5060, VIA, Hop("tls", "192.0.2.7", 5061)),
        ):  # fmt: skip
            self.assertEqual(self.hop(contact, SOURCE._replace(port=port), via), expected, contact)

    def test_stream(self) -> None:
        for contact, port in (
            ("sip:a@192.0.2.7:5062;transport=tcp", 5062), ("sip:a@192.0.2.7:40123;transport=tcp", 40123),
            ("sip:a@192.0.2.7", 5060), ("sip:a@phone.invalid", 40123),
        ):  # fmt: skip
            self.assertEqual(self.hop(contact, self.TCP), self.TCP._replace(port=port), contact)
        elsewhere = self.TCP._replace(port=40123, anew=("10.0.0.5", 5062))
        self.assertEqual(self.hop("sip:a@10.0.0.5:5062;transport=tcp", self.TCP), elsewhere)

    def test_behind_a_proxy(self) -> None:
        two = f"SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp, {VIA}"
        self.assertEqual(self.hop("sip:a@10.0.0.5:5070", via=two), Hop("udp", "10.0.0.5", 5070, "192.0.2.1", 5060))
        self.assertEqual(self.hop("sip:a@phone.example", via=two), SOURCE)
        path = "<sip:192.0.2.7:5080;lr>, <sip:10.0.0.1;lr>"
        self.assertEqual(self.hop("sip:a@10.0.0.5", via=two, path=path), SOURCE._replace(port=5080))
        self.assertEqual(self.hop("sip:a@10.0.0.5", via=two, path="<sip:p.example;lr>"), SOURCE)
        path = "<sip:192.0.2.7:5080;transport=tcp;lr>"
        self.assertEqual(self.hop("sip:a@10.0.0.5", self.TCP, path=path), self.TCP._replace(port=5080))
        path = "<sip:192.0.2.99;transport=tcp;lr>"
        self.assertEqual(self.hop("sip:a@10.0.0.5", self.TCP, path=path).flow, 0)

    def test_path_comes_back_to_those_who_know_it(self) -> None:
        path = "<sip:192.0.2.7:5080;lr>, <sip:10.0.0.1;lr>"
        result = self.update(register(CONTACT, path=path))
        self.assertEqual(result.added[0].path, ("<sip:192.0.2.7:5080;lr>", "<sip:10.0.0.1;lr>"))
        self.assertNotIn("Path", result.headers)
        result = self.update(register(CONTACT, path=path, supported="gruu, Path"))
        self.assertEqual(result.headers["Path"], ["<sip:192.0.2.7:5080;lr>", "<sip:10.0.0.1;lr>"])

    def test_a_contact_that_is_gone(self) -> None:
        (added,) = self.update(register("<sip:a@192.0.2.7:5062;transport=tcp>"), source=self.TCP).added
        self.bindings.forget("4321")
        self.assertEqual(self.bindings.hop(added), Hop("tcp", "192.0.2.7", 5062))
