"""Forwarding on live calls: who is rung as whom."""

from dataclasses import replace

from magroup.cti.events import Event, Offered
from magroup.cti.fake import Phone
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from magroup.groups import GroupSettings
from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarded, ForwardTo
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from tests.groups.forwarding import AS_RECEIVED, BOX, MASKED, MASKS, MOBILE, NOT_ANSWERED, OUT, PILOT, SALES_TEAM
from tests.groups.world import WorldTestCase
from tests.policy.company import (
    ARA,
    CALLER,
    LEO,
    MAILBOXES,
    NUMBER,
    OTHER_NUMBER,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    company,
    to_member,
    to_number,
)


class ApplicationForwardingTests(WorldTestCase):
    """The manager's calls go elsewhere for the manager timeout, then to the assistants."""

    def configuration(self) -> Configuration:
        return company(**MASKS)

    def test_group(self) -> None:
        self.instead(TO_ASSISTANTS)
        call_id = self.dial()
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", RAF)])
        self.assertEqual(self.trail(call_id), "manager forwards to the group; assistant Raf rings 15 s")

    def test_mobile(self) -> None:
        """Rings as a device of the switch; the manager sees the caller as received."""
        self.instead(TO_MOBILE)
        self.dial()
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", MOBILE)])
        self.assertEqual(self.switch.rings, [Ring(MOBILE, AS_RECEIVED, (NUMBER,))])
        self.clock.advance(29.9)
        self.assertEqual(self.says(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.says(), [("cancel", MOBILE, NOT_ANSWERED), ("ring", RAF)])

    def test_mobile_answers(self) -> None:
        self.instead(TO_MOBILE)
        call_id = self.dial()
        self.clock.advance(5)
        self.switch.device_answers(call_id, MOBILE)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "manager forwards to mobile; answered by Tij after 5 s")
        leg = self.legs()[MOBILE]
        self.assertEqual((leg.outcome, leg.member_id, leg.group_id), (LegOutcome.ANSWERED, 1, 1))

    def test_number(self) -> None:
        """Somebody else than the manager: through the masks."""
        self.instead(OUT)
        call_id = self.dial()
        self.assertEqual(self.switch.rings, [Ring("4321", MASKED, (NUMBER,))])
        self.switch.device_answers(call_id, "4321")
        self.assertEqual(self.trail(call_id), "manager forwards to 4321; answered by 4321")

    def test_member(self) -> None:
        self.instead(to_member(3))
        self.dial()
        self.assertEqual(self.switch.rings, [Ring(ARA, MASKED, (NUMBER,))])
        self.clock.advance(30)
        self.clock.advance(15)
        self.assertEqual(self.says()[-2:], [("cancel", RAF, NOT_ANSWERED), ("clear", Cause.BUSY)])
        self.assertEqual(
            self.finished_trail(), "manager forwards to Ara; Ara rang 30 s; assistant Raf rang 15 s; overflow busy"
        )

    def test_masks_for_the_manager_too_where_it_is_set(self) -> None:
        self.application.settings = GroupSettings(identify_to_manager=True)
        self.instead(TO_MOBILE)
        self.dial()
        self.assertEqual(self.switch.rings, [Ring(MOBILE, MASKED, (NUMBER,))])

    def test_voicemail(self) -> None:
        """To the pilot number, diverted from the box."""
        self.application.settings = GroupSettings(voicemail=PILOT)
        self.instead(TO_VOICEMAIL)
        call_id = self.dial()
        self.assertEqual(self.switch.rings, [Ring(PILOT, MASKED, (NUMBER, BOX))])
        self.switch.device_answers(call_id, PILOT)
        self.assertEqual(self.trail(call_id), "manager forwards to voicemail; answered by voicemail of Tij")

    def test_voicemail_of_our_own(self) -> None:
        """It takes the call at once: there is nothing to ring, and nobody to wait for."""
        self.others = (PILOT,)
        self.application.settings = GroupSettings(voicemail=PILOT)
        self.application.learn_points()
        self.instead(TO_VOICEMAIL)
        offered: list[Event] = []
        self.switch.monitor_start(offered.append, PILOT)
        call_id = self.dial()
        self.assertEqual(self.says()[-1], ("deflect", PILOT))
        (event,) = offered
        assert isinstance(event, Offered)
        self.assertEqual((event.call_id, event.diverted_from), (call_id, (NUMBER, BOX)))
        self.assertEqual(self.trail(call_id), "manager forwards to voicemail; answered by voicemail of Tij")
        self.assertEqual(len(self.application), 0)
        self.switch.caller_hangs_up(call_id)

    def test_voicemail_without_a_pilot(self) -> None:
        self.instead(TO_VOICEMAIL)
        self.dial()
        self.assertEqual(self.switch.rings, [Ring(BOX, MASKED, (NUMBER,))])

    def test_busy_declined_and_failed_are_left_at_once(self) -> None:
        self.instead(OUT)
        for phone, words in (
            (Phone.BUSY, "4321 busy"),
            (Phone.DECLINES, "4321 declined"),
            (Phone.GONE, "4321 not reached"),
        ):
            self.switch.phones["4321"] = phone
            call_id = self.dial()
            self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", "4321"), ("ring", RAF)])
            self.assertEqual(self.trail(call_id), f"manager forwards to 4321; {words}; assistant Raf rings 15 s")
            self.switch.caller_hangs_up(call_id)

    def test_not_parallel(self) -> None:
        self.reconfigure(ring_parallel=True)
        self.instead(TO_MOBILE)
        self.dial()
        self.assertIn(("ring", MOBILE), self.says())

    def test_into_another_group(self) -> None:
        """From its greeting on; no overflow is recorded."""
        other = replace(SALES, welcome="Sales.wav")
        self.reconfigure(welcome="Welcome.wav", other=other, other_team=SALES_TEAM)
        self.instead(to_number(OTHER_NUMBER))
        call_id = self.dial()
        self.switch.message_ends(call_id)
        self.switch.message_ends(call_id)
        self.assertEqual(
            self.says()[1:], [("accept", Accept.ANSWER), ("play", "Welcome.wav"), ("play", "Sales.wav"),
                              ("ring", SAN), ("repeat", "ringback")],
        )  # fmt: skip
        self.switch.device_answers(call_id, SAN)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.record().group_id, self.record().overflow), (1, ""))
        self.assertEqual((self.legs()[SAN].group_id, self.legs()[SAN].member_id), (2, 11))
        self.assertEqual(self.finished_trail(), "greeting; manager forwards to Sales; greeting; answered by San")


