"""Blind transfers: by the called and the caller, to all kinds of ends, and what is left when they fail."""

from magroup.cti.events import Transferred
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, ConnectionId, Party
from tests.switch.bench import Talk, run
from tests.switch.transferring import TransferTest


class PickedUp(TransferTest):
    """A colleague picks up, by a service, the call that is being transferred and rings at Ara's."""

    def setUp(self) -> None:
        super().setUp()
        self.four = self.bench.phone("1118")
        self.raf_talk, tijana = self.talking()
        tijana.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.ara.call.ring()
        self.bench.run()
        (call,) = self.bench.switch.calls()
        run(self.bench.switch.directed_pickup_call(ConnectionId(call.id, "1068"), "1118"))
        self.bench.run()

    def test_colleague_answers(self) -> None:
        self.four.call.answer()
        self.bench.run()
        self.assertTrue(self.ara.call.log[-1].startswith("cancelled"), self.ara.call.log)
        self.assert_joined(self.raf_talk, self.four.call)

    def test_colleague_is_busy(self) -> None:
        """It goes on ringing where it was sent to."""
        self.four.call.reject(486)
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(self.raf_talk, self.ara.call)

    def tearDown(self) -> None:
        self.raf_talk.hang_up()
        self.bench.run()
        super().tearDown()


