"""Reliable provisional responses, both sides (RFC 3262)."""

from typing import Any

from magroup.sip.message import Request
from tests.sip.network import ANSWER, OFFER, NetworkTestCase, Node, Phone
from tests.sip.peer import raw_request


class BothTests(NetworkTestCase):
    """Ann calls Bob."""

    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = self.phones()

    def call(self, headers: dict[str, list[str]] | None = None) -> tuple[Any, Any]:
        calling = self.ann.call(self.bob, headers=headers)
        self.network.run()
        return calling, self.bob.owners[-1]

    def test_a_whole_call(self) -> None:
        """3 and 4: 183 with SDP is sent reliably when the caller supports it; PRACK names RSeq, CSeq and method."""
        calling, called = self.call()
        called.session.progress(183, ANSWER)
        self.network.run()
        progress, prack = self.network.last("183 INVITE"), self.network.last("PRACK")
        self.assertEqual((progress.get("Require"), progress.get("RSeq")), ("100rel", "1"))
        self.assertEqual((prack.get("RAck"), prack.cseq), ("1 1 INVITE", (2, "PRACK")))
        called.session.answer(ANSWER)
        self.network.run()
        self.assertEqual(self.network.lines(), ["INVITE", "183 INVITE", "PRACK", "200 PRACK", "200 INVITE", "ACK"])
        self.assertEqual(calling.heard, [("progressed", 183, ANSWER), ("answered", ANSWER)])
        self.assertEqual(self.network.last("ACK").cseq[0], 1)
        self.hang_up(calling)
        self.assertEqual(self.network.last("BYE").cseq, (3, "BYE"))

    def test_only_when_it_is_worth_it(self) -> None:
        """3: a 180 without SDP needs no PRACK, unless the caller requires it."""
        calling, called = self.call()
        called.session.progress(180)
        self.network.run()
        self.assertEqual(self.network.lines(), ["INVITE", "180 INVITE"])
        calling.session.cancel()
        self.network.run()
        calling, called = self.call({"Require": ["timer"]})
        called.session.progress(180)
        self.network.run()
        self.assertEqual(self.network.last("180 INVITE").get("Require"), "")
        calling.session.cancel()
        self.network.run()
        calling, called = self.call({"Require": ["100rel"]})
        called.session.progress(180)
        self.network.run()
        self.assertEqual(self.network.last("180 INVITE").get("Require"), "100rel")
        self.assertEqual(calling.names, ["progressed"])
        called.session.reject(486)
        self.network.run()

    def test_one_at_a_time_in_order(self) -> None:
        """3: the next goes out when the one before is acknowledged; RSeq goes up by one."""
        calling, called = self.call()
        self.network.delay = 0.1
        for status in (183, 180, 181):
            called.session.progress(status, ANSWER if status == 183 else b"")
        self.network.run(0.05)
        self.assertEqual(self.network.lines("192.0.2.2"), ["183 INVITE"])
        self.network.run(2)
        self.assertEqual([heard[1] for heard in calling.heard], [183, 180, 181])
        self.assertEqual([message.get("RSeq") for message in self.ann.received if message.get("RSeq")], ["1", "2", "3"])
        called.session.reject(480)
        self.network.run(1)

    def test_the_2xx_waits_for_the_prack_of_sdp(self) -> None:
        """3: no 2xx before the reliable response that had the answer is acknowledged."""
        calling, called = self.call()
        self.network.drops = lambda sent: sent.line == "PRACK"
        called.session.progress(183, ANSWER)
        called.session.answer(ANSWER)
        self.network.run(1.2)
        self.assertNotIn("200 INVITE", self.network.lines())
        self.network.drops = lambda sent: False
        self.network.run(2)
        self.assertEqual(calling.names, ["progressed", "answered"])
        self.hang_up(calling)

    def test_refused_while_the_2xx_waits(self) -> None:
        calling, called = self.call()
        self.network.drops = lambda sent: sent.line == "PRACK"
        called.session.progress(183, ANSWER)
        called.session.answer(ANSWER)
        called.session.bye()
        self.network.run(40)
        self.assertEqual(calling.names, ["progressed", "rejected"])
        self.assertNotIn("200 INVITE", self.network.lines())

    def test_cancelled_while_it_waits(self) -> None:
        calling, called = self.call()
        self.network.drops = lambda sent: sent.line == "PRACK"
        called.session.progress(183, ANSWER)
        called.session.answer(ANSWER)
        self.network.run()
        calling.session.cancel()
        self.network.run(40)
        self.assertEqual(called.names, ["cancelled"])

    def test_no_prack_at_all(self) -> None:
        """3: repeated after T1, doubling; without a PRACK for 64*T1 the INVITE is refused with a 5xx."""
        calling, called = self.call()
        self.network.drops = lambda sent: sent.line in ("PRACK", "CANCEL")
        called.session.progress(183, ANSWER)
        called.session.progress(180)
        self.network.run(31.99)
        self.assertEqual(self.network.times("183 INVITE"), [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5])
        self.assertEqual((called.heard, self.network.times("180 INVITE")), ([], []))
        self.network.run(0.01)
        self.assertIn("504 INVITE", self.network.lines())
        self.assertEqual(called.heard, [("cancelled", 'SIP;cause=504;text="No PRACK"')])
        self.network.run(40)
        self.assertEqual(calling.names, ["progressed", "ended"])

    def test_repetitions_are_dropped(self) -> None:
        """4: a repeated provisional response is acknowledged once; its PRACK is repeated by its own transaction."""
        calling, called = self.call()
        self.network.drops = lambda sent: sent.line == "PRACK" and sent.time < 1.6
        called.session.progress(183, ANSWER)
        self.network.run(10)
        self.assertEqual(self.network.times("183 INVITE"), [0, 0.5, 1.5, 3.5])
        self.assertEqual(self.network.times("PRACK"), [0, 0.5, 1.5, 3.5])
        self.assertEqual(len({sent.data for sent in self.network.log if sent.line == "PRACK"}), 1)
        self.assertEqual(calling.names, ["progressed"])
        called.session.reject(486)
        self.network.run()

    def test_2xx_before_a_prack_without_sdp(self) -> None:
        """3: with no SDP outstanding the 2xx may go at once; a PRACK that comes after it is still answered 200."""
        calling, called = self.call({"Require": ["100rel"]})
        self.network.drops = lambda sent: sent.line == "PRACK" and sent.time < 0.4
        called.session.progress(180)
        self.network.run(0.1)
        called.session.answer(ANSWER)
        self.network.run(2)
        self.assertEqual(calling.names, ["progressed", "answered"])
        self.assertEqual(self.network.times("180 INVITE"), [0], "not repeated after the 2xx")
        self.assertEqual(self.network.times("200 PRACK"), [0.5])
        self.hang_up(calling)


