"""Calling: progress, answer, refusal, and what the called does (RFC 3261 13.2, 14.2, 15)."""

from typing import Any

from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request
from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, OFFER, Node, Owner, Phone
from tests.sip.peer import CallingTestCase, reply


class AnswerTests(CallingTestCase):
    def test_invite(self) -> None:
        """8.1.1: To without tag, From with one, Contact, Max-Forwards 70, what we allow and support, and the offer."""
        owner = self.call(headers={"Subject": ["x"], "Route": ["<sip:192.0.2.2;lr>"]})
        invite = self.network.last("INVITE")
        self.assertEqual((invite.target, invite.to.tag, invite.get("Max-Forwards")), ("sip:b@192.0.2.2:5060", "", "70"))
        self.assertEqual(invite.contact.uri.text, "sip:192.0.2.1")
        self.assertEqual((invite.body, invite.content_type), (OFFER, "application/sdp"))
        self.assertEqual((invite.get("Subject"), invite.get("Route")), ("x", "<sip:192.0.2.2;lr>"))
        self.assertIn("100rel", invite.tokens("Supported"))
        self.assertTrue({"PRACK", "UPDATE", "REFER", "BYE"} <= set(invite.items("Allow")))
        self.assertTrue(invite.from_.tag)
        self.assertEqual(invite.get("User-Agent"), "test")
        owner.session.cancel()
        self.reply(486)

    def test_progress_and_answer(self) -> None:
        """13.2.2.4: the 2xx is acknowledged in a request of its own, in the dialog that it makes."""
        owner = self.call()
        self.reply(100, tag="")
        self.reply(180)
        self.reply(183, sdp=ANSWER)
        self.reply(200, sdp=ANSWER, contact="<sip:bob@192.0.2.2:5060;x=y>", Allow="INVITE, update", Supported="timer")
        self.assertEqual(owner.heard, [("progressed", 180, b""), ("progressed", 183, ANSWER), ("answered", ANSWER)])
        self.assertEqual(self.sent, ["INVITE", "ACK"])
        invite, ack = self.network.last("INVITE"), self.network.last("ACK")
        self.assertEqual((ack.target, ack.cseq, ack.body), ("sip:bob@192.0.2.2:5060;x=y", (1, "ACK"), b""))
        self.assertNotEqual(ack.via.branch, invite.via.branch)
        self.assertEqual((ack.to.tag, ack.from_.tag, ack.call_id), ("bob", invite.from_.tag, invite.call_id))
        session = owner.session
        self.assertEqual((session.state, session.is_acknowledged), (SessionState.CONFIRMED, True))
        self.assertEqual((session.peer_allows, session.peer_supports),
                         (frozenset(("INVITE", "UPDATE")), frozenset(("timer",))))  # fmt: skip
        session.bye()
        self.network.run()
        self.reply(200, method="BYE")
        self.assertEqual((self.sent, session.state), (["INVITE", "ACK", "BYE"], SessionState.ENDED))
        self.assertEqual(self.network.last("BYE").cseq, (2, "BYE"))

    def test_100_is_not_progress(self) -> None:
        owner = self.call()
        self.reply(100)
        self.assertEqual((owner.heard, self.ann.endpoint.dialogs), ([], {}))
        self.reply(603)

    def test_repeated_2xx_gets_the_same_ack(self) -> None:
        """13.2.2.4: the ACK goes out again for each 2xx that comes, the owner hears only the first."""
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        self.network.run(1)
        self.reply(200, sdp=ANSWER)
        self.assertEqual((self.sent, owner.names), (["INVITE", "ACK", "ACK"], ["answered"]))
        self.assertEqual(len({sent.data for sent in self.network.log if sent.line == "ACK"}), 1)
        owner.session.bye()
        self.network.run()
        self.reply(200, sdp=ANSWER)
        self.assertEqual(self.sent, ["INVITE", "ACK", "ACK", "BYE", "ACK"], "also after our BYE")
        self.reply(200, method="BYE")

    def test_the_2xx_says_target_and_route(self) -> None:
        """13.2.2.4: the route set of an early dialog is computed again from the 2xx."""
        owner = self.call()
        self.reply(180, contact="<sip:early@192.0.2.2:5099>", Record_Route="<sip:192.0.2.88;lr>")
        self.assertEqual(owner.session.dialog.hop.host, "192.0.2.88")
        self.reply(200, contact="<sip:late@192.0.2.2:5061>")
        dialog = owner.session.dialog
        self.assertEqual((list(dialog.routes), dialog.hop[:3]), ([], ("udp", "192.0.2.2", 5061)))
        Node(self.network, "192.0.2.2", 5061)
        self.assertEqual(self.network.last("ACK").target, "sip:late@192.0.2.2:5061")
        self.assertEqual(self.say("BYE"), "200 BYE")

    def test_offer_in_the_2xx(self) -> None:
        """13.2.1: without an offer in the INVITE the 2xx has it, and the ACK the answer."""
        owner = self.call(b"")
        invite = self.network.last("INVITE")
        self.assertEqual((invite.body, "Content-Type" in invite.headers), (b"", False))
        self.assertNotIn("100rel", invite.tokens("Supported"), "a reliable 183 would have the offer")
        self.reply(200, sdp=OFFER)
        self.reply(200, sdp=OFFER)
        self.assertEqual((self.sent, owner.heard, owner.session.is_acknowledged),
                         (["INVITE"], [("answered", OFFER)], False))  # fmt: skip
        owner.session.ack(ANSWER)
        self.network.run()
        self.assertEqual((self.network.last("ACK").body, self.network.last("ACK").content_type),
                         (ANSWER, "application/sdp"))  # fmt: skip
        self.reply(200, sdp=OFFER)
        self.assertEqual(self.sent, ["INVITE", "ACK", "ACK"])
        self.hang_up(owner)
        self.reply(200, method="BYE")

    def test_hanging_up_before_the_answer_to_the_peers_offer(self) -> None:
        """13.2.2.4: each 2xx is acknowledged, also that of a call which is not wanted any more."""
        owner = self.call(b"")
        self.reply(200, sdp=OFFER)
        self.hang_up(owner)
        self.assertEqual(self.sent, ["INVITE", "ACK", "BYE"])
        self.reply(200, method="BYE")

    def test_2xx_without_usable_contact(self) -> None:
        """The ACK then goes to where the INVITE went."""
        owner = self.call()
        self.reply(200, contact='"')
        self.assertEqual((owner.names, self.network.last("ACK").target), (["answered"], "sip:b@192.0.2.2:5060"))
        self.assertEqual(self.say("BYE"), "200 BYE")

    def test_2xx_with_a_route_that_is_none(self) -> None:
        """Nothing could be sent in such a dialog: the call has failed."""
        owner = self.call()
        self.reply(200, Record_Route="nonsense")
        self.reply(200, Record_Route="nonsense")
        self.assertEqual((owner.heard, self.sent), ([("rejected", 502)], ["INVITE"]))

    def test_a_peer_without_tags(self) -> None:
        """12.1.2: a To without tag (RFC 2543) makes a dialog all the same."""
        owner = self.call()
        self.reply(180, tag="")
        self.reply(200, tag="", sdp=ANSWER)
        self.assertEqual(owner.names, ["progressed", "answered"])
        self.hang_up(owner)
        self.assertEqual((self.sent, self.network.last("BYE").to.tag), (["INVITE", "ACK", "BYE"], ""))
        self.reply(200, tag="", method="BYE")

    def test_ipv6(self) -> None:
        """RFC 5118: Via, Contact and Request-URI have the address in brackets, in the ACK too."""
        ann, bob = Phone(self.network, "2001:db8::1"), Phone(self.network, "2001:db8::2")
        calling, called = self.connected(ann, bob)
        ack = self.network.last("ACK")
        self.assertEqual((ack.via.host, ack.target), ("[2001:db8::1]", "sip:[2001:db8::2]"))
        self.assertTrue(called.session.is_acknowledged)
        self.hang_up(called)
        self.assertEqual((self.network.last("BYE").target, calling.names), ("sip:[2001:db8::1]", ["answered", "ended"]))

    def test_record_route(self) -> None:
        """12.1.2, 12.2.1.1: requests go along the recorded route, in reverse order for the caller."""
        owner = self.call()
        self.reply(200, Record_Route="<sip:192.0.2.2:5061;lr>, <sip:192.0.2.2;lr>")
        self.assertEqual(self.network.last("ACK").headers["Route"], ["<sip:192.0.2.2;lr>", "<sip:192.0.2.2:5061;lr>"])
        self.hang_up(owner)
        self.assertEqual(self.network.last("BYE").headers["Route"], ["<sip:192.0.2.2;lr>", "<sip:192.0.2.2:5061;lr>"])
        self.reply(200, method="BYE")


