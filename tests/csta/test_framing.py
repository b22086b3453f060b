"""Frames, cut anywhere; requests and their responses."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta.association import Association
from magroup.csta.codec import build
from magroup.csta.edition import Edition, Profile
from magroup.csta.errors import INVALID_PARAMETER, NOT_SUPPORTED, ErrorValue
from magroup.csta.framing import EVENT_ID, LARGEST, Frame, FrameError, FrameReader, pack
from magroup.csta.invoke_ids import LAST, Outstanding
from magroup.csta.message import Message
from magroup.csta.monitoring_messages import MonitorStop, MonitorStopResponse
from magroup.csta.system_messages import CSTAErrorCode, RequestSystemStatus, SystemStatus, SystemStatusResponse
from magroup.cti.errors import Failure, ServiceError
from tests.csta.examples import EXAMPLES, example


def read(pieces: list[bytes], largest: int = LARGEST) -> list[Frame]:
    reader = FrameReader(largest)
    return [frame for piece in pieces for frame in reader.feed(piece)]


class FrameTests(SynchronousTestCase):
    def test_vectors(self) -> None:
        self.assertEqual(pack(1, b"<A/>"), bytes.fromhex("0000000c303030313c412f3e"))
        accent = bytes.fromhex("00000011393939393c413ec3a93c2f413e")
        self.assertEqual(pack(EVENT_ID, "<A>é</A>".encode()), accent)
        self.assertEqual(read([accent]), [Frame(EVENT_ID, "<A>é</A>".encode())])
        self.assertEqual(read([b"\0\0\x03\xeb0000" + b"x" * 995]), [Frame(0, b"x" * 995)])

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, EVENT_ID), st.binary(min_size=1, max_size=40)), max_size=5), st.data())
    def test_cut_anywhere(self, frames: list[tuple[int, bytes]], data: st.DataObject) -> None:
        stream = b"".join(pack(*frame) for frame in frames)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
        pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        self.assertEqual(read(pieces), [Frame(*frame) for frame in frames])

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.binary(max_size=60), max_size=5))
    def test_any_bytes(self, pieces: list[bytes]) -> None:
        try:
            read(pieces)
        except FrameError as error:
            self.assertTrue(str(error))

    def test_largest(self) -> None:
        self.assertEqual(len(read([pack(1, b"x" * (LARGEST - 8))])), 1)
        self.assertRaises(FrameError, pack, 1, b"x" * (LARGEST - 7))
        self.assertRaises(FrameError, read, [pack(1, b"x" * 93)], 100)

    def test_refused(self) -> None:
        bad_ones = (b"\0\1\0\x0c0001", b"\0\0\0\x080001", b"\0\0\0\0000001", b"\0\0\0\x0c00a1")
        for bad in (*bad_ones, b"<?xml version", b"GET / HTTP/1.1"):
            self.assertRaises(FrameError, read, [bad])

    def test_error_behind_good_frames(self) -> None:
        reader = FrameReader()
        found: list[Frame] = []
        with self.assertRaises(FrameError):
            for frame in reader.feed(pack(1, b"a") + pack(2, b"b") + b"garbage!"):
                found.append(frame)
        self.assertEqual([frame.invoke_id for frame in found], [1, 2])


class OutstandingTests(SynchronousTestCase):
    def test_ids_wrap_and_skip(self) -> None:
        outstanding = Outstanding(Clock(), 5)
        first, waits = outstanding.begin("a")
        self.assertEqual(first, 1)
        for expected in range(2, LAST + 1):
            invoke_id, _ = outstanding.begin("b")
            self.assertEqual(invoke_id, expected)
            self.assertTrue(outstanding.complete(invoke_id, SystemStatus()))
        self.assertEqual(outstanding.begin("c")[0], 2)
        self.assertNoResult(waits)
        self.assertFalse(outstanding.complete(77, SystemStatus()))
        self.assertEqual(len(outstanding), 2)

    def test_late(self) -> None:
        clock = Clock()
        outstanding = Outstanding(clock, 5)
        invoke_id, waits = outstanding.begin("MakeCall")
        clock.advance(5)
        self.assertIn("MakeCall", str(self.failureResultOf(waits, ServiceError).value))
        self.assertFalse(outstanding.complete(invoke_id, SystemStatus()))

    def test_too_many(self) -> None:
        outstanding = Outstanding(Clock(), 5, 2)
        waits = [outstanding.begin("a")[1] for _ in range(2)]
        error = self.assertRaises(ServiceError, outstanding.begin, "a")
        self.assertEqual(error.failure, Failure.RESOURCE_BUSY)
        outstanding.end("gone")
        for one in waits:
            self.failureResultOf(one, ServiceError)
        self.assertEqual(len(outstanding), 0)


class AssociationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.sent: list[bytes] = []
        self.taken: list[tuple[int, Message]] = []
        self.association = Association(
            self.clock, self.sent.append, lambda invoke_id, message: self.taken.append((invoke_id, message)), Profile()
        )

    def frames(self) -> list[Frame]:
        found = read(self.sent)
        self.sent.clear()
        return found

    def test_two_number_spaces(self) -> None:
        """Both sides have a request 0001 under way."""
        response = self.association.request(MonitorStop(monitor_cross_ref_id="5"))
        self.association.feed(pack(1, example("SystemStatus")) + pack(1, example("MonitorStopResponse")))
        self.assertEqual(self.successResultOf(response), MonitorStopResponse())
        self.assertEqual(self.taken, [(1, SystemStatus(system_status="normal"))])
        self.association.respond(1, SystemStatusResponse())
        self.assertEqual([frame.invoke_id for frame in self.frames()], [1, 1])

    def test_refused(self) -> None:
        response = self.association.request(MonitorStop(monitor_cross_ref_id="5"))
        self.association.feed(pack(1, example("CSTAErrorCode.state")))
        error = self.failureResultOf(response, ServiceError).value
        self.assertEqual(error.failure, Failure.NO_CALL_TO_ANSWER)
        self.assertIn("MonitorStop", str(error))

    def test_unreadable_answer(self) -> None:
        response = self.association.request(RequestSystemStatus())
        self.sent.clear()
        self.association.feed(pack(1, b"<broken"))
        self.failureResultOf(response, ServiceError)
        self.assertEqual(self.sent, [])

    def test_unreadable_request(self) -> None:
        """Is refused; events and what answers nothing are not answered."""
        for body, error in (b"<broken", INVALID_PARAMETER), (b"<Unknown/>", NOT_SUPPORTED):
            self.association.feed(pack(17, body))
            self.assertEqual(self.frames(), [Frame(17, build(CSTAErrorCode(error=error), Edition.ED4))])
        self.association.feed(pack(EVENT_ID, b"<broken") + pack(17, example("CSTAErrorCode.state")))
        self.association.feed(pack(17, example("MonitorStopResponse")))
        self.assertEqual((self.sent, self.taken, self.association.unreadable), ([], [], 3))

    def test_follows(self) -> None:
        """The edition that a client without application session writes in."""
        self.association.feed(pack(1, example("DeflectCall.ed6")))
        self.assertIs(self.association.edition, Edition.ED4)
        self.association.follows = True
        self.association.feed(pack(1, example("DeflectCall.ed6")) + pack(2, b"<RequestSystemStatus/>"))
        self.assertIs(self.association.edition, Edition.ED6)

    def test_too_large(self) -> None:
        big = SystemStatus(system_status="x" * LARGEST)
        self.association.tell(big)
        self.assertEqual(self.sent, [])
        self.association.respond(3, big)
        (frame,) = self.frames()
        self.assertIn(b"valueOutOfRange", frame.body)
        self.failureResultOf(self.association.request(big), FrameError)

    def test_every_example_in_pieces(self) -> None:
        stream = b"".join(pack(EVENT_ID, data) for data in EXAMPLES.values())
        for at in range(0, len(stream), 7):
            self.association.feed(stream[at : at + 7])
        answers = sum("Response" in name or "CSTAErrorCode" in name for name in EXAMPLES)
        self.assertEqual(len(self.taken), len(EXAMPLES) - answers)

    def test_end(self) -> None:
        response = self.association.request(RequestSystemStatus())
        self.assertEqual(self.association.waiting, 1)
        self.association.end("gone")
        self.failureResultOf(response, ServiceError)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_errors_there_and_back(self) -> None:
        for value in ("resourceBusy", "", "<&>"):
            response = self.association.request(RequestSystemStatus())
            (frame,) = self.frames()
            error = CSTAErrorCode(error=ErrorValue("systemResourceAvailibility", value))
            self.association.feed(pack(frame.invoke_id, build(error, Edition.ED4)))
            self.failureResultOf(response, ServiceError)
