"""Being called: refusing, being cancelled, requests inside (RFC 3261 13.3, 9.2, 15)."""

from typing import Any

from magroup.sip.errors import SipError
from tests.sip.called import CalledTestCase
from tests.sip.network import ANSWER, OTHER, Owner


class RefusingTests(CalledTestCase):
    def test_reject(self) -> None:
        owner = self.invite()
        owner.session.reject(486, "Not now", {"Retry-After": "60", "Warning": ["399 a b", "399 c d"]})
        self.network.run()
        answer = self.network.last("486 INVITE")
        self.assertEqual((answer.reason, answer.get("Retry-After"), answer.headers["Warning"]),
                         ("Not now", "60", ["399 a b", "399 c d"]))  # fmt: skip
        self.assertEqual((owner.heard, self.bob.endpoint.sessions), ([], set()))
        self.ack_failure()

    def test_bye_is_a_refusal(self) -> None:
        owner = self.invite()
        owner.session.bye()
        self.network.run()
        self.assertEqual(self.sent, ["480 INVITE"])
        self.ack_failure()

    def test_after_the_refusal(self) -> None:
        self.invite().session.reject(486)
        self.network.run()
        self.ack_failure()
        self.assertEqual(self.say("BYE", 2), "481 BYE")

    def test_who_fails_while_being_called(self) -> None:
        """What goes wrong in the owner is answered 500; what it refuses by raising, with that."""

        def fail(session: Any) -> None:
            session.finish()
            raise ZeroDivisionError

        def refuse(session: Any) -> None:
            session.finish()
            raise SipError(488, headers={"Warning": "x"})

        self.bob.on_call = fail
        self.assertEqual(self.say("INVITE"), "500 INVITE")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.bob.on_call = refuse
        self.assertEqual(self.say("INVITE", branch="two"), "488 INVITE")
        self.assertEqual(self.network.last("488 INVITE").get("Warning"), "x")


class CancelledTests(CalledTestCase):
    def test_cancelled_while_ringing(self) -> None:
        """9.2, 15.1.2: 200 to the CANCEL, 487 to the INVITE, both with the To tag that rang."""
        owner = self.invite()
        owner.session.progress(180)
        self.network.run()
        tag = self.tag
        self.assertEqual(self.cancel("Reason: SIP;cause=200"), "487 INVITE")
        self.assertEqual(self.sent, ["180 INVITE", "200 CANCEL", "487 INVITE"])
        self.assertEqual({message.to.tag for message in self.peer.received}, {tag})
        self.assertEqual((owner.heard, self.bob.endpoint.dialogs), ([("cancelled", "SIP;cause=200")], {}))
        self.ack_failure()

    def test_cancelled_at_once(self) -> None:
        owner = self.invite()
        self.assertEqual(self.cancel(), "487 INVITE")
        self.ack_failure()
        owner.session.answer(ANSWER)
        owner.session.reject(486)
        self.network.run()
        self.assertEqual((self.sent, owner.names), (["200 CANCEL", "487 INVITE"], ["cancelled"]))

    def test_cancel_crosses_our_answer(self) -> None:
        """9.2: after a final response a CANCEL has no effect; the caller will acknowledge and hang up."""
        owner = self.invite()
        owner.session.answer(ANSWER)
        self.network.run()
        self.assertEqual(self.cancel(), "200 CANCEL")
        self.assertEqual(owner.heard, [])
        self.ack()
        self.say("BYE", 2)
        self.assertEqual(owner.names, ["acknowledged", "ended"])

    def test_cancel_after_our_refusal(self) -> None:
        self.invite().session.reject(486)
        self.network.run()
        self.assertEqual(self.cancel(), "200 CANCEL")
        self.ack_failure()
        self.assertEqual(self.sent, ["486 INVITE", "200 CANCEL"])

    def test_bye_in_the_early_dialog(self) -> None:
        """15, 15.1.2: the caller may send BYE before the answer; the INVITE is then answered 487."""
        owner = self.invite()
        owner.session.progress(180)
        self.network.run()
        self.say("BYE", 2, more="Reason: SIP;cause=487")
        self.assertEqual(self.sent, ["180 INVITE", "200 BYE", "487 INVITE"])
        self.assertEqual(owner.heard, [("cancelled", "SIP;cause=487")])
        self.ack_failure()

    def test_one_cause_at_a_time(self) -> None:
        """CANCEL and BYE together: the owner hears one."""
        owner = self.invite()
        owner.session.progress(180)
        self.network.run()
        self.say("BYE", 2)
        self.cancel()
        self.ack_failure()
        self.assertEqual(owner.names, ["cancelled"])


class InsideTests(CalledTestCase):
    def connected(self) -> Owner:
        owner = self.invite()
        owner.session.answer(ANSWER)
        self.network.run()
        self.ack()
        return owner

    def test_info(self) -> None:
        """RFC 6086: the owner answers; a session that ends before answers 487 (RFC 3261 15.1.2)."""
        owner = self.connected()
        self.say("INFO", 2, more="Content-Type: application/dtmf-relay")
        owner.responds[0](200)
        self.network.run()
        self.assertEqual(self.sent[-1], "200 INFO")
        self.say("INFO", 3)
        self.say("INFO", 4)
        self.say("BYE", 5)
        self.assertEqual(self.sent[-3:], ["200 BYE", "487 INFO", "487 INFO"])
        owner.responds[1](200)
        self.network.run()
        self.assertEqual(self.sent[-1], "487 INFO")

    def test_info_that_ends_the_session(self) -> None:
        owner = self.connected()
        owner.does["informed"] = lambda request, respond: owner.session.bye()
        self.say("INFO", 2)
        self.assertEqual(self.sent[-2:], ["BYE", "487 INFO"])

    def test_nobody_cares(self) -> None:
        """A session without owner, waiting for the ACK, only cleans up."""
        owner = self.invite()
        owner.session.answer(ANSWER)
        owner.session.bye()
        self.network.run()
        for number, method in enumerate(("INFO", "REFER"), 2):
            self.assertEqual(self.say(method, number, more="Refer-To: <sip:c@test>"), f"481 {method}")
        self.assertEqual(self.say("UPDATE", 5, OTHER), "481 UPDATE")
        self.assertEqual(self.say("INVITE", 6, OTHER), "481 INVITE")
        self.say("ACK", 6, branch="INVITE6")
        self.assertEqual(owner.heard, [])
        self.ack()
