"""Turns of event streams on a clock: what goes out when, and that nobody else has to wait for it."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake import FakeSwitch
from magroup.groups import Application, ForwardingBook, PresenceBook
from magroup.groups.board import Board
from magroup.groups.changes import News
from magroup.groups.member_states import MemberStates
from magroup.groups.viewers import Viewers
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.model.settings import ApiSettings
from magroup.web.api.event_streams import (
    CHECK,
    HEARTBEAT,
    IN_A_TURN,
    MOST_BEHIND,
    PAUSE,
    EventStreams,
    TooManyStreams,
    Wanted,
)
from tests.groups.world import Records

COMPANY = Configuration(users=(User(1, "Ann", privileges=frozenset({Privilege.ADMIN})),))


class FakeRequest:
    """What a stream needs of a request."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.producer: Any = None
        self._finished: Deferred[None] = Deferred()

    def notifyFinish(self) -> Deferred[None]:
        return self._finished

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def goes(self) -> None:
        """The client closes the connection."""
        self._finished.errback(Failure(ConnectionError("closed")))

    def told(self) -> bytes:
        """What was sent since the last time."""
        sent, self.sent = self.sent, []
        return b"".join(sent)


class StreamsCase(SynchronousTestCase):
    """Events are their numbers."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        switch = FakeSwitch(self.clock)
        self.book = PresenceBook(self.clock, lambda name, state: None)
        forwarding = ForwardingBook(self.clock, COMPANY, lambda *change: None, lambda *change: None)
        application = Application(switch, self.clock, self.book, forwarding, Records(), COMPANY)
        states = MemberStates(switch, application)
        self.configuration = COMPANY
        self.board = Board(self.clock, switch, states, self.book, forwarding.subscribe, COMPANY)
        self.board.start()
        self.made: list[int] = []
        self.settings = ApiSettings(event_streams_per_user=1000)
        self.streams = EventStreams(
            self.board, Viewers(lambda: self.configuration, {}), self.clock, lambda: self.settings, self.shown,
            lambda reason: b"reset " + reason.encode() + b"\n\n",
        )  # fmt: skip
        self.streams.start()
        self.may_go_on = True

    def tearDown(self) -> None:
        self.streams.stop()
        self.board.stop()
        self.assertEqual((len(self.streams), self.clock.getDelayedCalls()), (0, []))

    def shown(self, news: News) -> bytes:
        self.made.append(news.number)
        return b"%d\n\n" % news.number

    def open(self, count: int = 1) -> list[FakeRequest]:
        """Streams whose beginning was sent."""
        requests = [FakeRequest() for _ in range(count)]
        for request in requests:
            self.streams.admit("Ann")
            self.streams.open(request, Wanted("Ann", (), "", lambda: self.may_go_on))  # type: ignore[arg-type]
            self.assertIn(b"retry", request.told())
        return requests

    def happens(self, count: int = 1) -> None:
        for _ in range(count):
            self.board.settings_changed(["x"], "")


class TurnTests(StreamsCase):
    """Who is served when."""

    def test_nobody(self) -> None:
        """Without streams nothing is made and no timer runs."""
        self.happens(3)
        self.assertEqual((self.clock.getDelayedCalls(), self.made), ([], []))

    def test_in_turns(self) -> None:
        """A few at a time; each event is made once."""
        requests = self.open(3 * IN_A_TURN)
        self.happens()
        served, later = [], self.clock.callLater

        def call_later(*what: Any) -> Any:
            served.append(sum(bool(request.sent) for request in requests))
            return later(*what)

        self.patch(self.clock, "callLater", call_later)
        self.clock.advance(0)
        self.assertEqual((served, self.made), ([IN_A_TURN, 2 * IN_A_TURN], [1]))
        self.assertTrue(all(request.sent for request in requests))

    def test_pause(self) -> None:
        """The first one goes out at once, what happens soon after it goes together."""
        (request,) = self.open()
        self.happens()
        self.clock.advance(0)
        self.assertEqual(request.told(), b"1\n\n")
        self.happens(2)
        self.clock.advance(PAUSE / 2)
        self.happens()
        self.assertEqual(request.sent, [])
        self.clock.advance(PAUSE / 2)
        self.assertEqual(request.sent, [b"2\n\n3\n\n4\n\n"])

    def test_paused(self) -> None:
        """Who cannot take more gets nothing until it can, then all of it; who is too far behind is told and left."""
        quick, slow = self.open(2)
        slow.producer.pauseProducing()
        self.happens(3)
        self.clock.advance(0)
        self.assertEqual((quick.told(), slow.sent), (b"1\n\n2\n\n3\n\n", []))
        slow.producer.resumeProducing()
        self.clock.advance(PAUSE)
        self.assertEqual(slow.told(), b"1\n\n2\n\n3\n\n")
        slow.producer.pauseProducing()
        self.happens(MOST_BEHIND + 1)
        self.clock.advance(PAUSE)
        self.assertTrue(slow.told().endswith(b"reset too_slow\n\n"))
        self.assertIsNone(slow.producer)
        self.assertEqual(len(self.streams), 1)

    def test_heartbeat(self) -> None:
        """When nothing was sent for so long, and not sooner."""
        (request,) = self.open()
        self.clock.advance(HEARTBEAT - 2)
        self.happens()
        self.clock.pump([1.0] * 14)
        self.assertEqual(request.told(), b"1\n\n")
        self.clock.pump([1.0] * 3)
        self.assertEqual(request.told(), b":\nid: %b-1\n\n" % self.board.life.encode())

    def test_check(self) -> None:
        """It is asked now and then whether a stream may go on."""
        (request,) = self.open()
        self.may_go_on = False
        self.happens()
        self.clock.advance(0)
        self.assertEqual(request.told(), b"1\n\n")
        self.clock.pump([1.0] * (int(CHECK) + 1))
        self.assertEqual((request.told(), len(self.streams)), (b"", 0))

    def test_user_is_gone(self) -> None:
        """At once, before anything else is sent."""
        (request,) = self.open()
        self.configuration = Configuration()
        self.happens()
        self.clock.advance(0)
        self.assertEqual((request.told(), len(self.streams)), (b"", 0))

    def test_client_goes(self) -> None:
        """In the middle of a round."""
        requests = self.open(2 * IN_A_TURN)
        self.happens()
        self.clock.advance(0)
        for request in requests:
            request.goes()
        self.clock.advance(PAUSE)
        self.assertEqual((len(self.streams), self.clock.getDelayedCalls()), (0, []))

    def test_limits(self) -> None:
        self.settings = ApiSettings(event_streams=5, event_streams_per_user=2)
        first, _ = self.open(2)
        self.assertRaises(TooManyStreams, self.streams.admit, "ANN")
        self.streams.admit("Bob")
        first.goes()
        self.streams.admit("ann")
        self.settings = ApiSettings(event_streams=1)
        self.assertRaises(TooManyStreams, self.streams.admit, "Bob")
