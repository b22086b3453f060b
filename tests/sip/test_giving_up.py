"""Calls that are given up, and INVITEs that a proxy forks to several phones (RFC 3261 9.1, 13.2.2.4, 15)."""

from magroup.sip.invite import OutgoingSession
from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, OFFER, Owner
from tests.sip.peer import CallingTestCase


class GivingUpTests(CallingTestCase):
    def test_cancel_while_ringing(self) -> None:
        """9.1: CANCEL, its 200, the 487 with its ACK; the owner hears nothing any more."""
        owner = self.call()
        self.reply(180)
        owner.session.cancel('SIP;cause=200;text="Call completed elsewhere"')
        self.network.run()
        self.assertEqual(self.network.last("CANCEL").get("Reason"), 'SIP;cause=200;text="Call completed elsewhere"')
        self.reply(200, method="CANCEL")
        self.assertEqual(len(self.ann.endpoint.sessions), 1)
        self.reply(487)
        self.assertEqual((self.sent, owner.names), (["INVITE", "CANCEL", "ACK"], ["progressed"]))
        self.assertEqual(self.ann.endpoint.sessions, set())

    def test_cancel_twice(self) -> None:
        owner = self.call()
        self.reply(180)
        owner.session.cancel()
        owner.session.bye()
        owner.session.cancel()
        self.network.run()
        self.assertEqual(self.sent, ["INVITE", "CANCEL"])
        self.reply(487)

    def test_bye_while_ringing_is_a_cancel(self) -> None:
        """15: a call that is not answered is cancelled."""
        owner = self.call()
        self.reply(180)
        owner.session.bye("Q.850;cause=16")
        self.network.run()
        self.assertEqual(self.sent, ["INVITE", "CANCEL"])
        self.assertEqual(self.network.last("CANCEL").get("Reason"), "Q.850;cause=16")
        self.reply(487)

    def test_cancel_waits_for_a_provisional_response(self) -> None:
        """9.1: no CANCEL before a provisional response came; it is sent when the first one does."""
        owner = self.call()
        owner.session.cancel()
        owner.session.cancel()
        self.network.run(0.6)
        self.assertEqual(self.sent, ["INVITE", "INVITE"])
        self.reply(100, tag="")
        self.assertEqual(self.sent, ["INVITE", "INVITE", "CANCEL"])
        self.reply(180)
        self.reply(487)
        self.assertEqual((self.sent, owner.heard), (["INVITE", "INVITE", "CANCEL", "ACK"], []))

    def test_cancel_and_no_response_at_all(self) -> None:
        owner = self.call()
        owner.session.cancel()
        self.network.run(32)
        self.assertEqual((self.sent.count("CANCEL"), self.ann.leftovers(), owner.heard), (0, [], []))

    def test_cancel_and_a_final_response_without_provisional(self) -> None:
        owner = self.call()
        owner.session.cancel()
        self.reply(486)
        self.assertEqual((self.sent, owner.heard), (["INVITE", "ACK"], []))

    def test_cancel_crosses_a_challenge(self) -> None:
        """A call that is not wanted any more is not tried again, whatever the refusal asks for."""
        for status, headers in ((407, {}), (422, {"Min_SE": "4000"})):
            owner = self.call()
            owner.session.authenticator = lambda request, response: {"Proxy-Authorization": ["Digest me"]}
            owner.session.cancel()
            self.reply(status, **headers)
            self.assertEqual((self.sent[-2:], owner.heard, self.ann.endpoint.sessions), (["INVITE", "ACK"], [], set()))

    def test_cancel_crosses_the_answer(self) -> None:
        """9.1: a 2xx that comes in spite of the CANCEL is acknowledged and hung up."""
        owner = self.call()
        self.reply(180)
        owner.session.cancel("SIP;cause=487")
        self.reply(200, sdp=ANSWER)
        self.reply(200, method="CANCEL")
        self.assertEqual((self.sent, owner.names), (["INVITE", "CANCEL", "ACK", "BYE"], ["progressed"]))
        self.assertEqual(self.network.last("BYE").get("Reason"), "SIP;cause=487")
        self.reply(200, sdp=ANSWER)
        self.assertEqual(self.sent[-1], "ACK")
        self.reply(200, method="BYE")

    def test_answer_without_provisional_after_a_cancel(self) -> None:
        owner = self.call()
        owner.session.cancel()
        self.reply(200, sdp=ANSWER)
        self.assertEqual((self.sent, owner.heard), (["INVITE", "ACK", "BYE"], []))
        self.reply(200, method="BYE")

    def test_cancel_answered_but_no_487(self) -> None:
        """9.1: without a final response for 64*T1 after the CANCEL the INVITE is taken for cancelled."""
        owner = self.call()
        self.reply(180)
        owner.session.cancel()
        self.network.run()
        self.reply(200, method="CANCEL")
        self.network.run(31.99)
        self.assertEqual(len(self.ann.endpoint.sessions), 1)
        self.network.run(0.01)
        self.assertEqual((self.ann.leftovers(), owner.names), ([], ["progressed"]))
        self.reply(200, sdp=ANSWER)
        self.assertEqual(self.sent, ["INVITE", "CANCEL"], "too late: nobody remembers this call")

    def test_cancel_unanswered(self) -> None:
        owner = self.call()
        self.reply(180)
        owner.session.cancel()
        self.network.run(32)
        self.assertEqual((self.sent.count("CANCEL"), self.ann.leftovers()), (11, []))

    def test_given_up_before_it_was_sent(self) -> None:
        """A call whose target is still being looked up leaves nothing."""
        owner = Owner()
        session = OutgoingSession(self.ann.endpoint, owner, self.peer.hop)
        session.bye()
        session.call("sip:b@192.0.2.2", "<sip:a@test>", "<sip:b@test>", OFFER, {})
        self.assertEqual((self.ann.leftovers(), owner.heard, self.sent), ([], [], []))

    def test_cancel_after_the_answer_is_a_bye(self) -> None:
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        owner.session.cancel("Q.850;cause=16")
        self.network.run()
        self.assertEqual((self.sent[-1], self.network.last("BYE").get("Reason")), ("BYE", "Q.850;cause=16"))
        self.reply(200, method="BYE")

    def test_bye_unanswered(self) -> None:
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        self.hang_up(owner)
        self.network.run(32)
        self.assertEqual((self.sent.count("BYE"), owner.names, self.ann.leftovers()), (11, ["answered"], []))


