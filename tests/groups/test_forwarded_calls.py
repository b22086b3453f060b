"""Forwarding on live calls: who is rung as whom, and what is changed while a call is on its way."""

from dataclasses import replace

from magroup.cti.events import Event, Offered
from magroup.cti.fake import Phone
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, ConnectionId, ConnectionState, Party
from magroup.groups import GroupSettings
from magroup.groups.application import MOST_OFFERS
from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarded, ForwardTo
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from tests.groups.world import NAME, WorldTestCase
from tests.policy.company import (
    ARA,
    CALLER,
    LEO,
    MAILBOXES,
    MOBILES,
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
    members,
    to_member,
    to_number,
)

NOT_ANSWERED = Cause.CALL_NOT_ANSWERED
MOBILE, BOX, PILOT = MOBILES["Tij"], MAILBOXES["Tij"], "80000"
OUT = to_number("4321")
MASKS = {"caller_name": "%managerShortName%: %callerName%", "caller_number": "%managerNumber%*%callerNumber%"}
AS_RECEIVED = Party(CALLER, NAME, True)
MASKED = Party(f"{NUMBER}*{CALLER}", f"Tij: {NAME}", True)
SALES_TEAM = members("San", "Leo", manager="San", group_id=2, first_id=11)


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


class ChangeTests(WorldTestCase):
    """Forwardings are set and taken back while a call is on its way."""

    def configuration(self) -> Configuration:
        return company(overflow=Overflow())

    def test_application_forwarding_while_the_manager_rings(self) -> None:
        """Counts from the next step on: the assistants, and then what is set."""
        self.dial()
        self.says()
        self.instead(TO_MOBILE)
        self.assertEqual(self.says(), [])
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.clock.pump([15, 15])
        self.assertEqual(self.says()[-1], ("ring", MOBILE))

    def test_taken_back_while_the_target_rings(self) -> None:
        self.instead(TO_MOBILE)
        self.dial()
        self.says()
        self.instead(NO_FORWARDING)
        self.assertEqual(self.says(), [])
        self.clock.pump([30, 15, 15])
        self.assertEqual(self.says()[-1], ("ring", TIJ))

    def test_other_target_while_the_first_rings(self) -> None:
        """The first has its time; the manager is not tried twice in a round."""
        self.instead(TO_MOBILE)
        self.dial()
        self.says()
        self.instead(OUT)
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", MOBILE, NOT_ANSWERED), ("ring", RAF)])

    def test_line_of_the_next_assistant(self) -> None:
        self.dial()
        self.says()
        self.forwards("Raf", OUT)
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", "4321")])

    def test_line_that_rings(self) -> None:
        """It rings on; its member is not rung again elsewhere in the same round."""
        self.sets("Tij", Presence.AWAY)
        self.dial()
        self.says()
        self.forwards("Raf", OUT)
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", ARA, NOT_ANSWERED), ("ring", "4321")])

    def test_target_gets_another_number(self) -> None:
        self.instead(to_member(3))
        tij, raf, ara = members("Tij", "Raf", "Ara")
        self.application.configure(company(overflow=Overflow(), team=(tij, raf, replace(ara, number=LEO))))
        self.dial()
        self.assertIn(("ring", LEO), self.says())

    def test_target_leaves_the_group(self) -> None:
        """The forwarding goes with it; who rings, rings on."""
        self.instead(to_member(3))
        self.dial()
        self.says()
        self.reconfigure(overflow=Overflow(), team=members("Tij", "Raf"))
        self.assertEqual(self.says(), [])
        self.clock.pump([30, 15])
        self.assertEqual(self.says()[-1], ("ring", TIJ))

    def test_manager_leaves_the_group_while_the_mobile_rings(self) -> None:
        self.instead(TO_MOBILE)
        self.dial()
        self.says()
        self.reconfigure(overflow=Overflow(), team=members("Raf", "Ara", manager="", first_id=2))
        self.assertEqual(self.says(), [("cancel", MOBILE, Cause.REDIRECTED), ("ring", RAF)])

    def test_answer_while_cancelling(self) -> None:
        """The mobile is quicker than the end of its time."""
        self.switch.slow_cancel = True
        self.instead(TO_MOBILE)
        call_id = self.dial()
        self.clock.advance(30)
        self.switch.device_answers(call_id, MOBILE)
        self.clock.advance(60)
        self.assertEqual(
            self.trail(call_id),
            "manager forwards to mobile; Tij rang 30 s; assistant Raf rang; answered by Tij after 30 s",
        )

    def test_no_time_limit(self) -> None:
        """Of a phone outside nobody knows whether it can be rung; of a line everybody does."""
        self.reconfigure(overflow=Overflow(), manager_timeout=0)
        self.instead(OUT)
        self.dial()
        self.says()
        self.switch.set_in_service(TIJ, False)
        self.sets("Tij", Presence.AWAY)
        self.clock.advance(100_000)
        self.assertEqual(self.says(), [])
        self.instead(to_number(LEO))
        self.dial()
        self.says()
        self.switch.set_in_service(LEO, False)
        self.assertEqual(self.says(), [("cancel", LEO, Cause.DESTINATION_OUT_OF_ORDER), ("ring", RAF)])


