"""Changing a session: re-INVITE and UPDATE of either side, glare, and what is refused (RFC 3261 14, RFC 3311)."""

from collections.abc import Callable
from typing import Any

from magroup.sip.modify import Offer
from magroup.sip.session import SessionState
from tests.sip.network import ANSWER, OFFER, OTHER, NetworkTestCase, Node, Owner, Phone

THIRD = OFFER.replace(b"4000", b"4006")


class Outcomes(list[tuple[int, bytes]]):
    """What changes came to."""

    def __call__(self, status: int, sdp: bytes) -> None:
        self.append((status, sdp))


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


def accepting(sdp: bytes, acknowledged: Callable[[bytes], None] | None = None) -> Callable[[Offer], None]:
    return lambda offer: offer.accept(sdp, acknowledged)


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
        self.assertEqual(sorted(self.flow), ["491 INVITE"] * 2 + ["ACK"] * 2 + ["INVITE"] * 2)
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


class PeerTestCase(NetworkTestCase):
    """Bob, called by a peer that does what the test says."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")
        self.done = Outcomes()
        self.number = 1

    def tearDown(self) -> None:
        for owner in self.bob.owners:
            if owner.session.state is not SessionState.ENDED:
                self.say("BYE")
        super().tearDown()

    def say(self, method: str, sdp: bytes = b"", number: int = 0, branch: str = "", more: str = "") -> list[str]:
        """Send a request; what comes back at once."""
        if not number and not (method == "INVITE" and not self.bob.owners):
            self.number += 1
        number = number or self.number
        tag = f";tag={self.bob.owners[0].session.tag}" if self.bob.owners else ""
        lines = [
            f"{method} sip:b@192.0.2.2 SIP/2.0", f"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch or method}{number}",
            "From: <sip:a@test>;tag=peer", f"To: <sip:b@test>{tag}", "Call-ID: call", f"CSeq: {number} {method}",
            "Contact: <sip:a@192.0.2.1>", more, "Content-Type: application/sdp" if sdp else "",
            f"Content-Length: {len(sdp)}",
        ]  # fmt: skip
        self.peer.received.clear()
        self.peer.say("\r\n".join(line for line in lines if line).encode() + b"\r\n\r\n" + sdp, self.bob)
        self.network.run()
        return self.peer.got()

    def answer(self, status: int, sdp: bytes = b"", method: str = "INVITE", **headers: str) -> None:
        """Answer a request of Bob's."""
        response = self.network.last(method, "192.0.2.2").respond(status)
        response.headers["Contact"] = ["<sip:a@192.0.2.1>"]
        for name, value in headers.items():
            response.headers[name.replace("_", "-")] = [value]
        if sdp:
            response.headers["Content-Type"] = ["application/sdp"]
            response.body = sdp
        self.peer.say(response, self.bob)
        self.network.run()

    def connected(self, sdp: bytes = OFFER, answer: bytes = ANSWER) -> Any:
        self.bob.on_call = lambda session: session.answer(answer)
        self.say("INVITE", sdp)
        self.say("ACK", number=1, sdp=b"" if sdp else ANSWER)
        return self.bob.owners[0]

    def change(self, sdp: bytes = OTHER) -> None:
        self.bob.owners[0].session.modifier.change(sdp, self.done)
        self.network.run()

    @property
    def sent(self) -> list[str]:
        return self.network.lines("192.0.2.2")