class ForkTests(CallingTestCase):
    """A proxy asks several phones with one INVITE: 13.2.2.4."""

    def test_the_second_2xx_is_acknowledged_and_hung_up(self) -> None:
        owner = self.call()
        self.reply(200, tag="one", sdp=ANSWER)
        self.reply(200, tag="two", sdp=ANSWER, contact="<sip:two@192.0.2.2>")
        self.assertEqual((self.sent, owner.names), (["INVITE", "ACK", "ACK", "BYE"], ["answered"]))
        bye, ack = self.network.last("BYE"), self.network.last("ACK")
        self.assertEqual((bye.to.tag, bye.target), ("two", "sip:two@192.0.2.2"))
        self.assertEqual((ack.to.tag, ack.cseq), ("two", (1, "ACK")))
        self.reply(200, tag="two", method="BYE")
        self.assertEqual(owner.session.state, SessionState.CONFIRMED)
        self.assertEqual(owner.session.dialog.remote_tag, "one")
        self.assertEqual(self.say("BYE", tag="one"), "200 BYE")
        self.assertEqual(owner.names, ["answered", "ended"])

    def test_its_repetitions_get_the_ack_again_but_no_second_bye(self) -> None:
        owner = self.call()
        self.reply(200, tag="one")
        for _ in range(3):
            self.reply(200, tag="two")
        self.assertEqual((self.sent.count("BYE"), self.sent.count("ACK")), (1, 4))
        self.reply(200, tag="two", method="BYE")
        self.hang_up(owner)
        self.reply(200, tag="one", method="BYE")

    def test_several_early_dialogs(self) -> None:
        """12.1, 13.2.2.4: each tag is a dialog of its own; the one that answers becomes the session's."""
        owner = self.call()
        for tag in ("one", "two", "one"):
            self.reply(180, tag=tag, contact=f"<sip:{tag}@192.0.2.2>")
        self.assertEqual(owner.session.dialog.remote_tag, "one")
        self.reply(200, tag="two", contact="<sip:two@192.0.2.2>")
        self.assertEqual(owner.session.dialog.remote_tag, "two")
        self.assertEqual(self.network.last("ACK").target, "sip:two@192.0.2.2")
        self.assertEqual(owner.names, ["progressed"] * 3 + ["answered"])
        self.assertEqual(self.say("BYE", tag="one"), "481 BYE")
        self.assertEqual(self.say("BYE", tag="two"), "200 BYE")

    def test_each_early_dialog_counts_for_itself(self) -> None:
        """RFC 3262 4: RSeq and CSeq numbers belong to one early dialog; back at the first nothing starts anew."""
        self.call()
        self.reply(183, tag="one", sdp=ANSWER, Require="100rel", RSeq="10")
        self.reply(200, tag="one", method="PRACK")
        self.reply(183, tag="two", sdp=ANSWER, Require="100rel", RSeq="20")
        self.reply(200, tag="two", method="PRACK")
        self.reply(183, tag="one", sdp=ANSWER, Require="100rel", RSeq="10")
        self.reply(180, tag="one", Require="100rel", RSeq="11")
        self.reply(200, tag="one", method="PRACK")
        pracks = [sent.message for sent in self.network.log if sent.line == "PRACK"]
        self.assertEqual([(prack.to.tag, prack.get("RAck"), prack.cseq[0]) for prack in pracks],
                         [("one", "10 1 INVITE", 2), ("two", "20 1 INVITE", 2), ("one", "11 1 INVITE", 3)])  # fmt: skip
        self.reply(200, tag="two")
        self.assertEqual(self.say("BYE", tag="two"), "200 BYE")

    def test_a_second_2xx_of_an_early_dialog(self) -> None:
        """A phone that rang, and answers a moment after another one did."""
        for first, second in (("two", "one"), ("one", "two")):
            owner, start = self.call(), len(self.sent) - 1
            for tag in ("one", "two"):
                self.reply(183, tag=tag, sdp=ANSWER, Require="100rel", RSeq="1")
                self.reply(200, tag=tag, method="PRACK")
            self.reply(200, tag=first, sdp=ANSWER)
            for _ in range(2):
                self.reply(200, tag=second, sdp=ANSWER)
            self.assertEqual(self.sent[start:], ["INVITE", "PRACK", "PRACK", "ACK", "ACK", "BYE", "ACK"])
            bye = self.network.last("BYE")
            self.assertEqual((bye.to.tag, bye.cseq[0]), (second, 3), "after its PRACK")
            self.reply(200, tag=second, method="BYE")
            owner.session.bye()
            self.network.run()
            self.assertEqual(self.network.last("BYE").cseq[0], 3)
            self.reply(200, tag=first, method="BYE")
            self.assertEqual(owner.names, ["progressed", "progressed", "answered"])

    def test_a_second_2xx_with_a_bad_route_does_not_harm_the_first(self) -> None:
        owner = self.call()
        self.reply(200, tag="one", sdp=ANSWER)
        self.reply(200, tag="two", Record_Route="nonsense")
        self.assertEqual((owner.names, owner.session.state), (["answered"], SessionState.CONFIRMED))
        self.assertEqual(self.say("BYE", tag="one"), "200 BYE")

    def test_a_flood_of_forks_has_a_limit(self) -> None:
        owner = self.call()
        for number in range(100):
            self.reply(180, tag=f"t{number}")
        self.assertLess(len(owner.names), 40)
        self.reply(200, tag="t1")
        for number in range(100, 200):
            self.reply(200, tag=f"t{number}")
        self.assertLess(self.sent.count("BYE"), 40)
        self.assertEqual(self.say("BYE", tag="t1"), "200 BYE")
