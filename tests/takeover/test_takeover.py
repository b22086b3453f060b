"""A node dies in mid-call: another one has the call within two seconds, steers it, and writes its record."""

from magroup.cti.types import ConnectionId, ConnectionState
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.groups import ShowVipCalls
from tests.switch.bench import run
from tests.switch.secure_phone import key_in, secure
from tests.takeover.case import WITHIN, Case


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

    def test_new_keys_in_each_answer(self) -> None:
        """Phones with SRTP that have no UPDATE: each has the other's newest key when all is told."""
        for phone in (self.anna, self.bert):
            secure(phone, new_keys=True)
        one, other = self.talk()
        for leg in (self.a.call.caller, self.a.call.peer):
            assert leg is not None
            leg.session.peer_allows -= {"UPDATE"}
            self.a.takeover._session_changed(leg.session)
        self.office.run(0.5)
        self.die(self.a)
        self.office.run(2.0)
        for here, there in ((one, other), (other, one)):
            self.assertIn("offered sendrecv", here.log)
            self.assertEqual(key_in(here.heard_sdp), key_in(there.phone.newest()))  # type: ignore[attr-defined]
        one.hang_up()
        self.over(one, other)

    def test_two_calls_of_one_phone(self) -> None:
        """The one on hold is transferred to the other one's end."""
        one, other = self.talk()
        one.hold()
        second = self.anna.dial("1068")
        third = self.cara.call
        third.answer()
        self.office.run(1.0)
        self.die(self.a)
        self.assertEqual(len(self.b.calls), 2)
        one.refer(f"<sip:1068@127.0.0.2?Replaces={second.replaces()}>")
        self.office.run(1.0)
        self.assertEqual((one.is_up, second.is_up, other.is_up, third.is_up), (False, False, True, True))
        other.hang_up()
        self.office.run(2.5)
        self.assertEqual((third.is_up, self.b.calls), (False, []))
        first, last = sorted(self.b.records.finished, key=lambda record: record.id)
        self.assertEqual((first.transferred_from, last.transferred_to), (last.id, first.id))

    def test_of_a_vip(self) -> None:
        """What is known of it goes with the call."""
        vip = Vip(Reason(ReasonCode.VIP_LISTED, "S1047"), ShowVipCalls.MANAGER)
        self.a.application.take("a-000001-1", None, vip, "x")
        one, other = self.talk()
        self.assertEqual(self.a.call.id, "a-000001-1")
        self.die(self.a)
        self.assertEqual(self.b.application.vip(self.b.call.id), vip)
        one.hang_up()
        self.over(one, other)
        self.assertEqual(self.b.application.vip("a-000001-1"), None)

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
