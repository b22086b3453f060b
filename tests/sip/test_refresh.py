"""Session timers: who refreshes, how, and what happens when it fails (RFC 4028)."""

from typing import Any

from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, OFFER, NetworkTestCase, Node, Owner, Phone
from tests.sip.peer import raw_request


class BothTests(NetworkTestCase):
    """Ann calls Bob, both with session timers."""

    def call(self, expires: int = 1800, other_expires: int = 1800, min_se: int = 90, other_min_se: int = 90) -> None:
        self.ann = Phone(self.network, "192.0.2.1", session_expires=expires, min_se=min_se)
        self.bob = Phone(self.network, "192.0.2.2", session_expires=other_expires, min_se=other_min_se)
        self.calling, self.called = self.connected(self.ann, self.bob)
        self.start = self.network.clock.seconds()

    def tearDown(self) -> None:
        self.network.drops = lambda sent: False
        self.hang_up(self.calling, self.called)
        super().tearDown()

    def test_proposed_and_agreed(self) -> None:
        """7.1, 9: the INVITE asks with Session-Expires and Min-SE, the 2xx says the interval and who refreshes."""
        self.call()
        invite, answer = self.network.last("INVITE"), self.network.last("200 INVITE")
        self.assertEqual((invite.get("Session-Expires"), invite.get("Min-SE")), ("1800", "90"))
        self.assertEqual((answer.get("Session-Expires"), answer.get("Require")), ("1800;refresher=uac", "timer"))
        self.assertIn("timer", invite.tokens("Supported"))

    def test_refreshed_by_update_at_half_time(self) -> None:
        """7.2, 10: the refresher sends its request when half the interval is over, again and again."""
        self.call()
        self.network.run(4 * 3600)
        self.assertEqual(self.network.times("UPDATE", "192.0.2.1"), [900 * n for n in range(1, 17)])
        self.assertEqual(self.network.lines("192.0.2.2").count("200 UPDATE"), 16)
        update = self.network.last("UPDATE")
        self.assertEqual((update.body, update.get("Session-Expires"), update.get("Min-SE"), bool(update.contact)),
                         (b"", "1800;refresher=uac", "90", True))  # fmt: skip
        self.assertEqual((self.calling.names, self.called.names), (["answered"], ["acknowledged"]))

    def test_refreshed_by_reinvite(self) -> None:
        """7.4: to a peer without UPDATE a re-INVITE with the description in force."""
        self.call()
        self.called.does["offered"] = lambda offer: offer.accept(ANSWER)
        self.calling.session.peer_allows -= {"UPDATE"}
        self.network.run(901)
        self.assertEqual(self.network.times("INVITE"), [0, 900])
        self.assertEqual((self.network.last("INVITE").body, self.network.times("UPDATE")), (OFFER, []))
        self.assertEqual(self.network.last("INVITE").get("Session-Expires"), "1800")

    def test_a_change_refreshes_too(self) -> None:
        """7.4, 8: every successful re-INVITE or UPDATE starts the interval anew."""
        self.call()
        self.called.does["offered"] = lambda offer: offer.accept(ANSWER)
        self.network.run(600)
        self.calling.session.modifier.change(OFFER, lambda status, sdp: None)
        self.network.run(901)
        self.assertEqual(self.network.times("UPDATE"), [1500])

    def test_the_refresher_is_gone(self) -> None:
        """10: without a refresh the other side hangs up, the smaller of 32 s and a third before the interval ends."""
        self.call()
        self.network.drops = lambda sent: sent.source.host == "192.0.2.1"
        self.network.run(1767.9)
        self.assertEqual(self.called.session.state, SessionState.CONFIRMED)
        self.network.run(0.2)
        self.assertEqual(self.called.heard[-1], ("ended", 'SIP;cause=408;text="Session expired"'))
        self.assertEqual(self.network.times("BYE", "192.0.2.2")[0], 1768)

    def test_the_other_is_gone(self) -> None:
        """10: a refresh that is not answered (408) ends the session."""
        self.call()
        self.network.drops = lambda sent: sent.target.host == "192.0.2.2"
        self.network.run(932.1)
        self.assertEqual(self.calling.heard[-1], ("ended", "SIP;cause=408"))
        self.network.run(1000)
        self.assertEqual(self.called.names[-1], "ended")

    def test_short_interval(self) -> None:
        self.call(expires=90)
        self.assertEqual(self.network.last("200 INVITE").get("Session-Expires"), "90;refresher=uac")
        self.network.drops = lambda sent: sent.source.host == "192.0.2.1"
        self.network.run(60.1)
        self.assertEqual(self.called.names[-1], "ended", "a third of 90 s before the end")

    def test_422(self) -> None:
        """5, 7.3: too short for the called: 422 with Min-SE; sent again with that, the same Call-ID, the next CSeq."""
        self.call(expires=90, other_min_se=600)
        self.assertEqual(self.network.lines(), ["INVITE", "422 INVITE", "ACK", "INVITE", "200 INVITE", "ACK"])
        self.assertEqual(self.network.last("422 INVITE").get("Min-SE"), "600")
        first, second = (sent.message for sent in self.network.log if sent.line == "INVITE")
        self.assertEqual((second.get("Session-Expires"), second.get("Min-SE"), second.cseq[0]), ("600", "600", 2))
        self.assertEqual((second.call_id, second.from_.tag), (first.call_id, first.from_.tag))
        self.assertEqual(self.calling.names, ["answered"])
        self.network.run(301)
        self.assertEqual(self.network.times("UPDATE"), [300])

    def test_switched_off(self) -> None:
        self.call(expires=0, other_expires=0)
        self.assertNotIn("Session-Expires", self.network.last("INVITE").headers)
        self.assertNotIn("Session-Expires", self.network.last("200 INVITE").headers)
        self.network.run(40)
        self.assertEqual((self.ann.timers.running, self.bob.timers.running), (0, 0))

    def test_switched_off_at_the_called(self) -> None:
        """7.2: a 2xx without Session-Expires means no timer at the peer; we refresh for ourselves."""
        self.call(other_expires=0)
        self.network.run(901)
        self.assertEqual(self.network.times("UPDATE", "192.0.2.1"), [900])

    def test_switched_off_at_the_caller(self) -> None:
        """9: the called may start a timer though the caller asked for none; then it refreshes."""
        self.call(expires=0)
        self.assertEqual(self.network.last("200 INVITE").get("Session-Expires"), "1800;refresher=uas")
        self.network.run(901)
        self.assertEqual(self.network.times("UPDATE", "192.0.2.2"), [900])


