"""The reactor's time while the machine's clock is set forward and back."""

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.logger import LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.accounts import Session
from magroup.model.calls import CallRecord, LegRecord
from magroup.model.clock import ahead, utc
from magroup.model.lines import Registration
from magroup.model.presence import Presence, PresenceState
from magroup.steady_time import LOOKED_AT, SteadyTime
from magroup.store.access_writer import by_the_calendar as session_by_the_calendar
from magroup.store.journal.calendar import by_the_calendar
from magroup.store.state_writer import StateWriter, ending_by_the_calendar

NOW = 1_700_000_000.0
CALL = CallRecord(
    "a-1", NOW, "1201", answered_at=NOW + 5, ended_at=NOW + 65,
    legs=(LegRecord("a-1/1", "a-1", "1047", ringing_at=NOW + 1, answered_at=NOW + 5, ended_at=NOW + 65),),
)  # fmt: skip


class SetClock(Clock):
    """A reactor's time with a calendar that is ``by`` seconds off."""

    def __init__(self, by: float = 0.0) -> None:
        super().__init__()
        self.advance(NOW)
        self.by = by

    def ahead(self) -> float:
        return self.by


class Steady(SynchronousTestCase):
    """``wall`` is the machine's clock, ``gone`` what has gone by."""

    def setUp(self) -> None:
        self.wall, self.gone = NOW, 5.0
        self.time = SteadyTime(lambda: self.wall, lambda: self.gone)
        self.reactor = Clock()
        self.time.begin(self.reactor)
        self.logged: list[LogEvent] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.gone += seconds

    def test_goes_on(self) -> None:
        """The reactor's time is the calendar's at the start, and goes on evenly."""
        self.assertEqual(self.reactor.seconds(), NOW)
        self.wall += 3600
        self.pass_by(10)
        self.assertEqual((self.reactor.seconds(), ahead(self.reactor)), (NOW + 10, 3600.0))
        self.assertEqual(utc(self.reactor), NOW + 3610)
        self.wall -= 7200
        self.pass_by(10)
        self.assertEqual((self.reactor.seconds(), ahead(self.reactor)), (NOW + 20, -3600.0))

    def test_little_is_nothing(self) -> None:
        """What NTP does all the time."""
        self.wall += 0.9
        self.assertEqual(ahead(self.reactor), 0.0)
        self.assertEqual(ahead(Clock()), 0.0)

    def test_told_once(self) -> None:
        """Each change has a line, and whoever stores times hears of it."""
        clock, told = Clock(), []
        self.time.changed = lambda: told.append(self.time.ahead())
        self.time.start(clock)
        clock.pump([LOOKED_AT] * 3)
        self.wall += 3600
        clock.pump([LOOKED_AT] * 3)
        self.wall -= 7200
        clock.pump([LOOKED_AT] * 3)
        self.assertEqual(told, [3600.0, -3600.0])
        ways = [(event["way"], event["seconds"]) for event in self.logged if "clock was set" in str(event)]
        self.assertEqual(ways, [("forward", 3600), ("back", 7200)])
        self.time.stop()
        self.assertEqual(clock.getDelayedCalls(), [])


class ByTheCalendar(SynchronousTestCase):
    """What leaves the process."""

    def test_records(self) -> None:
        """Moved as a whole; what did not happen still has not."""
        self.assertIs(by_the_calendar(CALL, SetClock()), CALL)
        open = replace(CALL, ended_at=0.0, legs=(replace(CALL.legs[0], ended_at=0.0),))
        for by in (3600.0, -3600.0):
            moved = by_the_calendar(CALL, SetClock(by))
            then = NOW + by
            self.assertEqual((moved.started_at, moved.answered_at, moved.ended_at), (then, then + 5, then + 65))
            (leg,) = moved.legs
            self.assertEqual((leg.ringing_at, leg.answered_at, leg.ended_at), (then + 1, then + 5, then + 65))
            self.assertEqual(by_the_calendar(open, SetClock(by)).ended_at, 0.0)
            self.assertEqual(by_the_calendar(open, SetClock(by)).legs[0].ended_at, 0.0)

    def test_registrations_and_sessions(self) -> None:
        one = Registration("1047", "sip:1047@192.0.2.1", "call", 1, NOW + 600)
        self.assertEqual(ending_by_the_calendar(one, SetClock(3600)).expires_at, NOW + 4200)
        self.assertIs(ending_by_the_calendar(one, SetClock()), one)
        session = Session("key", "user", "print", "192.0.2.1", NOW, NOW + 60)
        moved = session_by_the_calendar(session, -3600.0)
        self.assertEqual((moved.created_at, moved.used_at), (NOW - 3600, NOW - 3540))

    def test_presence(self) -> None:
        """Since ever stays so."""
        written: list[float] = []

        class Database:
            async def run(self, work: object, changes: object, /) -> None:
                written.extend(change.row["since"] for change in changes)  # type: ignore[attr-defined]

        clock = SetClock(3600)
        writer = StateWriter(Database(), clock)
        writer.save_presence("raf", PresenceState(Presence.AWAY, since=NOW))
        writer.save_presence("ara", PresenceState(Presence.AVAILABLE))
        clock.advance(1)
        self.assertEqual(written, [NOW + 3600, 0.0])