class Blind(TransferTest):
    """REFER without Replaces."""

    def test_by_either_end(self) -> None:
        for by_the_called in (True, False):
            talk, first = self.talking()
            leaves, stays = (first, talk) if by_the_called else (talk, first)
            leaves.refer("<sip:1068@127.0.0.1>")
            self.bench.run()
            self.assertEqual(leaves.log[-1], "refer 202")
            self.ara.call.ring()
            self.bench.run()
            self.ara.call.answer()
            self.bench.run()
            self.assertEqual(leaves.log[-1], "ended")
            self.assert_joined(stays, self.ara.call)
            self.assertIn(leaves.phone.number, self.ara.call.invite.get("Referred-By"))
            self.assertEqual(self.ara.call.invite.from_.uri.number, stays.phone.number)
            stays.hang_up()
            self.bench.run()
            self.assertEqual(self.ara.call.log[-1], "ended")
        self.assertEqual([event.device for event in self.told_of(Transferred)], ["1047", "1175"])

    def test_of_a_held_call(self) -> None:
        """Who was on hold is heard again."""
        talk, first = self.talking()
        first.hold()
        self.bench.run()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()

    def test_notified(self) -> None:
        """Trying, ringing once, and the outcome, each with the REFER's subscription."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.ara.call.ring()
        self.ara.call.ring()
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assertEqual(first.notified, ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"])
        talk.hang_up()

    def test_refused_at_once(self) -> None:
        """A number nobody knows, no number, no SIP URI; the call stays as it is."""
        talk, first = self.talking()
        for target in ("sip:4711@127.0.0.1", "sip:127.0.0.1"):
            first.refer(f"<{target}>")
            self.bench.run()
            self.assertEqual(first.notified[-1], "SIP/2.0 404 Not Found")
        first.refer("<tel:1068>")
        self.bench.run()
        self.assertEqual(first.log[-1], "refer 416")
        self.assert_joined(talk, first)
        first.hang_up()

    def test_given_back(self) -> None:
        """Busy, declined, gone: who transferred has the call as before, and may try again."""
        talk, first = self.talking()
        for status in (486, 603, 480):
            first.refer("<sip:1068@127.0.0.1>")
            self.bench.run()
            self.ara.call.reject(status)
            self.bench.run()
            self.assertTrue(first.notified[-1].startswith(f"SIP/2.0 {status}"))
            self.assert_joined(talk, first)
        self.ara.unregister()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.assertTrue(first.notified[-1].startswith("SIP/2.0 480"))
        self.assert_joined(talk, first)
        first.hang_up()

    def test_not_answered(self) -> None:
        """After the ring limit the call is given back."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.ara.call.ring()
        self.bench.run(181)
        self.assertEqual(self.ara.call.log, ["cancelled"])
        self.assert_joined(talk, first)
        first.hang_up()

    def test_only_one_at_a_time(self) -> None:
        """A second REFER, of either end, while the first is under way."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        for one in (first, talk):
            one.refer("<sip:1118@127.0.0.1>")
            self.bench.run()
            self.assertEqual(one.log[-1], "refer 491")
        talk.hang_up()

    def test_before_anybody_talks(self) -> None:
        talk = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run()
        self.tijana.call.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.assertEqual(self.tijana.call.log, ["refer 403"])
        talk.hang_up()

    def test_the_transferred_hangs_up(self) -> None:
        """While the target rings: nobody rings any more, and who transferred is told."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.ara.call.ring()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.ara.call.log, ["cancelled"])
        self.assertEqual(first.log[-1], "ended")

    def test_the_transferor_leaves_at_once(self) -> None:
        """The transferred hears ringback, then whom it was sent to."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        first.hang_up()
        self.bench.run()
        self.assertEqual(self.bench.telephony.media.active, 1)
        self.ara.call.ring()
        self.bench.run(1.0)
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.ara.call.log[-1], "ended")

    def test_recall(self) -> None:
        """Who left before nobody was reached is rung again, and gets the call back."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        first.hang_up()
        self.bench.run()
        self.ara.call.reject(486)
        self.bench.run()
        self.assertEqual(len(self.tijana.calls), 2)
        self.assertEqual(self.tijana.call.invite.from_.uri.number, "1175")
        self.tijana.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.tijana.call)
        talk.hang_up()

    def test_recall_of_nobody(self) -> None:
        """The one who is left hears busy and is released."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        first.hang_up()
        self.bench.run()
        self.ara.call.reject(486)
        self.bench.run()
        self.tijana.call.reject(486)
        self.bench.run(1.0)
        self.assertEqual(self.bench.telephony.media.active, 1)
        self.assertTrue(talk.is_up)
        self.bench.run(5.0)
        self.assertEqual(talk.log[-1].split(" ")[0], "ended")

    def test_held_and_retrieved_while_the_target_rings(self) -> None:
        """Changes of either end go through until the target answers."""
        talk, first = self.talking()
        first.hold()
        self.bench.run()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        self.ara.call.ring()
        first.retrieve()
        self.bench.run()
        self.assertEqual((first.log[-1], talk.log[-2:]), ("changed 200", ["offered sendrecv", "acknowledged"]))
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()

    def test_redirected_target(self) -> None:
        """A 302 of the target is followed."""
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        nebojsa = self.bench.phone("1118")
        self.ara.call.reject(302, {"Contact": "<sip:1118@127.0.0.1>"})
        self.bench.run()
        nebojsa.call.answer()
        self.bench.run()
        self.assertTrue(talk.is_up and nebojsa.call.is_up)
        self.assertFalse(first.is_up)
        self.assertIn(nebojsa.host.encode(), talk.heard_sdp)
        talk.hang_up()

    def test_to_the_other_end_itself(self) -> None:
        """Sent back to where the call came from: that phone rings on a second line, and the call goes on."""
        talk, first = self.talking()
        first.refer("<sip:1175@127.0.0.1>")
        self.bench.run()
        self.raf.call.reject(486)
        self.bench.run()
        self.assert_joined(talk, first)
        talk.hang_up()
        self.bench.run()
        self.assertEqual(first.log[-1], "ended")

    def test_to_oneself(self) -> None:
        talk, first = self.talking()
        first.refer("<sip:1047@127.0.0.1>")
        self.bench.run()
        self.tijana.call.reject(486)
        self.bench.run()
        self.assert_joined(talk, first)
        talk.hang_up()
        self.bench.run()
        self.assertEqual(first.log[-1], "ended")


class ToRoutePoint(TransferTest):
    """To a number whose calls the application steers."""

    def setUp(self) -> None:
        super().setUp()
        self.bench.switch.route_register(["8973"])

    def moved(self) -> tuple[Talk, str]:
        """Raf, who was sent to 8973 by Tijana, and the new call's id."""
        talk, first = self.talking()
        first.hold()
        self.bench.run()
        first.refer("<sip:8973@127.0.0.1>")
        self.bench.run()
        self.assertEqual(first.log[-1], "ended")
        self.assertEqual(first.notified[-1], "SIP/2.0 200 OK")
        (call,) = self.bench.switch.calls()
        self.assertEqual((call.calling.number, call.called.number), ("1175", "8973"))
        return talk, call.id

    def test_greeted_and_answered(self) -> None:
        """The transferred hears the greeting, though it was answered long ago, and then whoever answers."""
        talk, call = self.moved()
        self.bench.switch.accept_call(call, Accept.ANSWER)
        self.bench.switch.play_message(call, ["Welcome.wav"], False)
        self.bench.run()
        self.assertIn(b"c=IN IP4 127.0.0.1", talk.heard_sdp)
        self.assertIn(b"a=sendrecv", talk.heard_sdp)
        self.assertEqual(self.bench.told()[-1], "Offered 8973")
        self.bench.run(1.2, 0.02)
        self.assertEqual(self.bench.told()[-1], "MessageEnded 8973")
        self.assertGreaterEqual(self.bench.packets(), 49)
        self.bench.switch.ring(call, [Ring("1068", Party("1175"))])
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()

    def test_rings_without_announcements(self) -> None:
        """Then it is ringback that is heard."""
        talk, call = self.moved()
        self.bench.switch.accept_call(call, Accept.RINGING)
        self.bench.switch.ring(call, [Ring("1068", Party("1175"))])
        self.bench.run(1.0, 0.02)
        self.assertGreaterEqual(self.bench.packets(), 40)
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()

    def test_phone_that_does_not_listen(self) -> None:
        """Its refusal of our sound ends the message, so that the flow goes on."""
        talk = self.moved_to_silence()
        self.bench.run()
        self.assertEqual(self.bench.told()[-1], "MessageEnded 8973")
        self.assertEqual(self.bench.telephony.media.active, 0)
        talk.hang_up()

    def moved_to_silence(self) -> Talk:
        """As ``moved``, but the phone refuses to listen."""
        talk, call = self.moved()
        talk.answers_changes = False
        self.bench.switch.accept_call(call, Accept.ANSWER)
        self.bench.switch.play_message(call, ["Welcome.wav"], False)
        self.bench.run()
        talk.offers[-1].reject(488)
        return talk

    def test_hangs_up_while_it_listens(self) -> None:
        talk, call = self.moved()
        self.bench.switch.accept_call(call, Accept.ANSWER)
        self.bench.switch.play_message(call, ["Waiting1.wav"], True)
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.bench.told()[-1], "CallCleared 1175")

    def test_cleared(self) -> None:
        """Busy: the tone, then the release."""
        talk, call = self.moved()
        self.bench.switch.clear(call, Cause.BUSY)
        self.bench.run(2.0, 0.02)
        self.assertGreaterEqual(self.bench.packets(), 40)
        self.bench.run(4.0)
        self.assertEqual(talk.log[-1].split(" ")[0], "ended")

    def test_attended_before_anybody_answered_there(self) -> None:
        """The consultation waits at the route point: the transferred takes its place in a new call there."""
        talk, first = self.talking()
        first.hold()
        self.bench.run()
        second = self.tijana.dial("8973")
        consultation = self.bench.switch.calls()[-1].id
        self.bench.switch.accept_call(consultation, Accept.ANSWER)
        self.bench.run()
        first.refer(f"<sip:8973@127.0.0.1?Replaces={second.replaces()}>")
        self.bench.run()
        self.assertEqual((first.log[-1].split(" ")[0], second.log[-1].split(" ")[0]), ("ended", "ended"))
        (call,) = self.bench.switch.calls()
        self.assertEqual((call.calling.number, call.called.number), ("1175", "8973"))
        talk.hang_up()
