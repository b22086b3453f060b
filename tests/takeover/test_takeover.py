"""A node dies in mid-call: another one has the call within two seconds, steers it, and writes its record."""


from twisted.trial.unittest import SynchronousTestCase

from tests.switch.bench import Talk, company
from tests.takeover.kit import Node, Office


class Case(SynchronousTestCase):
    """Two nodes; 1047 and 1175 have registered at a."""

    def setUp(self) -> None:
        self.office = Office(company())
        self.a, self.b = self.office.node("a"), self.office.node("b")
        self.office.run(4.0)
        self.anna, self.bert = (self.office.phone_at(number, self.a) for number in ("1047", "1175"))

    def talk(self) -> tuple[Talk, Talk]:
        """Anna has called Bert by a; they talk."""
        one = self.anna.dial("1175")
        other = self.bert.call
        other.answer()
        self.office.run(1.0)
        self.assertTrue(one.is_up and other.is_up)
        return one, other

    def kill(self, node: Node) -> None:
        node.die()
        self.office.run(1.9)


class TakeoverTests(Case):
    def test_hang_up_by_the_caller(self) -> None:
        one, other = self.talk()
        id = self.a.call.id
        started = round(self.a.call.snapshot.started_at, 3)
        self.kill(self.a)
        self.assertEqual(self.b.calls, [id])
        self.assertTrue(one.is_up and other.is_up)
        self.office.run(10.0)
        one.hang_up()
        self.office.run(1.0)
        self.assertEqual((self.b.calls, other.log[-1].split()[0]), ([], "ended"))
        (record,) = self.b.records.finished
        self.assertEqual((record.id, record.started_at, record.ended_by), (id, started, "1047"))
        self.assertEqual([leg.number for leg in record.legs], ["1047", "1175"])
        self.assertTrue(all(leg.answered_at and leg.ended_at - leg.answered_at > 11.0 for leg in record.legs))
        self.assertEqual([(reason.code, reason.who) for reason in record.trail], [("taken_over", "b")])
        self.assertEqual(self.b.telephony.endpoint.dialogs, {})
