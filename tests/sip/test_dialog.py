"""Dialogs: route sets, targets, numbers, tags, and where the requests inside go (RFC 3261 section 12)."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.dialog import Dialog, hop_for, next_hop
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response, parse_message
from magroup.sip.uri import parse_uri
from tests.sip.network import ANSWER, NetworkTestCase, Node, Phone
from tests.sip.peer import raw_request

PEER = Hop("udp", "192.0.2.9", 5060, "192.0.2.1", 5060)


def invite(routes: tuple[str, ...] = (), contact: str = "<sip:a@192.0.2.9>", vias: int = 1) -> Request:
    headers = {"Via": [f"SIP/2.0/UDP 192.0.2.{9 - n};branch=z9hG4bK{n}" for n in range(vias)],
               "From": ['"A" <sip:a@test>;tag=from'], "To": ["<sip:b@test>"], "Call-ID": ["call"],
               "CSeq": ["314 INVITE"]}  # fmt: skip
    if contact:
        headers["Contact"] = [contact]
    if routes:
        headers["Record-Route"] = list(routes)
    return Request("INVITE", "sip:b@192.0.2.1:5080", headers)


def response(status: int = 200, contact: str = "<sip:b@192.0.2.9>", routes: tuple[str, ...] = ()) -> Response:
    made = invite().respond(status, to_tag="to")
    if contact:
        made.headers["Contact"] = [contact]
    if routes:
        made.headers["Record-Route"] = list(routes)
    return made


def called(routes: tuple[str, ...] = (), contact: str = "<sip:a@192.0.2.9>", vias: int = 1, hop: Hop = PEER) -> Dialog:
    return Dialog.of_server(invite(routes, contact, vias), "local", hop)


def calling(answer: Response, direct: bool = True, hop: Hop = PEER) -> Dialog:
    return Dialog.of_client(invite(), answer, hop, direct)


class MadeByTheCalledTests(SynchronousTestCase):
    def test_state(self) -> None:
        """12.1.1: the route set in the order of Record-Route, the target from Contact, tags and number of INVITE."""
        dialog = called(("<sip:p1.test;lr>, <sip:p2.test;lr>", "<sip:p3.test;lr>"))
        self.assertEqual(dialog.routes, ["<sip:p1.test;lr>", "<sip:p2.test;lr>", "<sip:p3.test;lr>"])
        self.assertEqual((dialog.target, dialog.call_id), ("sip:a@192.0.2.9", "call"))
        self.assertEqual((dialog.local_tag, dialog.remote_tag), ("local", "from"))
        self.assertEqual((dialog.local, dialog.remote), ("<sip:b@test>;tag=local", '"A" <sip:a@test>;tag=from'))
        self.assertEqual((dialog.local_seq, dialog.remote_seq), (0, 314))

    def test_contact_is_needed(self) -> None:
        """8.1.1.8: an INVITE has exactly one Contact, a SIP URI."""
        for contact in ("", "*", "<tel:+1234>", "<sip:a@>", "nonsense"):
            error = self.assertRaises(SipError, called, (), contact)
            self.assertEqual(error.status, 400)

    def test_a_peer_without_tag(self) -> None:
        """12.1.1: a From without tag (RFC 2543) makes a dialog with an empty remote tag."""
        request = invite()
        request.headers["From"] = ["<sip:a@test>"]
        dialog = Dialog.of_server(request, "local", PEER)
        self.assertEqual((dialog.remote_tag, dialog.remote), ("", "<sip:a@test>"))


class MadeByTheCallerTests(SynchronousTestCase):
    def test_state(self) -> None:
        """12.1.2: the route set in reverse order, the target is the response's Contact, the number the INVITE's."""
        dialog = calling(response(routes=("<sip:p1.test;lr>", "<sip:p2.test;lr>, <sip:p3.test;lr>")))
        self.assertEqual(dialog.routes, ["<sip:p3.test;lr>", "<sip:p2.test;lr>", "<sip:p1.test;lr>"])
        self.assertEqual((dialog.target, dialog.local_tag, dialog.remote_tag), ("sip:b@192.0.2.9", "from", "to"))
        self.assertEqual((dialog.local_seq, dialog.remote_seq), (314, -1))
        self.assertEqual((dialog.local, dialog.remote), ('"A" <sip:a@test>;tag=from', "<sip:b@test>;tag=to"))

    def test_without_usable_contact_the_requests_go_where_the_invite_went(self) -> None:
        for contact in ("", "<tel:+1234>", "<sip:a@>", '"'):
            dialog = calling(response(180, contact))
            self.assertEqual((dialog.target, dialog.hop), ("sip:b@192.0.2.1:5080", PEER), contact)

    def test_a_bad_route_is_an_error(self) -> None:
        self.assertRaises(GrammarError, calling, response(routes=("nonsense",)))


class RequestTests(SynchronousTestCase):
    def test_without_routes(self) -> None:
        """12.2.1.1: To is the remote, From the local URI with tags; the CSeq number goes up by one each time."""
        dialog = calling(response())
        one, two = dialog.request("INFO"), dialog.request("BYE")
        self.assertEqual((one.target, one.get("From"), one.get("To")),
                         ("sip:b@192.0.2.9", '"A" <sip:a@test>;tag=from', "<sip:b@test>;tag=to"))  # fmt: skip
        self.assertEqual((one.cseq, two.cseq), ((315, "INFO"), (316, "BYE")))
        self.assertEqual((one.call_id, one.get("Max-Forwards")), ("call", "70"))
        self.assertNotIn("Route", one.headers)

    def test_ack_has_the_number_of_the_invite(self) -> None:
        """13.2.2.4: and takes none of its own."""
        dialog = calling(response())
        dialog.request("INFO")
        self.assertEqual(dialog.request("ACK", 314).cseq, (314, "ACK"))
        self.assertEqual(dialog.request("BYE").cseq, (316, "BYE"))

    def test_first_number_of_the_called(self) -> None:
        """12.2.1.1: an empty local number may start with any under 2**31."""
        self.assertEqual(called().request("BYE").cseq, (1, "BYE"))

    def test_loose_routes(self) -> None:
        """12.2.1.1: with lr in the first route the Request-URI is the target, Route the whole set."""
        dialog = called(("<sip:192.0.2.20:5090;lr>", "<sip:p2.test;lr>"))
        bye = dialog.request("BYE")
        self.assertEqual((bye.target, bye.headers["Route"]),
                         ("sip:a@192.0.2.9", ["<sip:192.0.2.20:5090;lr>", "<sip:p2.test;lr>"]))  # fmt: skip
        self.assertEqual(dialog.hop[:3], ("udp", "192.0.2.20", 5090))

    def test_strict_router(self) -> None:
        """12.2.1.1: without lr the first route is the Request-URI, and the target the last Route value."""
        dialog = called(("<sip:192.0.2.20>", "<sip:p2.test;lr>"))
        bye = dialog.request("BYE")
        self.assertEqual((bye.target, bye.headers["Route"]),
                         ("sip:192.0.2.20", ["<sip:p2.test;lr>", "<sip:a@192.0.2.9>"]))  # fmt: skip
        self.assertEqual(dialog.hop.host, "192.0.2.20")
        self.assertEqual(dialog.request("BYE").headers["Route"], bye.headers["Route"], "the set is kept")

    @given(st.lists(st.integers(1, 2**31 - 1), max_size=20))
    def test_order_of_the_peers_requests(self, numbers: list[int]) -> None:
        """12.2.2: a number must be greater than all before; gaps are fine (a proxy may have challenged one)."""
        dialog = calling(response())
        highest = -1
        for number in numbers:
            request = Request("INFO", "sip:x@y", {"CSeq": [f"{number} INFO"]})
            self.assertEqual(dialog.accepts(request), number > highest)
            highest = max(highest, number)


class TargetRefreshTests(SynchronousTestCase):
    def test_target_and_hop_follow(self) -> None:
        """12.2.1.2, 12.2.2: the Contact of a re-INVITE or its 2xx replaces the target; the route set stays."""
        dialog = called(contact="<sip:a@192.0.2.9:5060>")
        dialog.refresh(invite(contact="<sip:new@192.0.2.9:5099>"), PEER)
        self.assertEqual((dialog.target, dialog.hop.port), ("sip:new@192.0.2.9:5099", 5099))
        self.assertEqual(dialog.request("BYE").target, "sip:new@192.0.2.9:5099")

    def test_response(self) -> None:
        dialog = called(contact="<sip:a@192.0.2.9:5060>")
        dialog.refresh(response(contact="<sip:new@192.0.2.9:5098>"))
        self.assertEqual((dialog.target, dialog.hop.port), ("sip:new@192.0.2.9:5098", 5098))

    def test_with_routes_the_hop_stays(self) -> None:
        dialog = called(("<sip:192.0.2.20;lr>",))
        dialog.refresh(invite(contact="<sip:new@192.0.2.77>"), PEER)
        self.assertEqual((dialog.target, dialog.hop.host), ("sip:new@192.0.2.77", "192.0.2.20"))

    def test_a_phone_that_moved(self) -> None:
        """A re-INVITE from a new address, with a private Contact: requests go to where it came from."""
        dialog = called(contact="<sip:a@10.0.0.1:5060>")
        self.assertEqual(dialog.hop, PEER)
        moved = Hop("udp", "198.51.100.7", 40000)
        dialog.refresh(invite(contact="<sip:a@10.7.7.7:5060>"), moved)
        self.assertEqual(dialog.hop, moved)

    def test_a_nat_that_changed_its_port(self) -> None:
        dialog = called(contact="<sip:a@10.0.0.1:5060>", hop=PEER._replace(port=40000))
        dialog.refresh(invite(contact="<sip:a@10.0.0.1:5060>"), PEER._replace(port=40001))
        self.assertEqual(dialog.hop.port, 40001)

    def test_behind_a_proxy_the_contact_is_followed(self) -> None:
        dialog = called(vias=2, contact="<sip:a@192.0.2.50>")
        dialog.refresh(invite(vias=2, contact="<sip:a@192.0.2.60:5061>"), PEER)
        self.assertEqual(dialog.hop[:3], ("udp", "192.0.2.60", 5061))
        dialog = calling(response(contact="<sip:b@192.0.2.50>"), direct=False)
        dialog.refresh(response(contact="<sip:b@192.0.2.61>"))
        self.assertEqual(dialog.hop.host, "192.0.2.61")

    def test_unusable_contacts_change_nothing(self) -> None:
        dialog = called()
        for contact in ("", "*", "<tel:1>", '"'):
            dialog.refresh(invite(contact=contact), PEER)
            self.assertEqual((dialog.target, dialog.hop), ("sip:a@192.0.2.9", PEER))


class HopTests(SynchronousTestCase):
    """Where requests go without asking the DNS, and through NAT."""

    def test_uris(self) -> None:
        for uri, hop in (
            ("sip:a@192.0.2.1", Hop("udp", "192.0.2.1", 5060)),
            ("sip:a@192.0.2.1:5070;transport=TCP", Hop("tcp", "192.0.2.1", 5070)),
            ("sip:a@192.0.2.1;transport=tls", Hop("tls", "192.0.2.1", 5061)),
            ("sips:a@192.0.2.1", Hop("tls", "192.0.2.1", 5061)),
            ("sip:[2001:db8::1]:5062", Hop("udp", "2001:db8::1", 5062)),
            ("sip:a@name.test;maddr=192.0.2.5", Hop("udp", "192.0.2.5", 5060)),
            ("sip:a@192.0.2.1;maddr=name.test", None),
            ("sip:a@name.test", None),
            ("sip:a@1.2.3", None),
            ("sip:a@12345", None),
            ("sip:a@one.two.three.test", None),
            ("sip:a@192.0.2.1;transport=sctp", None),
        ):
            self.assertEqual(hop_for(parse_uri(uri)), hop, uri)

    def test_next_hop(self) -> None:
        tcp = Hop("tcp", "192.0.2.9", 43210, "192.0.2.1", 5060, flow=7)
        for routes, target, source, direct, expected in (
            # A peer that says the address it is seen at: its Contact's port, our local end kept.
            ([], "sip:a@192.0.2.9:5070", PEER, True, PEER._replace(port=5070)),
            # Behind NAT: back to where it came from.
            ([], "sip:a@10.0.0.1:5070", PEER, True, PEER),
            # Through a proxy without Record-Route the Contact is right.
            ([], "sip:a@10.0.0.1:5070", PEER, False, PEER._replace(host="10.0.0.1", port=5070)),
            # A name: no look-up on the call path.
            ([], "sip:a@phone.test", PEER, True, PEER),
            ([], "sip:a@phone.test", PEER, False, PEER),
            (["<sip:proxy.test;lr>"], "sip:a@192.0.2.9", PEER, True, PEER),
            # A recorded route is where requests go, even if the peer spoke to us from elsewhere.
            (["<sip:192.0.2.20;lr>"], "sip:a@10.0.0.1", PEER, False, PEER._replace(host="192.0.2.20")),
            (["<sip:192.0.2.20;lr>"], "sip:a@10.0.0.1", PEER, True, PEER._replace(host="192.0.2.20")),
            # An open connection is used on, whatever the Contact says of transport and port.
            ([], "sip:a@192.0.2.9:5060;transport=tcp", tcp, True, tcp._replace(port=5060)),
            ([], "sip:a@192.0.2.9:5060", tcp, True, tcp._replace(port=5060)),
            ([], "sip:a@10.0.0.1;transport=tcp", tcp, True, tcp._replace(anew=("10.0.0.1", 5060))),
            # But not for another host.
            (["<sip:192.0.2.20;transport=tcp;lr>"], "sip:a@192.0.2.9", tcp, False,
             tcp._replace(host="192.0.2.20", port=5060, flow=0)),
            # A datagram opens none: the Contact's transport is taken.
            ([], "sip:a@192.0.2.9;transport=tcp", PEER, True, Hop("tcp", "192.0.2.9", 5060)),
            # A proxy that speaks TCP here and says UDP there.
            (["<sip:192.0.2.9;lr>"], "sip:a@10.0.0.1", tcp, False, Hop("udp", "192.0.2.9", 5060)),
        ):  # fmt: skip
            found = next_hop(routes, parse_uri(target), source, direct)
            self.assertEqual(found, expected, (routes, target, source, direct))

    def test_direct_means_one_via(self) -> None:
        self.assertEqual(called(contact="<sip:a@10.0.0.1>").hop, PEER)
        self.assertEqual(called(contact="<sip:a@10.0.0.1>", vias=2).hop.host, "10.0.0.1")
        request = invite(contact="<sip:a@10.0.0.1>", vias=2)
        request.headers["Via"] = [", ".join(request.headers["Via"])]
        self.assertEqual(Dialog.of_server(request, "x", PEER).hop.host, "10.0.0.1")


class InsideTests(NetworkTestCase):
    """What a dialog's requests are checked for before the session sees them."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")
        self.bob.on_call = lambda session: session.answer(ANSWER)
        self.say("INVITE", 10, to_tag="")
        self.tag = self.network.last("200 INVITE").to.tag
        self.say("ACK", 10)

    def tearDown(self) -> None:
        self.say("BYE", 999)
        super().tearDown()

    def say(self, method: str, number: int, from_tag: str = "peer", to_tag: str | None = None, more: str = "") -> str:
        """Send a request and return the answer's line."""
        tag = self.tag if to_tag is None else to_tag
        self.peer.received.clear()
        branch = f"{method}{number}{from_tag}{tag}"
        self.peer.say(raw_request(method, number, tag, from_tag, branch, more=more), self.bob)
        self.network.run()
        return self.peer.got()[-1] if self.peer.received else ""

    def test_tags_of_no_dialog(self) -> None:
        """12.2.2: a To tag that matches no dialog is 481; so is another From tag."""
        self.assertEqual(self.say("INFO", 11, to_tag="other"), "481 INFO")
        self.assertEqual(self.say("BYE", 12, from_tag="other"), "481 BYE")
        self.assertEqual(self.say("INVITE", 13, to_tag="other"), "481 INVITE")
        self.say("ACK", 13, to_tag="other")
        self.assertEqual(len(self.bob.endpoint.sessions), 1)

    def test_numbers_out_of_order(self) -> None:
        """12.2.2: a number that is not higher than the last is answered 500, whatever the method."""
        self.assertEqual(self.say("OPTIONS", 20), "200 OPTIONS")
        self.assertIn("PRACK", self.network.last("200 OPTIONS").items("Allow"))
        for number in (5, 19, 20):
            self.assertEqual(self.say("UPDATE", number), "500 UPDATE")
        self.assertEqual(self.say("OPTIONS", 2000), "200 OPTIONS")
        self.assertEqual(self.say("BYE", 1999), "500 BYE")
        self.assertEqual(self.say("BYE", 2001), "200 BYE")

    def test_a_new_connection_of_the_peer(self) -> None:
        """A phone that connects anew is reached on the connection its requests come on; another host's is not taken."""
        dialog = self.bob.owners[0].session.dialog
        dialog.hop = dialog.hop._replace(transport="tcp", flow=3)
        for number, host, transport, flow, expected in (
            (30, "192.0.2.1", "tcp", 4, 4), (31, "192.0.2.7", "tcp", 5, 4), (32, "192.0.2.1", "tls", 6, 4),
            (33, "192.0.2.1", "tcp", 0, 4), (34, "192.0.2.1", "tcp", 8, 8),
        ):  # fmt: skip
            request = parse_message(raw_request("OPTIONS", number, self.tag, branch=f"flow{number}"))
            self.bob.layer.receive(request, Hop(transport, host, 40000, flow=flow))
            self.assertEqual(dialog.hop.flow, expected, number)

    def test_after_the_end(self) -> None:
        """15.1.2: the dialog is gone with the BYE; what comes later is 481."""
        self.assertEqual(self.say("BYE", 11), "200 BYE")
        for method in ("INFO", "BYE", "UPDATE", "REFER", "NOTIFY", "INVITE"):
            self.assertEqual(self.say(method, 12), f"481 {method}")
        self.say("ACK", 12)

    def test_unknown_extensions_and_methods(self) -> None:
        """8.2.2.3: Require is looked at in every request; 8.2.1: a method that is not served is 405."""
        self.assertEqual(self.say("OPTIONS", 11, more="Require: 100rel, thrill"), "420 OPTIONS")
        self.assertEqual(self.network.last("420 OPTIONS").get("Unsupported"), "thrill")
        self.assertEqual(self.say("MESSAGE", 12), "405 MESSAGE")
        self.assertEqual(self.say("FOO", 13), "405 FOO")
        self.assertIn("INVITE", self.network.last("405 FOO").get("Allow"))
        self.assertEqual(self.say("NOTIFY", 14), "489 NOTIFY")
        self.assertEqual(self.say("PRACK", 15), "481 PRACK")
