"""A call that nobody takes at a manager number, those that wait, and members who call."""

from dataclasses import replace

from magroup.cti.fake import Phone
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, Party
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from magroup.policy import ROUND_PAUSE
from tests.groups.world import NAME, WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, NUMBER, RAF, SALES, SAN, TIJ, company, members

ANNOUNCEMENTS = ("repeat", "Waiting.wav", "Music.wav")
NOT_ANSWERED = Cause.CALL_NOT_ANSWERED


class OverflowNoneTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company(overflow=Overflow(), waiting=["Waiting.wav"])

    def test_from_the_top_again(self) -> None:
        self.dial()
        for step in (30, 15, 15):
            self.clock.advance(step)
        self.assertEqual(self.says()[-2:], [("cancel", ARA, NOT_ANSWERED), ("ring", TIJ)])

    def test_the_only_member_again(self) -> None:
        """The cancelling of the first ringing does not end the second."""
        self.reconfigure(overflow=Overflow(), team=members("Raf"))
        for slow in (False, True):
            self.switch.slow_cancel = slow
            call_id = self.dial()
            self.clock.advance(15)
            self.clock.advance(14)
            self.says()
            self.clock.advance(1)
            self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", RAF)])
            self.switch.caller_hangs_up(call_id)

    def test_pause_where_everybody_fails_at_once(self) -> None:
        self.switch.phones.update({TIJ: Phone.BUSY, RAF: Phone.BUSY, ARA: Phone.GONE})
        call_id = self.dial()
        once = [("ring", TIJ), ("ring", RAF), ("ring", ARA)]
        self.assertEqual(
            self.says(), [("accept", Accept.RINGING), *once, ("accept", Accept.ANSWER), ("repeat", "Waiting.wav")]
        )
        self.clock.advance(ROUND_PAUSE - 0.1)
        self.assertEqual(self.says(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.says(), once)
        self.clock.advance(ROUND_PAUSE)
        self.assertEqual(self.says(), once)
        self.assertIn("nobody reached, waiting", self.trail(call_id))

    def test_hours(self) -> None:
        """A call that goes round for hours keeps a trail and legs of bounded length."""
        call_id = self.dial()
        self.clock.pump([15] * 2000)
        self.assertLessEqual(len(self.application.trail(call_id)), 200)
        self.switch.caller_hangs_up(call_id)
        self.assertLessEqual(len(self.record().legs), 200)
        self.assertEqual(self.legs()[CALLER].number, CALLER)


class WaitingTests(WorldTestCase):
    """Nobody can be rung and there is no overflow: announcements go on."""

    presence_before = {"Tij": Presence.AWAY, "Raf": Presence.AWAY, "Ara": Presence.AWAY}

    def configuration(self) -> Configuration:
        return company(overflow=Overflow(), waiting=["Waiting.wav"])

    def test_waits_with_announcements_and_without_a_timer(self) -> None:
        self.dial()
        self.assertEqual(self.says(), [("accept", Accept.ANSWER), ("repeat", "Waiting.wav")])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_first_who_comes_back_rings_at_once(self) -> None:
        call_id = self.dial()
        self.says()
        self.sets("Ara", Presence.AVAILABLE)
        self.assertEqual(self.says(), [("ring", ARA)])
        self.switch.device_answers(call_id, ARA)
        self.assertEqual(
            self.trail(call_id), "manager Away; Raf Away; Ara Away; nobody available, waiting; answered by Ara"
        )

    def test_other_presence_is_no_reason_to_ring(self) -> None:
        call_id = self.dial()
        self.says()
        self.sets("Ara", Presence.BUSY)
        self.assertEqual(self.says(), [])
        self.assertEqual(
            self.trail(call_id), "manager Away; Raf Away; Ara Away; nobody available, waiting; Ara status Busy"
        )

    def test_line_comes_back(self) -> None:
        self.switch.set_in_service(RAF, False)
        self.sets("Raf", Presence.AVAILABLE)
        self.dial()
        self.says()
        self.switch.set_in_service(RAF)
        self.assertEqual(self.says(), [("ring", RAF)])

    def test_member_joins(self) -> None:
        self.dial()
        self.says()
        self.reconfigure(overflow=Overflow(), waiting=["Waiting.wav"], team=members("Tij", "Raf", "Ara", "Leo"))
        self.assertEqual(self.says(), [("ring", LEO)])

    def test_other_announcements(self) -> None:
        self.dial()
        self.says()
        self.reconfigure(overflow=Overflow(), waiting=["Music.wav"])
        self.assertEqual(self.says(), [("repeat", "Music.wav")])

    def test_overflow_is_set(self) -> None:
        self.dial()
        self.says()
        self.reconfigure(overflow=Overflow(OverflowTo.NUMBER, "4321"))
        self.assertEqual(self.says(), [("deflect", "4321")])

    def test_somebody_of_another_group(self) -> None:
        """Changes that do not concern the group are not even looked at."""
        self.dial()
        self.says()
        self.sets("Leo", Presence.AVAILABLE)
        self.switch.set_in_service(SAN, False)
        self.assertEqual(self.says(), [])


class OverflowTests(WorldTestCase):
    """Number, voicemail, another group, and who calls there."""

    presence_before = {"Tij": Presence.AWAY, "Raf": Presence.AWAY, "Ara": Presence.AWAY}

    def overflows(self, overflow: Overflow, **options: object) -> str:
        self.reconfigure(overflow=overflow, **options)
        self.says()
        return self.dial()

    def test_number(self) -> None:
        call_id = self.overflows(Overflow(OverflowTo.NUMBER, "4321"), caller_name="%managerShortName%: %callerName%")
        self.assertEqual(self.says(), [("deflect", "4321")])
        self.assertEqual(self.switch.rings, [Ring("4321", Party(CALLER, f"Tij: {NAME}", True), (NUMBER,))])
        self.assertEqual(len(self.application), 0)
        self.switch.device_answers(call_id, "4321")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "manager Away; Raf Away; Ara Away; overflow to 4321")
        self.assertEqual((self.record().overflow, self.record().group_id), ("4321", 1))
        self.assertGreater(self.record().answered_at, 0.0)

    def test_number_that_fails(self) -> None:
        self.switch.phones[SAN] = Phone.BUSY
        self.overflows(Overflow(OverflowTo.NUMBER, SAN))
        self.assertEqual(self.switch.calls(), ())
        self.assertEqual(self.record().cause, "486 Busy Here")

    def test_voicemail(self) -> None:
        self.overflows(Overflow(OverflowTo.VOICEMAIL, "5555"))
        self.assertEqual(self.says(), [("deflect", "5555")])
        self.assertEqual(self.switch.rings[0].diverted_from, (NUMBER,))

    def test_busy_before_an_answer(self) -> None:
        self.overflows(Overflow(OverflowTo.BUSY))
        self.assertEqual(self.says(), [("clear", Cause.BUSY)])
        self.assertEqual(self.switch.calls(), ())

    def test_another_group_from_its_greeting_on(self) -> None:
        other = replace(SALES, welcome="Sales.wav", overflow=Overflow())
        team = members("Leo", "San", manager="Leo", group_id=2, first_id=11)
        call_id = self.overflows(
            Overflow(OverflowTo.GROUP, "2"), welcome="Welcome.wav", waiting=["W.wav"], other=other, other_team=team
        )
        self.assertEqual(self.says(), [("accept", Accept.ANSWER), ("play", "Welcome.wav")])
        self.switch.message_ends(call_id)
        self.assertEqual(self.says(), [("play", "Sales.wav")])
        self.switch.message_ends(call_id)
        self.assertEqual(self.says(), [("ring", LEO), ("repeat", "ringback")])
        self.clock.advance(20)
        self.assertEqual(self.says(), [("cancel", LEO, NOT_ANSWERED), ("ring", SAN)])
        self.switch.device_answers(call_id, SAN)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.record().group_id, self.legs()[SAN].group_id, self.legs()[SAN].member_id), (1, 2, 12))
        self.assertEqual(self.record().overflow, "group:2")

    def test_presence_in_the_other_group(self) -> None:
        """Somebody of the group that the call overflowed to comes back."""
        other = replace(SALES, overflow=Overflow())
        self.sets("Leo", Presence.AWAY)
        self.overflows(Overflow(OverflowTo.GROUP, "2"), other=other, other_team=members("Leo", group_id=2, first_id=11))
        self.says()
        self.sets("Tij", Presence.AVAILABLE)
        self.assertEqual(self.says(), [])
        self.sets("Leo", Presence.AVAILABLE)
        self.assertEqual(self.says(), [("ring", LEO)])

    def test_chain_that_comes_back(self) -> None:
        other = replace(SALES, overflow=Overflow(OverflowTo.GROUP, "1"))
        self.overflows(Overflow(OverflowTo.GROUP, "2"), other=other)
        self.assertEqual(self.says(), [("clear", Cause.BUSY)])
        self.assertIn("overflow back to group MA Group, ended busy", self.finished_trail())


class MembersCallTests(WorldTestCase):
    """The caller is a member of the group."""

    def test_directly_to_the_manager(self) -> None:
        """As if the line had been dialled: no greeting, no masks, whatever the presence."""
        self.reconfigure(assistant_to_manager=True, welcome="Welcome.wav", caller_name="%managerShortName%")
        self.sets("Tij", Presence.DND)
        self.says()
        call_id = self.dial(RAF, name="Raf")
        self.assertEqual(self.says(), [("deflect", TIJ)])
        self.assertEqual(self.switch.rings, [Ring(TIJ, Party(RAF, "Raf"))])
        self.clock.advance(3600)
        self.switch.device_answers(call_id, TIJ)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "Raf directly to the manager")

    def test_never_rung_themselves(self) -> None:
        call_id = self.dial(RAF)
        self.switch.message_ends(call_id)
        self.says()
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", ARA)])

    def test_manager(self) -> None:
        self.reconfigure(assistant_to_manager=True)
        self.says()
        self.dial(TIJ)
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", RAF)])


class NoManagerTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company(team=members("Raf", "Ara"))

    def test_straight_to_the_members(self) -> None:
        self.dial()
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", RAF)])
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])
