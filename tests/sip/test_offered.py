"""The peer's changes to a session: re-INVITE and UPDATE, at good and bad moments (RFC 3261 14.2, RFC 3311)."""

from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, OFFER, OTHER, NetworkTestCase, Node
from tests.sip.peer import PeerTestCase, accepting

THIRD = OFFER.replace(b"4000", b"4006")


class TheirsTests(PeerTestCase):
    def test_2xx_is_repeated_until_the_ack(self) -> None:
        """14.2, 13.3.1.4: as after the first INVITE."""
        owner = self.be_called()
        owner.does["offered"] = accepting(ANSWER)
        start = self.network.clock.seconds()
        self.say("INVITE", OTHER)
        self.network.run(2)
        self.say("ACK", number=77)
        self.assertTrue(owner.session.modifier.is_asked)
        self.network.run(2)
        self.say("ACK", number=2)
        self.network.run(60)
        self.assertEqual([time - start for time in self.network.times("200 INVITE")[1:]], [0, 0.5, 1.5, 3.5])
        self.assertEqual((owner.session.modifier.is_asked, owner.names), (False, ["acknowledged", "offered"]))

    def test_no_ack_at_all(self) -> None:
        """13.3.1.4: a 2xx that is never acknowledged ends the session with a BYE."""
        owner = self.be_called()
        owner.does["offered"] = accepting(ANSWER)
        self.say("INVITE", OTHER)
        self.network.run(31.9)
        self.assertEqual(owner.session.state, SessionState.CONFIRMED)
        self.network.run(0.1)
        self.assertEqual((owner.heard[-1], self.sent[-1]), (("ended", 'SIP;cause=408;text="No ACK"'), "BYE"))
        self.answer(200, method="BYE")

    def test_a_second_before_the_first_is_answered(self) -> None:
        """14.2: 500 with Retry-After of 0 to 10 seconds."""
        owner = self.be_called()
        self.say("INVITE", OTHER)
        for method in ("INVITE", "UPDATE"):
            self.assertEqual(self.say(method, THIRD)[-1], f"500 {method}")
            self.assertIn(self.network.last(f"500 {method}").number("Retry-After"), range(11))
        self.say("ACK", number=3, branch="INVITE")
        owner.offers[0].accept(ANSWER)
        self.network.run()
        self.assertEqual(self.say("INVITE", THIRD), ["500 INVITE"], "the ACK is still out")
        self.say("ACK", number=self.number, branch="INVITE")
        self.say("ACK", number=2)
        self.say("INVITE", THIRD)
        owner.offers[1].reject(603)
        self.assertEqual(owner.names.count("offered"), 2)

    def test_cancelled(self) -> None:
        """9.2: a re-INVITE that is cancelled is answered 487; the session stays as it was (14.1)."""
        owner = self.be_called()
        self.say("INVITE", OTHER)
        self.assertEqual(self.say("CANCEL", number=self.number, branch="INVITE"), ["200 CANCEL", "487 INVITE"])
        owner.offers[0].accept(ANSWER)
        self.network.run()
        self.assertEqual((self.sent[-1], owner.session.state), ("487 INVITE", SessionState.CONFIRMED))
        self.assertFalse(owner.session.modifier.is_asked)

    def test_hung_up_while_it_waits(self) -> None:
        """15.1.2: a pending re-INVITE or UPDATE is answered 487 when the dialog ends."""
        for method in ("INVITE", "UPDATE"):
            self.bob.owners.clear()
            self.number = 1
            owner = self.be_called()
            self.say(method, OTHER)
            self.assertEqual(self.say("BYE"), ["200 BYE", f"487 {method}"])
            owner.offers[0].accept(ANSWER)
            self.network.run(40)
            self.assertNotIn(f"200 {method}", self.sent[3:])
        self.bob.owners.clear()

    def test_we_hang_up_while_it_waits(self) -> None:
        owner = self.be_called()
        self.say("INVITE", OTHER)
        owner.session.bye()
        self.network.run()
        self.assertEqual(self.sent[-2:], ["BYE", "487 INVITE"])
        self.answer(200, method="BYE")

    def test_body_that_is_no_sdp(self) -> None:
        self.be_called()
        for method in ("INVITE", "UPDATE"):
            self.assertEqual(self.say(method, b"abc", more="Content-Type: text/plain"),
                             [f"415 {method}"])  # fmt: skip
            self.assertEqual(self.network.last(f"415 {method}").get("Accept"), "application/sdp")

    def test_update(self) -> None:
        """RFC 3311 5.2: an UPDATE with an offer is answered in its 200; no ACK."""
        owner = self.be_called()
        owner.does["offered"] = accepting(ANSWER)
        self.assertEqual(self.say("UPDATE", OTHER), ["200 UPDATE"])
        answer = self.network.last("200 UPDATE")
        self.assertEqual((answer.body, bool(answer.contact), owner.offers[0].is_update), (ANSWER, True, True))
        self.assertEqual(self.say("UPDATE", THIRD), ["200 UPDATE"])
        owner.does["offered"] = lambda offer: offer.reject(488)
        self.assertEqual(self.say("UPDATE", OTHER), ["488 UPDATE"])
        self.assertFalse(owner.session.modifier.is_asked)

    def test_update_without_offer(self) -> None:
        """RFC 3311 5.1, RFC 4028: it refreshes target and timer; the owner has nothing to decide."""
        owner = self.be_called()
        Node(self.network, "192.0.2.1", 5077)
        self.assertEqual(self.say("UPDATE", more="Contact: <sip:new@192.0.2.1:5077>"), ["200 UPDATE"])
        self.assertEqual((owner.session.dialog.target, owner.names), ("sip:a@192.0.2.1", ["acknowledged"]))
        self.assertEqual(self.network.last("200 UPDATE").contact.uri.text, "sip:192.0.2.2")
        self.peer.say(f"""UPDATE sip:b@192.0.2.2 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKup
            From: <sip:a@test>;tag=peer
            To: <sip:b@test>;tag={owner.session.tag}
            Call-ID: call
            CSeq: 90 UPDATE
            Contact: <sip:new@192.0.2.1:5077>""", self.bob)  # fmt: skip
        self.network.run()
        self.assertEqual(owner.session.dialog.target, "sip:new@192.0.2.1:5077")
        self.number = 90

    def test_offers_before_the_answer(self) -> None:
        """RFC 3311 5.2, RFC 3261 14.2: while the INVITE's offer is unanswered 500 with Retry-After."""
        self.say("INVITE", OFFER)
        session = self.bob.owners[0].session
        session.progress(180)
        for method in ("UPDATE", "INVITE"):
            self.assertEqual(self.say(method, OTHER)[-1], f"500 {method}")
            self.assertIn(self.network.last(f"500 {method}").number("Retry-After"), range(11))
        self.assertEqual(self.say("UPDATE"), ["200 UPDATE"])
        session.reject(486)
        self.say("ACK", number=1, branch="INVITE")

    def test_offer_while_ours_waits_for_the_ack(self) -> None:
        """RFC 3311 5.2: 491 while an offer of ours, in the 2xx of an INVITE without one, is unanswered."""
        self.say("INVITE")
        owner = self.bob.owners[0]
        owner.session.answer(OFFER)
        self.network.run()
        self.assertEqual(self.say("UPDATE", OTHER), ["491 UPDATE"])
        self.assertEqual(self.say("INVITE", OTHER), ["491 INVITE"])
        self.say("ACK", ANSWER, number=1)
        self.assertEqual(owner.heard, [("acknowledged", ANSWER)])

    def test_offer_that_overtakes_the_ack(self) -> None:
        """With offer and answer exchanged already a re-INVITE that overtakes the ACK is taken."""
        self.say("INVITE", OFFER)
        owner = self.bob.owners[0]
        owner.session.answer(ANSWER)
        owner.does["offered"] = accepting(ANSWER)
        self.network.run()
        self.assertEqual(self.say("INVITE", OTHER), ["200 INVITE"])
        self.say("ACK", number=1)
        self.say("ACK", number=2)
        self.assertEqual((owner.names, owner.session.is_acknowledged), (["offered", "acknowledged"], True))


