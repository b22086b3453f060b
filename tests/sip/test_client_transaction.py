"""Client transactions: what is sent when, and what the user hears (RFC 3261 17.1, RFC 6026)."""

from magroup.sip.client_transaction import FORGOTTEN, State
from magroup.sip.message import Request
from tests.sip.network import Element, NetworkTestCase, Node
from tests.sip.peer import reply


class ClientTestCase(NetworkTestCase):
    transport = "udp"

    def setUp(self) -> None:
        super().setUp()
        self.ann = Element(self.network, "192.0.2.1", transport=self.transport)
        self.peer = Node(self.network, "192.0.2.2", transport=self.transport)

    def reply(self, status: int, to_tag: str = "peer", index: int = -1) -> None:
        reply(self.peer, self.ann, status, to_tag, index)
        self.network.run()


class InviteTests(ClientTestCase):
    def test_repeated_by_timer_a_until_timer_b(self) -> None:
        """17.1.1.2: timer A starts at T1 and doubles with each retransmission; timer B ends it all after 64*T1."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run(31.99)
        self.assertEqual(self.network.times("INVITE"), [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5])
        self.assertEqual((self.ann.answers, transaction.state), ([], State.CALLING))
        self.network.run(0.01)
        self.assertEqual((self.ann.statuses, transaction.state), ([408], State.TERMINATED))
        self.assertEqual(self.ann.answers[0].headers["Via"], [])
        self.assertEqual(self.ann.answers[0].cseq, (7, "INVITE"))

    def test_repetitions_are_the_same_bytes(self) -> None:
        self.ann.ask("INVITE", self.peer)
        self.network.run(10)
        self.assertEqual(len({sent.data for sent in self.network.log}), 1)

    def test_provisional_ends_repetition_and_time_limit(self) -> None:
        """17.1.1.2: in Proceeding nothing is repeated and timer B does not run any more."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run(0.6)
        self.reply(100)
        self.reply(180)
        self.network.run(300)
        self.assertEqual(self.network.times("INVITE"), [0, 0.5])
        self.assertEqual((self.ann.statuses, transaction.state), ([100, 180], State.PROCEEDING))
        self.assertEqual(self.ann.timers.running, 0)
        self.reply(486)

    def test_failure_is_acknowledged_here_and_reported_once(self) -> None:
        """17.1.1.2: in Completed the ACK is sent for each repetition, the user hears the first; timer D is 32 s."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.reply(486)
        self.network.run(1)
        self.reply(486)
        self.network.run(30.99)
        self.reply(486)
        self.assertEqual(self.ann.statuses, [486])
        self.assertEqual(self.network.times("ACK"), [0, 1, 31.99])
        self.assertEqual(transaction.state, State.COMPLETED)
        self.network.run(0.02)
        self.assertEqual(transaction.state, State.TERMINATED)
        self.reply(486)
        self.assertEqual((len(self.network.times("ACK")), self.ann.statuses), (3, [486]))

    def test_other_finals_after_a_failure_are_not_reported(self) -> None:
        self.ann.ask("INVITE", self.peer)
        self.network.run()
        for status in (486, 180, 200, 603):
            self.reply(status)
        self.assertEqual(self.ann.statuses, [486])

    def test_ack_of_a_failure(self) -> None:
        """17.1.1.3: Request-URI, top Via, Call-ID, From, CSeq number and Route of the INVITE; the response's To."""
        self.ann.ask("INVITE", self.peer, Route=["<sip:192.0.2.2;lr>"], Proxy_Authorization=["Digest x"])
        self.network.run()
        self.reply(486, to_tag="busy")
        invite, ack = self.network.last("INVITE"), self.network.last("ACK")
        self.assertEqual(ack.target, invite.target)
        self.assertEqual(ack.headers["Via"], invite.headers["Via"])
        self.assertEqual(len(ack.headers["Via"]), 1)
        for name in ("From", "Call-ID", "Route"):
            self.assertEqual(ack.headers[name], invite.headers[name], name)
        self.assertEqual((ack.to.tag, ack.cseq, ack.get("Max-Forwards"), ack.body), ("busy", (7, "ACK"), "70", b""))

    def test_each_2xx_goes_to_the_user_for_64_t1(self) -> None:
        """RFC 6026 7.2, 8.4: in Accepted every 2xx is passed up, also of other forks; timer M ends it after 64*T1."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.reply(200)
        self.assertEqual(transaction.state, State.ACCEPTED)
        self.network.run(1)
        self.reply(200)
        self.reply(200, to_tag="fork")
        self.network.run(30.98)
        self.reply(200)
        self.assertEqual(self.ann.statuses, [200, 200, 200, 200])
        self.network.run(0.03)
        self.assertEqual(transaction.state, State.TERMINATED)
        self.reply(200)
        self.assertEqual(len(self.ann.statuses), 4)
        self.assertEqual(self.network.times("ACK"), [], "the user acknowledges a 2xx")

    def test_accepted_ignores_provisionals_and_failures(self) -> None:
        """RFC 6026 8.4: only 2xx are of interest any more."""
        self.ann.ask("INVITE", self.peer)
        self.network.run()
        for status in (200, 180, 486):
            self.reply(status)
        self.assertEqual((self.ann.statuses, self.network.times("ACK")), ([200], []))

    def test_broken_transport_is_503(self) -> None:
        """17.1.4: a transport error is told to the user and ends the transaction; 8.1.3.1 makes it a 503."""
        self.network.broken.add("192.0.2.2")
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.assertEqual((self.ann.statuses, transaction.state), ([503], State.TERMINATED))
        self.assertEqual((self.ann.answers[0].reason, self.ann.timers.running), ("Connection refused", 0))

    def test_transport_that_breaks_at_once(self) -> None:
        """A transport may report while the request is still being handed over."""
        self.ann.send = lambda data, hop, failed=None: failed and failed("gone")  # type: ignore[assignment]
        self.ann.ask("INVITE", self.peer)
        self.assertEqual((self.ann.statuses, self.ann.layer.clients), ([503], {}))

    def test_a_transport_that_breaks_after_the_final_response_is_no_failure(self) -> None:
        failures = []
        send = self.ann.send
        self.ann.send = lambda data, hop, failed=None: failures.append(failed) or send(data, hop)  # type: ignore
        self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.reply(200)
        failures[0]("gone")
        self.assertEqual(self.ann.statuses, [200])

    def test_responses_of_others_are_dropped(self) -> None:
        """17.1.3: branch and CSeq method must match. 8.1.3.3: more than one Via is not for us."""
        self.ann.ask("INVITE", self.peer)
        self.network.run()
        invite = self.peer.received[0]
        assert isinstance(invite, Request)
        wrong_branch = invite.respond(200)
        wrong_branch.headers["Via"] = [invite.get("Via").replace("branch=", "branch=z9hG4bKother")]
        wrong_method = invite.respond(200)
        wrong_method.headers["CSeq"] = ["7 BYE"]
        two_vias = invite.respond(200)
        two_vias.headers["Via"] = [*invite.headers["Via"], "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1"]
        comma = invite.respond(200)
        comma.headers["Via"] = [", ".join(two_vias.headers["Via"])]
        for response in (wrong_branch, wrong_method, two_vias, comma):
            self.peer.say(response, self.ann)
        self.network.run()
        self.assertEqual(self.ann.answers, [])
        self.reply(486)

    def test_an_answered_transaction_lets_its_request_go(self) -> None:
        """It lives for 32 s more, and needs it no more."""
        for status in (200, 486):
            transaction = self.ann.ask("INVITE", self.peer)
            self.network.run()
            self.reply(status)
            self.assertIs(transaction.request, FORGOTTEN)
            self.assertIn("call=call", str(transaction))
        self.assertEqual(self.ann.statuses, [200, 486])

    def test_terminate_is_silent(self) -> None:
        transaction = self.ann.ask("INVITE", self.peer)
        transaction.terminate()
        self.network.run(40)
        self.assertEqual((self.ann.answers, self.network.lines()), ([], ["INVITE"]))

    def test_via(self) -> None:
        """8.1.1.7 and RFC 3581: our address, a branch with the magic cookie of its own, and rport."""
        one, two = self.ann.ask("INVITE", self.peer), self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.assertNotEqual(one.branch, two.branch)
        self.assertEqual(self.network.last("INVITE").get("Via"),
                         f"SIP/2.0/UDP 192.0.2.1:5060;branch={two.branch};rport")  # fmt: skip
        self.assertTrue(two.branch.startswith("z9hG4bK"))
        for transaction in (one, two):
            transaction.terminate()

    def test_via_of_ipv6(self) -> None:
        """RFC 5118 4.5: an IPv6 sent-by stands in brackets."""
        ann, peer = Element(self.network, "2001:db8::1"), Node(self.network, "2001:db8::2")
        transaction = ann.ask("OPTIONS", peer)
        self.network.run()
        self.assertEqual((peer.received[0].via.host, peer.received[0].via.port), ("[2001:db8::1]", 5060))
        reply(peer, ann, 200)
        self.network.run()
        self.assertEqual((ann.statuses, transaction.state), ([200], State.COMPLETED))


class InviteOverStreamTests(ClientTestCase):
    transport = "tcp"

    def test_nothing_is_repeated(self) -> None:
        """17.1.1.2: over a reliable transport timer A does not run; timer B does."""
        self.ann.ask("INVITE", self.peer)
        self.network.run(32)
        self.assertEqual((self.network.times("INVITE"), self.ann.statuses), ([0], [408]))
        self.assertIn("SIP/2.0/TCP", self.network.last("INVITE").get("Via"))

    def test_failure_ends_it_at_once(self) -> None:
        """17.1.1.2: timer D is zero over a reliable transport."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.reply(486)
        self.assertEqual(transaction.state, State.TERMINATED)
        self.assertEqual((self.network.lines("192.0.2.1"), self.ann.statuses), (["INVITE", "ACK"], [486]))

    def test_accepted_lasts_as_over_udp(self) -> None:
        """RFC 6026 8.4: timer M is 64*T1 over every transport."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.reply(200)
        self.network.run(31.9)
        self.assertEqual(transaction.state, State.ACCEPTED)
        self.network.run(0.1)
        self.assertEqual(transaction.state, State.TERMINATED)


class NonInviteTests(ClientTestCase):
    def test_repeated_by_timer_e_until_timer_f(self) -> None:
        """17.1.2.2: timer E doubles up to T2; timer F fires after 64*T1."""
        transaction = self.ann.ask("BYE", self.peer)
        self.network.run(31.99)
        self.assertEqual(self.network.times("BYE"), [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5])
        self.assertEqual(transaction.state, State.CALLING)
        self.network.run(0.01)
        self.assertEqual((self.ann.statuses, transaction.state), ([408], State.TERMINATED))

    def test_provisional_slows_the_repetition_down(self) -> None:
        """17.1.2.2: in Proceeding each repetition is T2 after the last; timer F goes on."""
        transaction = self.ann.ask("BYE", self.peer)
        self.network.run(0.6)
        self.reply(100)
        self.assertEqual(transaction.state, State.PROCEEDING)
        self.network.run(31.4)
        self.assertEqual(self.network.times("BYE"), [0, 0.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5])
        self.assertEqual(self.ann.statuses, [100, 408])

    def test_final_response_once_then_timer_k(self) -> None:
        """17.1.2.2: in Completed repeated responses are absorbed; timer K is T4."""
        transaction = self.ann.ask("BYE", self.peer)
        self.network.run(2)
        self.reply(200)
        self.reply(200)
        self.reply(500)
        self.reply(100)
        self.assertEqual((self.ann.statuses, transaction.state), ([200], State.COMPLETED))
        self.network.run(4.99)
        self.assertEqual(transaction.state, State.COMPLETED)
        self.network.run(0.01)
        self.assertEqual(transaction.state, State.TERMINATED)
        self.assertEqual(self.network.times("BYE"), [0, 0.5, 1.5])

    def test_broken_transport_is_503(self) -> None:
        self.network.broken.add("192.0.2.2")
        self.ann.ask("BYE", self.peer)
        self.network.run()
        self.assertEqual((self.ann.statuses, self.ann.layer.clients), ([503], {}))


class NonInviteOverStreamTests(ClientTestCase):
    transport = "tcp"

    def test_not_repeated_and_forgotten_at_once(self) -> None:
        """17.1.2.2: timer E does not run over a reliable transport, timer K is zero."""
        transaction = self.ann.ask("BYE", self.peer)
        self.network.run(20)
        self.assertEqual(self.network.times("BYE"), [0])
        self.reply(200)
        self.assertEqual((self.ann.statuses, transaction.state), ([200], State.TERMINATED))
        self.assertEqual(self.ann.timers.running, 0)

    def test_time_limit(self) -> None:
        self.ann.ask("BYE", self.peer)
        self.network.run(32)
        self.assertEqual(self.ann.statuses, [408])


class CancelTests(ClientTestCase):
    def test_cancel(self) -> None:
        """9.1: Request-URI, Call-ID, To, CSeq number, From, Route and the top Via are those of the INVITE."""
        transaction = self.ann.ask("INVITE", self.peer, Route=["<sip:192.0.2.2;lr>"])
        self.network.run()
        self.reply(180)
        self.ann.layer.cancel(transaction, 'SIP;cause=200;text="Call completed elsewhere"')
        self.network.run()
        invite, cancel = self.network.last("INVITE"), self.network.last("CANCEL")
        self.assertEqual(cancel.target, invite.target)
        for name in ("Via", "From", "To", "Call-ID", "Route"):
            self.assertEqual(cancel.headers[name], invite.headers[name], name)
        self.assertEqual((cancel.cseq, cancel.get("Max-Forwards")), ((7, "CANCEL"), "70"))
        self.assertEqual(cancel.get("Reason"), 'SIP;cause=200;text="Call completed elsewhere"')
        self.reply(200)
        self.reply(487, index=0)
        self.assertEqual(self.ann.statuses, [180, 487], "the answer to the CANCEL is nobody's concern")
        self.assertEqual(self.network.last("ACK").cseq, (7, "ACK"))

    def test_both_have_their_timers(self) -> None:
        """9.1: CANCEL is a transaction of its own; its time-out says nothing about the INVITE."""
        transaction = self.ann.ask("INVITE", self.peer)
        self.network.run()
        self.reply(180)
        self.ann.layer.cancel(transaction)
        self.network.run(32)
        self.assertEqual(len(self.network.times("CANCEL")), 11)
        self.assertEqual((self.ann.statuses, transaction.state), ([180], State.PROCEEDING))
        self.reply(487, index=0)
