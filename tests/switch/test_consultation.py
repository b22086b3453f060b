"""Consultations on one dialog: who hears whom, and what phones do meanwhile."""

from magroup.cti.events import CallCleared, Transferred
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.sip.sdp_relay import audio_endpoint, direction
from tests.switch.bench import Talk, run
from tests.switch.test_holding import HoldingTest


class ConsultingTest(HoldingTest):
    """Tijana holds Raf and calls Ara."""

    def setUp(self) -> None:
        super().setUp()
        self.active = run(self.switch.consultation_call(self.mine, "1068"))
        self.bench.run(0.3)
        self.ara.call.ring()
        self.bench.run(0.3)

    def answered(self) -> Talk:
        self.ara.call.answer()
        self.bench.run(0.3)
        return self.ara.call

    def hears_us(self, talk: Talk) -> bool:
        return audio_endpoint(talk.heard_sdp).host == "127.0.0.1"

    def dialogs(self, talk: Talk) -> int:
        """How many calls the phone itself knows of."""
        return len(talk.phone.endpoint.dialogs)


class Heard(ConsultingTest):
    def test_there_and_back(self) -> None:
        """Ringback, the consulted one, then who was held; all in one dialog of the phone."""
        self.assertTrue(self.hears_us(self.tijana_talk))
        self.assertEqual(str(direction(self.raf_talk.heard_sdp)), "sendonly")
        self.assertEqual(self.ara.call.invite.from_.uri.number, "1047")
        self.assertIn(b"a=sendrecv", self.ara.call.invite.body)
        ara = self.answered()
        self.assert_joined(self.tijana_talk, ara)
        self.assertEqual(self.bench.telephony.media.active, 0)
        run(self.switch.reconnect_call(self.active, self.mine))
        self.bench.run(0.5)
        self.assertEqual(ara.log[-1], "ended")
        self.assert_joined(self.tijana_talk, self.raf_talk)
        self.assertEqual(self.dialogs(self.tijana_talk), 1)

    def test_reconnect_while_it_rings(self) -> None:
        run(self.switch.reconnect_call(self.active, self.mine))
        self.bench.run(0.5)
        self.assertEqual(self.ara.call.log, ["cancelled"])
        self.assert_joined(self.tijana_talk, self.raf_talk)
        self.assertEqual(self.bench.telephony.media.active, 0)

    def test_alternated(self) -> None:
        ara = self.answered()
        run(self.switch.alternate_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)
        self.assertEqual(str(direction(ara.heard_sdp)), "sendonly")
        run(self.switch.alternate_call(self.active, self.mine))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, ara)
        self.assertEqual(str(direction(self.raf_talk.heard_sdp)), "sendonly")
        ara.hang_up()

    def test_transferred(self) -> None:
        ara = self.answered()
        run(self.switch.transfer_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assertEqual(self.tijana_talk.log[-1], "ended")
        self.assert_joined(self.raf_talk, ara)

    def test_transferred_while_it_rings(self) -> None:
        """Who waits hears ringback; the phone is free."""
        run(self.switch.transfer_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assertEqual(self.tijana_talk.log[-1], "ended")
        self.assertTrue(self.hears_us(self.raf_talk))
        self.assert_joined(self.raf_talk, self.answered())

    def test_busy(self) -> None:
        """Its tone is heard, and then nothing."""
        self.ara.call.reject(486)
        self.bench.run(1.0)
        self.assertTrue(self.hears_us(self.tijana_talk))
        self.assertEqual(str(direction(self.tijana_talk.heard_sdp)), "sendrecv")
        self.bench.run(6.0)
        self.assertEqual(str(direction(self.tijana_talk.heard_sdp)), "inactive")
        self.assertEqual(self.bench.telephony.media.active, 0)
        run(self.switch.retrieve_call(self.mine))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_rung_again(self) -> None:
        """The consulting phone hangs up, and is rung for who waits."""
        ara = self.answered()
        self.tijana_talk.hang_up()
        self.bench.run(0.5)
        self.assertEqual(ara.log[-1], "ended")
        self.assertTrue(self.hears_us(self.raf_talk))
        self.tijana_talk = self.tijana.call
        self.tijana_talk.answer()
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_rung_again_in_vain(self) -> None:
        """The phone is gone for good: who waits is told, and released."""
        self.tijana.unregister()
        self.tijana_talk.hang_up()
        self.bench.run(7.0)
        self.assertEqual(self.switch.calls(), ())
        self.tijana.register()


class Meanwhile(ConsultingTest):
    def test_held_phone_changes(self) -> None:
        """It stays on hold, whatever it offers or asks for; so it does for its own hold."""
        ara = self.answered()
        self.raf_talk.retrieve()
        self.bench.run(0.3)
        self.assertEqual(self.raf_talk.log[-1], "changed 200")
        self.assertEqual(str(direction(self.raf_talk.heard_sdp)), "sendonly")
        self.raf_talk.hold()
        self.bench.run(0.3)
        self.assertEqual(str(direction(self.raf_talk.heard_sdp)), "inactive")
        offered: list[bytes] = []

        def asked(status: int, sdp: bytes) -> None:
            offered.append(sdp)
            self.raf_talk.session.modifier.acknowledge(self.raf.sdp("recvonly"))

        self.raf_talk.session.modifier.change(b"", asked)
        self.bench.run(0.3)
        self.assertEqual(str(direction(offered[0])), "sendonly")
        self.raf_talk.session.modifier.change(b"v=0\r\nrubbish", self.raf_talk._changed)
        self.bench.run(0.3)
        self.assertNotEqual(self.raf_talk.log[-1], "changed 200")
        self.assert_joined(self.tijana_talk, ara)

    def test_held_phone_transfers(self) -> None:
        """There is nobody to be transferred: refused."""
        self.answered()
        self.raf_talk.refer("<sip:1118@127.0.0.1>")
        self.bench.run(0.3)
        self.assertEqual(self.raf_talk.log[-1], "refer 603")

    def test_consulting_phone_transfers_by_key(self) -> None:
        """Its REFER is of the call that it is in: the phone is then in the held one again."""
        four = self.bench.phone("1118")
        ara = self.answered()
        self.tijana_talk.refer("<sip:1118@127.0.0.1>")
        self.bench.run(0.3)
        four.call.answer()
        self.bench.run(0.5)
        self.assert_joined(ara, four.call)
        self.assertTrue(self.tijana_talk.is_up)
        run(self.switch.retrieve_call(self.mine))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)
        ara.hang_up()

    def test_single_step_to_busy_while_consulting(self) -> None:
        """The one who waits stays on hold."""
        ara = self.answered()
        four = self.bench.phone("1118")
        run(self.switch.single_step_transfer_call(self.mine, "1118"))
        self.bench.run(0.3)
        four.call.reject(486)
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, ara)
        ara.hang_up()
        self.bench.run(0.5)
        run(self.switch.retrieve_call(self.mine))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_phone_hangs_up_during_a_single_step(self) -> None:
        """The target rings for who waits; when it fails the phone is rung."""
        self.answered()
        four = self.bench.phone("1118")
        run(self.switch.single_step_transfer_call(self.mine, "1118"))
        self.bench.run(0.3)
        self.tijana_talk.hang_up()
        self.bench.run(0.5)
        four.call.reject(486)
        self.bench.run(0.5)
        self.tijana_talk = self.tijana.call
        self.tijana_talk.answer()
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_both_ends_consult(self) -> None:
        """Raf asks somebody too, while he is held; each takes the call back, and both do."""
        four = self.bench.phone("1118")
        self.answered()
        his = ConnectionId(self.mine.call_id, "1175")
        other = run(self.switch.consultation_call(his, "1118"))
        self.bench.run(0.5)
        four.call.answer()
        self.bench.run(0.5)
        self.assert_joined(self.raf_talk, four.call)
        run(self.switch.reconnect_call(self.active, self.mine))
        self.bench.run(0.5)
        self.assertEqual(str(direction(self.tijana_talk.heard_sdp)), "sendonly")
        run(self.switch.reconnect_call(other, his))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_both_ends_consult_and_one_hangs_up(self) -> None:
        """Nobody is there to be rung for: the call that both held is over, the other consultation goes on."""
        four = self.bench.phone("1118")
        self.answered()
        run(self.switch.consultation_call(ConnectionId(self.mine.call_id, "1175"), "1118"))
        self.bench.run(0.5)
        four.call.answer()
        self.bench.run(0.5)
        self.tijana_talk.hang_up()
        self.bench.run(0.5)
        self.assertEqual(len(self.switch.calls()), 1)
        self.assert_joined(self.raf_talk, four.call)

    def test_transfer_crosses_hang_up(self) -> None:
        """Of each of the three, at the same moment."""
        ara = self.answered()
        for leaves in (ara, self.raf_talk, self.tijana_talk):
            leaves.hang_up()
            if len(self.switch.calls()) == 2:
                run(self.switch.transfer_call(self.mine, self.active))
            self.bench.run(0.5)
        for phone in (self.tijana, self.raf, self.ara):
            for talk in phone.calls:
                talk.hang_up()
        self.bench.run(0.5)
        self.assertEqual(self.switch.calls(), ())

    def test_server_stops(self) -> None:
        """Everybody is hung up, nobody is rung again."""
        ara = self.answered()
        self.switch.stop_taking_calls()
        self.switch.end_calls()
        self.bench.run(0.5)
        for talk in (ara, self.raf_talk, self.tijana_talk):
            self.assertTrue(talk.log[-1].startswith("ended"), talk.log)