class LineForwardingTests(WorldTestCase):
    """Nobody passes it: members ring where their lines are forwarded to."""

    def configuration(self) -> Configuration:
        return company(**MASKS)

    def test_assistant(self) -> None:
        """Away, but to be reached elsewhere; as an assistant there too."""
        self.sets("Raf", Presence.AWAY)
        self.forwards("Raf", OUT)
        self.dial()
        self.clock.advance(30)
        self.assertEqual(self.switch.rings[1:], [Ring("4321", MASKED, (RAF,))])
        self.says()
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", "4321", NOT_ANSWERED), ("ring", ARA)])

    def test_manager(self) -> None:
        """The call is the manager's, wherever it rings."""
        self.forwards("Tij", to_number(LEO))
        call_id = self.dial()
        self.assertEqual(self.switch.rings, [Ring(LEO, AS_RECEIVED, (TIJ,))])
        self.switch.device_answers(call_id, LEO)
        self.assertEqual(self.trail(call_id), f"Tij's line forwarded to {LEO}; answered by Tij")

    def test_chain(self) -> None:
        self.forwards("Raf", to_number(LEO))
        self.forwards("Leo", to_number(SAN))
        self.sets("Tij", Presence.AWAY)
        self.dial()
        self.assertEqual(self.switch.rings, [Ring(SAN, MASKED, (RAF, LEO))])

    def test_parallel(self) -> None:
        self.reconfigure(ring_parallel=True)
        self.forwards("Raf", OUT)
        call_id = self.dial()
        self.assertIn(("ring", TIJ, "4321"), self.says())
        self.switch.device_answers(call_id, "4321")
        (call,) = self.switch.calls()
        self.assertEqual(
            {c.id.device: c.state for c in call.connections},
            {CALLER: ConnectionState.CONNECTED, "4321": ConnectionState.CONNECTED},
        )
        self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.legs()[TIJ].outcome, self.legs()["4321"].member_id), (LegOutcome.ELSEWHERE, 2))

    def test_voicemail_of_an_assistant(self) -> None:
        self.application.settings = GroupSettings(voicemail=PILOT)
        self.forwards("Raf", TO_VOICEMAIL)
        self.sets("Tij", Presence.AWAY)
        call_id = self.dial()
        self.assertEqual(self.switch.rings, [Ring(PILOT, MASKED, (RAF, MAILBOXES["Raf"]))])
        self.switch.device_answers(call_id, PILOT)
        self.assertEqual(
            self.trail(call_id), "manager Away; Raf's line forwarded to voicemail; answered by voicemail of Raf"
        )

    def test_call_to_the_line(self) -> None:
        """No group call: the switch forwards it, and the journal says why."""
        self.forwards("Raf", OUT)
        call_id = self.switch.arrive(LEO, RAF)
        self.switch.device_answers(call_id, "4321")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "Raf's line forwarded to 4321")
        self.assertEqual([leg.number for leg in self.record().legs], [LEO, "4321"])

    def test_call_to_the_line_in_a_circle(self) -> None:
        """What cannot be set may come to be by a change of configuration: nobody rings, and the journal says why."""
        self.switch.forwarded = lambda number: Forwarded(number, (number,), to_number(LEO), is_loop=True)
        self.switch.arrive(LEO, RAF)
        self.assertEqual(self.finished_trail(), "forwarding of Raf goes in a circle")
        self.assertEqual(self.record().cause, "482 Loop Detected")

    def test_transfer_to_the_line(self) -> None:
        """The one who is transferred to the own line, which is forwarded, stays in the record as who talks."""
        self.forwards("Leo", OUT)
        call_id = self.switch.arrive(LEO, RAF)
        self.switch.device_answers(call_id, RAF)
        service = self.switch.single_step_transfer_call(ConnectionId(call_id, RAF), LEO)
        with self.assertRaises(StopIteration):
            service.send(None)
        self.switch.device_answers(call_id, "4321")
        self.clock.advance(10)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "Leo's line forwarded to 4321")
        self.assertEqual([leg.number for leg in self.record().legs], [LEO, RAF, "4321"])
        self.assertEqual(self.legs()[LEO].outcome, LegOutcome.ANSWERED)
        self.assertEqual(self.legs()[LEO].ended_at, self.record().ended_at)

    def test_directly_to_the_manager(self) -> None:
        """As if the line had been dialled, which is forwarded."""
        self.reconfigure(assistant_to_manager=True)
        self.instead(TO_MOBILE)
        self.forwards("Tij", OUT)
        self.says()
        call_id = self.dial(RAF)
        self.assertEqual(self.says(), [("deflect", TIJ)])
        self.switch.device_answers(call_id, "4321")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "Raf directly to the manager; Tij's line forwarded to 4321")

    def test_overflow_to_a_forwarded_line(self) -> None:
        self.reconfigure(team=(), overflow=Overflow(OverflowTo.NUMBER, LEO))
        self.forwards("Leo", OUT)
        call_id = self.dial()
        self.switch.device_answers(call_id, "4321")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), f"overflow to {LEO}; Leo's line forwarded to 4321")

    def test_switch_asks(self) -> None:
        self.forwards("Raf", OUT)
        to = self.application.forwarded(RAF)
        self.assertEqual((to.number, to.through, to.by.to), ("4321", (RAF,), ForwardTo.NUMBER))