class CalledTests(NetworkTestCase):
    """A peer that does what the test says calls Bob."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")
        self.say("INVITE", 1, "Supported: 100rel")
        self.owner = self.bob.owners[0]

    def tearDown(self) -> None:
        self.owner.session.reject(480)
        self.say("ACK", 1, branch="INVITE1")
        super().tearDown()

    def say(self, method: str, number: int, more: str = "", body: bytes = b"", branch: str = "") -> str:
        tag = self.bob.owners[0].session.tag if self.bob.owners else ""
        body = OFFER if method == "INVITE" else body
        self.peer.received.clear()
        self.peer.say(raw_request(method, number, tag, branch=branch, more=more, sdp=body), self.bob)
        self.network.run()
        return self.peer.got()[0] if self.peer.received else ""

    def progress(self) -> None:
        self.owner.session.progress(183, ANSWER)
        self.network.run()

    def test_prack_that_matches_nothing(self) -> None:
        """3: 481 to a PRACK that matches no outstanding response."""
        self.assertEqual(self.say("PRACK", 2, "RAck: 1 1 INVITE"), "481 PRACK")
        self.progress()
        for number, rack in enumerate(("RAck: 2 1 INVITE", "RAck: 1 2 INVITE", "RAck: 1 1 UPDATE", "RAck: x", ""), 3):
            self.assertEqual(self.say("PRACK", number, rack), "481 PRACK")
        self.assertEqual(self.say("PRACK", 9, "RAck: 1 1 INVITE"), "200 PRACK")
        self.assertEqual(self.say("PRACK", 9, "RAck: 1 1 INVITE"), "200 PRACK", "the same again")
        self.assertEqual(self.say("PRACK", 10, "RAck: 1 1 INVITE"), "481 PRACK")

    def test_offer_in_the_prack(self) -> None:
        """5: it would need an answer in the 200. Refused, but the provisional response has arrived."""
        self.progress()
        self.assertEqual(self.say("PRACK", 2, "RAck: 1 1 INVITE", OFFER), "488 PRACK")
        self.network.run(10)
        self.assertEqual(len(self.network.times("183 INVITE")), 1)

    def test_repeated_invite_gets_the_last_provisional_again(self) -> None:
        self.progress()
        self.owner.session.progress(180)
        self.network.run()
        self.say("INVITE", 1, "Supported: 100rel", branch="INVITE1")
        self.assertEqual(set(self.network.lines("192.0.2.2")), {"183 INVITE"})

    def test_repeated_is_what_was_sent_reliably(self) -> None:
        """3: what is repeated is the reliable response itself, whatever the owner has sent since."""
        self.progress()
        self.owner.session.progress(180)
        self.network.run(2)
        self.assertEqual(self.network.lines("192.0.2.2"), ["183 INVITE"] * 3)
        self.assertEqual(len({sent.data for sent in self.network.log if sent.line == "183 INVITE"}), 1)
        self.assertEqual(self.say("PRACK", 2, "RAck: 1 1 INVITE"), "200 PRACK")
        self.assertEqual((self.peer.got(), self.peer.received[-1].get("RSeq")), (["200 PRACK", "180 INVITE"], "2"))


class CallingTests(NetworkTestCase):
    """Ann calls a peer that does what the test says."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = Phone(self.network, "192.0.2.1")
        self.peer = Node(self.network, "192.0.2.2")
        self.owner = self.ann.call(self.peer)
        self.network.run()

    def tearDown(self) -> None:
        self.reply(486)
        super().tearDown()

    def reply(self, status: int, rseq: str = "", method: str = "INVITE", tag: str = "bob") -> None:
        requests = [message for message in self.peer.received if isinstance(message, Request)]
        response = [request for request in requests if request.method == method][-1].respond(status, to_tag=tag)
        response.headers["Contact"] = ["<sip:b@192.0.2.2>"]
        if rseq:
            response.headers |= {"Require": ["100rel"], "RSeq": [rseq]}
        self.peer.say(response, self.ann)
        self.network.run()

    @property
    def racks(self) -> list[str]:
        return [sent.message.get("RAck") for sent in self.network.log if sent.line == "PRACK"]

    def test_order(self) -> None:
        """4: only the RSeq that follows the last is acknowledged and told; what overtook another comes again."""
        for rseq in ("776", "778", "777", "776", "778", "777"):
            self.reply(183, rseq)
            if self.peer.got()[-1] == "PRACK":
                self.reply(200, method="PRACK")
        self.assertEqual(self.racks, ["776 1 INVITE", "777 1 INVITE", "778 1 INVITE"])
        self.assertEqual(self.owner.names, ["progressed"] * 3)

    def test_numbers_that_are_none(self) -> None:
        for rseq in ("0", "x", "-1", "99999999999999"):
            self.reply(183, rseq)
        self.assertEqual((self.racks, self.owner.names), ([], []))

    def test_without_to_tag(self) -> None:
        """4: without a dialog there is no PRACK."""
        self.reply(183, "1", tag="")
        self.assertEqual(self.racks, [])

    def test_not_after_giving_up(self) -> None:
        self.reply(180)
        self.owner.session.cancel()
        self.reply(183, "1")
        self.assertEqual(self.racks, [])

    def test_unreliable_between(self) -> None:
        self.reply(183, "5")
        self.reply(200, method="PRACK")
        self.reply(180)
        self.reply(180, "6")
        self.reply(200, method="PRACK")
        self.assertEqual((self.racks, self.owner.names), (["5 1 INVITE", "6 1 INVITE"], ["progressed"] * 3))
