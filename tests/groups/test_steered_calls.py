"""Records of calls that are steered by services: what belongs together is linked, and a hold is no leg."""

from typing import Any

from twisted.internet.defer import Deferred

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import Event, ForwardingSet
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.groups.line_forwardings import LineForwardings
from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, NUMBER, RAF, SAN


class SteeredTest(WorldTestCase):
    def ask(self, service: Any) -> Any:
        return self.successResultOf(Deferred.fromCoroutine(service))

    def consulting(self) -> tuple[ConnectionId, ConnectionId]:
        """San called Leo, who holds him and talks to Ara."""
        held = ConnectionId(self.switch.arrive(SAN, LEO), LEO)
        self.switch.device_answers(held.call_id, LEO)
        self.clock.advance(5)
        active = self.ask(self.switch.consultation_call(held, ARA))
        return held, active

    def finished(self, call_id: str) -> CallRecord:
        (record,) = (record for record in self.records.finished if record.id == call_id)
        return record


class Records(SteeredTest):
    def test_joined(self) -> None:
        held, active = self.consulting()
        self.switch.device_answers(active.call_id, ARA)
        self.clock.advance(5)
        self.ask(self.switch.transfer_call(held, active))
        second = self.finished(active.call_id)
        self.assertEqual(second.transferred_to, held.call_id)
        self.assertEqual([leg.number for leg in second.legs], [LEO, ARA])
        self.clock.advance(5)
        self.switch.device_hangs_up(held.call_id, ARA)
        first = self.finished(held.call_id)
        self.assertEqual(first.transferred_from, active.call_id)
        self.assertEqual([(leg.number, leg.outcome) for leg in first.legs],
                         [(number, LegOutcome.ANSWERED) for number in (SAN, LEO, ARA)])  # fmt: skip

    def test_held_and_retrieved(self) -> None:
        """Two legs, however often."""
        held, active = self.consulting()
        self.ask(self.switch.reconnect_call(active, held))
        self.ask(self.switch.hold_call(held))
        self.ask(self.switch.retrieve_call(held))
        self.switch.device_hangs_up(held.call_id, LEO)
        self.assertEqual([leg.number for leg in self.finished(held.call_id).legs], [SAN, LEO])
        self.assertEqual(self.finished(active.call_id).transferred_to, "")

    def test_given_back(self) -> None:
        """Ara declines what Leo left to her: his ringing for it is a leg of its own."""
        held, active = self.consulting()
        self.ask(self.switch.transfer_call(held, active))
        self.switch.device_declines(held.call_id, ARA)
        self.switch.device_answers(held.call_id, LEO)
        self.switch.device_hangs_up(held.call_id, LEO)
        first = self.finished(held.call_id)
        self.assertEqual([(leg.number, leg.outcome) for leg in first.legs],
                         [(SAN, LegOutcome.ANSWERED), (LEO, LegOutcome.ANSWERED), (ARA, LegOutcome.DECLINED),
                          (LEO, LegOutcome.ANSWERED)])  # fmt: skip

    def test_rung_again(self) -> None:
        """Leo hangs up while San waits, and misses his ringing."""
        held, active = self.consulting()
        self.switch.device_hangs_up(active.call_id, LEO)
        self.clock.advance(10)
        self.switch.caller_hangs_up(held.call_id)
        first = self.finished(held.call_id)
        told = [(leg.number, leg.outcome) for leg in first.legs]
        self.assertEqual(told[:2], [(SAN, LegOutcome.ANSWERED), (LEO, LegOutcome.ANSWERED)])
        self.assertEqual(told[2:], [(LEO, LegOutcome.MISSED)])

    def test_sent_on_and_back(self) -> None:
        """A ringing call that goes on to somebody who declines: who sent it on has another leg."""
        call_id = self.switch.arrive(SAN, LEO)
        self.ask(self.switch.deflect_call(ConnectionId(call_id, LEO), ARA))
        self.clock.advance(5)
        self.switch.device_declines(call_id, ARA)
        self.switch.device_answers(call_id, LEO)
        self.switch.device_hangs_up(call_id, LEO)
        self.assertEqual([(leg.number, leg.outcome) for leg in self.finished(call_id).legs][1:],
                         [(LEO, LegOutcome.NOT_ANSWERED), (ARA, LegOutcome.DECLINED),
                          (LEO, LegOutcome.ANSWERED)])  # fmt: skip

    def test_group_call_sent_on_and_back(self) -> None:
        """The group has nothing more to do with it."""
        call_id = self.switch.arrive(CALLER, NUMBER)
        self.switch.message_ends(call_id)
        (call,) = self.switch.calls()
        (rings,) = (c.id.device for c in call.connections if c.state is ConnectionState.ALERTING)
        other = next(number for number in (LEO, RAF, ARA) if number != rings)
        self.ask(self.switch.deflect_call(ConnectionId(call_id, rings), other))
        self.assertEqual(len(self.application), 0)
        self.switch.device_declines(call_id, other)
        self.clock.advance(60)
        self.switch.device_answers(call_id, rings)
        self.switch.device_hangs_up(call_id, rings)
        record = self.finished(call_id)
        self.assertEqual((record.group_id, record.legs[-1].number, record.legs[-1].outcome),
                         (1, rings, LegOutcome.ANSWERED))  # fmt: skip

    def test_caller_of_a_group_is_passed_on(self) -> None:
        """Who answered for the manager asks the manager, and connects."""
        call_id = self.switch.arrive(SAN, NUMBER)
        self.switch.message_ends(call_id)
        (call,) = self.switch.calls()
        (rings,) = (c.id.device for c in call.connections if c.state is ConnectionState.ALERTING)
        self.switch.device_answers(call_id, rings)
        held = ConnectionId(call_id, rings)
        other = next(number for number in (LEO, RAF, ARA) if number != rings)
        active = self.ask(self.switch.consultation_call(held, other))
        self.switch.device_answers(active.call_id, other)
        self.ask(self.switch.transfer_call(held, active))
        self.switch.caller_hangs_up(call_id)
        first, second = self.finished(call_id), self.finished(active.call_id)
        self.assertEqual((first.group_id, second.group_id), (1, 0))
        self.assertEqual((second.transferred_to, first.transferred_from), (call_id, active.call_id))

    def test_not_to_be_disturbed(self) -> None:
        """The one who is called declined."""
        self.ask(self.switch.set_do_not_disturb(LEO, True))
        self.switch.arrive(SAN, LEO)
        self.assertEqual(self.legs()[LEO].outcome, LegOutcome.DECLINED)


