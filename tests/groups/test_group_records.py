"""Records of calls to groups: who missed them and who did not, whose legs they are, what overflowed (spec 1.6, 1.7)."""

from magroup.cti.fake import Phone
from magroup.cti.types import ConnectionId
from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from tests.groups.world import START, WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, NUMBER, RAF, SALES, SAN, TIJ, company, members


class GroupCallRecordTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company(overflow=Overflow(), ring_parallel=True)

    def test_who_missed_it(self) -> None:
        """Who rang until the own timeout; not who rang when another one answered."""
        call_id = self.dial()
        self.clock.advance(30)
        self.clock.advance(15)
        self.clock.advance(2)
        self.switch.device_answers(call_id, TIJ)
        self.clock.advance(60)
        self.switch.device_hangs_up(call_id, TIJ)
        record = self.record()
        self.assertEqual(
            [(leg.number, leg.outcome.value) for leg in record.legs],
            [
                (CALLER, "answered"),
                (TIJ, "missed"),
                (RAF, "missed"),
                (ARA, "missed"),
                (TIJ, "answered"),
                (RAF, "elsewhere"),
            ],
        )
        self.assertEqual((record.called_number, record.called_name, record.group_id), (NUMBER, "MA Group", 1))
        self.assertEqual([leg.group_id for leg in record.legs], [0, 1, 1, 1, 1, 1])
        self.assertEqual([leg.member_id for leg in record.legs], [0, 1, 2, 3, 1, 2])
        self.assertEqual((record.answered_at, record.ended_at), (START + 47, START + 107))
        self.assertEqual(
            self.finished_trail(),
            "manager rang 30 s; assistant Raf rang 30 s; assistant Ara rang 15 s; again from the top; "
            "assistant Raf rang; answered by Tij after 2 s",
        )

    def test_caller_hangs_up_early(self) -> None:
        call_id = self.dial()
        self.clock.advance(2.9)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual({leg.outcome for leg in self.record().legs}, {LegOutcome.NOT_ANSWERED})

    def test_caller_hangs_up_late(self) -> None:
        call_id = self.dial()
        self.clock.advance(10)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual([leg.outcome.value for leg in self.record().legs], ["not_answered", "missed", "missed"])

    def test_taken_from_the_list_while_it_rings(self) -> None:
        """Who is no member any more did not miss it, however long it rang; who rings on is not touched."""
        call_id = self.dial()
        self.clock.advance(10)
        self.application.configure(company(team=members("Tij"), overflow=Overflow(), ring_parallel=True))
        self.clock.advance(1)
        self.switch.device_answers(call_id, TIJ)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.legs()[RAF].outcome, LegOutcome.NOT_ANSWERED)
        self.assertEqual(self.legs()[TIJ].outcome, LegOutcome.ANSWERED)
        self.assertEqual(self.legs()[RAF].ended_at, START + 10)

    def test_phone_goes_while_it_rings(self) -> None:
        """It did not miss the call: it was not there any more."""
        self.application.configure(company(team=members("Tij", "Raf"), manager_timeout=0))
        call_id = self.dial()
        self.clock.advance(20)
        self.switch.set_in_service(TIJ, False)
        self.switch.device_answers(call_id, RAF)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.legs()[TIJ].outcome, LegOutcome.NOT_ANSWERED)

    def test_busy_and_declined_are_not_missed(self) -> None:
        self.switch.phones[TIJ] = Phone.BUSY
        call_id = self.dial()
        self.clock.advance(5)
        self.switch.device_declines(call_id, RAF)
        self.clock.advance(5)
        self.switch.device_answers(call_id, ARA)
        self.switch.caller_hangs_up(call_id)
        told = [(leg.number, leg.outcome) for leg in self.record().legs[1:]]
        self.assertEqual(
            told, [(TIJ, LegOutcome.BUSY), (RAF, LegOutcome.DECLINED), (ARA, LegOutcome.ANSWERED)]
        )

    def test_groups_one_after_another(self) -> None:
        """The record is the first group's, each leg that of the group that rang it; the last overflow is told."""
        self.application.configure(
            company(
                team=members("Tij"), overflow=Overflow(OverflowTo.GROUP, "2"), other=SALES,
                other_team=members("San", "Leo", manager="San", group_id=2, first_id=11),
            )
        )  # fmt: skip
        self.dial()
        self.clock.advance(30)
        self.clock.advance(20)
        self.clock.advance(10)
        record = self.record()
        self.assertEqual([(leg.number, leg.member_id, leg.group_id, leg.outcome.value) for leg in record.legs[1:]], [
            (TIJ, 1, 1, "missed"), (SAN, 11, 2, "missed"), (LEO, 12, 2, "missed"),
        ])  # fmt: skip
        self.assertEqual((record.group_id, record.overflow, record.called_name), (1, "-3", "MA Group"))

    def test_overflow_number(self) -> None:
        """The leg of whoever answers there belongs to no member."""
        self.application.configure(company(team=(), overflow=Overflow(OverflowTo.NUMBER, LEO)))
        call_id = self.dial()
        self.clock.advance(2)
        self.switch.device_answers(call_id, LEO)
        self.switch.caller_hangs_up(call_id)
        leo = self.legs()[LEO]
        self.assertEqual((leo.member_id, leo.group_id, leo.outcome), (0, 0, LegOutcome.ANSWERED))
        self.assertEqual((self.record().overflow, self.record().answered_at), (LEO, START + 2))

    def test_a_call_to_a_member_is_no_group_call(self) -> None:
        """Spec 8: the group's rules do not touch it, the record is that of a call to the line."""
        self.sets("Tij", Presence.DND)
        call_id = self.dial(number=TIJ)
        self.assertEqual(self.application.describe()["calls"], {})
        self.switch.device_answers(call_id, TIJ)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.record().group_id, self.legs()[TIJ].group_id, self.finished_trail()), (0, 0, ""))

    def test_known_while_it_rings(self) -> None:
        self.dial()
        self.assertEqual((self.records.begun[-1].group_id, self.records.finished), (1, []))

    def test_transfer_to_a_member_is_no_group_call(self) -> None:
        call_id = self.dial()
        self.switch.device_answers(call_id, TIJ)
        with self.assertRaises(StopIteration):
            self.switch.single_step_transfer_call(ConnectionId(call_id, TIJ), RAF).send(None)
        self.switch.device_answers(call_id, RAF)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.legs()[RAF].group_id, self.legs()[RAF].outcome), (0, LegOutcome.ANSWERED))
        self.assertEqual(self.legs()[TIJ].group_id, 1)