class WaitingTests(WorldTestCase):
    """Nobody can be rung: whoever can be by a forwarding rings at once."""

    presence_before = {"Tij": Presence.AWAY, "Raf": Presence.AWAY, "Ara": Presence.AWAY}

    def configuration(self) -> Configuration:
        return company(overflow=Overflow())

    def test_line_forwarding_of_an_assistant(self) -> None:
        self.dial()
        self.says()
        self.forwards("Ara", OUT)
        self.assertEqual(self.says(), [("ring", "4321")])

    def test_application_forwarding(self) -> None:
        self.dial()
        self.says()
        self.instead(TO_ASSISTANTS)
        self.assertEqual(self.says(), [])
        self.instead(TO_MOBILE)
        self.assertEqual(self.says(), [("ring", MOBILE)])

    def test_into_another_group(self) -> None:
        self.reconfigure(overflow=Overflow(), other=SALES, other_team=SALES_TEAM)
        self.dial()
        self.says()
        self.instead(to_number(OTHER_NUMBER))
        self.assertEqual(self.says(), [("ring", SAN)])

    def test_line_at_the_end_of_a_chain_comes_back(self) -> None:
        """It belongs to nobody of the group."""
        self.switch.set_in_service(SAN, False)
        self.forwards("Leo", to_number(SAN))
        self.forwards("Ara", to_number(LEO))
        self.dial()
        self.says()
        self.switch.set_in_service(SAN)
        self.assertEqual(self.says(), [("ring", SAN)])

    def test_line_of_the_manager_s_target_comes_back(self) -> None:
        self.switch.set_in_service(LEO, False)
        self.instead(to_number(LEO))
        self.dial()
        self.says()
        self.switch.set_in_service(LEO)
        self.assertEqual(self.says(), [("ring", LEO)])

    def test_somebody_else_on_the_way(self) -> None:
        """The line that a member's line is forwarded to sends the call on."""
        self.forwards("Ara", to_number(LEO))
        self.switch.set_in_service(LEO, False)
        self.dial()
        self.says()
        self.forwards("Leo", OUT)
        self.assertEqual(self.says(), [("ring", "4321")])

    def test_circle_by_a_change_of_configuration(self) -> None:
        """What could be set without harm goes round now: nobody is rung by it."""
        self.reconfigure(overflow=Overflow(), other=SALES)
        self.forwards("Leo", to_number(OTHER_NUMBER))
        self.forwards("Ara", to_number(LEO))
        self.reconfigure(overflow=Overflow(), number=OTHER_NUMBER)
        call_id = self.dial(number=OTHER_NUMBER)
        self.assertNotIn("ring", [effect[0] for effect in self.says()])
        self.assertEqual(
            self.trail(call_id),
            "manager Away; Raf Away; forwarding of Ara goes in a circle; nobody available, waiting",
        )


class EndlessTests(WorldTestCase):
    """A call that the switch brings back again and again, for whatever reason, is ended."""

    def configuration(self) -> Configuration:
        return company(team=(), overflow=Overflow(OverflowTo.NUMBER, "4321"))

    def test_endless(self) -> None:
        self.switch.forwarded = lambda number: (
            Forwarded(NUMBER, (number,), to_number(NUMBER)) if number == "4321" else Forwarded(number)
        )
        self.dial()
        self.assertEqual(self.says(), [("deflect", "4321")] * MOST_OFFERS + [("clear", Cause.LOOP)])
        self.assertEqual(len(self.application), 0)
        self.assertTrue(self.finished_trail().endswith("came back too often, ended"))

    def test_back_and_forth_by_people(self) -> None:
        """Sent here and there by hand some times: no harm."""
        self.reconfigure()
        call_id = self.dial()
        for _ in range(5):
            self.switch._divert(call_id, TIJ, NUMBER, Cause.REDIRECTED)
        self.assertEqual(self.says()[-1], ("ring", TIJ))
