"""Records of calls: every call the switch reports has one, with a leg for each device and what came of it."""

from dataclasses import replace

from magroup.cti.events import CallCleared, ConnectionCleared, Delivered, Established, Originated, Transferred
from magroup.cti.fake import Phone
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party
from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.people import Contact
from tests.groups.world import NAME, START, WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, RAF, SAN, TIJ, company


class PlainCallTests(WorldTestCase):
    """Calls between lines, which no group has a hand in."""

    def test_answered(self) -> None:
        call_id = self.switch.arrive(SAN, LEO)
        (begun,) = self.records.begun
        self.assertEqual((begun.id, begun.started_at, begun.caller_number), (call_id, START, SAN))
        self.clock.advance(2)
        self.switch.device_answers(call_id, LEO)
        self.clock.advance(10.0004)
        self.switch.device_hangs_up(call_id, LEO)
        record = self.record()
        self.assertEqual(
            replace(record, legs=()),
            CallRecord(
                id=call_id,
                started_at=START,
                caller_number=SAN,
                caller_name="San",
                called_number=LEO,
                called_name="Leo",
                answered_at=START + 2,
                ended_at=START + 12,
                cause="normalClearing",
                ended_by=LEO,
            ),
        )
        caller, called = record.legs
        self.assertEqual((caller.number, caller.user_name, caller.inbound), (SAN, "san", False))
        self.assertEqual((caller.answered_at, caller.outcome), (START + 2, LegOutcome.ANSWERED))
        self.assertEqual((called.number, called.user_name, called.inbound), (LEO, "leonard", True))
        self.assertEqual((called.ringing_at, called.answered_at, called.ended_at), (START, START + 2, START + 12))
        self.assertEqual((called.name, called.outcome, called.call_id), ("Leo", LegOutcome.ANSWERED, call_id))
        self.assertEqual((called.group_id, called.member_id), (0, 0))
        self.assertNotEqual(caller.id, called.id)

    def test_known_after_the_answer(self) -> None:
        """What a crash would leave."""
        call_id = self.switch.arrive(SAN, LEO)
        self.clock.advance(2)
        self.switch.device_answers(call_id, LEO)
        self.assertEqual(self.records.begun[-1].answered_at, START + 2)
        self.assertEqual(len(self.records.begun[-1].legs), 2)

    def outcome(self, number: str = LEO) -> tuple[LegOutcome, str]:
        leg = self.legs()[number]
        return leg.outcome, leg.cause

    def test_caller_gives_up_early(self) -> None:
        call_id = self.switch.arrive(SAN, LEO)
        self.clock.advance(3)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.outcome(), (LegOutcome.NOT_ANSWERED, "callCancelled"))
        self.assertEqual(self.outcome(SAN)[0], LegOutcome.NOT_ANSWERED)
        self.assertEqual(self.record().ended_by, SAN)

    def test_missed(self) -> None:
        call_id = self.switch.arrive(SAN, LEO)
        self.clock.advance(3.1)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.outcome(), (LegOutcome.MISSED, "callCancelled"))

    def test_busy(self) -> None:
        self.switch.phones[LEO] = Phone.BUSY
        self.switch.arrive(SAN, LEO)
        self.assertEqual(self.outcome(), (LegOutcome.BUSY, "486 Busy Here"))
        self.assertEqual((self.record().cause, self.record().ended_by), ("486 Busy Here", LEO))

    def test_declined(self) -> None:
        call_id = self.switch.arrive(SAN, LEO)
        self.clock.advance(60)
        self.switch.device_declines(call_id, LEO)
        self.assertEqual(self.outcome(), (LegOutcome.DECLINED, "603 Decline"))

    def test_out_of_service(self) -> None:
        self.switch.set_in_service(LEO, False)
        self.switch.arrive(SAN, LEO)
        self.assertEqual(self.outcome(), (LegOutcome.FAILED, "480 Temporarily Unavailable"))
        self.assertEqual(self.record().ended_by, "switch")

    def test_over_a_trunk(self) -> None:
        call_id = self.switch.arrive(SAN, "0800123456")
        self.switch.device_answers(call_id, "0800123456")
        self.switch.caller_hangs_up(call_id)
        self.assertTrue(self.record().external)
        self.assertEqual(self.legs()["0800123456"].outcome, LegOutcome.ANSWERED)

    def test_from_outside(self) -> None:
        call_id = self.switch.arrive(CALLER, LEO, NAME)
        self.switch.caller_hangs_up(call_id)
        self.assertTrue(self.record().external)
        self.assertEqual(self.record().caller_name, NAME)

    def test_name_of_a_contact(self) -> None:
        contact = Contact(1, CALLER, "Bob the Contact")
        self.application.configure(replace(company(), contacts=(contact,)))
        call_id = self.switch.arrive(CALLER, LEO, "")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.record().caller_name, "Bob the Contact")

    def test_sent_on(self) -> None:
        call_id = self.switch.arrive(SAN, LEO)
        self.clock.advance(10)
        with self.assertRaises(StopIteration):
            self.switch.deflect_call(ConnectionId(call_id, LEO), ARA).send(None)
        self.switch.device_answers(call_id, ARA)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.outcome(), (LegOutcome.NOT_ANSWERED, "redirected"))
        self.assertEqual(self.outcome(ARA)[0], LegOutcome.ANSWERED)

    def test_blind_transfer(self) -> None:
        call_id = self.switch.arrive(SAN, LEO)
        self.switch.device_answers(call_id, LEO)
        self.clock.advance(5)
        with self.assertRaises(StopIteration):
            self.switch.single_step_transfer_call(ConnectionId(call_id, LEO), ARA).send(None)
        self.clock.advance(3)
        self.switch.device_answers(call_id, ARA)
        self.clock.advance(4)
        self.switch.caller_hangs_up(call_id)
        leo, ara = self.legs()[LEO], self.legs()[ARA]
        self.assertEqual((leo.ended_at, leo.outcome, leo.cause), (START + 8, LegOutcome.ANSWERED, "transfer"))
        self.assertEqual((ara.ringing_at, ara.answered_at, ara.ended_at), (START + 5, START + 8, START + 12))
        self.assertEqual(self.record().answered_at, START)

    def test_attended_transfer(self) -> None:
        """LEO talks to SAN, asks ARA, and joins the two: the second call ends in the first."""

        def connection(call_id: str, device: str, inbound: bool) -> Connection:
            return Connection(ConnectionId(call_id, device), ConnectionState.CONNECTED, Party(device), inbound)

        journal, at = self.application.journal, START
        first = Call("a", Party(SAN), Party(LEO), at, (connection("a", SAN, False), connection("a", LEO, True)))
        second = Call("b", Party(LEO), Party(ARA), at, (connection("b", LEO, False), connection("b", ARA, True)))
        for call, called in ((first, LEO), (second, ARA)):
            journal.on_event(Originated(call, None, call.calling.number, at))
            journal.on_event(Delivered(call, call, called, at))
            journal.on_event(Established(call, call, called, at))
        joined = replace(first, connections=(first.connections[0], connection("a", ARA, True)))
        journal.on_event(
            Transferred(joined, first, LEO, at + 9, Cause.TRANSFER, transferred_to=Party(ARA), other_call_id="b")
        )
        ended = replace(second, connections=(), ended=True)
        journal.on_event(ConnectionCleared(ended, second, LEO, at + 9, Cause.TRANSFER))
        journal.on_event(CallCleared(ended, ended, LEO, at + 9, Cause.TRANSFER))
        journal.on_event(CallCleared(replace(joined, connections=(), ended=True), joined, SAN, at + 20))
        consulted, kept = self.records.finished
        self.assertEqual((consulted.id, consulted.transferred_to, consulted.cause), ("b", "a", "transfer"))
        self.assertEqual((kept.id, kept.transferred_from), ("a", "b"))
        legs = {leg.number: leg for leg in kept.legs}
        self.assertEqual((legs[LEO].ended_at, legs[ARA].answered_at, legs[ARA].ended_at), (at + 9, at + 9, at + 20))

    def test_event_of_a_call_that_was_there_before(self) -> None:
        """Its beginning was not heard: no record."""
        call = Call("old", Party(SAN), Party(LEO), START)
        self.application.journal.on_event(Established(call, call, LEO, START))
        self.application.journal.on_event(CallCleared(replace(call, ended=True), call, LEO, START))
        self.assertEqual((self.records.begun, self.records.finished), ([], []))


class NoRecordsTests(WorldTestCase):
    def configuration(self) -> Configuration:
        made = company()
        lines = tuple(replace(line, no_records=line.number in (LEO, RAF)) for line in made.lines)
        return replace(made, lines=lines)

    def test_line_without_records(self) -> None:
        for caller, called in ((LEO, SAN), (SAN, LEO)):
            call_id = self.switch.arrive(caller, called)
            self.switch.device_answers(call_id, called)
            self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.records.begun, self.records.finished), ([], []))

    def test_its_leg_of_a_group_call(self) -> None:
        call_id = self.dial()
        self.clock.advance(30)
        self.switch.device_answers(call_id, RAF)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual([leg.number for leg in self.record().legs], [CALLER, TIJ])
