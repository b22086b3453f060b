"""Our changes to a session: re-INVITEs, glare, refusals that pass and that do not (RFC 3261 14)."""

from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, OFFER, OTHER, NetworkTestCase, Owner
from tests.sip.peer import Outcomes, PeerTestCase, accepting

THIRD = OFFER.replace(b"4000", b"4006")


class BothTestCase(NetworkTestCase):
    """Ann has called Bob."""

    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = self.phones()
        self.calling, self.called = self.connected(self.ann, self.bob)
        self.start = len(self.network.log)
        self.done = Outcomes()

    def tearDown(self) -> None:
        self.hang_up(self.calling, self.called)
        super().tearDown()

    def change(self, owner: Owner, sdp: bytes = OTHER) -> None:
        owner.session.modifier.change(sdp, self.done)

    @property
    def flow(self) -> list[str]:
        return [sent.line for sent in self.network.log[self.start :]]


class ChangeTests(BothTestCase):
    def test_by_either_side(self) -> None:
        """14.1: an INVITE in the dialog with the next CSeq number, acknowledged as any."""
        for one, other in ((self.calling, self.called), (self.called, self.calling)):
            other.does["offered"] = accepting(ANSWER)
            self.change(one)
            self.network.run(1)
            self.assertEqual(self.done.pop(), (200, ANSWER))
            self.assertEqual(other.heard[-1], ("offered", OTHER))
            self.assertEqual((one.session.local_sdp, other.session.local_sdp), (OTHER, ANSWER))
        self.assertEqual(self.flow, ["INVITE", "200 INVITE", "ACK"] * 2)
        invites = [sent.message for sent in self.network.log if sent.line == "INVITE"]
        self.assertEqual([invite.cseq[0] for invite in invites], [1, 2, 1])
        self.assertTrue(all(invite.to.tag for invite in invites[1:]))
        self.assertEqual(invites[1].content_type, "application/sdp")

    def test_without_offer(self) -> None:
        """14.1, 13.2.1: a re-INVITE without SDP asks the peer to offer; the answer is in the ACK."""
        answers: list[bytes] = []
        self.called.does["offered"] = accepting(OFFER, answers.append)
        self.change(self.calling, b"")
        self.network.run()
        self.assertEqual((self.done, self.called.heard[-1]), ([(200, OFFER)], ("offered", b"")))
        self.assertEqual(self.flow, ["INVITE", "200 INVITE"])
        self.calling.session.modifier.acknowledge(ANSWER)
        self.network.run()
        self.assertEqual((self.flow[-1], answers, self.calling.session.local_sdp), ("ACK", [ANSWER], ANSWER))
        self.calling.session.modifier.acknowledge(ANSWER)
        self.assertEqual(self.flow.count("ACK"), 1)

    def test_the_next_waits_for_our_answer_to_the_peers_offer(self) -> None:
        self.called.does["offered"] = accepting(OFFER)
        self.change(self.calling, b"")
        self.change(self.calling, OTHER)
        self.network.run()
        self.assertEqual(self.flow, ["INVITE", "200 INVITE"])
        self.calling.session.modifier.acknowledge(ANSWER)
        self.network.run()
        self.assertEqual(self.flow[2:], ["ACK", "INVITE", "200 INVITE", "ACK"])

    def test_refused(self) -> None:
        """14.1: after a refusal the session is as if no re-INVITE had been."""
        self.called.does["offered"] = lambda offer: offer.reject(488)
        before = self.calling.session.local_sdp
        self.change(self.calling)
        self.network.run()
        self.assertEqual((self.done, self.flow), ([(488, b"")], ["INVITE", "488 INVITE", "ACK"]))
        self.assertEqual((self.calling.session.local_sdp, self.calling.session.state), (before, SessionState.CONFIRMED))

    def test_answered_later_and_once(self) -> None:
        self.change(self.calling)
        self.network.run(5)
        offer = self.called.offers[0]
        self.assertTrue(self.called.session.modifier.is_asked)
        offer.accept(ANSWER)
        offer.reject(488)
        offer.accept(OTHER)
        self.network.run()
        self.assertEqual((self.done, self.called.session.modifier.is_asked), ([(200, ANSWER)], False))
        self.assertEqual(self.flow.count("200 INVITE"), 1)

    def test_one_after_the_other(self) -> None:
        """14.1: no new INVITE while another is in progress: changes wait for each other."""
        self.called.does["offered"] = accepting(ANSWER)
        for sdp in (OTHER, OFFER, OTHER):
            self.change(self.calling, sdp)
        self.network.run()
        self.assertEqual(self.flow, ["INVITE", "200 INVITE", "ACK"] * 3)
        self.assertEqual([heard[1] for heard in self.called.heard if heard[0] == "offered"], [OTHER, OFFER, OTHER])
        self.assertEqual(len(self.done), 3)

    def test_refused_one_does_not_stop_the_next(self) -> None:
        self.called.does["offered"] = lambda offer: offer.reject(488) if offer.sdp == OTHER else offer.accept(ANSWER)
        self.change(self.calling, OTHER)
        self.change(self.calling, THIRD)
        self.network.run()
        self.assertEqual(self.done, [(488, b""), (200, ANSWER)])

    def test_ours_waits_for_theirs(self) -> None:
        self.change(self.calling)
        self.network.run(1)
        self.called.session.modifier.change(THIRD, self.done)
        self.calling.does["offered"] = accepting(ANSWER)
        self.network.run(1)
        self.called.offers[0].accept(ANSWER)
        self.network.run()
        self.assertEqual([line for line in self.flow if line != "100 INVITE"], ["INVITE", "200 INVITE", "ACK"] * 2)
        self.assertEqual(self.done, [(200, ANSWER), (200, ANSWER)])

    def test_repeated_2xx_gets_its_own_ack(self) -> None:
        """13.2.2.4: when the ACK is lost the repeated 2xx gets the same again, though another change is under way."""
        self.called.does["offered"] = lambda offer: offer.accept(ANSWER) if offer.sdp == OTHER else None
        self.network.drops = lambda sent: sent.line == "ACK" and sent.time < self.network.clock.seconds() + 0.1
        self.change(self.calling)
        self.network.run(0.3)
        self.network.drops = lambda sent: False
        self.change(self.calling, THIRD)
        self.network.run(0.1)
        self.assertEqual(self.flow[:4], ["INVITE", "200 INVITE", "ACK", "INVITE"])
        self.assertIn("500 INVITE", self.flow, "the peer still waits for the ACK of the first")
        self.network.run(0.2)
        acks = [sent.data for sent in self.network.log[self.start :] if sent.line == "ACK"]
        self.assertEqual(acks.count(acks[0]), 2)
        self.network.run(12)
        self.called.offers[-1].accept(ANSWER)
        self.network.run()
        self.assertEqual(self.done, [(200, ANSWER), (200, ANSWER)])

    def test_contact_is_taken_from_both(self) -> None:
        """12.2: re-INVITE and its 2xx refresh the targets."""
        self.called.does["offered"] = accepting(ANSWER)
        self.calling.session.contact_user, self.called.session.contact_user = "ann", "bob"
        self.change(self.calling)
        self.network.run()
        self.assertEqual((self.called.session.dialog.target, self.calling.session.dialog.target),
                         ("sip:ann@192.0.2.1", "sip:bob@192.0.2.2"))  # fmt: skip


