"""Which phones are pushed the status, and when: views that have changed, the last one in any case."""

from collections.abc import Hashable
from dataclasses import replace

from twisted.internet.defer import Deferred

from magroup.groups.board import Board
from magroup.groups.member_states import MemberStates
from magroup.model.configuration import Configuration
from magroup.model.lines import Phone
from magroup.model.presence import Presence
from magroup.web.phone.push.answer import DONE, Answer, Outcome
from magroup.web.phone.push.pusher import Pusher
from magroup.web.phone.push.statuses import Statuses
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, LEO, RAF, SALES, TIJ, USERS, company, members


class StatusesCase(WorldTestCase):
    """Phones ``sep`` and number; those of Raf and Ara show the first group, Leo's the second, Tij's none."""

    shows = {RAF: 1, ARA: 1, LEO: 2}

    def configuration(self) -> Configuration:
        made = company(other=SALES, other_team=members("Leo", "San", manager="Leo", group_id=2, first_id=11))
        lines = tuple(replace(line, displayed_group=self.shows.get(line.number, 0)) for line in made.lines)
        phones = tuple(Phone(f"SEP{line.number}", lines=(line.number,)) for line in lines)
        return replace(made, lines=lines, phones=phones)

    def setUp(self) -> None:
        super().setUp()
        self.now = self.configuration()
        self.states = MemberStates(self.switch, self.application)
        self.states.start()
        self.board = Board(self.clock, self.switch, self.states, self.book, self.forwardings.subscribe, self.now)
        self.board.start()
        self.pushed: list[tuple[str, str]] = []
        self.answers = DONE
        self.looks = 0
        self.is_reached = True
        self.waits: Deferred[None] | None = None
        self.pusher = Pusher(self.clock, lambda device: lambda document: self.send(device, document), lambda: 100)
        self.statuses = Statuses(
            self.board, self.pusher, lambda: self.now, self.view_of, self.document, self.clock
        )  # fmt: skip
        self.statuses.start()

    def tearDown(self) -> None:
        self.statuses.stop()
        self.pusher.stop()
        self.board.stop()
        super().tearDown()
        self.states.stop()

    async def document(self, device: str) -> bytes:
        return device.encode() if self.is_reached else b""

    async def send(self, device: str, document: bytes) -> Answer:
        self.assertEqual(device.encode(), document)
        self.pushed.append((device.removeprefix("sep"), str(self.view_of(device))))
        if self.waits is not None:
            done: Deferred[None] = Deferred()
            self.waits.addCallback(lambda _: done.callback(None))
            await done
        return self.answers

    def view_of(self, device: str) -> Hashable:
        """What the members of the group are doing, without the rest of a picture."""
        self.looks += 1
        line = self.now.line(device.removeprefix("sep"))
        if line is None:
            return None
        if not line.displayed_group:
            return "no group"
        states = [self.states.state(member) for member in self.now.members_of(line.displayed_group)]
        return tuple((state.presence.value.name, state.line.name, state.forwarded_to) for state in states)

    def told(self, seconds: float = 2.0) -> list[str]:
        """Whose phones were pushed to since the last time."""
        for _ in range(int(seconds * 10)):
            self.clock.advance(0.1)
        pushed, self.pushed = self.pushed, []
        return [number for number, _ in pushed]