class Beginning(HoldingTest):
    """The hold before a consultation is under way."""

    def setUp(self) -> None:
        super().setUp()
        self.tijana_talk.answers_changes = False
        self.active = run(self.switch.consultation_call(self.mine, "1068"))
        self.bench.run(0.3)

    def over(self) -> list[str]:
        return [event.call_id for event in self.bench.events if isinstance(event, CallCleared)]

    def test_the_phone_refuses(self) -> None:
        self.tijana_talk.offers[-1].reject(488)
        self.bench.run(0.3)
        self.assertEqual(self.over(), [self.active.call_id])
        self.assertEqual(len(self.switch.calls()), 1)
        self.assertEqual(self.ara.calls, [])

    def test_somebody_hangs_up(self) -> None:
        self.raf_talk.hang_up()
        self.bench.run(0.3)
        self.assertEqual(sorted(self.over()), sorted([self.active.call_id, self.mine.call_id]))

    def test_given_up(self) -> None:
        """The call is held all the same."""
        run(self.switch.clear_connection(self.active))
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("inactive"))
        self.bench.run(0.3)
        self.assertEqual(self.over(), [self.active.call_id])
        (call,) = self.switch.calls()
        self.assertIs(call.connections[1].state, ConnectionState.HOLD)
        self.assertEqual(self.ara.calls, [])