class GlareTests(BothTestCase):
    """14.1, 14.2: two at a time."""

    def test_both_at_once(self) -> None:
        """491 both ways; who made the Call-ID tries again after 2.1 to 4 s, the other after 0 to 2 s."""
        self.network.delay = 0.05
        both = Outcomes()
        self.called.does["offered"] = self.calling.does["offered"] = accepting(ANSWER)
        self.change(self.calling)
        self.called.session.modifier.change(THIRD, both)
        self.network.run(0.2)
        self.assertEqual(sorted(self.flow[:6]), ["491 INVITE"] * 2 + ["ACK"] * 2 + ["INVITE"] * 2)
        refused = self.network.clock.seconds() - 0.1
        self.network.run(10)
        ann = [time - refused for time in self.network.times("INVITE", "192.0.2.1")][2:]
        bob = [time - refused for time in self.network.times("INVITE", "192.0.2.2")][1:]
        self.assertEqual((len(ann), len(bob)), (1, 1))
        self.assertTrue(2.1 <= ann[0] <= 4.02, ann)
        self.assertTrue(0 <= bob[0] <= 2.02, bob)
        self.assertEqual((self.done, both), ([(200, ANSWER)], [(200, ANSWER)]))
        self.assertEqual((self.called.names.count("offered"), self.calling.names.count("offered")), (1, 1))

    def test_theirs_while_ours_is_open(self) -> None:
        """14.2: 491 to an INVITE, and RFC 3311 5.2 to an UPDATE with an offer, while our offer is unanswered."""
        self.network.drops = lambda sent: sent.line == "INVITE" and sent.source.host == "192.0.2.2"
        self.change(self.called)
        self.network.run()
        self.network.drops = lambda sent: False
        heard: list[int] = []
        self.calling.session.send(
            "UPDATE", OTHER, {"Content-Type": "application/sdp"}, lambda response: heard.append(response.status)
        )
        self.change(self.calling)
        self.network.run(0.01)
        self.assertEqual((heard, self.flow[-2:]), ([491], ["491 INVITE", "ACK"]))
        self.called.does["offered"] = self.calling.does["offered"] = accepting(ANSWER)
        self.network.run(10)
        self.assertEqual([status for status, _ in self.done], [200, 200])

    def test_a_peer_that_always_says_491(self) -> None:
        self.called.does["offered"] = lambda offer: offer.reject(491)
        self.change(self.calling)
        self.network.run(30)
        self.assertEqual((self.done, self.flow.count("INVITE")), ([(491, b"")], 5))
        self.assertEqual(self.calling.session.state, SessionState.CONFIRMED)

    def test_the_session_ends_while_a_retry_waits(self) -> None:
        self.called.does["offered"] = lambda offer: offer.reject(491)
        self.change(self.calling)
        self.network.run()
        self.hang_up(self.calling)
        self.network.run(10)
        self.assertEqual((self.done, self.flow.count("INVITE")), ([], 1))


