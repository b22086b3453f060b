"""REFER and the NOTIFYs about it (RFC 3515, RFC 3891, RFC 3892, RFC 4488)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.errors import SipError
from magroup.sip.refer import Replaces, parse_replaces
from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, NetworkTestCase, Node, Phone
from tests.sip.peer import raw_request


class ReplacesTests(SynchronousTestCase):
    def test_values(self) -> None:
        """RFC 3891 6.1: call-id, to-tag and from-tag in any order, early-only, other parameters ignored."""
        for value, expected in (
            ("98732@sip.test;from-tag=r33th4x0r;to-tag=ff87ff", ("98732@sip.test", "ff87ff", "r33th4x0r")),
            ("12adf2f34456gs5;to-tag=12345;from-tag=54321", ("12adf2f34456gs5", "12345", "54321")),
            (" 87134@171.161.34.23 ; TO-TAG = 24796 ; From-Tag=0 ", ("87134@171.161.34.23", "24796", "0")),
            ("a;to-tag=1;x;y=z;from-tag=2", ("a", "1", "2")),
        ):
            self.assertEqual(parse_replaces(value), Replaces(*expected))
        self.assertTrue(parse_replaces("a;to-tag=1;from-tag=2;early-only").early_only)

    def test_not_enough(self) -> None:
        for value in ("", "a", "a;to-tag=1", "a;from-tag=1", ";to-tag=1;from-tag=2", "a,to-tag=1;from-tag=2"):
            self.assertEqual(self.assertRaises(SipError, parse_replaces, value).status, 400)

    @given(st.text(max_size=200))
    def test_anything(self, value: str) -> None:
        try:
            replaces = parse_replaces(value)
        except SipError as error:
            self.assertEqual(error.status, 400)
        else:
            self.assertTrue(replaces.call_id)


class ReferTests(NetworkTestCase):
    """A phone in a call asks for a transfer."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.bob.on_call = lambda session: session.answer(ANSWER)
        self.peer = Node(self.network, "192.0.2.1")
        self.number = 1
        self.say("INVITE", "Contact: <sip:a@192.0.2.1>", fresh=True)
        self.owner = self.bob.owners[0]
        self.say("ACK", "", fresh=True)

    def tearDown(self) -> None:
        if self.owner.session.state is not SessionState.ENDED:
            self.say("BYE", "")
        super().tearDown()

    def say(self, method: str, more: str, fresh: bool = False) -> Any:
        """Send a request; the answer to it."""
        self.number += 0 if fresh else 1
        tag = self.bob.owners[0].session.tag if self.bob.owners else ""
        self.peer.say(raw_request(method, self.number, tag, more=more), self.bob)
        self.network.run()
        found = [message for message in self.peer.received if message.cseq == (self.number, method)]
        return found[0] if found else None

    def answer_notify(self, status: int = 200) -> None:
        self.peer.say(self.network.last("NOTIFY").respond(status), self.bob)
        self.network.run()

    @property
    def sent(self) -> list[str]:
        return self.network.lines("192.0.2.2")[1:]

    def test_accepted_and_told_of(self) -> None:
        """RFC 3515 2.4.4: 202, an immediate NOTIFY, then one for each change, the last with the final status."""
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>\nReferred-By: <sip:ann@test>")
        refer = self.owner.refers[0]
        self.assertEqual((refer.target.uri.text, refer.replaces, refer.referred_by),
                         ("sip:carol@192.0.2.3", None, "<sip:ann@test>"))  # fmt: skip
        refer.accept()
        self.network.run()
        self.assertEqual(self.sent, ["202 REFER", "NOTIFY"])
        self.assertTrue(self.network.last("202 REFER").contact)
        for status, reason in ((180, ""), (200, "Fine")):
            self.answer_notify()
            refer.notify(status, reason)
            self.network.run()
        notifies = [sent.message for sent in self.network.log if sent.line == "NOTIFY"]
        self.assertEqual([notify.body for notify in notifies],
                         [b"SIP/2.0 100 Trying\r\n", b"SIP/2.0 180 Ringing\r\n", b"SIP/2.0 200 Fine\r\n"])  # fmt: skip
        self.assertEqual({notify.get("Event") for notify in notifies}, {"refer;id=2"})
        self.assertEqual([notify.get("Subscription-State") for notify in notifies],
                         ["active;expires=60"] * 2 + ["terminated;reason=noresource"])  # fmt: skip
        self.assertEqual({notify.content_type for notify in notifies}, {"message/sipfrag"})
        self.assertEqual([notify.cseq[0] for notify in notifies], [1, 2, 3])
        self.answer_notify()
        refer.notify(200)
        self.network.run()
        self.assertEqual((self.sent.count("NOTIFY"), refer.over), (3, True))

    def test_replaces_in_refer_to(self) -> None:
        """RFC 3891 4: escaped in the Refer-To URI; linphone writes from-tag first and escapes in lower case."""
        for text in ("sip:carol@127.0.0.1?Replaces=a%40b%3bfrom-tag%3d2%3bto-tag%3d1",
                     "sip:carol@127.0.0.1?Subject=x&replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces",
                     "sip:carol@127.0.0.1;transport=udp?%52eplaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2"):  # fmt: skip
            self.say("REFER", f"Refer-To: <{text}>")
            refer = self.owner.refers[-1]
            self.assertEqual(refer.replaces, Replaces("a@b", "1", "2"), text)
            self.assertEqual(refer.target.uri.user, "carol")
            refer.reject(603)
            self.network.run()

    def test_refused(self) -> None:
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>")
        self.owner.refers[0].reject(603, "Not you")
        self.owner.refers[0].notify(200)
        self.owner.refers[0].accept()
        self.network.run()
        self.assertEqual((self.sent, self.network.last("603 REFER").reason), (["603 REFER"], "Not you"))

    def test_what_cannot_be_understood(self) -> None:
        """RFC 3515 2.4.2: exactly one Refer-To, else 400; a URI that is not SIP is 416."""
        for more, status in (
            ("Subject: none", 400), ("Refer-To: <sip:a@b>, <sip:c@d>", 400), ("Refer-To: <sip:a@b>\nr: <sip:c@d>", 400),
            ("Refer-To: nonsense", 400), ("Refer-To: <tel:+1234>", 416), ("Refer-To: <https://a.test/>", 416),
            ("Refer-To: <sip:a@b?Replaces=x>", 400), ("Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D1>", 400),
        ):  # fmt: skip
            self.assertEqual(self.say("REFER", more).status, status, more)
        self.assertEqual(self.owner.refers, [])

    def test_without_notifies(self) -> None:
        """RFC 4488 4: Refer-Sub: false in the REFER and in its 202 means no subscription."""
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>\nRefer-Sub: FALSE")
        refer = self.owner.refers[0]
        refer.accept()
        refer.notify(180)
        refer.notify(200)
        self.network.run()
        self.assertEqual((self.sent, self.network.last("202 REFER").get("Refer-Sub")), (["202 REFER"], "false"))
        self.assertTrue(refer.over)

    def test_two_at_a_time(self) -> None:
        """RFC 3515 2.4.6: the id of the Event is the CSeq number of the REFER it belongs to."""
        for user in ("carol", "dave"):
            self.say("REFER", f"Refer-To: <sip:{user}@192.0.2.3>")
        for refer in self.owner.refers:
            refer.accept()
            self.network.run()
            self.answer_notify()
        self.assertEqual([sent.message.get("Event") for sent in self.network.log if sent.line == "NOTIFY"],
                         ["refer;id=2", "refer;id=3"])  # fmt: skip

    def test_a_peer_that_does_not_want_notifies(self) -> None:
        """RFC 6665 4.2.2: 481 to a NOTIFY ends the subscription, not the session; other refusals end nothing."""
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>")
        refer = self.owner.refers[0]
        refer.accept()
        self.network.run()
        self.answer_notify(489)
        refer.notify(180)
        self.network.run()
        self.answer_notify(481)
        refer.notify(200)
        self.network.run()
        self.assertEqual((self.sent.count("NOTIFY"), self.owner.session.state), (2, SessionState.CONFIRMED))

    def test_notify_unanswered(self) -> None:
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>")
        self.owner.refers[0].accept()
        self.network.run(33)
        self.assertEqual(self.owner.session.state, SessionState.CONFIRMED)

    def test_the_session_ends_first(self) -> None:
        """A phone that hangs up with its REFER is told nothing more; an open one gets 487 (RFC 3261 15.1.2)."""
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>")
        self.say("REFER", "Refer-To: <sip:dave@192.0.2.3>")
        accepted, waiting = self.owner.refers
        accepted.accept()
        self.network.run()
        self.answer_notify()
        self.say("BYE", "")
        accepted.notify(200)
        waiting.accept()
        waiting.notify(200)
        self.network.run()
        self.assertEqual(self.sent, ["202 REFER", "NOTIFY", "200 BYE", "487 REFER"])

    def test_before_the_answer(self) -> None:
        """A call that only rings is not transferred; 481 would say that it is gone."""
        caller = Phone(self.network, "192.0.2.4")
        self.bob.on_call = lambda session: session.progress(180)
        calling = caller.call(self.bob)
        self.network.run()
        heard: list[int] = []
        calling.session.send("REFER", headers={"Refer-To": "<sip:c@d>"}, answered=lambda r: heard.append(r.status))
        self.network.run()
        self.assertEqual((heard, calling.names), ([403], ["progressed"]))
        calling.session.cancel()
        self.network.run()

    def test_reason_with_line_ends(self) -> None:
        """What another peer gave as its reason makes no lines of its own in the fragment."""
        self.say("REFER", "Refer-To: <sip:carol@192.0.2.3>")
        refer = self.owner.refers[0]
        refer.accept()
        self.network.run()
        self.answer_notify()
        refer.notify(486, "Busy\r\nEvil: yes")
        self.network.run()
        self.assertEqual(self.network.last("NOTIFY").body, b"SIP/2.0 486 Busy Evil: yes\r\n")
        self.answer_notify()
