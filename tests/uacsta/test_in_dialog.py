"""The association in a dialog by itself: what answers what, in which order, and what a bad peer may do."""

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta import call_control_messages as c
from magroup.csta import system_messages as y
from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition, Profile
from magroup.csta.errors import NOT_SUPPORTED
from magroup.csta.event_messages import BackInServiceEvent
from magroup.csta.in_dialog import LARGEST, PATIENCE, InDialog
from magroup.csta.message import Message
from magroup.csta.session_messages import StopApplicationSession
from magroup.csta.values import ConnectionID, DeviceId, subject
from magroup.cti.errors import Failure, ServiceError

CALL = c.MakeCall(calling_device=DeviceId("1201"), called_directory_number=DeviceId("1202"))
MADE = c.MakeCallResponse(calling_device=ConnectionID("C1", DeviceId("1201")))


def xml(message: Message) -> bytes:
    return build(message, Edition.ED4)


def event(device: str) -> Message:
    return BackInServiceEvent(monitor_cross_ref_id="1", device=subject(device))


class InDialogTests(SynchronousTestCase):
    """``sent`` are our INFOs with what answers them, ``said`` the bodies of the answers to the peer's."""

    unsent = 1 << 20

    def setUp(self) -> None:
        self.clock = Clock()
        self.sent: list[tuple[bytes, Callable[[int, bytes], None]]] = []
        self.said: list[bytes] = []
        self.taken: list[tuple[int, Message]] = []
        self.overflows = 0
        self.dialog = InDialog(
            self.clock, lambda body, answered: self.sent.append((body, answered)),
            lambda number, message: self.taken.append((number, message)), Profile(Edition.ED4),
            unsent=lambda: self.unsent, overflowed=self._overflowed,
        )  # fmt: skip

    def _overflowed(self) -> None:
        self.overflows += 1

    def tearDown(self) -> None:
        self.dialog.end("over")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def hear(self, message: Message | bytes) -> None:
        self.dialog.received(message if isinstance(message, bytes) else xml(message), self.said.append)

    def ask(self, message: Message = CALL) -> list[Any]:
        found: list[Any] = []
        self.dialog.request(message).addBoth(found.append)
        return found

    def root(self, body: bytes) -> str:
        return parse(body).message.root

    def error(self, found: list[Any]) -> ServiceError:
        (failure,) = found
        self.assertIsInstance(failure.value, ServiceError)
        return failure.value  # type: ignore[no-any-return]

    # what the peer asks

    def test_response_answers(self) -> None:
        """The body of the 200 is the response; requests may be answered in another order than they came."""
        self.hear(CALL)
        self.hear(y.GetCSTAFeatures())
        (first, _), (second, _) = self.taken
        self.dialog.refuse(second, NOT_SUPPORTED)
        self.dialog.respond(first, MADE)
        self.assertEqual([self.root(body) for body in self.said], ["CSTAErrorCode", "MakeCallResponse"])
        self.assertEqual(self.sent, [])

    def test_unreadable(self) -> None:
        """Each is answered with an error, and counted."""
        for body in (b"rubbish", b"<Unheard/>", b"<!DOCTYPE x><MakeCall/>", b"<MakeCall/>"):
            self.hear(body)
        self.assertEqual([self.root(body) for body in self.said], ["CSTAErrorCode"] * 4)
        self.assertEqual((self.dialog.unreadable, self.taken), (4, []))

    def test_response_comes_late(self) -> None:
        """The INFO is answered while its sender still waits; the response goes into one of ours."""
        self.hear(CALL)
        self.clock.advance(PATIENCE)
        self.assertEqual(self.said, [b""])
        self.dialog.respond(self.taken[0][0], MADE)
        self.assertEqual([self.root(body) for body, _ in self.sent], ["MakeCallResponse"])
        self.sent[0][1](200, b"")

    def test_unasked_responses(self) -> None:
        """Acknowledged, and nothing else."""
        self.hear(MADE)
        self.hear(y.CSTAErrorCode(error=NOT_SUPPORTED))
        self.assertEqual((self.said, self.taken, self.sent), ([b"", b""], [], []))

    def test_over(self) -> None:
        """What was asked before is not answered any more."""
        self.hear(CALL)
        found = self.ask()
        self.dialog.end("cut")
        self.dialog.respond(self.taken[0][0], MADE)
        self.dialog.tell(event("1201"))
        self.sent[0][1](200, xml(MADE))
        self.assertEqual((len(self.sent), self.said), (1, []))
        self.assertEqual(str(self.error(found)), "cut")
        self.assertEqual(str(self.error(self.ask())), "cut")

    # what we say

    def test_in_order(self) -> None:
        """One INFO at a time, whatever becomes of each."""
        for device in ("1", "2", "3"):
            self.dialog.tell(event(device))
        for count, (status, body) in enumerate(((200, b""), (500, b"rubbish"), (200, xml(CALL))), 1):
            self.assertEqual(len(self.sent), count)
            self.sent[-1][1](status, body)
        told: Any = [parse(body).message for body, _ in self.sent]
        self.assertEqual([one.device.number for one in told], ["1", "2", "3"])
        self.assertEqual(self.taken, [])

    def test_requests(self) -> None:
        """A response or an error in the answer, whatever its status; an answer that is none."""
        for status, body, wanted in (
            (200, xml(y.CSTAErrorCode(error=NOT_SUPPORTED)), Failure.NOT_SUPPORTED),
            (488, xml(y.CSTAErrorCode(error=NOT_SUPPORTED)), Failure.NOT_SUPPORTED),
            (403, b"", Failure.GENERIC),
            (200, b"rubbish", Failure.INVALID_PARAMETER),
            (200, xml(CALL), Failure.GENERIC),
        ):
            found = self.ask()
            self.sent.pop()[1](status, body)
            self.assertIs(self.error(found).failure, wanted)
        found = self.ask()
        self.sent.pop()[1](200, xml(MADE))
        self.assertEqual((found, self.taken), ([MADE], []))

    def test_response_follows(self) -> None:
        """An answer without a body only says that the request has come; the response is in an INFO of its own."""
        first, second = self.ask(), self.ask(y.GetCSTAFeatures())
        third = self.ask()
        for _ in range(3):
            self.sent.pop()[1](200, b"")
        self.hear(y.GetCSTAFeaturesResponse())
        self.assertEqual((len(first), len(second), len(third)), (0, 1, 0))
        self.hear(MADE)
        self.hear(y.CSTAErrorCode(error=NOT_SUPPORTED))
        self.assertEqual(first, [MADE])
        self.assertIs(self.error(third).failure, Failure.NOT_SUPPORTED)
        self.assertEqual(self.said, [b""] * 3)

    def test_no_response(self) -> None:
        """Given up; what comes later belongs to the next."""
        first = self.ask()
        self.sent.pop()[1](200, b"")
        self.clock.advance(20)
        self.assertIn("No answer", str(self.error(first)))
        second = self.ask()
        self.sent.pop()[1](200, b"")
        self.hear(MADE)
        self.assertEqual(second, [MADE])

    def test_too_much(self) -> None:
        """A peer that answers nothing."""
        self.unsent = 1000
        for _ in range(20):
            self.dialog.tell(event("1201"))
        self.assertGreater(self.overflows, 0)
        self.assertEqual(len(self.sent), 1)

    def test_too_large(self) -> None:
        """A response that does not fit is an error, an event is not sent, a request of ours fails."""
        long = "1" * LARGEST
        self.hear(CALL)
        self.dialog.respond(self.taken[0][0], c.MakeCallResponse(calling_device=ConnectionID(long)))
        self.dialog.tell(event(long))
        self.assertEqual([self.root(body) for body in self.said], ["CSTAErrorCode"])
        found = self.ask(c.MakeCall(calling_device=DeviceId(long), called_directory_number=DeviceId("1")))
        self.assertEqual((len(found), self.sent), (1, []))

    def test_no_application_sessions(self) -> None:
        """The dialog is the session."""
        self.dialog.tell(StopApplicationSession(session_id="1"))
        self.assertEqual(self.sent, [])