class RefusalTests(CallingTestCase):
    def test_refused(self) -> None:
        for status in (302, 401, 404, 407, 486, 503, 603):
            owner = self.call()
            self.reply(180)
            self.reply(status)
            self.assertEqual(owner.heard, [("progressed", 180, b""), ("rejected", status)])
            self.assertEqual(self.sent[-2:], ["INVITE", "ACK"])
            self.assertEqual((self.ann.endpoint.dialogs, self.ann.endpoint.sessions), ({}, set()))

    def test_nobody_answers(self) -> None:
        """17.1.1.2: 408 after 64*T1."""
        owner = self.call()
        self.network.run(31.99)
        self.assertEqual(owner.heard, [])
        self.network.run(0.01)
        self.assertEqual(owner.heard, [("rejected", 408)])

    def test_unreachable(self) -> None:
        self.network.broken.add("192.0.2.2")
        owner = self.call()
        self.assertEqual(owner.heard, [("rejected", 503)])

    def test_call_id_of_the_owner(self) -> None:
        owner = Owner()
        session = owner.session = OutgoingSession(self.ann.endpoint, owner, self.peer.hop)
        session.call("sip:b@192.0.2.2", "<sip:a@test>", "<sip:b@test>", OFFER, {}, call_id="mine")
        self.network.run()
        self.assertEqual(self.network.last("INVITE").call_id, "mine")
        self.reply(486)

    def test_unreachable_while_being_sent(self) -> None:
        self.ann.send = lambda data, hop, failed=None: failed and failed("gone")  # type: ignore[assignment]
        owner = self.call()
        self.assertEqual(owner.heard, [("rejected", 503)])

    def test_challenge(self) -> None:
        """22.2: sent again with credentials and the next CSeq number, the same Call-ID and From tag."""
        owner = self.call()
        asked: list[tuple[int, int]] = []

        def authenticate(request: Request, response: Any) -> dict[str, list[str]] | None:
            asked.append((request.cseq[0], response.status))
            return {"Proxy-Authorization": ["Digest me"]} if len(asked) == 1 else None

        owner.session.authenticator = authenticate
        self.reply(183, tag="early")
        self.reply(407, tag="early")
        first, second = (sent.message for sent in self.network.log if sent.line == "INVITE")
        self.assertEqual((second.cseq, second.get("Proxy-Authorization")), ((2, "INVITE"), "Digest me"))
        self.assertEqual((second.call_id, second.from_.tag, second.to.tag, second.body),
                         (first.call_id, first.from_.tag, "", OFFER))  # fmt: skip
        self.assertNotEqual(second.via.branch, first.via.branch)
        self.assertEqual((len(second.headers["Via"]), owner.names), (1, ["progressed"]))
        self.reply(183, tag="early", sdp=ANSWER, Require="100rel", RSeq="1")
        self.assertEqual(self.network.last("PRACK").get("RAck"), "1 2 INVITE")
        self.assertEqual(self.network.last("PRACK").cseq[0], 3, "a new dialog, after the second INVITE")
        self.reply(200, tag="early", method="PRACK")
        self.reply(200, sdp=ANSWER)
        self.assertEqual((owner.names, asked), (["progressed", "progressed", "answered"], [(1, 407)]))
        ack = self.network.last("ACK")
        self.assertEqual((ack.cseq, ack.get("Proxy-Authorization")), ((2, "ACK"), "Digest me"))
        self.assertEqual(self.say("BYE"), "200 BYE")

    def test_challenge_without_an_answer(self) -> None:
        owner = self.call()
        owner.session.authenticator = lambda request, response: None
        self.reply(401)
        self.assertEqual(owner.heard, [("rejected", 401)])

    def test_challenged_info(self) -> None:
        """22.2: the request is the same again but for CSeq and credentials; its sender hears only the last answer."""
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        owner.session.authenticator = lambda request, response: (
            None if "Authorization" in request.headers else {"Authorization": ["Digest me"]}
        )
        heard: list[int] = []
        owner.session.send("INFO", b"Signal=5", {"Content-Type": "application/dtmf-relay"},
                           lambda response: heard.append(response.status))  # fmt: skip
        self.network.run()
        self.reply(401, method="INFO")
        self.reply(200, method="INFO")
        info = self.network.last("INFO")
        self.assertEqual((info.get("Authorization"), info.content_type, info.body, info.cseq[0], heard),
                         ("Digest me", "application/dtmf-relay", b"Signal=5", 3, [200]))  # fmt: skip
        self.assertEqual(self.say("BYE"), "200 BYE")

    def test_challenged_bye(self) -> None:
        """A BYE that is challenged is sent again with credentials, though its owner cares no more."""
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        owner.session.authenticator = lambda request, response: (
            None if "Authorization" in request.headers else {"Authorization": ["Digest me"]}
        )
        self.hang_up(owner)
        self.reply(401, method="BYE")
        self.assertEqual((self.sent[-2:], self.network.last("BYE").get("Authorization")), (["BYE", "BYE"], "Digest me"))
        self.reply(401, method="BYE")
        self.assertEqual(self.sent.count("BYE"), 2)