class TheirsTests(PeerTestCase):
    def test_2xx_is_repeated_until_the_ack(self) -> None:
        """14.2, 13.3.1.4: as after the first INVITE."""
        owner = self.connected()
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
        owner = self.connected()
        owner.does["offered"] = accepting(ANSWER)
        self.say("INVITE", OTHER)
        self.network.run(31.9)
        self.assertEqual(owner.session.state, SessionState.CONFIRMED)
        self.network.run(0.1)
        self.assertEqual((owner.heard[-1], self.sent[-1]), (("ended", 'SIP;cause=408;text="No ACK"'), "BYE"))
        self.answer(200, method="BYE")

    def test_a_second_before_the_first_is_answered(self) -> None:
        """14.2: 500 with Retry-After of 0 to 10 seconds."""
        owner = self.connected()
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
        owner = self.connected()
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
            owner = self.connected()
            self.say(method, OTHER)
            self.assertEqual(self.say("BYE"), ["200 BYE", f"487 {method}"])
            owner.offers[0].accept(ANSWER)
            self.network.run(40)
            self.assertNotIn(f"200 {method}", self.sent[3:])
        self.bob.owners.clear()

    def test_we_hang_up_while_it_waits(self) -> None:
        owner = self.connected()
        self.say("INVITE", OTHER)
        owner.session.bye()
        self.network.run()
        self.assertEqual(self.sent[-2:], ["BYE", "487 INVITE"])
        self.answer(200, method="BYE")

    def test_body_that_is_no_sdp(self) -> None:
        self.connected()
        for method in ("INVITE", "UPDATE"):
            self.assertEqual(self.say(method, more="Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc"),
                             [f"415 {method}"])  # fmt: skip
            self.assertEqual(self.network.last(f"415 {method}").get("Accept"), "application/sdp")

    def test_update(self) -> None:
        """RFC 3311 5.2: an UPDATE with an offer is answered in its 200; no ACK."""
        owner = self.connected()
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
        owner = self.connected()
        Node(self.network, "192.0.2.1", 5077)
        self.assertEqual(self.say("UPDATE", more="Contact: <sip:new@192.0.2.1:5077>"), ["200 UPDATE"])
        self.assertEqual((owner.session.dialog.target, owner.names), ("sip:a@192.0.2.1", ["acknowledged"]))
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
        self.connected()
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

    def test_500_for_good(self) -> None:
        owner = self.connected()
        for headers in ({}, {"Retry_After": "3600"}, {"Retry_After": "soon"}):
            self.change()
            self.answer(500, **headers)
        self.assertEqual((self.done, owner.session.state), ([(500, b"")] * 3, SessionState.CONFIRMED))

    def test_session_interval_too_small(self) -> None:
        """RFC 4028 7.3: after 422 the same again with the interval that the peer wants."""
        self.connected()
        self.change()
        self.answer(422, Min_SE="4000")
        invite = self.network.last("INVITE", "192.0.2.2")
        self.assertEqual((invite.get("Session-Expires"), invite.body), ("4000", OTHER))
        self.answer(422, Min_SE="4000")
        self.assertEqual(self.done, [(422, b"")])

    def test_challenge(self) -> None:
        owner = self.connected()
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
            owner = self.connected()
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
        owner = self.connected()
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
        owner = self.connected()
        self.change()
        self.answer(180)
        self.network.run(33)
        self.answer(487)
        self.assertEqual((self.done, self.sent[-1]), ([(487, b"")], "ACK"))
        self.network.run(80)
        self.assertEqual(owner.session.state, SessionState.CONFIRMED)

    def test_the_session_ends_before_the_response(self) -> None:
        """15.1.2: the peer answers a pending INVITE 487; any answer is acknowledged, the owner hears nothing."""
        for status in (487, 200):
            self.bob.owners.clear()
            self.number = 1
            self.connected()
            self.change()
            self.answer(180)
            self.say("BYE")
            self.answer(status, ANSWER if status == 200 else b"")
            self.assertEqual((self.sent[-1], self.done), ("ACK", []))
            self.network.run(40)
            self.assertEqual(self.bob.leftovers(), [])

    def test_the_session_ends_and_no_response_comes(self) -> None:
        self.connected()
        self.change()
        self.answer(180)
        self.say("BYE")
        self.network.run(31)
        self.assertEqual(len(self.bob.layer.clients), 1)
        self.network.run(1.1)
        self.assertEqual((self.bob.leftovers(), self.done), ([], []))

    def test_the_session_ends_before_our_answer_to_the_peers_offer(self) -> None:
        """13.2.2.4: its 2xx is acknowledged in any case."""
        self.connected()
        self.change(b"")
        self.answer(200, OFFER)
        self.assertEqual((self.done, self.sent[-1]), ([(200, OFFER)], "INVITE"))
        self.say("BYE")
        self.assertIn("ACK", self.sent)


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
