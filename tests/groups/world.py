"""A small company on a FakeSwitch and a clock: what the tests of the groups happen in."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake import Effect, FakeSwitch
from magroup.groups import Application, ForwardingBook, GroupSettings, PresenceBook
from magroup.model.calls import CallRecord, LegRecord
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding
from magroup.model.presence import Presence, PresenceState
from magroup.policy import trail_in_words
from tests.policy.company import CALLER, LINES, NUMBER, USERS, company

NAME = "Bob Outside"
START = 1_000_000.0


class Records:
    """The journal's seam: the records in their order."""

    def __init__(self) -> None:
        self.begun: list[CallRecord] = []
        self.finished: list[CallRecord] = []

    def begin(self, call_id: str, known: Callable[[], CallRecord]) -> None:
        self.begun.append(known())

    def leave(self, call_id: str) -> None:
        """No other server takes a call."""

    def finish(self, call: CallRecord) -> None:
        self.finished.append(call)


class WorldTestCase(SynchronousTestCase):
    """``says()`` are the application's words to the switch since the last time; after each test nothing is left."""

    settings = GroupSettings()
    others: tuple[str, ...] = ()
    """Route points of another application."""
    presence_before: Mapping[str, Presence] = {}

    def configuration(self) -> Configuration:
        return company(waiting=["Waiting.wav", "Music.wav"], welcome="Welcome.wav")

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(START)
        self.switch = FakeSwitch(self.clock, LINES.values(), trunk=True)
        self.saved: list[tuple[str, PresenceState]] = []
        self.book = PresenceBook(
            self.clock,
            lambda name, state: self.saved.append((name, state)),
            {USERS[name]: PresenceState(value) for name, value in self.presence_before.items()},
        )
        self.records = Records()
        configuration = self.configuration()
        self.forwardings = ForwardingBook(self.clock, configuration, lambda *change: None, lambda *change: None)
        self.application = Application(
            self.switch, self.clock, self.book, self.forwardings, self.records, configuration, self.settings,
            others=lambda: self.others,
        )  # fmt: skip
        self.switch.forwarded = self.application.forwarded
        self.switch.pickup, self.switch.pickup_code = self.application.pickup, "*8"
        self.application.start()
        self.says()

    def tearDown(self) -> None:
        for call in self.switch.calls():
            self.switch.caller_hangs_up(call.id)
        self.assertEqual(self.application.describe(), {"calls": {}, "known": 0, "timers": 0, "open records": 0})
        self.assertEqual(len(self.application), 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertFalse(any(self.switch.describe().values()), self.switch.describe())
        self.assertEqual(self.flushLoggedErrors(), [])

    # What happens

    def dial(self, caller: str = CALLER, number: str = NUMBER, name: str = NAME) -> str:
        return self.switch.arrive(caller, number, name)

    def dial_past_greeting(self, caller: str = CALLER) -> str:
        """A call whose greeting, if it has one, is over; what was said until then is forgotten but the last ring."""
        call_id = self.dial(caller)
        self.says()
        self.switch.message_ends(call_id)
        return call_id

    def sets(self, name: str, value: Presence) -> None:
        self.book.set(USERS[name], value, changed_by="test")

    def forwards(self, name: str, forwarding: Forwarding) -> None:
        """The line of ``name`` is forwarded."""
        self.forwardings.set_line(LINES[name], forwarding, "test")

    def instead(self, forwarding: Forwarding, member_id: int = 1) -> None:
        """Application forwarding of the manager."""
        self.forwardings.set_application(member_id, forwarding, "test")

    def reconfigure(self, **options: Any) -> None:
        """The company with other options of the group."""
        self.application.configure(company(**options))

    # What is seen

    def says(self) -> list[Effect]:
        said, self.switch.effects = self.switch.effects, []
        return said

    def trail(self, call_id: str) -> str:
        return trail_in_words(self.application.trail(call_id))

    def record(self) -> CallRecord:
        """The only finished record."""
        (record,) = self.records.finished
        return record

    def legs(self) -> dict[str, LegRecord]:
        """The legs of the only record by number; the last one of each."""
        return {leg.number: leg for leg in self.record().legs}

    def finished_trail(self) -> str:
        return trail_in_words(self.record().trail)
