"""The application around the calls: route points, drain, stop, and what goes wrong."""

from dataclasses import replace
from typing import Any

from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, ConnectionState, Party
from magroup.groups import GroupSettings
from magroup.model.groups import Overflow
from magroup.model.presence import Presence
from magroup.policy import dry_run
from magroup.policy.plan import CallView, RingStep
from tests.groups.world import NAME, START, WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, NUMBER, RAF, SALES, TIJ, company


class RoutePointTests(WorldTestCase):
    def test_registered_at_start(self) -> None:
        self.application.stop()
        self.setUp()
        self.assertEqual(self.says(), [])
        self.dial()
        self.assertEqual(len(self.application), 1)

    def test_again_when_the_numbers_change(self) -> None:
        self.reconfigure(other=SALES)
        self.assertEqual(self.says(), [("route", (NUMBER, SALES.number))])
        self.reconfigure(other=SALES, manager_timeout=7)
        self.assertEqual(self.says(), [])
        self.reconfigure(number="")
        self.assertEqual(self.says(), [("route", ())])

    def test_call_to_a_number_that_is_no_groups_any_more(self) -> None:
        """The switch's offer and the change of configuration cross each other."""
        self.switch.route_register([NUMBER, "8999"])
        self.says()
        self.dial(number="8999")
        self.assertEqual(self.says(), [("clear", Cause.DEST_NOT_OBTAINABLE)])

    def test_drain(self) -> None:
        first = self.dial()
        self.application.drain()
        self.says()
        self.dial()
        self.assertEqual(self.says(), [("clear", Cause.SWITCHING_FUNCTION_TERMINATED)])
        self.switch.message_ends(first)
        self.assertEqual(self.says()[0], ("ring", TIJ))

    def test_stop(self) -> None:
        """Timers are gone, open records are closed, nothing is heard any more."""
        self.dial()
        second = self.dial_past_greeting()
        self.application.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(len(self.records.finished), 2)
        record = self.records.finished[1]
        self.assertEqual((record.cause, record.ended_by), ("switchingFunctionTerminated", "switch"))
        self.assertEqual((record.ended_at, record.id), (START, second))
        self.assertEqual(record.legs[1].outcome.value, "not_answered")
        self.says()
        self.switch.message_ends(second)
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.says(), [])
        self.application.stop()


class SnapshotTests(WorldTestCase):
    def test_what_is_so_now(self) -> None:
        before = self.application.snapshot
        self.assertIs(self.application.snapshot, before)
        self.assertIn(RAF, before.in_service)
        self.assertNotIn("7777", before.in_service)
        self.assertNotIn(None, before.in_service)
        self.sets("Raf", Presence.AWAY)
        self.assertEqual(self.application.snapshot.presence_of("Rafael").value, Presence.AWAY)
        self.assertEqual(before.presence_of("rafael").value, Presence.AVAILABLE)

    def test_presence_of_users_that_are_gone(self) -> None:
        self.sets("Raf", Presence.AWAY)
        self.application.configure(replace(company(), users=()))
        self.assertEqual(len(self.book), 0)

    def test_dry_run(self) -> None:
        """What would become of a call now."""
        self.sets("Tij", Presence.AWAY)
        steps = dry_run(self.application.snapshot, CallView(1, CALLER, greeted=True), self.clock.seconds())
        rung = [callee.number for step in steps if isinstance(step, RingStep) for callee in step.callees]
        self.assertEqual(rung, [RAF, ARA])

    def test_describe(self) -> None:
        call_id = self.dial_past_greeting()
        self.assertEqual(
            self.application.describe(),
            {
                "calls": {call_id: "ringing in group 1: greeting; manager rings 30 s"},
                "known": 1,
                "timers": 1,
                "open records": 1,
            },
        )