class OursTests(PeerTestCase):
    def test_ours_waits_for_the_ack_of_the_first_invite(self) -> None:
        self.say("INVITE", OFFER)
        self.bob.owners[0].session.answer(ANSWER)
        self.change()
        self.assertNotIn("INVITE", self.sent)
        self.say("ACK", number=1)
        self.assertEqual(self.sent[-1], "INVITE")
        self.answer(200, ANSWER)
        self.assertEqual((self.sent[-1], self.done), ("ACK", [(200, ANSWER)]))

    def test_try_again_after_500(self) -> None:
        """14.2: a peer that is busy with an offer says when it may be free again."""
        self.be_called()
        self.change()
        self.answer(500, Retry_After="4")
        self.assertEqual((self.done, self.sent.count("INVITE")), ([], 1))
        self.network.run(3.9)
        self.assertEqual(self.sent.count("INVITE"), 1)
        self.network.run(0.2)
        self.assertEqual(self.sent.count("INVITE"), 2)
        self.answer(500, Retry_After="0")
        self.assertEqual(self.sent.count("INVITE"), 3)
        self.answer(200, ANSWER)
        self.assertEqual(self.done, [(200, ANSWER)])

    def test_what_the_peer_can_do_may_change(self) -> None:
        """13.3.1.4, 20.5: Allow and Supported of a re-INVITE or its answer replace what was said before."""
        owner = self.be_called()
        owner.does["offered"] = accepting(ANSWER)
        self.change()
        self.answer(200, ANSWER, Allow="INVITE, update")
        self.assertEqual(owner.session.peer_allows, {"INVITE", "UPDATE"})
        for method, allowed in (("INVITE", "INVITE, INFO"), ("UPDATE", "INVITE, REFER")):
            self.say(method, OTHER, more=f"Allow: {allowed}")
            self.assertEqual(owner.session.peer_allows, set(allowed.split(", ")))
            if method == "INVITE":
                self.say("ACK", number=self.number)

    def test_500_for_good(self) -> None:
        owner = self.be_called()
        for headers in ({}, {"Retry_After": "3600"}, {"Retry_After": "soon"}):
            self.change()
            self.answer(500, **headers)
        self.assertEqual((self.done, owner.session.state), ([(500, b"")] * 3, SessionState.CONFIRMED))

    def test_session_interval_too_small(self) -> None:
        """RFC 4028 7.3: after 422 the same again with the interval that the peer wants."""
        self.be_called()
        self.change()
        self.answer(422, Min_SE="4000")
        invite = self.network.last("INVITE", "192.0.2.2")
        self.assertEqual((invite.get("Session-Expires"), invite.body), ("4000", OTHER))
        self.answer(422, Min_SE="4000")
        self.assertEqual(self.done, [(422, b"")])

    def test_challenge(self) -> None:
        owner = self.be_called()
        owner.session.authenticator = lambda request, response: (
            None if "Authorization" in request.headers else {"Authorization": ["Digest me"]}
        )
        self.change()
        self.answer(401)
        self.assertEqual(self.network.last("INVITE", "192.0.2.2").get("Authorization"), "Digest me")
        self.answer(200, ANSWER)
        self.assertEqual((self.done, self.network.last("ACK", "192.0.2.2").get("Authorization")),
                         ([(200, ANSWER)], "Digest me"))  # fmt: skip
        self.change()
        self.answer(401)
        self.answer(401)
        self.assertEqual(self.done[1:], [(401, b"")])

    def test_the_peer_is_gone(self) -> None:
        """14.1, 12.2.1.2: 481 or 408 to a re-INVITE ends the dialog."""
        for status in (481, 408):
            self.bob.owners.clear()
            self.number = 1
            owner = self.be_called()
            self.change()
            if status == 481:
                self.answer(481)
            else:
                self.network.run(32)
            self.assertEqual((self.done.pop(), owner.heard[-1]), ((status, b""), ("ended", f"SIP;cause={status}")))
            self.assertEqual(self.sent[-1], "BYE")
            self.answer(481, method="BYE")
            self.network.run(40)

    def test_provisional_and_then_nothing(self) -> None:
        """9.1: a peer that does not come to an end is sent a CANCEL, and given up when that does not help."""
        owner = self.be_called()
        self.change()
        self.answer(100)
        self.network.run(31.9)
        self.assertNotIn("CANCEL", self.sent)
        self.network.run(0.2)
        self.assertEqual(self.sent[-1], "CANCEL")
        self.answer(200, method="CANCEL")
        self.network.run(32)
        self.assertEqual((self.done, owner.heard[-1]), ([(408, b"")], ("ended", "SIP;cause=408")))
        self.answer(481, method="BYE")

    def test_cancelled_change(self) -> None:
        owner = self.be_called()
        self.change()
        self.answer(180)
        self.network.run(33)
        self.answer(487)
        self.assertEqual((self.done, self.sent[-1]), ([(487, b"")], "ACK"))
        self.network.run(80)
        self.assertEqual(owner.session.state, SessionState.CONFIRMED)

    def test_the_session_ends_before_the_response(self) -> None:
        """15.1.2: the peer answers a pending INVITE 487; any answer is acknowledged, the owner hears nothing."""
        for sdp, status in ((OTHER, 487), (OTHER, 200), (b"", 200)):
            self.bob.owners.clear()
            self.number = 1
            self.be_called()
            self.change(sdp)
            self.answer(180)
            self.say("BYE")
            self.answer(status, ANSWER if status == 200 else b"")
            self.assertEqual((self.sent[-1], self.done), ("ACK", []))
            self.network.run(40)
            self.assertEqual(self.bob.leftovers(), [])

    def test_the_session_ends_and_no_response_comes(self) -> None:
        self.be_called()
        self.change()
        self.answer(180)
        self.say("BYE")
        self.network.run(31)
        self.assertEqual(len(self.bob.layer.clients), 1)
        self.network.run(1.1)
        self.assertEqual((self.bob.leftovers(), self.done), ([], []))

    def test_the_session_ends_before_our_answer_to_the_peers_offer(self) -> None:
        """13.2.2.4: its 2xx is acknowledged in any case."""
        self.be_called()
        self.change(b"")
        self.answer(200, OFFER)
        self.assertEqual((self.done, self.sent[-1]), ([(200, OFFER)], "INVITE"))
        self.say("BYE")
        self.assertIn("ACK", self.sent)
