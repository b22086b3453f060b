"""Server transactions: what is answered, repeated and absorbed (RFC 3261 17.2, RFC 6026)."""

from typing import Any

from magroup.sip.message import Request
from magroup.sip.server_transaction import State
from tests.sip.network import Element, NetworkTestCase, Node


class ServerTestCase(NetworkTestCase):
    transport = "udp"

    def setUp(self) -> None:
        super().setUp()
        self.peer = Node(self.network, "192.0.2.1", transport=self.transport)
        self.bob = Element(self.network, "192.0.2.2", transport=self.transport)

    def ask(self, method: str, branch: str = "z9hG4bK1", via: str = "", to: str = "", **headers: str) -> None:
        """Send a request, or with the same branch send it again."""
        sent_by = via or f"SIP/2.0/{self.transport.upper()} 192.0.2.1:5060;branch={branch}"
        more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
        self.peer.say(f"""{method} sip:b@192.0.2.2 SIP/2.0
            Via: {sent_by}
            From: <sip:a@test>;tag=from
            To: <sip:b@test>{to}
            Call-ID: call
            CSeq: 7 {method}
            {more}Content-Length: 0""", self.bob)  # fmt: skip
        self.network.run()

    @property
    def transaction(self) -> Any:
        return self.bob.asked[-1]

    def answer(self, status: int, to_tag: str = "bob") -> None:
        self.transaction.respond(self.bob.requests[-1].respond(status, to_tag=to_tag))
        self.network.run()

    @property
    def sent(self) -> list[str]:
        return self.network.lines("192.0.2.2")


