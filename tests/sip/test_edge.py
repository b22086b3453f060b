"""What goes between a phone's connection and another node, and what strangers do not get through."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.edge import Edge
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response, parse_message

PHONE = Hop("tcp", "192.0.2.50", 41000, "", 5060, 7)
NODE = Hop("udp", "192.0.2.2", 5060)
STRANGER = Hop("udp", "203.0.113.9", 5060)


class Wires:
    """Notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[Request | Response, Hop]] = []
        self.flows = {7: PHONE}

    def send(self, data: bytes, hop: Hop) -> None:
        self.sent.append((parse_message(data), hop))

    def local(self, hop: Hop) -> tuple[str, int]:
        return "192.0.2.1", 5060 if hop.transport == "udp" else 5062

    def hop_of(self, flow: int) -> Hop | None:
        return self.flows.get(flow)


def request(method: str, route: str, source: Hop, forwards: int = 70, to: str = "", target: str = "") -> Request:
    return Request(method, target or "sip:1047@192.0.2.50;transport=tcp", {
        "Via": [f"SIP/2.0/{source.transport.upper()} {source.host}:{source.port};branch=z9hG4bKabc;rport"],
        "Route": [route], "Max-Forwards": [str(forwards)], "From": ["<sip:1201@192.0.2.2>;tag=f"],
        "To": [f"<sip:1047@192.0.2.1>{to}"], "Call-ID": ["c"], "CSeq": [f"1 {method}"],
    })  # fmt: skip


class EdgeTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.wires = Wires()
        self.above: list[Request | Response] = []
        self.edge = Edge(
            self.wires, lambda message, hop: self.above.append(message), ("192.0.2.1", 5060),
            lambda host: host == NODE.host, b"secret",
        )  # fmt: skip
        self.path = self.edge.path(7)

    def sent(self) -> tuple[Request | Response, Hop]:
        (sent,) = self.wires.sent
        self.wires.sent.clear()
        return sent

    def refused(self, status: int) -> None:
        response, _ = self.sent()
        assert isinstance(response, Response)
        self.assertEqual((response.status, self.above), (status, []))


class Through(EdgeTest):
    def test_call(self) -> None:
        """To the phone and back; each side gets a route in its own transport."""
        self.edge.receive(request("INVITE", self.path, NODE), NODE)
        there, hop = self.sent()
        assert isinstance(there, Request)
        self.assertEqual((hop, there.get("Max-Forwards"), "Route" in there.headers), (PHONE, "69", False))
        self.assertTrue(there.headers["Via"][0].startswith("SIP/2.0/TCP 192.0.2.1:5062;"))
        far, near = there.headers["Record-Route"]
        self.assertEqual((near, far), (self.path, self.path.replace("5060;lr", "5062;transport=tcp;lr")))
        self.edge.receive(there.respond(180, to_tag="t"), PHONE)
        back, hop = self.sent()
        self.assertEqual((hop, len(back.headers["Via"])), (NODE, 1))

    def test_what_follows(self) -> None:
        """From either side, with both routes of this node; no more routes are recorded then."""
        both = f"{self.path}, {self.path.replace(';lr', ';transport=tcp;lr')}"
        self.edge.receive(request("BYE", both, NODE, to=";tag=t"), NODE)
        there, hop = self.sent()
        self.assertEqual((hop, "Route" in there.headers, "Record-Route" in there.headers), (PHONE, False, False))
        self.edge.receive(request("BYE", both, PHONE, to=";tag=t", target="sip:x@192.0.2.2:5060"), PHONE)
        there, hop = self.sent()
        assert isinstance(there, Request)
        self.assertEqual((hop.transport, hop.host, hop.port), ("udp", NODE.host, 5060))
        self.edge.receive(there.respond(200), NODE)
        self.assertEqual(self.sent()[1], PHONE)

    def test_repeated(self) -> None:
        """Retransmissions, CANCEL and ACK have the branch of the INVITE: they belong together for who gets them."""
        branches = set()
        for method in ("INVITE", "INVITE", "CANCEL", "ACK"):
            self.edge.receive(request(method, self.path, NODE), NODE)
            branches.add(self.sent()[0].via.branch)
        self.assertEqual(len(branches), 1)

    def test_cancelled_by_who_did_not_ring(self) -> None:
        """By its Via the phone knows what a node that is gone rang by its own connection: it goes on as it came."""
        cancel = request("CANCEL", self.path, NODE)
        cancel.headers["Via"] = ["SIP/2.0/TCP 192.0.2.3:5060;branch=z9hG4bKgone;rport"]
        for source in (PHONE, STRANGER):
            stranger = request("CANCEL", self.path, source)
            stranger.headers["Via"] = list(cancel.headers["Via"])
            self.edge.receive(stranger, source)
            self.refused(403)
        self.edge.receive(cancel, NODE)
        sent, hop = self.sent()
        self.assertEqual((hop, sent.headers["Via"], "Route" in sent.headers), (PHONE, cancel.headers["Via"], False))
        self.wires.flows.clear()
        self.edge.receive(cancel, NODE)
        self.assertEqual((self.wires.sent, self.above), ([], []))

    def test_what_is_not_for_it(self) -> None:
        for route in ("<sip:192.0.2.1;lr>", "<sip:n7-00000000000000000000@192.0.2.1;lr>", "<sip:nx@192.0.2.1;lr>"):
            self.edge.receive(request("INVITE", route, NODE), NODE)
        plain = request("OPTIONS", self.path, NODE)
        del plain.headers["Route"]
        self.edge.receive(plain, NODE)
        self.edge.receive(plain.respond(200), NODE)
        self.assertEqual((len(self.above), self.wires.sent), (5, []))


