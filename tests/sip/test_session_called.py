"""Being called: ringing and answering until the ACK comes (RFC 3261 13.3)."""

from magroup.sip.session_state import SessionState
from tests.sip.called import CalledTestCase
from tests.sip.network import ANSWER, OFFER, OTHER, Node, Phone


class RingingTests(CalledTestCase):
    def test_offer(self) -> None:
        owner = self.invite(more="Allow: INVITE, bye\nSupported: timer, 100rel")
        session = owner.session
        self.assertEqual((session.offer, session.state, session.is_acknowledged), (OFFER, SessionState.EARLY, False))
        self.assertEqual((session.peer_allows, session.peer_supports),
                         (frozenset(("INVITE", "BYE")), frozenset(("timer", "100rel"))))  # fmt: skip
        session.reject(486)
        self.ack_failure()

    def test_progress(self) -> None:
        """12.1.1: the To tag of all responses is one; Contact, Record-Route as received, what we allow and support."""
        owner = self.invite(more="Record-Route: <sip:p1.test;lr>, <sip:p2.test;lr>\nRecord-Route: <sip:p3.test;lr>")
        owner.session.progress(180)
        owner.session.progress(183, ANSWER, {"P-Early-Media": ["sendonly"]})
        self.network.run()
        ringing, progress = self.peer.received
        self.assertEqual(ringing.to.tag, progress.to.tag)
        self.assertEqual(ringing.headers["Record-Route"], ["<sip:p1.test;lr>, <sip:p2.test;lr>", "<sip:p3.test;lr>"])
        self.assertEqual(ringing.contact and ringing.contact.uri.text, "sip:192.0.2.2")
        self.assertEqual((progress.body, progress.content_type, progress.get("P-Early-Media")),
                         (ANSWER, "application/sdp", "sendonly"))  # fmt: skip
        self.assertNotIn("RSeq", progress.headers)
        self.assertIn("PRACK", ringing.items("Allow"))
        self.assertEqual(ringing.get("Server"), "test")
        owner.session.reject(480)
        self.ack_failure()
        self.assertEqual(self.peer.received[-1].to.tag, ringing.to.tag)

    def test_record_route_of_the_answer(self) -> None:
        """12.1.1: the Record-Route of the INVITE is in the 2xx, as it was; our requests go along it, in its order."""
        owner = self.invite(more="Record-Route: <sip:192.0.2.1;lr>, <sip:p2.test;lr>")
        owner.session.answer(ANSWER)
        self.network.run()
        answer = self.network.last("200 INVITE")
        self.assertEqual(answer.headers["Record-Route"], ["<sip:192.0.2.1;lr>, <sip:p2.test;lr>"])
        self.ack()
        owner.session.bye()
        self.network.run()
        bye = self.network.last("BYE")
        self.assertEqual(bye.target, "sip:a@192.0.2.1")
        self.assertEqual(bye.headers["Route"], ["<sip:192.0.2.1;lr>", "<sip:p2.test;lr>"])

    def test_100_on_request(self) -> None:
        owner = self.invite()
        owner.session.progress(100)
        self.network.run(1)
        self.assertEqual((self.sent, self.peer.received[0].to.tag), (["100 INVITE"], ""))
        owner.session.reject(480)
        self.ack_failure()

    def test_no_early_sdp_without_an_offer(self) -> None:
        """13.2.1: without an offer in the INVITE our offer is in the 200; SDP in an unreliable 183 would be none."""
        owner = self.invite(b"")
        owner.session.progress(183, ANSWER)
        self.network.run()
        self.assertEqual((self.peer.received[-1].body, "Content-Type" in self.peer.received[-1].headers), (b"", False))
        owner.session.answer(OFFER)
        self.network.run()
        self.assertEqual(self.peer.received[-1].body, OFFER)
        self.ack(sdp=ANSWER)
        self.assertEqual(owner.heard, [("acknowledged", ANSWER)])
        self.say("BYE", 2)

    def test_an_invite_that_can_make_no_dialog(self) -> None:
        self.assertEqual(self.say("INVITE", more="Contact: <sip:second@192.0.2.1>"), "")
        self.bob.owners[-1].session.reject(480)
        self.peer.say("""INVITE sip:b@192.0.2.2 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx
            From: <sip:a@test>;tag=2
            To: <sip:b@test>
            Call-ID: another
            CSeq: 1 INVITE""", self.bob)  # fmt: skip
        self.network.run()
        self.assertEqual(self.peer.got(), ["480 INVITE", "400 INVITE"])

    def test_merged_request(self) -> None:
        """8.2.2.2: the same From tag, Call-ID and CSeq on another branch is the same call forked to us twice: 482."""
        owner = self.invite()
        self.assertEqual(self.say("INVITE", sdp=OFFER, branch="other"), "482 INVITE")
        self.say("ACK", branch="other")
        owner.session.answer(ANSWER)
        self.ack()
        self.assertEqual(self.say("INVITE", sdp=OFFER, branch="third"), "482 INVITE")
        self.say("ACK", branch="third")
        self.assertEqual(owner.session.state, SessionState.CONFIRMED)
        self.assertEqual(self.say("BYE", 2), "200 BYE")

    def test_a_new_attempt_is_no_merged_request(self) -> None:
        """22.1, 8.1.3.5: a call tried again has the same From tag and Call-ID, but the next CSeq number."""
        self.invite().session.reject(486)
        self.ack_failure()
        self.say("INVITE", 2, OFFER, to_tag="")
        self.say("INVITE", 3, OFFER, to_tag="")
        self.assertEqual((len(self.bob.owners), self.sent), (3, ["486 INVITE"]))
        for number in (2, 3):
            self.bob.owners[number - 1].session.reject(603)
            self.say("ACK", number, branch=f"INVITE{number}")