class HeldOneIsSlow(HoldingTest):
    """The phone that is held has not answered that it is, and the consultation has begun."""

    def setUp(self) -> None:
        super().setUp()
        self.raf_talk.answers_changes = False
        self.active = run(self.switch.consultation_call(self.mine, "1068"))
        self.bench.run(0.3)
        self.ara.call.answer()
        self.bench.run(0.3)

    def test_the_consulting_phone_hangs_up(self) -> None:
        """It is rung for who waits, and both calls are told whole."""
        self.tijana_talk.hang_up()
        self.bench.run(0.3)
        self.raf_talk.offers[-1].accept(self.raf.sdp("recvonly"))
        self.raf_talk.answers_changes = True
        self.bench.run(0.3)
        self.tijana_talk = self.tijana.call
        self.tijana_talk.answer()
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_reconnected(self) -> None:
        """It waits for the phone."""
        run(self.switch.reconnect_call(self.active, self.mine))
        self.bench.run(0.5)
        self.raf_talk.offers[-1].accept(self.raf.sdp("recvonly"))
        self.raf_talk.answers_changes = True
        self.bench.run(1.0)
        self.assert_joined(self.tijana_talk, self.raf_talk)


class TwoDialogs(HoldingTest):
    """A phone with two calls of its own making."""

    def setUp(self) -> None:
        super().setUp()
        self.second = self.tijana.dial("1068")
        self.ara.call.answer()
        self.bench.run(0.3)
        (other,) = (call for call in self.switch.calls() if call.id != self.mine.call_id)
        self.active = ConnectionId(other.id, "1047")

    def test_joined(self) -> None:
        self.hold()
        run(self.switch.transfer_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assert_joined(self.raf_talk, self.ara.call)
        self.assertEqual([talk.log[-1] for talk in (self.tijana_talk, self.second)], ["ended", "ended"])
        self.assertEqual(self.told_of(Transferred), ["1047"])

    def test_alternated_with_one_that_the_phone_holds(self) -> None:
        """The key's hold stays, and the other call goes on."""
        self.tijana_talk.hold()
        self.bench.run(0.3)
        self.tijana_talk.answers_changes = False
        run(self.switch.alternate_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assertEqual(str(direction(self.second.heard_sdp)), "inactive")
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("sendonly"))
        self.bench.run(0.5)
        self.assert_joined(self.second, self.ara.call)
        self.second.hang_up()
        self.bench.run(0.3)

    def test_alternated_and_reconnected(self) -> None:
        self.hold()
        run(self.switch.alternate_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assert_joined(self.tijana_talk, self.raf_talk)
        self.assertEqual(str(direction(self.second.heard_sdp)), "inactive")
        run(self.switch.reconnect_call(self.mine, self.active))
        self.bench.run(0.5)
        self.assertEqual(self.tijana_talk.log[-1], "ended")
        self.assert_joined(self.second, self.ara.call)
        self.second.hang_up()