class Elsewhere(EdgeTest):
    """New requests of phones that another worker is to serve."""

    def setUp(self) -> None:
        super().setUp()
        self.place: tuple[str, int] | None = (NODE.host, 6000)
        self.edge = Edge(
            self.wires, lambda message, hop: self.above.append(message), ("192.0.2.1", 5060),
            lambda host: host == NODE.host, b"secret", lambda request, hop: self.place, "w3.",
        )  # fmt: skip

    def new(self, method: str, to: str = "", source: Hop = PHONE) -> Request:
        made = request(method, "", source, to=to)
        del made.headers["Route"]
        self.edge.receive(made, source)
        return made

    def test_there_and_back(self) -> None:
        """Its branch has the mark of the worker; the answers go to the phone's connection, what follows by a route."""
        self.new("INVITE")
        there, hop = self.sent()
        assert isinstance(there, Request)
        self.assertEqual((hop.transport, hop.host, hop.port), ("udp", NODE.host, 6000))
        self.assertTrue(there.via.branch.startswith("z9hG4bKw3.n7-"))
        near, far = there.headers["Record-Route"]
        self.assertIn(";transport=tcp", far)
        self.edge.receive(there.respond(200, to_tag="t"), Hop("udp", NODE.host, 6000))
        back, hop = self.sent()
        self.assertEqual((hop, len(back.headers["Via"])), (PHONE, 1))
        routes = f"{self.edge.path(7)}, {far}"
        self.edge.receive(request("BYE", routes, PHONE, to=";tag=t", target="sip:x@192.0.2.2:6000"), PHONE)
        self.assertEqual(self.sent()[1], Hop("udp", NODE.host, 6000))
        self.edge.receive(request("BYE", f"{near}, {far}", NODE, to=";tag=t"), NODE)
        self.assertEqual(self.sent()[1], PHONE)

    def test_what_belongs_to_it(self) -> None:
        """Also the ACK of a refusal, which has a tag."""
        branches = set()
        for method, to in (("INVITE", ""), ("CANCEL", ""), ("ACK", ";tag=t")):
            self.new(method, to)
            branches.add(self.sent()[0].via.branch)
        self.assertEqual(len(branches), 1)

    def test_in_a_dialog(self) -> None:
        """By whatever route: the phone may have another connection since."""
        for route in ("", self.path, "<sip:n7-00000000000000000000@192.0.2.1:5062;transport=tcp;lr>"):
            made = request("BYE", route, PHONE, to=";tag=t", target="sip:x@192.0.2.1")
            if not route:
                del made.headers["Route"]
            self.edge.receive(made, PHONE)
            there, hop = self.sent()
            self.assertEqual((hop.port, "Route" in there.headers), (6000, False))

    def test_in_an_own_dialog(self) -> None:
        """Its route may name a worker that is gone."""
        self.place = ("192.0.2.1", 5060)
        self.edge.receive(request("BYE", self.path, PHONE, to=";tag=t", target="sip:x@192.0.2.1"), PHONE)
        ((message,), sent) = self.above, self.wires.sent
        self.assertEqual(("Route" in message.headers, sent), (False, []))

    def test_what_stays(self) -> None:
        """What is for this worker, what needs no choice, and what came as a datagram."""
        for method in ("REGISTER", "SUBSCRIBE"):
            self.new(method)
        self.new("INVITE", source=NODE)
        self.new("BYE", ";tag=t", NODE)
        self.place = None
        self.new("INVITE")
        self.new("BYE", ";tag=t")
        self.assertEqual((len(self.above), self.wires.sent), (6, []))


class Strangers(EdgeTest):
    def test_who_is_no_node(self) -> None:
        """Also with a route that was overheard."""
        self.edge.receive(request("INVITE", self.path, STRANGER), STRANGER)
        self.refused(403)
        other = Hop("tcp", STRANGER.host, 5060, "", 5060, 8)
        self.edge.receive(request("INVITE", self.path, other), other)
        self.refused(403)

    def test_phones_reach_nodes_only(self) -> None:
        for target in ("sip:x@203.0.113.9", "sip:x@example.com", "sip:x@192.0.2.2;transport=tcp"):
            self.edge.receive(request("BYE", self.path, PHONE, target=target), PHONE)
            self.refused(403)

    def test_connection_gone(self) -> None:
        self.wires.flows.clear()
        self.edge.receive(request("INVITE", self.path, NODE), NODE)
        self.refused(430)
        self.edge.receive(request("ACK", self.path, NODE), NODE)
        self.assertEqual(self.wires.sent, [])

    def test_circles(self) -> None:
        self.edge.receive(request("INVITE", self.path, NODE, forwards=0), NODE)
        self.refused(483)

    def test_forged_responses(self) -> None:
        """One to a request that was never forwarded, or that would be sent on to somebody else."""
        self.edge.receive(request("INVITE", self.path, NODE), NODE)
        there, _ = self.sent()
        assert isinstance(there, Request)
        forged = there.respond(200, to_tag="t")
        forged.headers["Via"] = [forged.headers["Via"][0], "SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKabc"]
        self.edge.receive(forged, PHONE)
        self.assertEqual((self.wires.sent, self.above), ([], [forged]))

    def test_rubbish(self) -> None:
        """Is answered as anywhere else."""
        for route in ("<", "<sip:>", "", "<tel:1>;lr"):
            self.edge.receive(request("INVITE", route, STRANGER), STRANGER)
        self.assertEqual((self.wires.sent, len(self.above)), ([], 4))
