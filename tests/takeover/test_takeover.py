"""A node dies in mid-call: another one has the call within two seconds, steers it, and writes its record."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.types import ConnectionId, ConnectionState
from magroup.model.calls import ReasonCode
from tests.switch.bench import Talk, company, run
from tests.takeover.kit import Node, Office

WITHIN = 2.0


class Case(SynchronousTestCase):
    """Two nodes; 1047, 1175 and 1068 have registered at a."""

    names = ("a", "b")

    def setUp(self) -> None:
        self.office = Office(company())
        self.nodes = [self.office.node(name) for name in self.names]
        self.a, self.b = self.nodes[:2]
        self.office.run(4.0)
        self.anna, self.bert, self.cara = (
            self.office.phone_at(number, self.a) for number in ("1047", "1175", "1068")
        )  # fmt: skip

    def talk(self) -> tuple[Talk, Talk]:
        """Anna has called Bert by a; they talk."""
        one = self.anna.dial("1175")
        other = self.bert.call
        other.answer()
        self.office.run(1.0)
        self.assertTrue(one.is_up and other.is_up)
        return one, other

    def die(self, node: Node) -> None:
        node.die()
        self.office.run(WITHIN - 0.1)

    def served(self, what: Any) -> Any:
        """What a service gives."""
        done = Deferred.fromCoroutine(what)
        self.office.run(1.0)
        return self.successResultOf(done)

    def state(self, device: str) -> ConnectionState:
        found = self.b.call.snapshot.connection(device)
        assert found is not None
        return found.state

    def over(self, *talks: Talk) -> None:
        """Nothing is left of the call, and there is one record of it, at b."""
        self.office.run(2.5)
        self.assertFalse(any(talk.is_up for talk in talks))
        self.assertEqual((self.b.calls, self.b.telephony.endpoint.dialogs, self.b.takeover.taken), ([], {}, set()))
        self.assertEqual((len(self.b.records.finished), self.b.records.open), (1, set()))
        self.assertEqual(self.office.hub.kept.get("b.firstb"), {})


class Dead(Case):
    def test_the_caller_hangs_up(self) -> None:
        """The record is of the whole call."""
        one, other = self.talk()
        id, started = self.a.call.id, round(self.a.call.snapshot.started_at, 3)
        self.die(self.a)
        self.assertEqual(self.b.calls, [id])
        self.assertTrue(one.is_up and other.is_up)
        self.assertEqual(self.b.records.open, {id})
        self.office.run(10.0)
        one.hang_up()
        self.over(one, other)
        (record,) = self.b.records.finished
        self.assertEqual((record.id, record.started_at, record.ended_by), (id, started, "1047"))
        self.assertEqual([leg.number for leg in record.legs], ["1047", "1175"])
        self.assertTrue(all(leg.answered_at and leg.ended_at - leg.answered_at > 11.0 for leg in record.legs))
        self.assertEqual([(reason.code, reason.who) for reason in record.trail], [(ReasonCode.TAKEN_OVER, "b")])

    def test_the_called_one_hangs_up(self) -> None:
        one, other = self.talk()
        self.die(self.a)
        other.hang_up()
        self.over(one, other)
        self.assertEqual(self.b.records.finished[0].ended_by, "1175")

    def test_hung_up_before_it_was_taken(self) -> None:
        """The BYE goes nowhere: who asks the phone hears that its call is over."""
        one, other = self.talk()
        self.a.die()
        one.hang_up()
        self.office.run(WITHIN)
        self.over(one, other)

    def test_ended_by_a_service(self) -> None:
        one, other = self.talk()
        self.die(self.a)
        self.served(self.b.switch.clear_connection(ConnectionId(self.b.call.id, "1175")))
        self.over(one, other)

    def test_held_before_and_after(self) -> None:
        """On hold it is taken, retrieved by the phone that holds it, held by the other one, and by a service."""
        one, other = self.talk()
        one.hold()
        self.office.run(1.0)
        self.die(self.a)
        self.assertEqual((self.state("1047"), self.state("1175")), (ConnectionState.HOLD, ConnectionState.CONNECTED))
        one.retrieve()
        self.office.run(1.0)
        self.assertEqual((one.log[-1], other.log[-2:]), ("changed 200", ["offered sendrecv", "acknowledged"]))
        self.assertEqual(self.state("1047"), ConnectionState.CONNECTED)
        other.hold()
        self.office.run(1.0)
        self.assertEqual((self.state("1175"), one.log[-2]), (ConnectionState.HOLD, "offered sendonly"))
        other.retrieve()
        self.office.run(1.0)
        held = ConnectionId(self.b.call.id, "1047")
        self.served(self.b.switch.hold_call(held))
        self.assertEqual(self.state("1047"), ConnectionState.HOLD)
        self.served(self.b.switch.retrieve_call(held))
        self.assertEqual(self.state("1047"), ConnectionState.CONNECTED)
        one.hang_up()
        self.over(one, other)

    def test_transferred(self) -> None:
        """By the phone's REFER, to somebody who has registered at the dead node."""
        one, other = self.talk()
        self.die(self.a)
        other.refer("<sip:1068@127.0.0.2>")
        self.office.run(1.0)
        other.phone.endpoint.sessions.discard(other.session)
        self.assertEqual(other.log[-1], "refer 202")
        third = self.cara.call
        third.answer()
        self.office.run(1.0)
        self.assertFalse(other.is_up)
        self.assertTrue(one.is_up and third.is_up)
        third.hang_up()
        self.over(one, other, third)
        (record,) = self.b.records.finished
        self.assertEqual([leg.number for leg in record.legs], ["1047", "1175", "1068"])

    def test_a_transfer_under_way(self) -> None:
        """It is given up: the two go on talking."""
        one, other = self.talk()
        other.refer("<sip:1068@127.0.0.1>")
        self.office.run(0.5)
        other.refers.clear()
        self.cara.call.ring()
        self.office.run(0.5)
        self.die(self.a)
        self.assertEqual([found.id.device for found in self.b.call.snapshot.connections], ["1047", "1175"])
        self.assertTrue(one.is_up and other.is_up)
        one.hang_up()
        self.over(one, other)

    def test_a_phone_that_hears_nothing(self) -> None:
        """It does not lose its call by that; when its time is over nevertheless, it does."""
        one, other = self.talk()
        deaf = self.anna.host
        self.office.deaf.add(deaf)
        self.die(self.a)
        self.office.run(60.0)
        self.assertEqual((len(self.b.calls), one.is_up, other.is_up), (1, True, True))
        self.office.deaf.discard(deaf)
        one.hold()
        self.office.run(1.0)
        self.office.deaf.add(deaf)
        self.office.run(4000.0, 20.0)
        self.assertEqual((self.b.calls, other.is_up), ([], False))

    def test_changed_before(self) -> None:
        """A phone has other media and another place since: the one that takes the call knows it."""
        one, other = self.talk()
        self.anna.media_port = 7000
        one.retrieve()
        self.office.run(1.0)
        self.die(self.a)
        self.assertIn(b"m=audio 7000", self.b.call.caller.remote_sdp)
        origin = self.b.call.peer.origin if self.b.call.peer is not None else None
        assert origin is not None
        self.assertEqual(origin.version, origin.session_id + 1)
        one.hang_up()
        self.over(one, other)

    def test_a_floating_address(self) -> None:
        """Phones know one address, which has gone to the other node: they notice nothing of it."""
        for node in self.nodes:
            node.telephony.transports.advertised = "127.0.0.1"
        one, other = self.talk()
        self.a.die()
        run(self.b.telephony.listen(("udp:127.0.0.1:5060",)))
        self.office.run(WITHIN)
        targets = [talk.session.confirmed_dialog.target for talk in (one, other)]
        self.assertEqual(targets, ["sip:1175@127.0.0.1", "sip:1175@127.0.0.1"])
        one.hold()
        self.office.run(1.0)
        self.assertEqual(self.state("1047"), ConnectionState.HOLD)
        other.hang_up()
        self.over(one, other)

    def test_refreshed_by_whoever_has_it(self) -> None:
        """The session timer goes on, and phones that are gone are noticed by it."""
        one, other = self.talk()
        self.die(self.a)
        self.office.run(4000.0, 20.0)
        self.assertTrue(one.is_up and other.is_up)
        self.anna.unplug()
        self.office.run(4000.0, 20.0)
        self.over(other)

    def test_another_call(self) -> None:
        """Not one that rings, nor one that hears us."""
        self.anna.dial("1175")
        self.bert.call.ring()
        self.office.run(1.0)
        self.assertEqual(self.office.hub.kept.get("a.firsta", {}), {})
        self.die(self.a)
        self.assertEqual(self.b.calls, [])


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
        self.a.wake()
        self.office.run(3.0)
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
