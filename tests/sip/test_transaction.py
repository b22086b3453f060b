"""The transaction layer: matching, where answers go, peers of old standards, messages that cannot be read."""

from magroup.sip.hop import Hop
from magroup.sip.message import MessageError, Request, parse_message
from tests.sip.network import Element, NetworkTestCase, Node


class LayerTestCase(NetworkTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bob = Element(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")

    def ask(self, via: str, node: Node | None = None, method: str = "OPTIONS", call_id: str = "call") -> None:
        (node or self.peer).say(f"""{method} sip:b@192.0.2.2 SIP/2.0
            Via: {via}
            From: <sip:a@test>;tag=from
            To: <sip:b@test>
            Call-ID: {call_id}
            CSeq: 7 {method}""", self.bob)  # fmt: skip
        self.network.run()

    def answer(self, status: int = 200) -> None:
        """Answer all that is unanswered."""
        for transaction in self.bob.asked:
            transaction.respond(transaction.request.respond(status, to_tag="bob"))
        self.bob.asked.clear()
        self.network.run()

    def answered_at(self) -> tuple[str, int]:
        sent = [sent for sent in self.network.log if sent.source.host == self.bob.hop.host][-1]
        return sent.target.host, sent.target.port


class WhereAnswersGoTests(LayerTestCase):
    """RFC 3261 18.2.1 and 18.2.2, RFC 3581."""

    def test_sent_by_port_without_rport(self) -> None:
        """18.2.2: to the address the request came from and the port of sent-by, 5060 when it names none."""
        other = Node(self.network, "192.0.2.1", 33333)
        self.ask("SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1", other)
        self.answer()
        self.assertEqual(self.answered_at(), ("192.0.2.1", 5070))
        self.ask("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2", other)
        self.answer()
        self.assertEqual(self.answered_at(), ("192.0.2.1", 5060))
        self.assertEqual(self.network.last("200 OPTIONS").get("Via"), "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2")

    def test_received_when_sent_by_is_another_address(self) -> None:
        """18.2.1: a sent-by that is a name or another address gets a received parameter, and is not believed."""
        for number, host in enumerate(("phone.test", "10.0.0.1", "[2001:db8::9]")):
            self.ask(f"SIP/2.0/UDP {host}:5071;branch=z9hG4bK{number}")
            self.answer()
            self.assertEqual(self.answered_at(), ("192.0.2.1", 5071))
            self.assertEqual(self.network.last("200 OPTIONS").via.params["received"], "192.0.2.1")

    def test_rport(self) -> None:
        """RFC 3581 4: rport is filled with the source port and received added, even when it says the same."""
        nat = Node(self.network, "192.0.2.1", 40001)
        self.ask("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1", nat)
        self.answer()
        self.assertEqual(self.answered_at(), ("192.0.2.1", 40001))
        params = self.network.last("200 OPTIONS").via.params
        self.assertEqual((params["rport"], params["received"], params["branch"]), ("40001", "192.0.2.1", "z9hG4bK1"))
        self.ask("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2;rport")
        self.answer()
        params = self.network.last("200 OPTIONS").via.params
        self.assertEqual((params["rport"], params["received"]), ("5060", "192.0.2.1"))

    def test_values_that_the_peer_wrote_itself_are_replaced(self) -> None:
        lies = (";rport=1;received=9.9.9.9", ";received=9.9.9.9;rport", "; RPORT =1 ;Received=x")
        for number, lie in enumerate(lies):
            self.ask(f"SIP/2.0/UDP 192.0.2.1{lie};branch=z9hG4bK{number}")
            self.answer()
            via = self.network.last("200 OPTIONS").via
            self.assertEqual((via.params["rport"], via.params["received"]), ("5060", "192.0.2.1"))
            self.assertEqual(via.text.lower().count("received") + via.text.lower().count("rport"), 2)

    def test_a_parameter_that_begins_like_rport(self) -> None:
        self.ask("SIP/2.0/UDP 192.0.2.1;rportal=x;branch=z9hG4bK1;rport")
        self.answer()
        params = self.network.last("200 OPTIONS").via.params
        self.assertEqual((params["rportal"], params["rport"]), ("x", "5060"))

    def test_only_the_first_via_is_marked(self) -> None:
        """16.11, 18.2.1: those below are another element's; they come back as they were."""
        below = ["SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKb;rport", "SIP/2.0/TCP 10.1.1.2;branch=z9hG4bKc"]
        self.ask("SIP/2.0/UDP proxy.test;branch=z9hG4bK1, " + ", ".join(below))
        self.answer()
        vias = self.network.last("200 OPTIONS").items("Via")
        self.assertEqual(vias, ["SIP/2.0/UDP proxy.test;branch=z9hG4bK1;received=192.0.2.1", *below])

    def test_ipv6(self) -> None:
        """RFC 5118 4.5: brackets in sent-by do not make it another address; received has none (RFC 3261 25.1)."""
        bob = Element(self.network, "2001:db8::2")
        peer = Node(self.network, "2001:db8::1")
        for number, (sent_by, received) in enumerate((("[2001:db8::1]", None), ("[2001:db8::7]", "2001:db8::1"))):
            peer.say(f"""OPTIONS sip:b@[2001:db8::2] SIP/2.0
                Via: SIP/2.0/UDP {sent_by};branch=z9hG4bK{number}
                From: <sip:a@test>;tag=1
                To: <sip:b@test>
                Call-ID: c{number}
                CSeq: 1 OPTIONS""", bob)  # fmt: skip
            self.network.run()
            transaction = bob.asked[-1]
            transaction.respond(transaction.request.respond(200))
            self.network.run()
            self.assertEqual(peer.received[-1].via.params.get("received"), received)
        self.assertEqual(peer.got(), ["200 OPTIONS", "200 OPTIONS"])

    def test_streams_answer_on_the_connection(self) -> None:
        """18.2.2: over the connection the request came on; sent-by's port says where to connect when it is closed."""
        bob = Element(self.network, "192.0.2.3", transport="tcp")
        hops: list[Hop] = []
        bob.send = lambda data, hop, failed=None: hops.append(hop)  # type: ignore[assignment]
        for transport, sent_by, port in (("tcp", "192.0.2.1:5099", 5099), ("tcp", "192.0.2.1", 5060),
                                         ("tls", "192.0.2.1", 5061)):  # fmt: skip
            request = parse_message(
                f"OPTIONS sip:b@test SIP/2.0\r\nVia: SIP/2.0/{transport.upper()} {sent_by};branch=z9hG4bK{port}\r\n"
                f"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n".encode()
            )
            bob.layer.receive(request, Hop(transport, "192.0.2.1", 45678, flow=12))
            bob.asked[-1].reject(404)
            self.assertEqual((hops[-1].flow, hops[-1].port, hops[-1].transport), (12, port, transport))


class MatchingTests(LayerTestCase):
    """RFC 3261 17.2.3."""

    def test_same_branch_other_sender(self) -> None:
        """Two clients may choose the same branch: sent-by tells them apart."""
        for sent_by in ("192.0.2.1:5060", "192.0.2.1:5061", "192.0.2.1", "PHONE.test", "phone.TEST:5060"):
            self.ask(f"SIP/2.0/UDP {sent_by};branch=z9hG4bKsame")
        self.assertEqual([request.via.host for request in (asked.request for asked in self.bob.asked)],
                         ["192.0.2.1", "192.0.2.1", "PHONE.test"])  # fmt: skip
        self.answer()

    def test_same_branch_other_method(self) -> None:
        for method in ("OPTIONS", "BYE", "OPTIONS"):
            self.ask("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKsame", method=method)
        self.assertEqual([asked.request.method for asked in self.bob.asked], ["OPTIONS", "BYE"])
        self.answer()

    def test_peers_without_branch(self) -> None:
        """Without the magic cookie: Call-ID, From tag, CSeq and top Via must be equal."""
        via = "SIP/2.0/UDP 192.0.2.1:5060"
        self.ask(via)
        self.ask(via)
        self.assertEqual(len(self.bob.asked), 1)
        self.ask(via, call_id="another")
        self.ask(f"{via};branch=1")
        self.ask(f"{via};branch=z9hG4bK")
        self.assertEqual(len(self.bob.asked), 4)
        self.answer()

    def test_ack_of_a_peer_without_branch(self) -> None:
        """Its ACK has the To tag that we gave, which the INVITE had not."""
        via = "SIP/2.0/UDP 192.0.2.1:5060"
        self.ask(via, method="INVITE")
        self.answer(486)
        self.peer.say(f"""ACK sip:b@192.0.2.2 SIP/2.0
            Via: {via}
            From: <sip:a@test>;tag=from
            To: <sip:b@test>;tag=bob
            Call-ID: call
            CSeq: 7 ACK""", self.bob)  # fmt: skip
        self.network.run(6)
        self.assertEqual((self.network.times("486 INVITE"), self.bob.acks, self.bob.layer.servers), ([0], [], {}))

    def test_response_to_nothing(self) -> None:
        self.peer.say("""SIP/2.0 200 OK
            Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx
            From: <sip:a@test>;tag=1
            To: <sip:b@test>;tag=2
            Call-ID: x
            CSeq: 1 INVITE""", self.bob)  # fmt: skip
        self.network.run()
        self.assertEqual((self.network.lines("192.0.2.2"), self.bob.answers), ([], []))

    def test_stop_drops_everything(self) -> None:
        self.bob.ask("INVITE", self.peer)
        self.bob.ask("OPTIONS", self.peer)
        self.ask("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
        self.ask("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2", method="INVITE")
        self.assertEqual(len(self.bob.layer.describe()), 4)
        self.bob.layer.stop()
        self.assertEqual((self.bob.leftovers(), self.network.clock.getDelayedCalls()), ([], []))

    def test_is_waiting(self) -> None:
        """For answers to requests of its own, not for what is repeated or remembered."""
        self.ask("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
        self.answer()
        self.assertFalse(self.bob.layer.is_waiting)
        self.bob.ask("OPTIONS", self.peer)
        self.network.run()
        self.assertTrue(self.bob.layer.is_waiting)
        via = self.network.last("OPTIONS", "192.0.2.2").headers["Via"][0]
        self.peer.say(f"""SIP/2.0 200 OK
            Via: {via}
            From: <sip:b@test>;tag=1
            To: <sip:a@test>;tag=2
            Call-ID: x
            CSeq: 1 OPTIONS""", self.bob)  # fmt: skip
        self.network.run()
        self.assertFalse(self.bob.layer.is_waiting)
        self.assertTrue(self.bob.layer.clients)

    def test_a_user_that_fails_is_logged(self) -> None:
        """What one message breaks is no other message's concern: nothing is raised to the transport."""
        self.bob.answers = None  # type: ignore[assignment]
        self.bob.acks = None  # type: ignore[assignment]
        self.ask("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", method="ACK")
        self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)


class MalformedTests(LayerTestCase):
    """Requests that cannot be read are answered without a transaction (RFC 3261 8.2.7), responses dropped."""

    def malformed(self, text: str) -> None:
        data = "\r\n".join(line.strip() for line in text.strip().split("\n")).encode() + b"\r\n\r\n"
        error = self.assertRaises(MessageError, parse_message, data)
        self.bob.layer.malformed(error, self.peer.hop)
        self.network.run()

    def request(self, **changes: str) -> str:
        values = {
            "start": "OPTIONS sip:b@test SIP/2.0", "Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport",
            "From": "<sip:a@test>;tag=1", "To": "<sip:b@test>", "Call-ID": "x", "CSeq": "1 OPTIONS",
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }  # fmt: skip
        start = values.pop("start")
        return "\n".join([start, *(f"{name}: {value}" for name, value in values.items() if value)])

    def test_answered_with_what_is_wrong(self) -> None:
        self.malformed(self.request(Contact="x\nContent-Length: -5"))
        answer = self.network.last("400 OPTIONS")
        self.assertEqual((answer.reason, answer.call_id), ("Bad Content-Length", "x"))
        self.assertTrue(answer.to.tag)
        self.assertEqual((answer.via.params["received"], answer.via.params["rport"]), ("192.0.2.1", "5060"))
        self.assertEqual((self.bob.layer.servers, self.bob.asked), ({}, []))

    def test_a_repetition_gets_the_same_tag(self) -> None:
        """8.2.7: a stateless server makes the same To tag for the same request."""
        for _ in range(2):
            self.malformed(self.request(CSeq="1 INVITE"))
        self.assertEqual(len({sent.data for sent in self.network.log}), 1)
        self.assertEqual(len(self.network.log), 2)

    def test_other_statuses(self) -> None:
        self.malformed(self.request(start="OPTIONS sip:b@test SIP/7.0"))
        self.assertEqual(self.network.lines(), ["505 OPTIONS"])

    def test_unreadable_via_is_answered_to_the_source(self) -> None:
        self.malformed(self.request(Via="SIP/2.0/UDP ;;,"))
        sent = self.network.log[-1]
        self.assertIn(b"SIP/2.0 400 ", sent.data)
        self.assertEqual(sent.target, self.peer.hop)

    def test_unreadable_to(self) -> None:
        self.malformed(self.request(To='"b <sip:b@test>'))
        self.assertIn(b"SIP/2.0 400 ", self.network.log[-1].data)

    def test_never_answered(self) -> None:
        """17.1.1.3: an ACK has no response. Without Via, From, To or CSeq there is none that could be matched."""
        self.malformed(self.request(start="ACK sip:b@test SIP/7.0", CSeq="1 ACK"))
        for name in ("Via", "From", "To", "CSeq"):
            self.malformed(self.request(**{name: ""}))
        self.malformed(self.request(start="SIP/2.0 999 X"))
        self.malformed("nothing at all")
        self.assertEqual(self.network.log, [])

    def test_the_reason_stays_on_its_line(self) -> None:
        """Bytes of the request that come back in the reason phrase do not make header lines."""
        error = MessageError("Bad URI sip:a\r\nEvil: yes\n", 400, parse_message((self.request().replace(
            "\n", "\r\n") + "\r\n\r\n").encode()))  # type: ignore[arg-type]  # fmt: skip
        self.bob.layer.malformed(error, self.peer.hop)
        self.assertEqual(self.network.log[-1].message.reason, "Bad URI sip:a Evil: yes")
        self.assertNotIn("Evil", self.network.log[-1].message.headers)


class SendAckTests(LayerTestCase):
    def test_ack_of_a_2xx_has_a_branch_of_its_own(self) -> None:
        """RFC 3261 8.1.1.7, 13.2.2.4: the ACK of a 2xx is a request of its own, not repeated by itself."""
        ack = Request("ACK", "sip:a@192.0.2.1", {"Max-Forwards": ["70"], "From": ["<sip:b@b>;tag=1"],
                      "To": ["<sip:a@a>;tag=2"], "Call-ID": ["x"], "CSeq": ["7 ACK"]})  # fmt: skip
        data = self.bob.layer.send_ack(ack, self.peer.hop)
        self.network.run(40)
        self.assertEqual((self.peer.got(), self.bob.layer.clients), (["ACK"], {}))
        self.assertTrue(self.peer.received[0].via.branch.startswith("z9hG4bK"))
        self.assertEqual(parse_message(data).via.text, self.peer.received[0].via.text)