class InviteTests(ServerTestCase):
    def test_100_after_200_ms_when_nothing_was_sent(self) -> None:
        """17.2.1: 100 unless the user is known to answer within 200 ms; it has no To tag of ours."""
        self.ask("INVITE", Timestamp="54")
        self.network.run(0.19)
        self.assertEqual(self.sent, [])
        self.network.run(0.01)
        trying = self.network.last("100 INVITE")
        self.assertEqual((trying.to.tag, trying.get("Timestamp")), ("", "54"))
        self.network.run(10)
        self.assertEqual(self.sent, ["100 INVITE"])
        self.answer(486)
        self.ask("ACK", to=";tag=bob")

    def test_no_100_when_something_was_sent(self) -> None:
        self.ask("INVITE")
        self.answer(180)
        self.network.run(1)
        self.assertEqual(self.sent, ["180 INVITE"])
        self.answer(200)
        self.network.run(1)
        self.assertEqual(self.sent, ["180 INVITE", "200 INVITE"])

    def test_repeated_invite_in_proceeding_gets_the_last_response_again(self) -> None:
        """17.2.1: the most recent provisional response is sent again; nothing while there is none."""
        self.ask("INVITE")
        self.ask("INVITE")
        self.assertEqual((self.sent, len(self.bob.asked)), ([], 1))
        self.answer(180)
        self.answer(183)
        self.ask("INVITE")
        self.assertEqual((self.sent, len(self.bob.asked)), (["180 INVITE", "183 INVITE", "183 INVITE"], 1))
        self.answer(486)
        self.ask("ACK", to=";tag=bob")

    def test_failure_is_repeated_by_timer_g_until_timer_h(self) -> None:
        """17.2.1: timer G is T1 doubling up to T2; timer H gives up after 64*T1."""
        self.ask("INVITE")
        self.answer(486)
        transaction = self.transaction
        self.network.run(31.99)
        times = [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        self.assertEqual((self.network.times("486 INVITE"), transaction.state), (times, State.COMPLETED))
        self.network.run(0.01)
        self.assertEqual((transaction.state, self.bob.timers.running), (State.TERMINATED, 0))

    def test_repeated_invite_in_completed_gets_the_failure_again(self) -> None:
        self.ask("INVITE")
        self.answer(486)
        self.network.run(0.1)
        self.ask("INVITE")
        self.assertEqual(self.network.times("486 INVITE"), [0, 0.1])

    def test_ack_ends_the_repetition_then_timer_i(self) -> None:
        """17.2.1: the ACK leads to Confirmed, where more ACKs and INVITEs are absorbed for T4."""
        self.ask("INVITE")
        self.answer(486)
        self.network.run(0.6)
        for method in ("ACK", "ACK", "INVITE"):
            self.ask(method, to=";tag=bob" if method == "ACK" else "")
        self.assertEqual((self.transaction.state, self.bob.acks), (State.CONFIRMED, []))
        self.network.run(4.99)
        self.assertEqual((self.transaction.state, len(self.bob.asked)), (State.CONFIRMED, 1))
        self.network.run(0.25)
        self.assertEqual(self.transaction.state, State.TERMINATED)
        self.assertEqual(self.network.times("486 INVITE"), [0, 0.5])

    def test_accepted_absorbs_invites_for_64_t1(self) -> None:
        """RFC 6026 8.7: in Accepted a repeated INVITE is absorbed without an answer; timer L is 64*T1."""
        self.ask("INVITE")
        self.answer(200)
        self.network.run(31.99)
        self.ask("INVITE")
        self.assertEqual((self.sent, len(self.bob.asked)), (["200 INVITE"], 1))
        self.assertEqual(self.transaction.state, State.ACCEPTED)
        self.network.run(0.01)
        self.assertEqual(self.transaction.state, State.TERMINATED)

    def test_user_repeats_the_2xx(self) -> None:
        """RFC 6026 8.7: 2xx repetitions come from the user, through the transaction."""
        self.ask("INVITE")
        self.answer(200)
        self.transaction.send_again()
        self.network.run()
        self.assertEqual(self.sent, ["200 INVITE", "200 INVITE"])
        self.assertEqual(len({sent.data for sent in self.network.log if sent.line == "200 INVITE"}), 1)

    def test_ack_of_a_2xx_goes_to_the_user(self) -> None:
        """RFC 6026 7.1: the ACK of a 2xx is a transaction of its own; some peers give it the INVITE's branch."""
        self.ask("INVITE")
        self.answer(200)
        self.ask("ACK", branch="z9hG4bKack", to=";tag=bob")
        self.ask("ACK", to=";tag=bob")
        self.assertEqual([ack.to.tag for ack in self.bob.acks], ["bob", "bob"])

    def test_one_final_response_only(self) -> None:
        for first, second in ((200, 486), (486, 200), (486, 180)):
            self.ask("INVITE", branch=f"z9hG4bK{first}{second}")
            self.answer(first)
            self.answer(second)
            self.assertEqual(self.sent[-1], f"{first} INVITE")
        self.assertEqual(len(self.sent), 3)

    def test_ack_before_any_final_response_changes_nothing(self) -> None:
        self.ask("INVITE")
        self.ask("ACK")
        self.assertEqual((self.transaction.state, self.bob.acks), (State.PROCEEDING, []))
        self.answer(486)

    def test_ack_of_nothing_is_dropped(self) -> None:
        self.ask("ACK", to=";tag=x")
        self.assertEqual((len(self.bob.acks), self.sent, self.bob.asked), (1, [], []))


class InviteOverStreamTests(ServerTestCase):
    transport = "tcp"

    def test_failure_is_not_repeated(self) -> None:
        """17.2.1: timer G does not run over a reliable transport, timer H does; timer I is zero."""
        self.ask("INVITE")
        self.answer(486)
        self.network.run(31.9)
        self.assertEqual((self.sent, self.transaction.state), (["486 INVITE"], State.COMPLETED))
        self.ask("ACK", to=";tag=bob")
        self.assertEqual((self.transaction.state, self.bob.timers.running), (State.TERMINATED, 0))

    def test_never_acknowledged(self) -> None:
        self.ask("INVITE")
        self.answer(486)
        self.network.run(32)
        self.assertEqual((self.sent, self.transaction.state), (["486 INVITE"], State.TERMINATED))


class NonInviteTests(ServerTestCase):
    def test_repeated_request_is_answered_again(self) -> None:
        """17.2.2: nothing in Trying; in Completed the final response again; timer J is 64*T1."""
        self.ask("OPTIONS")
        self.ask("OPTIONS")
        self.assertEqual(self.sent, [])
        self.answer(200)
        self.network.run(31.99)
        self.ask("OPTIONS")
        self.assertEqual((self.sent, len(self.bob.asked)), (["200 OPTIONS", "200 OPTIONS"], 1))
        self.network.run(0.02)
        self.assertEqual(self.transaction.state, State.TERMINATED)
        self.ask("OPTIONS")
        self.assertEqual(len(self.bob.asked), 2)
        self.answer(200)

    def test_provisional(self) -> None:
        """17.2.2: in Proceeding a repeated request gets the provisional response again."""
        self.ask("OPTIONS")
        self.answer(100, to_tag="")
        self.ask("OPTIONS")
        self.answer(200)
        self.assertEqual(self.sent, ["100 OPTIONS", "100 OPTIONS", "200 OPTIONS"])

    def test_one_final_response_only(self) -> None:
        """17.2.2: any other final responses of the user are discarded."""
        self.ask("OPTIONS")
        for status in (404, 200, 100):
            self.answer(status)
        self.transaction.reject(500)
        self.assertEqual(self.sent, ["404 OPTIONS"])

    def test_reject(self) -> None:
        """A header of a refusal may have several lines; a To tag is made (8.2.6.2)."""
        self.ask("REGISTER")
        self.transaction.reject(401, headers={"WWW-Authenticate": ["Digest a", "Digest b"], "Retry-After": "3"})
        self.network.run()
        answer = self.network.last("401 REGISTER")
        self.assertEqual(answer.headers["WWW-Authenticate"], ["Digest a", "Digest b"])
        self.assertEqual((answer.get("Retry-After"), answer.reason), ("3", "Unauthorized"))
        self.assertTrue(answer.to.tag)


class NonInviteOverStreamTests(ServerTestCase):
    transport = "tcp"

    def test_forgotten_with_the_answer(self) -> None:
        """17.2.2: timer J is zero over a reliable transport."""
        self.ask("OPTIONS")
        self.answer(200)
        self.assertEqual((self.transaction.state, self.bob.layer.servers), (State.TERMINATED, {}))
        self.assertEqual((self.sent, self.bob.timers.running), (["200 OPTIONS"], 0))


class CancelTests(ServerTestCase):
    def cancelled(self) -> list[Request]:
        seen: list[Request] = []
        self.transaction.on_cancel = seen.append
        return seen

    def test_cancel_of_a_pending_invite(self) -> None:
        """9.2: answered 200 at once, with the To tag of the INVITE's responses; the user answers the INVITE."""
        self.ask("INVITE")
        seen = self.cancelled()
        self.transaction.to_tag = "bob"
        invite = self.transaction
        self.ask("CANCEL", Reason="SIP;cause=200")
        self.assertEqual((self.sent, self.network.last("200 CANCEL").to.tag), (["200 CANCEL"], "bob"))
        self.assertEqual([request.get("Reason") for request in seen], ["SIP;cause=200"])
        self.ask("CANCEL")
        self.assertEqual((self.sent, len(seen)), (["200 CANCEL", "200 CANCEL"], 1))
        invite.reject(487)
        self.network.run()
        self.assertEqual(self.network.last("487 INVITE").to.tag, "bob")

    def test_cancel_before_any_tag_was_chosen(self) -> None:
        """8.2.6.2: the 200 to the CANCEL has a To tag in any case."""
        self.ask("INVITE")
        seen = self.cancelled()
        invite = self.transaction
        self.ask("CANCEL")
        self.assertEqual((len(seen), len(self.network.last("200 CANCEL").to.tag) > 5), (1, True))
        invite.reject(487)

    def test_cancel_after_the_final_response(self) -> None:
        """9.2: no effect once a final response was sent; still 200 to the CANCEL."""
        for status in (200, 486):
            self.ask("INVITE", branch=f"z9hG4bK{status}")
            seen = self.cancelled()
            self.answer(status)
            self.ask("CANCEL", branch=f"z9hG4bK{status}")
            self.assertEqual((self.sent[-1], seen), ("200 CANCEL", []))
            self.assertNotIn("487 INVITE", self.sent)

    def test_cancel_of_nothing(self) -> None:
        """9.2: 481 when no transaction matches; a CANCEL is not handed to the user."""
        self.ask("CANCEL")
        self.assertEqual((self.sent, self.bob.asked), (["481 CANCEL"], []))
        self.assertTrue(self.network.last("481 CANCEL").to.tag)

    def test_cancel_of_another_branch_or_sender(self) -> None:
        """9.2 and 17.2.3: branch and sent-by must be those of the INVITE."""
        self.ask("INVITE")
        seen = self.cancelled()
        invite = self.transaction
        self.ask("CANCEL", branch="z9hG4bK2")
        self.ask("CANCEL", via="SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1;rport")
        self.assertEqual((self.sent, seen), (["481 CANCEL", "481 CANCEL"], []))
        invite.reject(486)

    def test_rfc_2543_cancel(self) -> None:
        """17.2.3: without the magic cookie Call-ID, From tag, CSeq number and the whole Via are compared."""
        via = "SIP/2.0/UDP 192.0.2.1:5060"
        self.ask("INVITE", via=via)
        seen = self.cancelled()
        invite = self.transaction
        self.ask("CANCEL", via=via)
        self.assertEqual((self.sent, len(seen)), (["200 CANCEL"], 1))
        invite.reject(487)