class AnswerTests(CalledTestCase):
    def test_answer(self) -> None:
        """13.3.1.4: the 200 has the answer, Contact, Allow, Supported; the ACK makes it over."""
        owner = self.invite()
        owner.session.answer(ANSWER, {"P-Asserted-Identity": ["<sip:b@test>"]})
        self.network.run()
        answer = self.network.last("200 INVITE")
        self.assertEqual((answer.body, answer.content_type, answer.get("P-Asserted-Identity")),
                         (ANSWER, "application/sdp", "<sip:b@test>"))  # fmt: skip
        self.assertEqual((owner.session.state, owner.session.is_acknowledged), (SessionState.CONFIRMED, False))
        self.ack()
        self.assertEqual((owner.heard, owner.session.is_acknowledged), ([("acknowledged", b"")], True))
        self.network.run(40)
        self.assertEqual(self.sent, ["200 INVITE"])
        self.assertEqual(self.say("BYE", 2, more="Reason: Q.850;cause=16"), "200 BYE")
        self.assertEqual(owner.heard[-1], ("ended", "Q.850;cause=16"))

    def test_200_is_repeated_until_the_ack(self) -> None:
        """13.3.1.4: repeated after T1, doubling up to T2, over every transport, until the ACK comes."""
        for number, transport in enumerate(("udp", "tcp")):
            bob = Phone(self.network, f"192.0.2.{20 + number}", transport=transport)
            peer = Node(self.network, f"192.0.2.{30 + number}", transport=transport)
            bob.on_call = lambda session: session.answer(ANSWER)
            start = self.network.clock.seconds()
            peer.say(f"""INVITE sip:b@test SIP/2.0
                Via: SIP/2.0/{transport.upper()} {peer.hop.host};branch=z9hG4bK1
                From: <sip:a@test>;tag=peer
                To: <sip:b@test>
                Call-ID: {transport}
                CSeq: 1 INVITE
                Contact: <sip:a@{peer.hop.host};transport={transport}>""", bob)  # fmt: skip
            self.network.run(8)
            peer.say(f"""ACK sip:b@test SIP/2.0
                Via: SIP/2.0/{transport.upper()} {peer.hop.host};branch=z9hG4bK2
                From: <sip:a@test>;tag=peer
                To: <sip:b@test>;tag={peer.received[0].to.tag}
                Call-ID: {transport}
                CSeq: 1 ACK""", bob)  # fmt: skip
            self.network.run(30)
            times = [time - start for time in self.network.times("200 INVITE", bob.hop.host)]
            self.assertEqual(times, [0, 0.5, 1.5, 3.5, 7.5], transport)
            self.assertEqual(bob.owners[0].names, ["acknowledged"])
            self.hang_up(*bob.owners)

    def test_no_ack_at_all(self) -> None:
        """13.3.1.4: no ACK for 64*T1: the dialog is confirmed, the session is to be ended by a BYE."""
        owner = self.invite()
        owner.session.answer(ANSWER)
        self.network.run(31.99)
        self.assertEqual(owner.heard, [])
        self.network.run(0.01)
        self.assertEqual(owner.heard, [("ended", 'SIP;cause=408;text="No ACK"')])
        self.assertEqual(self.network.times("200 INVITE"), [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5])
        self.assertEqual((self.sent[-1], self.network.times("BYE")), ("BYE", [32]))

    def test_repeated_ack_and_wrong_ack(self) -> None:
        owner = self.invite()
        owner.session.answer(ANSWER)
        self.network.run()
        self.say("ACK", 7, branch="wrong")
        self.say("ACK", 1, branch="nobody", to_tag="other")
        self.assertFalse(owner.session.is_acknowledged)
        self.ack()
        self.ack()
        self.assertEqual(owner.names, ["acknowledged"])
        self.say("BYE", 2)

    def test_ack_with_the_branch_of_the_invite(self) -> None:
        owner = self.invite()
        owner.session.answer(ANSWER)
        self.network.run()
        self.say("ACK", branch="INVITE1")
        self.assertEqual(owner.names, ["acknowledged"])
        self.say("BYE", 2)

    def test_our_bye_waits_for_the_ack(self) -> None:
        """15: the callee must not send a BYE before the ACK of its 2xx came, or the time for it is over."""
        owner = self.invite()
        owner.session.answer(ANSWER)
        owner.session.bye("Q.850;cause=16")
        self.network.run(1)
        self.assertEqual(self.sent, ["200 INVITE", "200 INVITE"])
        self.ack()
        self.assertEqual((self.sent[-1], self.network.last("BYE").get("Reason")), ("BYE", "Q.850;cause=16"))
        self.assertEqual((owner.heard, self.bob.endpoint.sessions), ([], set()))

    def test_our_bye_waits_for_an_ack_that_never_comes(self) -> None:
        owner = self.invite()
        owner.session.answer(ANSWER)
        owner.session.bye("Q.850;cause=16")
        self.network.run(32)
        self.assertEqual((self.sent[-1], self.network.last("BYE").get("Reason")), ("BYE", "Q.850;cause=16"))
        self.assertEqual(owner.heard, [])

    def test_bye_of_the_caller_before_its_ack(self) -> None:
        """15.1.2: a BYE overtaking the ACK ends the call all the same, nothing is repeated."""
        owner = self.invite()
        owner.session.answer(ANSWER)
        self.network.run(0.1)
        self.assertEqual(self.say("BYE", 2), "200 BYE")
        self.ack()
        self.network.run(10)
        self.assertEqual((self.sent, owner.names), (["200 INVITE", "200 BYE"], ["ended"]))

    def test_bye_while_ours_waits_for_the_ack(self) -> None:
        owner = self.invite()
        owner.session.answer(ANSWER)
        owner.session.bye()
        self.network.run()
        self.assertEqual(self.say("BYE", 2), "200 BYE")
        self.assertEqual((self.sent, owner.heard), (["200 INVITE", "200 BYE"], []))

    def test_hung_up_when_the_ack_comes(self) -> None:
        owner = self.invite()
        owner.does["acknowledged"] = lambda sdp: owner.session.bye()
        owner.session.answer(ANSWER)
        self.network.run()
        self.ack()
        self.assertEqual(self.sent, ["200 INVITE", "BYE"])

    def test_answered_once(self) -> None:
        owner = self.invite()
        owner.session.answer(ANSWER)
        owner.session.answer(OTHER)
        owner.session.reject(486)
        owner.session.progress(180)
        self.network.run()
        self.assertEqual((self.sent, self.network.last("200 INVITE").body), (["200 INVITE"], ANSWER))
        self.ack()
        self.say("BYE", 2)
