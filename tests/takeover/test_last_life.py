"""A node that was killed starts again, and goes on with its own calls where no other node has them."""

from collections.abc import Collection
from typing import Any

from twisted.internet.defer import Deferred

from magroup.cti.types import ConnectionState
from magroup.model.calls import Reason, ReasonCode
from magroup.store.errors import StoreError
from magroup.takeover import SETTLED, that_go_on
from tests.takeover.case import Case
from tests.takeover.kit import Node


class LastLife(Case):
    """The only node is away for five seconds. ``b``, in the words of the case, is its next life."""

    names = ("a",)

    def start_again(self, *ids: str) -> Collection[str]:
        """Of the calls in its journal's files those that go on."""
        self.b = self.office.again(self.a)
        found = self.going_on(self.b, *ids)
        self.b.takeover.go_on()
        self.office.run(1.0)
        return set(self.successResultOf(found))

    def going_on(self, node: Node, *ids: str) -> Deferred[Any]:
        owned = that_go_on(node.takeover, node.bus, self.office.clock)(ids)
        found = Deferred.fromCoroutine(owned)  # type: ignore[arg-type]
        self.office.run(SETTLED + 0.1)
        return found

    def end(self) -> str:
        """Of the node; the id of its call."""
        id = self.a.call.id
        self.a.die()
        self.office.run(3.0)
        return id

    def check_goes_on(self, by: str) -> None:
        """Held, retrieved, and hung up by ``by``: there is one record of all of it."""
        one, other = self.talk()
        id = self.end()
        self.assertEqual(self.start_again(id, "a-x"), {id})
        self.assertEqual(self.b.calls, [id])
        self.assertTrue(one.is_up and other.is_up)
        one.hold()
        self.office.run(1.0)
        self.assertEqual(self.state("1047"), ConnectionState.HOLD)
        one.retrieve()
        self.office.run(1.0)
        self.assertEqual(self.state("1047"), ConnectionState.CONNECTED)
        (one if by == "1047" else other).hang_up()
        self.over(one, other)
        (record,) = self.b.records.finished
        self.assertEqual((record.id, record.ended_by), (id, by))
        self.assertEqual([reason for reason in record.trail if reason.code is ReasonCode.TAKEN_OVER],
                         [Reason(ReasonCode.TAKEN_OVER, "a", record.trail[-1].seconds)])  # fmt: skip

    def test_the_caller_hangs_up(self) -> None:
        self.check_goes_on("1047")

    def test_the_called_one_hangs_up(self) -> None:
        self.check_goes_on("1175")

    def test_hung_up_meanwhile(self) -> None:
        """The phone repeats it until somebody listens."""
        one, other = self.talk()
        id = self.a.call.id
        self.a.die()
        self.office.run(1.0)
        other.hang_up()
        self.office.run(2.0)
        self.assertTrue(one.is_up)
        self.start_again(id)
        self.office.run(5.0)
        self.over(one, other)

    def test_killed_again(self) -> None:
        """Also before it has gone on with anything."""
        one, other = self.talk()
        id = self.end()
        again = self.office.again(self.a)
        self.assertEqual(set(self.successResultOf(self.going_on(again, id))), {id})
        again.die()
        self.a = again
        self.assertEqual(self.start_again(id), {id})
        self.assertTrue(one.is_up and other.is_up)
        one.hang_up()
        self.office.run(2.5)
        self.assertFalse(one.is_up or other.is_up)
        self.assertEqual(len(self.b.records.finished), 1)

    def test_what_is_no_call(self) -> None:
        """It does not go on, so that the journal closes it; the other one does."""
        one, other = self.talk()
        id = self.a.call.id
        kept = self.office.hub.kept["a.firsta"]
        kept["a-rubbish"] = b"{}"
        self.a.die()
        self.assertEqual(self.start_again(id, "a-rubbish"), {id})
        self.assertEqual((self.b.calls, set(self.office.hub.kept["a.seconda"])), ([id], {id}))
        one.hang_up()
        self.office.run(2.5)
        self.assertFalse(other.is_up)

    def test_the_bus_is_away(self) -> None:
        """Nothing is known, so nothing is closed yet, and nothing goes on."""
        one, _ = self.talk()
        id = self.end()
        self.office.hub.cut()
        self.b = self.office.again(self.a)
        self.failureResultOf(self.going_on(self.b, id), StoreError)
        self.b.takeover.go_on()
        self.office.run(1.0)
        self.assertEqual(self.b.calls, [])
        one.hang_up()
        self.office.run(1.0)


class BesideAnother(Case):
    """Two nodes: the other one has the call by the time."""

    def test_taken(self) -> None:
        one, other = self.talk()
        id = self.a.call.id
        self.die(self.a)
        self.assertEqual(self.b.calls, [id])
        again = self.office.again(self.a)
        owned = Deferred.fromCoroutine(that_go_on(again.takeover, again.bus, self.office.clock)([id]))  # type: ignore[arg-type]
        again.takeover.go_on()
        self.office.run(SETTLED + 1.0)
        self.assertEqual(set(self.successResultOf(owned)), {id})
        self.assertEqual((again.calls, self.b.calls), ([], [id]))
        one.hang_up()
        self.over(one, other)
        self.assertEqual(again.records.finished, [])

    def test_of_another_in_the_last_life(self) -> None:
        """It has taken a call of a's, and is killed itself: either it goes on, or its record is written here."""
        one, other = self.talk()
        id = self.a.call.id
        self.die(self.a)
        self.b.die()
        self.office.run(3.0)
        again = self.office.again(self.b)
        kept = self.office.hub.kept
        for is_kept in (True, False):
            if not is_kept:
                kept.clear()
            owned = Deferred.fromCoroutine(again.bus.kept.owned([id]))  # type: ignore[arg-type]
            self.assertEqual(list(self.successResultOf(owned)), [])
            earlier = Deferred.fromCoroutine(again.bus.kept.earlier())  # type: ignore[arg-type]
            self.assertEqual(list(self.successResultOf(earlier)), ["firstb"] if is_kept else [])
        for talk in (one, other):
            talk.hang_up()
        self.office.run(1.0)