class CallingTests(NetworkTestCase):
    """Ann calls a peer that does what the test says."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = Phone(self.network, "192.0.2.1")
        self.peer = Node(self.network, "192.0.2.2")
        self.owner = self.ann.call(self.peer)
        self.network.run()

    def tearDown(self) -> None:
        self.owner.session.bye()
        self.network.run()
        if "BYE" in self.network.lines("192.0.2.1"):
            self.reply(200, "BYE")
        super().tearDown()

    def reply(self, status: int, method: str = "INVITE", **headers: str) -> None:
        response = self.network.last(method, "192.0.2.1").respond(status, to_tag="bob")
        response.headers["Contact"] = ["<sip:b@192.0.2.2>"]
        for name, value in headers.items():
            response.headers[name.replace("_", "-")] = [value]
        if status == 200 and method == "INVITE":
            response.headers["Content-Type"] = ["application/sdp"]
            response.body = ANSWER
        self.peer.say(response, self.ann)
        self.network.run()

    def test_who_refreshes(self) -> None:
        """7.2: refresher=uac and no word of it mean us, refresher=uas the peer."""
        for answer, ours in (("200;refresher=uac", True), ("200", True), ("200 ; Refresher=UAS", False)):
            self.reply(200, Session_Expires=answer)
            answered = self.network.clock.seconds()
            self.network.run(100.25)
            self.assertEqual("INVITE" in self.network.lines("192.0.2.1", answered + 99), ours, answer)
            self.tear_down_call()

    def tear_down_call(self) -> None:
        self.owner.session.bye()
        self.network.run()
        self.reply(200, "BYE")
        self.reply(487)
        self.network.run(40)
        self.owner = self.ann.call(self.peer)
        self.network.run()

    def test_update_refused_as_unknown(self) -> None:
        """A peer that allows UPDATE but does not know it gets re-INVITEs."""
        for status in (405, 501):
            self.reply(200, Session_Expires="200;refresher=uac", Allow="INVITE, UPDATE")
            self.network.run(100)
            self.reply(status, "UPDATE")
            self.assertEqual(self.network.lines("192.0.2.1")[-1], "INVITE")
            self.reply(200, Session_Expires="200;refresher=uac", Allow="INVITE")
            self.network.run(100)
            self.assertEqual(self.network.lines("192.0.2.1")[-2:], ["ACK", "INVITE"])
            self.reply(200, Session_Expires="200;refresher=uac")
            self.tear_down_call()

    def test_interval_too_small(self) -> None:
        """7.4, 6: a 422 to the refresh asks for a longer interval, which is used at once; never for ever."""
        self.reply(200, Session_Expires="200;refresher=uac", Allow="UPDATE")
        self.network.run(100)
        self.reply(422, "UPDATE", Min_SE="400")
        self.assertEqual(self.network.last("UPDATE").get("Session-Expires"), "400;refresher=uac")
        self.reply(422, "UPDATE", Min_SE="400")
        self.assertEqual(self.network.lines("192.0.2.1").count("UPDATE"), 2)
        self.network.run(10)
        self.reply(200, "UPDATE", Session_Expires="400;refresher=uac")
        self.network.run(199.9)
        self.assertEqual(self.network.lines("192.0.2.1").count("UPDATE"), 3)

    def test_failed_refresh_is_tried_again_until_the_interval_is_over(self) -> None:
        """10: a refresher whose requests keep failing hangs up when the session expires."""
        self.reply(200, Session_Expires="200;refresher=uac", Allow="UPDATE")
        answered = self.network.clock.seconds()
        self.network.run(100)
        for _ in range(30):
            if self.network.lines("192.0.2.1")[-1] == "UPDATE":
                self.reply(500, "UPDATE")
            self.network.run(10)
        self.assertEqual(self.network.times("UPDATE"), [100, 110, 120, 130, 140, 150, 160])
        self.assertEqual((self.network.times("BYE")[0] - answered, self.owner.heard[-1]),
                         (168, ("ended", 'SIP;cause=408;text="Session expired"')))  # fmt: skip

    def test_failed_once(self) -> None:
        self.reply(200, Session_Expires="200;refresher=uac", Allow="UPDATE")
        self.network.run(100)
        self.reply(491, "UPDATE")
        self.network.run(10)
        self.reply(200, "UPDATE", Session_Expires="200;refresher=uac", Contact="<sip:moved@192.0.2.2>")
        self.network.run(99)
        self.assertEqual(self.network.times("UPDATE"), [100, 110])
        self.assertEqual(self.owner.session.dialog.target, "sip:moved@192.0.2.2")

    def test_unreachable(self) -> None:
        self.reply(200, Session_Expires="200;refresher=uac", Allow="UPDATE")
        self.network.broken.add("192.0.2.2")
        self.network.run(170)
        self.network.broken.clear()
        self.assertEqual(self.owner.heard[-1], ("ended", 'SIP;cause=408;text="Session expired"'))

    def test_a_failed_reinvite_is_tried_again(self) -> None:
        self.reply(200, Session_Expires="200;refresher=uac")
        self.network.run(100)
        self.reply(503)
        self.network.run(10)
        self.assertEqual(self.network.times("INVITE"), [0, 100, 110])
        self.reply(200, Session_Expires="200;refresher=uac")
        self.network.run(100)
        self.assertEqual(self.network.times("INVITE"), [0, 100, 110, 210])
        self.reply(200, Session_Expires="200;refresher=uac")

    def test_no_refresh_into_a_change(self) -> None:
        """A re-INVITE that is under way refreshes the session; the old description does not undo it."""
        self.reply(200, Session_Expires="200;refresher=uac")
        self.network.run(99)
        other = OFFER.replace(b"4000", b"4010")
        self.owner.session.modifier.change(other, lambda status, sdp: None)
        self.network.run(3)
        self.reply(200, Session_Expires="200;refresher=uac")
        self.network.run(99)
        self.assertEqual(self.network.lines("192.0.2.1"), ["INVITE", "ACK"] + ["INVITE"] * 3 + ["ACK"])
        self.network.run(2)
        self.assertEqual(self.network.last("INVITE").body, other)
        self.reply(200, Session_Expires="200;refresher=uac")

    def test_no_refresh_before_a_change_that_waits_to_be_tried_again(self) -> None:
        self.reply(200, Session_Expires="200;refresher=uac")
        self.network.run(98)
        other = OFFER.replace(b"4000", b"4010")
        self.owner.session.modifier.change(other, lambda status, sdp: None)
        self.network.run()
        self.reply(491)
        self.network.run(2)
        self.assertEqual(self.network.times("INVITE"), [0, 98])
        self.network.run(3)
        again = self.network.last("INVITE")
        self.assertEqual((again.cseq[0], again.body), (3, other))
        self.reply(200, Session_Expires="200;refresher=uac")

    def test_a_refused_change_refreshes_nothing(self) -> None:
        self.reply(200, Session_Expires="200;refresher=uac")
        self.network.run(99)
        self.owner.session.modifier.change(OFFER.replace(b"4000", b"4010"), lambda status, sdp: None)
        self.network.run(3)
        self.reply(488)
        self.network.run(10)
        again = self.network.last("INVITE")
        self.assertEqual((again.cseq[0], again.body), (3, OFFER))
        self.reply(200, Session_Expires="200;refresher=uac")

    def test_nonsense_in_the_answer(self) -> None:
        for value in ("", "x", "0", "-5", "99999999999999", "1;refresher=nobody"):
            self.reply(200, Session_Expires=value, Allow="UPDATE")
            self.assertEqual(self.owner.session.state, SessionState.CONFIRMED)
            self.network.run(15)
            self.tear_down_call()

    def test_422_for_ever(self) -> None:
        """7.3: a peer that always wants more is given up."""
        for least in (2000, 3000, 4000, 5000):
            self.reply(422, Min_SE=str(least))
        self.assertEqual((self.owner.heard, self.network.lines("192.0.2.1").count("INVITE")), ([("rejected", 422)], 4))

    def test_422_without_reason(self) -> None:
        self.reply(422, Min_SE="90")
        self.assertEqual(self.owner.heard, [("rejected", 422)])


class CalledTests(NetworkTestCase):
    """A peer calls Bob."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.bob.on_call = lambda session: session.answer(ANSWER)
        self.peer = Node(self.network, "192.0.2.1")
        self.calls = 0

    def say(self, method: str, number: int, more: str = "") -> Any:
        tag = self.bob.owners[-1].session.tag if method != "INVITE" else ""
        branch, call_id = f"{method}{number}x{self.calls}", f"call{self.calls}"
        self.peer.say(raw_request(method, number, tag, branch=branch, call_id=call_id, more=more), self.bob)
        self.network.run()
        return self.peer.received[-1]

    def call(self, more: str) -> tuple[Any, Owner]:
        self.calls += 1
        answer = self.say("INVITE", 1, more)
        self.say("ACK", 1)
        return answer, self.bob.owners[-1]

    def test_who_refreshes(self) -> None:
        """9, table 2: the caller's choice is kept if it can; without support only the called can refresh."""
        for request, expected, required in (
            ("Session-Expires: 600\nSupported: timer", "600;refresher=uac", True),
            ("Session-Expires: 600;refresher=uas\nSupported: timer", "600;refresher=uas", False),
            ("x: 600;refresher=uac\nk: timer", "600;refresher=uac", True),
            ("Session-Expires: 600", "600;refresher=uas", False),
            ("Session-Expires: 600;refresher=uac", "600;refresher=uas", False),
            ("Supported: timer", "1800;refresher=uas", False),
            ("Subject: none", "1800;refresher=uas", False),
            ("Session-Expires: 600\nMin-SE: 900\nSupported: timer", "900;refresher=uac", True),
            ("Session-Expires: 20", "90;refresher=uas", False),
            ("Session-Expires: x\nSupported: timer", "1800;refresher=uas", False),
        ):
            answer, _ = self.call(request)
            self.assertEqual(answer.get("Session-Expires"), expected, request)
            self.assertEqual(answer.get("Require") == "timer", required, request)
            self.assertEqual(self.say("BYE", 9).status, 200)

    def test_too_small(self) -> None:
        """9: 422 with Min-SE, only to who understands it; nothing of the call stays."""
        answer = self.say("INVITE", 1, "Session-Expires: 89\nSupported: timer")
        self.assertEqual((answer.status, answer.get("Min-SE"), self.bob.owners), (422, "90", []))
        self.assertEqual((self.bob.endpoint.sessions, self.bob.endpoint.dialogs), (set(), {}))
        answer = self.say("INVITE", 2, "Session-Expires: 90\nMin-SE: 90\nSupported: timer")
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.say("UPDATE", 3, "Session-Expires: 30\nSupported: timer").status, 422)
        self.assertEqual(self.say("BYE", 4).status, 200)

    def test_refreshed_by_the_peer(self) -> None:
        """8, 10: an UPDATE with Session-Expires starts the interval anew, and may change it."""
        _, owner = self.call("Session-Expires: 600;refresher=uac\nSupported: timer")
        for number in range(3):
            self.network.run(500)
            answer = self.say("UPDATE", 10 + number, "Session-Expires: 600;refresher=uac\nSupported: timer")
            self.assertEqual((answer.status, answer.get("Session-Expires")), (200, "600;refresher=uac"))
        answer = self.say("UPDATE", 20, "Session-Expires: 300;refresher=uac\nSupported: timer")
        self.assertEqual(answer.get("Session-Expires"), "300;refresher=uac")
        self.network.run(267.9)
        self.assertEqual(owner.names, ["acknowledged"])
        self.network.run(0.2)
        self.assertEqual(owner.names, ["acknowledged", "ended"])

    def test_the_peer_takes_the_refreshing_over(self) -> None:
        _, owner = self.call("Session-Expires: 600;refresher=uas\nSupported: timer")
        self.say("UPDATE", 10, "Session-Expires: 600;refresher=uac\nSupported: timer")
        self.network.run(301)
        self.assertEqual(self.network.times("UPDATE", "192.0.2.2"), [])
        self.assertEqual(self.say("BYE", 11).status, 200)
        self.assertEqual(owner.names[-1], "ended")
