"""What is made of messages without a page: captures, texts, pictures."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.trace import Address, CallTrace, SipLeg, SipMessage
from magroup.web.admin.calls.ladder import AT_ONCE, kind, ladder
from magroup.web.admin.calls.pcap import LARGEST, as_pcap
from magroup.web.admin.calls.shown import as_text, clean, end, readable
from tests.web.admin.calls.captures import packets

US, THEM, OTHER = ("192.0.2.1", 5060), ("192.0.2.11", 5062), ("2001:db8::5", 40000)
_hosts = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)
_address = st.tuples(_hosts.map(str), st.integers(0, 65535))


def message(number: int, leg: int = 0, is_sent: bool = False, data: bytes = b"x", **values: object) -> SipMessage:
    source, target = (US, THEM) if is_sent else (THEM, US)
    made = SipMessage(
        number, 1000.0 + number / 100, leg, is_sent, "udp", source, target, data, "INVITE", "INVITE", 0, False, False
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


class Captures(SynchronousTestCase):
    """Read back by a reader that takes nothing on trust."""

    @settings(max_examples=100)
    @given(st.lists(st.tuples(_address, _address, st.binary(max_size=200), st.integers(0, 2**31 * 1000)), max_size=5))
    def test_any(self, made: list[tuple[Address, Address, bytes, int]]) -> None:
        given_ = [
            message(1, source=source, target=target, data=data, at=at / 1000) for source, target, data, at in made
        ]
        found = packets(as_pcap(given_))
        self.assertEqual([one.data for one in found], [data for _, _, data, _ in made])
        self.assertEqual([round(one.at, 3) for one in found], [at / 1000 for *_, at in made])
        for one, (source, target, _, _) in zip(found, made, strict=True):
            are_mixed = ip_address(source[0]).version != ip_address(target[0]).version
            for (host, port), (wanted, wanted_port) in ((one.source, source), (one.target, target)):
                is_mapped = are_mixed and ip_address(wanted).version == 4
                self.assertEqual(ip_address(host), ip_address(f"::ffff:{wanted}" if is_mapped else wanted))
                self.assertEqual(port, wanted_port)

    def test_odd_ones(self) -> None:
        """A message that is larger than a packet, an address that is none, one with a zone."""
        found = packets(as_pcap([
            message(1, data=b"y" * 100_000), message(2, source=("localhost", 5060)),
            message(3, source=("fe80::1%eth0", 5060), target=OTHER), message(4, data=b""), message(5, data=b"\0" * 8),
        ]))  # fmt: skip
        self.assertEqual([len(one.data) for one in found], [LARGEST, 1, 1, 0, 8])
        self.assertEqual([one.source[0] for one in found], [THEM[0], "0.0.0.0", "fe80::1", THEM[0], THEM[0]])
        self.assertEqual(packets(as_pcap([])), [])


class Texts(SynchronousTestCase):
    """For people."""

    def test_readable(self) -> None:
        self.assertEqual(readable("ä\r\nb\n".encode()), "ä\nb\n")
        self.assertEqual(readable(b"\xff\0\x1b[2J\rx\ty"), "\\xff\\x00\\x1b[2J\\rx\ty")
        self.assertEqual(clean("a\u202eb\u2028c\ufeff👩\u200d💻"), "a\\u202eb\\u2028c\\ufeff👩\u200d💻")
        self.assertEqual((end(THEM), end(OTHER)), ("192.0.2.11:5062", "[2001:db8::5]:40000"))

    def test_all(self) -> None:
        leg = SipLeg("c", "1", "", THEM, "udp", True)
        text = as_text(CallTrace((leg,), (message(1, data=b"INVITE\r\n\r\n"), message(2, is_sent=True)), 3)).decode()
        self.assertEqual(
            text,
            "1970-01-01 00:16:40.010000 UTC  UDP 192.0.2.11:5062 to 192.0.2.1:5060\n\nINVITE\n\n\n"
            "1970-01-01 00:16:40.020000 UTC  UDP 192.0.2.1:5060 to 192.0.2.11:5062\n\nx\n\n\n"
            "3 more messages were not kept.\n",
        )


class Pictures(SynchronousTestCase):
    """Columns and arrows."""

    def setUp(self) -> None:
        self.legs = (
            SipLeg("b", "2", "", OTHER, "tcp", False), SipLeg("a", "1", "Hans <b>", THEM, "udp", True),
            SipLeg("c", "3", "", OTHER, "tcp", False), SipLeg("d", "2", "", OTHER, "tcp", False),
            SipLeg("e", "", "", ("192.0.2.9", 5060), "udp", False),
        )  # fmt: skip

    def test_columns(self) -> None:
        """Who calls on the left, we beside it; one phone is one column, two lines of one phone are two."""
        made = ladder(CallTrace(self.legs, (message(1, leg=1),)), {"2": "Maria"}.get, 1)  # type: ignore[arg-type]
        self.assertEqual([one.name for one in made.columns], ["Hans <b>", "magroup", "Maria", "3", "Anonymous"])
        self.assertEqual([one.full_name for one in made.columns][:3], ["Hans <b> 1", "magroup", "Maria 2"])
        self.assertEqual(len({one.x for one in made.columns}), 5)

    def test_nobody_called_us(self) -> None:
        """The own phone of who makes a call by a click is on the left."""
        made = ladder(CallTrace(self.legs[:1], (message(1, is_sent=True),)), lambda number: "")
        self.assertEqual([one.name for one in made.columns], ["2", "magroup"])
        (arrow,) = made.arrows
        self.assertEqual(((arrow.x1, arrow.x2), arrow.turn), ((made.columns[1].x, made.columns[0].x), -1))

    def test_arrows(self) -> None:
        made = ladder(CallTrace(self.legs, (
            message(1, leg=1, has_sdp=True), message(5, leg=1, is_sent=True, status=180, title="180 Ringing"),
            message(6, leg=0, is_sent=True, is_again=True), message(7, leg=0, status=200, title="200 OK", method="BYE"),
            message(8, leg=1, status=486, title="486 " + "x" * 90), message(9, leg=1, title="\u202e"),
        )), lambda number: "")  # fmt: skip
        self.assertEqual([one.turn for one in made.arrows], [1, -1, 1, -1, 1, 1])
        kinds = ["request", "progress", "request", "success", "failure", "request"]
        self.assertEqual([one.kind for one in made.arrows], kinds)
        labels = ["INVITE SDP", "180 Ringing", "INVITE", "200 OK (BYE)"]
        self.assertEqual([one.label for one in made.arrows[:4]], labels)
        self.assertEqual((len(made.arrows[4].label), made.arrows[5].label), (22, "\\u202e"))
        self.assertEqual(made.arrows[2].told, "+0.050 s: INVITE from magroup to 2, again")
        self.assertEqual(made.arrows[0].told,
                         "+0.000 s: INVITE from Hans <b> 1 to magroup, with a session description")  # fmt: skip

    def test_kinds(self) -> None:
        kinds = [kind(status) for status in (0, 100, 199, 200, 202, 302, 401, 407, 486, 603)]
        words = ["request", *["progress"] * 2, *["success"] * 2, "failure", *["progress"] * 2, *["failure"] * 2]
        self.assertEqual(kinds, words)

    def test_pages(self) -> None:
        trace = CallTrace(self.legs, tuple(message(number, leg=1) for number in range(1, 2 * AT_ONCE + 6)))
        for page, first, last in ((1, 1, 100), (2, 101, 200), (3, 201, 205), (9, 201, 205), (0, 1, 100)):
            made = ladder(trace, lambda number: "", page)
            self.assertEqual((made.first, made.last, made.total), (first, last, 205))
            self.assertEqual(len(made.columns), 5)
        self.assertEqual(made.arrows[0].since, "+0.000")
