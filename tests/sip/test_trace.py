"""The trace of SIP messages: what is kept of which Call-ID, and what goes when there is too much."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.trace import EACH, OF_TRACK, STRANGERS, Found, Trace
from magroup.sip.traced import read

HOP = Hop("udp", "192.0.2.1", 5060, "192.0.2.9", 5060)
LARGE = 1 << 20


def message(call_id: str, start: str = "INVITE sip:2@h SIP/2.0", more: str = "", body: str = "") -> bytes:
    head = f"{start}\r\nVia: SIP/2.0/UDP h\r\nFrom: \"A\" <sip:1@h>;tag=1\r\nTo: <sip:2@h>\r\nCall-ID: {call_id}\r\n"
    return f"{head}CSeq: 1 INVITE\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()


class Kept(SynchronousTestCase):
    """Time goes on by a second with each message."""

    def setUp(self) -> None:
        self.now = 0.0
        self.trace = Trace(self.seconds)
        self.trace.limit(LARGE, 20)

    def seconds(self) -> float:
        self.now += 1
        return self.now

    def starts(self, name: str, *call_ids: str) -> list[list[bytes]]:
        """The first lines of what is kept, track by track."""
        found = self.trace.find(name, *call_ids)
        return [[entry[4].partition(b"\r\n")[0] for entry in track] for track in found.tracks] if found else []

    def invite(self, call_id: str, name: str = "", count: int = 1) -> None:
        for _ in range(count):
            self.trace.received(message(call_id), HOP, call_id)
        if name:
            self.trace.link(name, call_id)

    def test_of_calls_only(self) -> None:
        self.trace.received(message("r", "REGISTER sip:h SIP/2.0"), HOP, "r")
        self.trace.sent(message("r", "SIP/2.0 200 OK"), HOP)
        self.trace.sent(b"\r\n\r\n", HOP)
        self.assertEqual((self.trace.kept, self.trace.size), (0, 0))
        self.trace.received(message("a@h"), HOP, "a@h")
        self.trace.sent(message("a@h", "SIP/2.0 100 Trying"), HOP)
        self.trace.sent(message("b"), HOP)
        self.trace.received(message("b", "SIP/2.0 180 Ringing"), HOP, "b")
        self.trace.link("call-1", "a@h")
        self.trace.link("call-1", "b")
        self.trace.link("call-1", "b")
        self.trace.link("call-1", "nobody")
        invite = b"INVITE sip:2@h SIP/2.0"
        self.assertEqual(
            self.starts("call-1"), [[invite, b"SIP/2.0 100 Trying"], [invite, b"SIP/2.0 180 Ringing"]]
        )  # fmt: skip
        self.assertEqual((self.trace.kept, self.trace.number), (4, 4))
        self.assertIsNone(self.trace.find("call-2"))

    def test_not_linked_yet(self) -> None:
        self.invite("a", "call")
        self.invite("b")
        self.assertEqual([len(track) for track in self.starts("call", "a", "b", "c")], [1, 1])
        self.assertEqual(len(self.starts("other", "b")), 1)

    def test_octets_that_are_no_text(self) -> None:
        data = message("x").replace(b"Call-ID: x", b"Call-ID: \xff\xfe")
        self.trace.received(data, HOP, b"\xff\xfe".decode("utf-8", "surrogateescape"))
        self.trace.sent(data, HOP)
        self.trace.link("call", b"\xff\xfe".decode("utf-8", "surrogateescape"))
        self.assertEqual([len(track) for track in self.starts("call")], [2])

    def test_too_many_of_a_call(self) -> None:
        """Of few legs the longest loses what is in its middle; of many one goes as a whole."""
        self.invite("a", "call", 3)
        self.invite("b", "call", 40)
        found = self.trace.find("call")
        assert found is not None
        self.assertEqual([len(track) for track in found.tracks], [3, 17])
        self.assertEqual(found.lost, 23)
        numbers = [entry[0] for entry in found.tracks[1]]
        self.assertEqual((numbers[0], numbers[-1]), (4, 43))
        for at in range(30):
            self.invite(f"c{at}", "call")
        found = self.trace.find("call")
        assert found is not None
        self.assertEqual((sum(map(len, found.tracks)), found.lost), (20, 53))
        self.assertEqual(found.tracks[0][0][0], 1)
        self.assertEqual(found.tracks[-1][0][0], 73)

    def test_strangers_push_out_no_call(self) -> None:
        """A flood of INVITEs that nobody links takes an eighth at most, each of them so many messages."""
        self.invite("a", "call")
        for at in range(5000):
            self.invite(f"flood{at}")
        self.invite("long", count=1000)
        self.assertEqual(len(self.starts("call")), 1)
        self.assertEqual(len(self.starts("", "long")[0]), 20)
        self.assertLessEqual(self.trace._strange, LARGE // STRANGERS)

    def test_the_oldest_call_goes(self) -> None:
        size = len(message("a0")) + EACH + OF_TRACK
        self.trace.limit(size * 20 + 100, 20)
        for at in range(20, 50):
            for leg in "ab":
                self.invite(f"{leg}{at}", f"call-{at}")
        kept = [at for at in range(20, 50) if self.starts(f"call-{at}")]
        self.assertEqual(kept, list(range(40, 50)))
        self.assertEqual({len(self.starts(f"call-{at}")) for at in kept}, {2})
        self.invite("huge", "call-50")
        self.trace.received(b"INVITE " + b"x" * LARGE, HOP, "huge")
        self.assertEqual((self.trace.size, self.trace.kept, self.trace._subjects), (0, 0, {}))

    def test_a_leg_of_two_calls(self) -> None:
        self.invite("a", "one")
        self.invite("b", "one")
        self.trace.link("two", "b")
        self.invite("c", "two")
        self.assertEqual([len(self.starts(name)) for name in ("one", "two")], [2, 2])
        found = self.trace.find("two")
        assert found is not None
        self.assertEqual(found.lost, 0)

    def test_off_and_on(self) -> None:
        self.invite("a", "call")
        self.trace.limit(0, 20)
        self.assertEqual((self.trace.kept, self.trace.size), (0, 0))
        self.trace.link("call", "a")
        self.assertIsNone(self.trace.find("call", "a"))
        self.trace.limit(LARGE, 20)
        self.invite("a", "call")
        self.assertEqual(len(self.starts("call")), 1)

    @settings(max_examples=60)
    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.booleans(), st.integers(0, 3000))))
    def test_sums(self, steps: list[tuple[int, int, bool, int]]) -> None:
        """Whatever comes, the sums are right and within the limits."""
        trace = Trace(lambda: 0.0)
        trace.limit(40_000, 20)
        for call_id, name, is_linked, size in steps:
            trace.received(message(str(call_id), body="x" * size), HOP, str(call_id))
            if is_linked:
                trace.link(str(name), str(call_id))
            tracks = [*trace._tracks.values(), *trace._strangers.values()]
            self.assertEqual(trace.size, sum(track.size for track in tracks))
            self.assertEqual(trace._strange, sum(track.size for track in trace._strangers.values()))
            self.assertLessEqual(trace.size, 40_000)
            self.assertLessEqual(trace._strange * STRANGERS, 40_000)
            for subject in trace._subjects.values():
                self.assertEqual(subject.count, sum(track.count for track in subject.tracks))
                self.assertLessEqual(subject.count, 20)
            for track in tracks:
                self.assertEqual(track.size, OF_TRACK + sum(len(entry[4]) + EACH for entry in track.entries()))


class Read(SynchronousTestCase):
    """What is made of it."""

    def test_messages(self) -> None:
        trace = Trace(lambda: 12.5)
        trace.limit(LARGE, 100)
        other = HOP._replace(host="2001:db8::2", transport="tcp", port=40000)
        sdp = "Content-Type: application/sdp\r\n"
        trace.received(message("in", more=sdp, body="v=0"), HOP, "in")
        trace.sent(message("out"), other)
        trace.received(message("out", "SIP/2.0 486 Busy\t Here"), other, "out")
        for _ in range(2):
            trace.sent(message("in", "SIP/2.0 200"), HOP)
        trace.received(b"INVITE  sip:x\r\nno message", HOP, "in")
        found = trace.find("", "in", "out")
        assert isinstance(found, Found)
        made = read(found.tracks, found.lost, {HOP: ("192.0.2.9", 5060), other: ("2001:db8::9", 5061)})
        one, two = made.legs
        self.assertEqual((one.number, one.name, one.address, one.calls), ("1", "A", ("192.0.2.1", 5060), True))
        self.assertEqual((two.number, two.name, two.transport, two.calls), ("2", "", "tcp", False))
        self.assertEqual((one.call_id, two.call_id), ("in", "out"))
        self.assertEqual(
            [(one.title, one.method, one.status, one.leg, one.has_sdp, one.is_again) for one in made.messages],
            [("INVITE", "INVITE", 0, 0, True, False), ("INVITE", "INVITE", 0, 1, False, False),
             ("486 Busy\t Here", "INVITE", 486, 1, False, False), ("200", "INVITE", 200, 0, False, False),
             ("200", "INVITE", 200, 0, False, True), ("INVITE", "", 0, 0, False, False)],
        )  # fmt: skip
        sent = made.messages[1]
        self.assertEqual((sent.source, sent.target, sent.at), (("2001:db8::9", 5061), ("2001:db8::2", 40000), 12.5))

    def test_no_secret_anywhere(self) -> None:
        """Not even in what is read out of a message."""
        trace = Trace(lambda: 0.0)
        trace.limit(LARGE, 100)
        data = message("in").replace(b'"A" <sip:1@h>', b'"sip:a:pw1@h" <sip:1:pw2@h>')
        trace.received(data, HOP, "in")
        trace.received(message("in", "SIP/2.0 200 sip:a:pw3@h"), HOP, "in")
        found = trace.find("", "in")
        assert found is not None
        made = read(found.tracks, 0, {HOP: ("192.0.2.9", 5060)})
        for secret in ("pw1", "pw2", "pw3"):
            self.assertNotIn(secret, repr(made))
        self.assertEqual((made.legs[0].number, made.legs[0].name), ("1", "sip:a:***@h"))

    def test_party_that_cannot_be_read(self) -> None:
        trace = Trace(lambda: 0.0)
        trace.limit(LARGE, 100)
        trace.received(message("in").replace(b'"A" <sip:1@h>;tag=1', b'"A <<'), HOP, "in")
        found = trace.find("", "in")
        assert found is not None
        (leg,) = read(found.tracks, 0, {HOP: ("192.0.2.9", 5060)}).legs
        self.assertEqual((leg.number, leg.name), ("", ""))