class IdentificationTests(WorldTestCase):
    """Who sees the caller as what (spec 1.3)."""

    masks = {"caller_name": "%managerShortName%: %callerName%", "caller_number": "%managerNumber%*%callerNumber%"}

    def shown(self, *devices: str, name: str = NAME, **options: Any) -> list[Party]:
        self.reconfigure(**options)
        call_id = self.dial(name=name)
        self.clock.advance(30)
        self.switch.caller_hangs_up(call_id)
        rings, self.switch.rings = self.switch.rings, []
        self.assertEqual([ring.device for ring in rings], list(devices))
        self.assertEqual({ring.diverted_from for ring in rings}, {()})
        return [ring.shown_as for ring in rings]

    def test_assistant_sees_the_masks_and_the_manager_the_caller(self) -> None:
        manager, assistant = self.shown(TIJ, RAF, **self.masks)
        self.assertEqual(manager, Party(CALLER, NAME, True))
        self.assertEqual(assistant, Party(f"{NUMBER}*{CALLER}", f"Tij: {NAME}", True))

    def test_manager_too_where_it_is_set(self) -> None:
        self.application.settings = GroupSettings(identify_to_manager=True)
        manager, assistant = self.shown(TIJ, RAF, **self.masks)
        self.assertEqual(manager, assistant)

    def test_no_masks(self) -> None:
        self.assertEqual(self.shown(TIJ, RAF), [Party(CALLER, NAME, True)] * 2)

    def test_name_from_the_configuration_in_masks(self) -> None:
        """A caller without a name who is a known user."""
        self.reconfigure(**self.masks)
        self.sets("Tij", Presence.AWAY)
        call_id = self.dial(LEO, name="")
        self.assertEqual(self.switch.rings, [Ring(RAF, Party(f"{NUMBER}*{LEO}", "Tij: Leo"))])
        self.switch.caller_hangs_up(call_id)

    def test_hostile_name(self) -> None:
        name = 'A\r\nVia: SIP/2.0/UDP evil\r\n"quoted" \U0001f600' + "x" * 500
        manager, assistant = self.shown(TIJ, RAF, name=name, caller_name="%callerName%")
        for party in (manager, assistant):
            self.assertNotIn("\r", party.name)
            self.assertNotIn("\n", party.name)
            self.assertIn("\U0001f600", party.name)


class ErrorTests(WorldTestCase):
    """A fault of ours does not leave a caller hanging, and no other call hears of it."""

    def test_a_call_that_cannot_go_on_is_ended(self) -> None:
        other = self.dial_past_greeting()
        call_id = self.dial()
        self.says()
        self.switch.ring, ring = self._fail, self.switch.ring  # type: ignore[method-assign]
        self.switch.message_ends(call_id)
        self.switch.ring = ring  # type: ignore[method-assign]
        self.assertEqual(self.says(), [("clear", Cause.RESOURCES_NOT_AVAILABLE)])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.switch.message_ends(call_id)
        self.assertEqual(self.finished_trail(), "greeting; manager rings 30 s; ended by an internal error")
        self.clock.advance(30)
        self.assertIn("assistant Raf rings", self.trail(other))

    def test_in_a_timer(self) -> None:
        call_id = self.dial_past_greeting()
        self.says()
        self.switch.cancel_ring, cancel = self._fail, self.switch.cancel_ring  # type: ignore[method-assign]
        self.clock.advance(30)
        self.switch.cancel_ring = cancel  # type: ignore[method-assign]
        self.assertEqual(self.says(), [("clear", Cause.RESOURCES_NOT_AVAILABLE)])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.switch.message_ends(call_id)

    def test_journal_fails(self) -> None:
        """The call goes on without a record."""
        self.records.begin = self.records.finish = self._fail  # type: ignore[method-assign]
        call_id = self.dial()
        self.assertEqual(self.says(), [("accept", Accept.ANSWER), ("play", "Welcome.wav")])
        self.switch.message_ends(call_id)
        self.assertEqual(self.says()[0], ("ring", TIJ))
        self.switch.device_answers(call_id, TIJ)
        self.switch.caller_hangs_up(call_id)
        self.assertGreater(len(self.flushLoggedErrors(ValueError)), 0)

    def _fail(self, *arguments: object) -> None:
        raise ValueError("on purpose")


class ManyCallsTests(WorldTestCase):
    """Fifty at once to a group of three: each is answered, overflows or waits."""

    def test_fifty_calls(self) -> None:
        self.reconfigure(overflow=Overflow(), welcome="", waiting=["W.wav"])
        calls = [self.dial(f"07911111{at:02}") for at in range(50)]
        self.assertEqual(len(self.application), 50)
        for call_id in calls[::3]:
            self.clock.advance(4)
            (call,) = (call for call in self.switch.calls() if call.id == call_id)
            (rings,) = (c for c in call.connections if c.state is ConnectionState.ALERTING)
            self.switch.device_answers(call_id, rings.id.device)
        self.clock.advance(30)
        self.assertEqual(len(self.switch.calls()), 50)
        self.assertEqual(len(self.application), 50 - len(calls[::3]))