class ForwardingByService(SteeredTest):
    """The book is the only place."""

    def setUp(self) -> None:
        super().setUp()
        self.events: list[Event] = []
        self.switch.monitor_start(self.events.append)
        self.switch.forwardings = LineForwardings(self.forwardings, self.switch.forwarding_set)

    def test_set(self) -> None:
        self.ask(self.switch.set_forwarding(LEO, Forwarding(ForwardTo.NUMBER, ARA, changed_by="san")))
        found = self.forwardings.of_line(LEO)
        self.assertEqual((found.to, found.number, found.changed_by), (ForwardTo.NUMBER, ARA, "san"))
        self.assertEqual(self.ask(self.switch.get_forwarding(LEO)), found)
        self.ask(self.switch.set_forwarding(LEO, NO_FORWARDING))
        self.assertFalse(self.forwardings.of_line(LEO))

    def test_told(self) -> None:
        """Also what anybody else sets, once."""
        self.forwardings.set_line(LEO, Forwarding(ForwardTo.NUMBER, ARA))
        self.forwardings.set_line(LEO, Forwarding(ForwardTo.NUMBER, ARA))
        (event,) = self.events
        self.assertEqual((type(event), event.device), (ForwardingSet, LEO))

    def test_refused(self) -> None:
        """By the rules of the book: circles, numbers that are none."""
        for number in (LEO, "nobody", ""):
            forwarding = Forwarding(ForwardTo.NUMBER, number)
            failed = self.failureResultOf(Deferred.fromCoroutine(self.switch.set_forwarding(LEO, forwarding)))
            self.assertIs(failed.check(ServiceError), ServiceError)
            self.assertIs(failed.value.failure, Failure.INVALID_DESTINATION)
        self.assertFalse(self.forwardings.of_line(LEO))
