"""Forwarding that is changed while a call is on its way, while it waits, and without an end."""

from dataclasses import replace

from magroup.cti.types import Cause
from magroup.groups.application import MOST_OFFERS
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarded
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from tests.groups.forwarding import MOBILE, NOT_ANSWERED, OUT, SALES_TEAM
from tests.groups.world import WorldTestCase
from tests.policy.company import (
    ARA,
    LEO,
    NUMBER,
    OTHER_NUMBER,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    company,
    members,
    to_member,
    to_number,
)


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