class PeerTests(CallingTestCase):
    """What the called does."""

    def test_hangs_up(self) -> None:
        """15.1.2: 200 to the BYE, and the owner hears why."""
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        self.assertEqual(self.say("BYE", more="Reason: Q.850;cause=16"), "200 BYE")
        self.assertEqual(owner.heard[-1], ("ended", "Q.850;cause=16"))
        self.assertEqual(self.ann.endpoint.dialogs, {})

    def test_both_hang_up(self) -> None:
        """Both BYEs cross: each is answered, the later one 481 since the dialog is over."""
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        owner.session.bye()
        self.assertEqual(self.say("BYE"), "481 BYE")
        self.reply(481, method="BYE")
        self.assertEqual(owner.names, ["answered"])

    def test_bye_before_its_answer(self) -> None:
        """15: the callee must not; it ends the call, whose INVITE is then cancelled, or it would stay for ever."""
        owner = self.call()
        self.reply(180)
        self.say("BYE", more="Reason: SIP;cause=500")
        self.assertEqual((owner.heard[-1], self.sent), (("ended", "SIP;cause=500"), ["INVITE", "200 BYE", "CANCEL"]))
        self.reply(200, method="CANCEL")
        self.network.run(32)
        self.assertEqual(self.ann.leftovers(), [])

    def test_bye_before_its_answer_then_487(self) -> None:
        self.call()
        self.reply(180)
        self.say("BYE")
        self.reply(487)
        self.assertEqual(self.sent, ["INVITE", "200 BYE", "CANCEL", "ACK"])

    def test_gone(self) -> None:
        """12.2.1.2: 481 or 408 to a request in the dialog ends it; a BYE says so in case the peer knows better."""
        for status in (481, 408):
            owner = self.call()
            self.reply(200, sdp=ANSWER)
            owner.session.send("INFO", b"x", {"Content-Type": "text/plain"})
            self.network.run()
            if status == 481:
                self.reply(481, method="INFO")
            else:
                self.network.run(32)
            self.assertEqual((owner.heard[-1], self.sent[-1]), (("ended", f"SIP;cause={status}"), "BYE"))
            self.reply(481, method="BYE")

    def test_other_refusals_in_the_dialog_leave_it(self) -> None:
        """12.2.1.2, RFC 5057: 405, 500, 503 ... concern the request alone."""
        owner = self.call()
        self.reply(200, sdp=ANSWER)
        heard: list[int] = []
        for status in (405, 415, 500, 503, 603):
            owner.session.send("INFO", answered=lambda response: heard.append(response.status))
            self.network.run()
            self.reply(status, method="INFO")
        self.assertEqual((heard, owner.names), ([405, 415, 500, 503, 603], ["answered"]))
        self.assertEqual(self.say("BYE"), "200 BYE")

    def test_gone_while_ringing(self) -> None:
        """A PRACK that nobody answers: the INVITE, which knows no time limit any more, is cancelled."""
        owner = self.call()
        self.reply(183, sdp=ANSWER, Require="100rel", RSeq="1")
        self.network.run(32)
        self.assertEqual((owner.names, self.sent[-1]), (["progressed", "ended"], "CANCEL"))
        self.network.run(32)
        self.assertEqual(self.ann.leftovers(), [])

    def test_prack_refused_because_the_call_is_over(self) -> None:
        """The INVITE's own refusal, which is still under way, is what the owner hears."""
        owner = self.call()
        self.reply(183, sdp=ANSWER, Require="100rel", RSeq="1")
        self.reply(481, method="PRACK")
        self.reply(486)
        self.assertEqual(owner.names, ["progressed", "rejected"])

    def test_prack_from_the_called(self) -> None:
        """RFC 3262 3: nothing of ours waits for a PRACK."""
        self.call()
        self.reply(200, sdp=ANSWER)
        self.assertEqual(self.say("PRACK", more="RAck: 1 1 INVITE"), "481 PRACK")
        self.assertEqual(self.say("BYE", number=2), "200 BYE")

    def test_reinvite_before_the_answer(self) -> None:
        """14.2: an INVITE while ours is in progress is 491."""
        self.call()
        self.reply(180)
        self.assertEqual(self.say("INVITE", more="Contact: <sip:b@192.0.2.2>"), "491 INVITE")
        reply(self.peer, self.ann, 486, "bob")
        self.network.run()