class Changes(StatusesCase):
    def test_at_the_start(self) -> None:
        self.assertEqual(sorted(self.told()), sorted([RAF, ARA, LEO]))

    def test_presence(self) -> None:
        self.told()
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [RAF, ARA])
        self.sets("San", Presence.AWAY)
        self.assertEqual(self.told(), [LEO])

    def test_same_view(self) -> None:
        """What comes back before anybody was told is no change; nor is what no picture shows."""
        self.told()
        self.book.set(USERS["Tij"], Presence.AVAILABLE, "in the garden")
        self.assertEqual(self.told(), [])
        self.sets("Tij", Presence.AWAY)
        self.sets("Tij", Presence.AVAILABLE)
        self.assertEqual(self.told(), [])

    def test_calls(self) -> None:
        self.told()
        call = self.dial()
        self.assertEqual(self.told(), [RAF, ARA])
        self.switch.device_answers(call, TIJ)
        self.assertEqual(self.told(), [RAF, ARA])
        self.switch.caller_hangs_up(call)
        self.assertEqual(self.told(), [RAF, ARA])

    def test_last_state_arrives(self) -> None:
        """Many changes in a second: one push now, one a second later, with what is so then."""
        self.told()
        for value in (Presence.AWAY, Presence.BUSY, Presence.DND, Presence.AWAY, Presence.DND):
            self.sets("Tij", value)
            self.clock.advance(0.1)
        self.told()
        self.sets("Tij", Presence.BUSY)
        self.clock.advance(0)
        self.sets("Tij", Presence.AVAILABLE)
        self.clock.advance(0.3)
        pushed = [view for number, view in self.pushed if number == RAF]
        self.assertIn("BUSY", pushed[0])
        self.clock.advance(1.0)
        self.clock.advance(0)
        pushed = [view for number, view in self.pushed if number == RAF]
        self.assertEqual(len(pushed), 2)
        self.assertNotIn("BUSY", pushed[1])

    def test_back_while_it_is_under_way(self) -> None:
        """What was so before is so again before the phone has answered: it is pushed again."""
        self.told()
        self.waits = Deferred()
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [RAF, ARA])
        self.sets("Tij", Presence.AVAILABLE)
        self.clock.advance(0)
        waits, self.waits = self.waits, None
        waits.callback(None)
        self.clock.advance(1.0)
        self.assertIn("AVAILABLE", str(self.pushed))
        self.assertEqual(self.told(), [RAF, ARA])
        self.assertEqual(self.statuses._sending, {})

    def test_not_taken(self) -> None:
        """What was not taken is pushed again when the phone is left alone no more, and until it has the last state."""
        self.told()
        self.answers = Answer(Outcome.SILENT, "it does not answer")
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [RAF, ARA])
        self.answers = DONE
        self.sets("Tij", Presence.BUSY)
        self.assertEqual(self.told(), [])
        self.assertEqual(self.told(5), [RAF, ARA])
        self.assertEqual(self.told(60), [])

    def test_registered_anew(self) -> None:
        self.told()
        self.statuses.appeared(RAF)
        self.assertEqual(self.told(), [RAF])
        self.statuses.appeared(TIJ)
        self.assertEqual(self.told(), [])

    def test_reached_now(self) -> None:
        """A phone of which nobody knew how it reaches us has asked for a page: what could not be pushed is."""
        self.told()
        self.is_reached = False
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [])
        self.is_reached = True
        self.statuses.seen(f"sep{RAF}")
        self.statuses.seen(f"sep{TIJ}")
        self.assertEqual(self.told(), [RAF])

    def test_another_group(self) -> None:
        self.told()
        self.shows = {RAF: 2, ARA: 0, LEO: 2}
        before, self.now = self.now, self.configuration()
        self.board.configured(before, self.now, "test")
        self.assertEqual(sorted(self.told()), sorted([RAF, ARA]))
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [])
        self.shows = {RAF: 2, ARA: 1, LEO: 2}
        before, self.now = self.now, self.configuration()
        self.board.configured(before, self.now, "test")
        self.assertEqual(self.told(), [ARA])

    def test_phones_gone(self) -> None:
        self.told()
        before, self.now = self.now, replace(self.now, phones=())
        self.board.configured(before, self.now, "test")
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [])
        self.assertEqual(len(self.pusher), 0)

    def test_all_anew(self) -> None:
        """News that was lost: all are compared."""
        self.told()
        self.board.forget()
        self.assertEqual(self.told(), [])
        self.sets("Tij", Presence.AWAY)
        self.board.forget()
        self.assertEqual(self.told(), [RAF, ARA])

    def test_nothing_concerned(self) -> None:
        """What concerns no group that a phone shows costs no look."""
        self.told()
        self.looks = 0
        self.dial(number=TIJ, caller="0441112233")
        self.told()
        self.assertGreater(self.looks, 0)
        self.looks = 0
        self.board.settings_changed(["language"], "test")
        self.told()
        self.assertEqual(self.looks, 0)

    def test_a_view_that_fails(self) -> None:
        self.told()

        def fails(device: str) -> Hashable:
            raise ZeroDivisionError

        self.statuses._view_of = fails
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.told(), [])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
