"""A node is busy, cut off, stopped; Redis is away; what is kept is no call; one after the other dies."""

from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent

from tests.takeover.case import WITHIN, Case


class NotDead(Case):
    """It only seems so, or not even that."""

    def test_busy_for_a_second(self) -> None:
        one, other = self.talk()
        self.a.stall()
        self.office.run(1.0)
        self.a.wake()
        self.office.run(3.0)
        self.assertEqual((len(self.a.calls), self.b.calls), (1, []))
        one.hang_up()
        self.office.run(1.0)
        self.assertEqual((len(self.a.records.finished), other.is_up), (1, False))

    def test_away_for_long(self) -> None:
        """Its calls were taken: it lets go of them without a word to the phones, or into the journal."""
        one, other = self.talk()
        id = self.a.call.id
        self.a.stall()
        self.office.run(6.0)
        self.assertEqual((self.a.calls, self.b.calls), ([id], [id]))
        with capturedLogs() as events:
            self.a.wake()
            self.office.run(3.0)
        self.assertEqual([formatEvent(event) for event in events if event["log_level"] is LogLevel.warn],
                         ["Others took this node for dead, and have so many of its calls now: 1"])  # fmt: skip
        self.assertEqual((self.a.calls, self.b.calls), ([], [id]))
        self.assertEqual((self.a.telephony.endpoint.dialogs, len(self.a.telephony.endpoint.sessions)), ({}, 0))
        self.assertTrue(one.is_up and other.is_up)
        self.assertEqual((self.a.records.open, self.a.records.finished), (set(), []))
        other.hang_up()
        self.over(one, other)
        self.assertEqual(self.a.records.finished, [])

    def test_it_stops_in_order(self) -> None:
        """It has ended its calls itself."""
        one, other = self.talk()
        Deferred.fromCoroutine(self.a.takeover.stop())
        self.a.switch.end_calls()
        self.office.run()
        Deferred.fromCoroutine(self.a.bus.stop())
        self.office.run(3.0)
        self.assertEqual((self.b.calls, one.is_up, other.is_up), ([], False, False))

    def test_the_bus_is_away(self) -> None:
        """Nobody takes anything, neither then nor when it is back; what is kept is whole again."""
        one, other = self.talk()
        self.office.hub.cut()
        self.office.hub.kept.clear()
        self.office.run(5.0)
        self.office.hub.mend()
        self.office.run(5.0)
        self.assertEqual((len(self.a.calls), self.b.calls), (1, []))
        self.die(self.a)
        self.assertEqual(len(self.b.calls), 1)
        one.hang_up()
        self.over(one, other)

    def test_over_while_the_bus_was_away(self) -> None:
        """What was kept of a call that is over is not kept any more."""
        one, _ = self.talk()
        self.office.hub.cut()
        one.hang_up()
        self.office.run(1.0)
        self.office.hub.mend()
        self.office.run(5.0)
        self.assertEqual(self.office.hub.kept["a.firsta"], {})
        self.die(self.a)
        self.assertEqual(self.b.calls, [])

    def test_the_bus_has_just_come(self) -> None:
        """Who is not heard just then may be there all the same; who is not heard afterwards is dead."""
        one, other = self.talk()
        self.office.hub.cut()
        self.office.hub.mend()
        self.office.run(0.5)
        self.a.die()
        self.office.run(2.0)
        self.assertEqual(self.b.calls, [])
        self.office.run(1.0)
        self.assertEqual(len(self.b.calls), 1)
        one.hang_up()
        self.over(one, other)

    def test_it_drains(self) -> None:
        """Who drains takes calls when nobody else does."""
        one, other = self.talk()
        self.b.switch.is_draining = True
        self.a.die()
        self.office.run(WITHIN)
        self.assertEqual(len(self.b.calls), 1)
        one.hang_up()
        self.over(one, other)


class Rubbish(Case):
    def test_what_is_no_call(self) -> None:
        """It is left out, and the others are taken."""
        one, other = self.talk()
        kept = self.office.hub.kept["a.firsta"]
        (form,) = kept.values()
        kept |= {"a-x": form, "a-y": b"{", "a-z": b"x" * 70_000}
        self.die(self.a)
        self.assertEqual((len(self.b.calls), len(self.b.takeover.taken)), (1, 1))
        one.hang_up()
        self.over(one, other)


class Three(Case):
    names = ("a", "b", "c")

    def test_one_of_them_takes_it(self) -> None:
        """And when that one dies too, the last one does; the record is one of all three."""
        one, other = self.talk()
        id = self.a.call.id
        self.die(self.a)
        takers = [node for node in self.nodes[1:] if node.calls]
        self.assertEqual([node.calls for node in takers], [[id]])
        self.office.run(2.0)
        (taker,) = takers
        self.die(taker)
        (last,) = (node for node in self.nodes[1:] if node is not taker)
        self.assertEqual(last.calls, [id])
        one.hang_up()
        self.office.run(1.0)
        self.assertFalse(other.is_up)
        (record,) = last.records.finished
        self.assertEqual([reason.who for reason in record.trail], [taker.name, last.name])
        self.assertEqual((self.a.records.finished, taker.records.finished), ([], []))
