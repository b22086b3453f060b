"""What a request outside of dialogs is checked for before anybody sees it (RFC 3261 8.2)."""

from typing import Any

from magroup.sip.endpoint import ALLOW, SUPPORTED
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction
from tests.sip.network import NetworkTestCase, Node, Phone
from tests.sip.peer import raw_request


class EndpointTests(NetworkTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")
        self.seen: list[str] = []
        for method in ("INVITE", "OPTIONS", "MESSAGE"):
            self.bob.endpoint.methods[method] = self.serve
        self.number = 0

    def serve(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        self.seen.append(request.method)
        transaction.respond(request.respond(200, to_tag="bob"))

    def ask(self, method: str, more: str = "", body: bytes = b"", target: str = "", to_tag: str = "") -> Any:
        """Send a request; its answer."""
        self.number += 1
        text = raw_request(method, self.number, to_tag, branch=f"b{self.number}", more=more, sdp=body)
        self.peer.say(text.replace(b"sip:b@192.0.2.2 SIP", target.encode() + b" SIP") if target else text, self.bob)
        self.network.run()
        return self.peer.received[-1] if self.peer.received else None

    def test_method(self) -> None:
        """8.2.1: 405 for a method that is known but not served, 501 for one that nobody knows; Allow says which are."""
        for method, status in (("SUBSCRIBE", 405), ("PUBLISH", 405), ("BYE", 405), ("NEWMETHOD", 501)):
            answer = self.ask(method)
            self.assertEqual((answer.status, answer.get("Allow")), (status, ALLOW), method)
        self.assertEqual(self.seen, [])

    def test_scheme(self) -> None:
        """8.2.2.1: 416 for a Request-URI whose scheme is not ours."""
        for target, status in (("tel:+1234", 416), ("http://a.test/", 416), ("sips:b@test", 200), ("SIP:b@test", 200)):
            self.assertEqual(self.ask("OPTIONS", target=target).status, status, target)

    def test_required_extensions(self) -> None:
        """8.2.2.3: 420 with those in Unsupported that are not known."""
        self.assertEqual(self.ask("OPTIONS", f"Require: {SUPPORTED.replace('gruu, ', '')}").status, 200)
        answer = self.ask("OPTIONS", "Require: 100rel, Thrill\nRequire: chill")
        self.assertEqual((answer.status, answer.items("Unsupported")), (420, ["chill", "thrill"]))
        answer = self.ask("OPTIONS", "Proxy-Require: sec-agree")
        self.assertEqual((answer.status, answer.get("Unsupported")), (420, "sec-agree"))

    def test_body(self) -> None:
        """8.2.3: 415 for a body of an INVITE that is no SDP, or one that is packed."""
        answer = self.ask("INVITE", "Content-Type: text/plain", b"hello")
        self.assertEqual((answer.status, answer.get("Accept")), (415, "application/sdp"))
        answer = self.ask("INVITE", "Content-Type: application/sdp\nContent-Encoding: gzip", b"hello")
        self.assertEqual((answer.status, answer.get("Accept-Encoding")), (415, "identity"))
        for more in ("Content-Type: application/SDP;x=y\nContent-Encoding: Identity", "c: application/sdp"):
            self.assertEqual(self.ask("INVITE", f"{more}\nContent-Type-X: y", b"v=0").status, 200, more)
        self.assertEqual(self.ask("MESSAGE", "Content-Type: text/plain", b"hello").status, 200)

    def test_other_invitations(self) -> None:
        """An INVITE with a body of another kind goes to who has said that it serves those."""
        served: list[str] = []

        def serve(transaction: Any, request: Request, hop: Any) -> None:
            served.append(request.content_type)
            transaction.reject(600)

        self.bob.endpoint.invitations["application/x-tea"] = serve
        for more, status in (
            ("Content-Type: application/x-TEA;hot=1", 600),
            ("Content-Type: application/x-tea\nAccept: application/x-tea", 600),
            ("Content-Type: application/x-coffee", 415), ("Content-Type: application/sdp", 200),
        ):  # fmt: skip
            answer = self.ask("INVITE", more, b"v=0")
            self.assertEqual(answer.status, status, more)
        self.assertEqual(served, ["application/x-tea"] * 2)
        self.assertEqual(self.ask("INVITE", "Content-Type: text/plain", b"x").get("Accept"),
                         "application/sdp, application/x-tea")  # fmt: skip

    def test_accept(self) -> None:
        """21.4.7: 406 when the caller takes no description that we could answer with."""
        self.assertEqual(self.ask("INVITE", "Accept: text/html, text/plain;q=0.5").status, 406)
        for accept in ("text/html, application/sdp;level=1", "*/*", "Application/*"):
            self.assertEqual(self.ask("INVITE", f"Accept: {accept}").status, 200, accept)
        self.assertEqual(self.ask("OPTIONS", "Accept: text/html").status, 200)

    def test_no_such_dialog(self) -> None:
        for method in ("INVITE", "BYE", "OPTIONS", "NEWMETHOD"):
            self.assertEqual(self.ask(method, to_tag="gone").status, 481)
        self.assertEqual(self.seen, [])

    def test_refused_and_failed(self) -> None:
        """What the server of a method raises is the answer; anything else is 500, once, and logged."""

        def refuse(transaction: ServerTransaction, request: Request, hop: Hop) -> None:
            raise SipError(403, "Not here", {"Warning": ["399 a b", "399 c d"]})

        def fail(transaction: ServerTransaction, request: Request, hop: Hop) -> None:
            raise ZeroDivisionError

        def fail_late(transaction: ServerTransaction, request: Request, hop: Hop) -> None:
            self.serve(transaction, request, hop)
            raise ZeroDivisionError

        self.bob.endpoint.methods["MESSAGE"] = refuse
        answer = self.ask("MESSAGE")
        self.assertEqual((answer.status, answer.reason, answer.headers["Warning"]),
                         (403, "Not here", ["399 a b", "399 c d"]))  # fmt: skip
        self.bob.endpoint.methods["MESSAGE"] = fail
        self.assertEqual(self.ask("MESSAGE").status, 500)
        self.bob.endpoint.methods["MESSAGE"] = fail_late
        self.assertEqual(self.ask("MESSAGE").status, 200)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)

    def test_contact(self) -> None:
        """8.1.1.8: a URI at which requests of this transport reach us; user parts are escaped, IPv6 in brackets."""
        endpoint = self.bob.endpoint
        self.assertEqual(endpoint.contact(Hop("udp", "192.0.2.1", 5060)), "<sip:192.0.2.2>")
        self.assertEqual(endpoint.contact(Hop("tcp", "192.0.2.1", 5060), "bob"), "<sip:bob@192.0.2.2;transport=tcp>")
        tls = Hop("tls", "192.0.2.1", 5061)
        self.assertEqual(endpoint.contact(tls, "b b"), "<sip:b%20b@192.0.2.2:5060;transport=tls>")
        six = Phone(self.network, "2001:db8::2")
        self.assertEqual(six.endpoint.contact(Hop("udp", "2001:db8::1", 5060)), "<sip:[2001:db8::2]>")

    def test_contacts_are_not_kept_for_ever(self) -> None:
        endpoint = self.bob.endpoint
        for number in range(5000):
            endpoint.contact(Hop("udp", "192.0.2.1", 5060), str(number))
        self.assertLess(len(endpoint._contacts), 4200)
        self.assertEqual(endpoint.contact(Hop("udp", "192.0.2.1", 5060), "7"), "<sip:7@192.0.2.2>")

    def test_described(self) -> None:
        calling = self.bob.call(self.peer)
        self.network.run()
        self.assertEqual(len(self.bob.layer.describe()), 1)
        self.assertIn("INVITE CALLING", self.bob.layer.describe()[0])
        self.peer.say(self.peer.received[0].respond(180, to_tag="p"), self.bob)  # type: ignore[union-attr]
        self.network.run()
        self.assertIn("EARLY", self.bob.endpoint.describe()[0])
        calling.session.cancel()
        self.peer.say(self.peer.received[0].respond(487, to_tag="p"), self.bob)  # type: ignore[union-attr]
        self.network.run()