class EarlyTests(NetworkTestCase):
    """UPDATE before the answer needs offer and answer exchanged in a reliable provisional response (RFC 3311 5.1)."""

    def test_update_of_the_callee(self) -> None:
        ann, bob = self.phones()
        calling = ann.call(bob)
        self.network.run()
        session = bob.owners[0].session
        heard: list[int] = []

        def update() -> None:
            session.send("UPDATE", OTHER, {"Content-Type": "application/sdp"}, lambda r: heard.append(r.status))
            self.network.run()

        session.progress(180)
        self.network.run()
        update()
        self.assertEqual((heard, calling.names), ([491], ["progressed"]))
        session.progress(183, ANSWER)
        self.network.run()
        calling.does["offered"] = accepting(OFFER)
        update()
        self.assertEqual((heard, calling.heard[-1]), ([491, 200], ("offered", OTHER)))
        session.answer(ANSWER)
        self.network.run()
        self.hang_up(calling)

    def test_reinvite_before_the_answer(self) -> None:
        """RFC 3261 14.2: an INVITE has no business in an early dialog, even when offer and answer are exchanged."""
        ann, bob = self.phones()
        calling = ann.call(bob)
        self.network.run()
        bob.owners[0].session.progress(183, ANSWER)
        self.network.run()
        for session, status in ((calling.session, 500), (bob.owners[0].session, 491)):
            heard: list[int] = []
            request = session.dialog.request("INVITE")
            session.dress(request, session.dialog.hop, OTHER)
            session.endpoint.layer.request(request, session.dialog.hop, lambda r, heard=heard: heard.append(r.status))
            self.network.run(0.01)
            self.assertEqual(heard, [status])
        calling.session.cancel()
        self.network.run()

    def test_update_after_more_than_one_reliable_response(self) -> None:
        """Offer and answer stay exchanged when a 180 without SDP follows the 183."""
        ann, bob = self.phones()
        calling = ann.call(bob)
        self.network.run()
        called = bob.owners[0]
        called.session.progress(183, ANSWER)
        called.session.progress(180)
        self.network.run()
        heard: list[int] = []
        calling.does["offered"] = called.does["offered"] = accepting(ANSWER)
        for owner in (calling, called):
            owner.session.send(
                "UPDATE", OTHER, {"Content-Type": "application/sdp"}, lambda response: heard.append(response.status)
            )
            self.network.run()
        self.assertEqual(heard, [200, 200])
        calling.session.cancel()
        self.network.run()

    def test_update_of_the_caller(self) -> None:
        ann, bob = self.phones()
        calling = ann.call(bob)
        self.network.run()
        called = bob.owners[0]
        called.session.progress(183, ANSWER)
        self.network.run()
        called.does["offered"] = accepting(ANSWER)
        heard: list[int] = []
        calling.session.send("UPDATE", OTHER, {"Content-Type": "application/sdp"}, lambda r: heard.append(r.status))
        self.network.run()
        self.assertEqual((heard, called.heard), ([200], [("offered", OTHER)]))
        self.assertNotIn("Session-Expires", self.network.last("200 UPDATE").headers, "RFC 4028: once answered only")
        calling.session.cancel()
        self.network.run()

    def test_offer_of_the_callee_while_its_own_waits(self) -> None:
        """RFC 3311 5.2: the caller has not yet answered the offer of the 2xx: 500 with Retry-After."""
        ann, bob = self.phones()
        bob.on_call = lambda session: session.answer(OFFER)
        calling = ann.call(bob, b"")
        self.network.run()
        heard: list[int] = []
        bob.owners[0].session.send(
            "UPDATE", OTHER, {"Content-Type": "application/sdp"}, lambda response: heard.append(response.status)
        )
        self.network.run()
        self.assertEqual(heard, [500])
        calling.session.ack(ANSWER)
        self.network.run()
        self.hang_up(calling)
