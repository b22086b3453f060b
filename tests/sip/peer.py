"""A peer of a phone in the test network that says what the test writes, and outcomes to look at."""

from collections.abc import Callable
from typing import Any

from magroup.sip.message import Request
from magroup.sip.modify import Offer
from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, OFFER, OTHER, NetworkTestCase, Node, Phone


def raw_request(
    method: str, number: int, to_tag: str = "", from_tag: str = "peer", branch: str = "", call_id: str = "call",
    more: str = "", sdp: bytes = b"",
) -> bytes:  # fmt: skip
    """A request of a peer at 192.0.2.1, written by hand; ``more``: header lines."""
    lines = [
        f"{method} sip:b@192.0.2.2 SIP/2.0",
        f"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch or f'{method}{number}'}",
        f"From: <sip:a@test>{f';tag={from_tag}' if from_tag else ''}",
        f"To: <sip:b@test>{f';tag={to_tag}' if to_tag else ''}", f"Call-ID: {call_id}", f"CSeq: {number} {method}",
        "Contact: <sip:a@192.0.2.1>", *more.split("\n"),
        "Content-Type: application/sdp" if sdp and "Content-Type" not in more else "",
    ]  # fmt: skip
    return "\r\n".join(line.strip() for line in lines if line.strip()).encode() + b"\r\n\r\n" + sdp


def reply(node: Node, to: Node, status: int, to_tag: str = "peer", index: int = -1, **headers: str) -> None:
    """Answer a request that a silent node got, the newest if no ``index`` is given, ACKs aside."""
    requests = [message for message in node.received if isinstance(message, Request) and message.method != "ACK"]
    response = requests[index].respond(status, to_tag=to_tag)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = [value]
    node.say(response, to)


class Outcomes(list[tuple[int, bytes]]):
    """What changes came to."""

    def __call__(self, status: int, sdp: bytes) -> None:
        self.append((status, sdp))


def accepting(sdp: bytes, acknowledged: Callable[[bytes], None] | None = None) -> Callable[[Offer], None]:
    return lambda offer: offer.accept(sdp, acknowledged)


class PeerTestCase(NetworkTestCase):
    """Bob, called by a peer that does what the test says."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")
        self.done = Outcomes()
        self.number = 1

    def tearDown(self) -> None:
        for owner in self.bob.owners:
            if owner.session.state is not SessionState.ENDED:
                self.say("BYE")
        super().tearDown()

    def say(self, method: str, sdp: bytes = b"", number: int = 0, branch: str = "", more: str = "") -> list[str]:
        """Send a request; what comes back at once."""
        if not number and not (method == "INVITE" and not self.bob.owners):
            self.number += 1
        number = number or self.number
        tag = self.bob.owners[0].session.tag if self.bob.owners else ""
        self.peer.received.clear()
        branch = f"{branch or method}{number}"
        self.peer.say(raw_request(method, number, tag, branch=branch, more=more, sdp=sdp), self.bob)
        self.network.run()
        return self.peer.got()

    def answer(self, status: int, sdp: bytes = b"", method: str = "INVITE", **headers: str) -> None:
        """Answer a request of Bob's."""
        response = self.network.last(method, "192.0.2.2").respond(status)
        response.headers["Contact"] = ["<sip:a@192.0.2.1>"]
        for name, value in headers.items():
            response.headers[name.replace("_", "-")] = [value]
        if sdp:
            response.headers["Content-Type"] = ["application/sdp"]
            response.body = sdp
        self.peer.say(response, self.bob)
        self.network.run()

    def be_called(self, sdp: bytes = OFFER, answer: bytes = ANSWER) -> Any:
        self.bob.on_call = lambda session: session.answer(answer)
        self.say("INVITE", sdp)
        self.say("ACK", number=1, sdp=b"" if sdp else ANSWER)
        return self.bob.owners[0]

    def change(self, sdp: bytes = OTHER) -> None:
        self.bob.owners[0].session.modifier.change(sdp, self.done)
        self.network.run()

    @property
    def sent(self) -> list[str]:
        return self.network.lines("192.0.2.2")


class CallingTestCase(NetworkTestCase):
    """Ann calls a peer that does what the test says."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = Phone(self.network, "192.0.2.1")
        self.peer = Node(self.network, "192.0.2.2")

    def call(self, sdp: bytes = OFFER, **settings: Any) -> Any:
        owner = self.ann.call(self.peer, sdp, **settings)
        self.network.run()
        return owner

    def reply(
        self, status: int, tag: str = "bob", sdp: bytes = b"", method: str = "INVITE", contact: str = "", **headers: str
    ) -> None:  # fmt: skip
        """Answer the newest request of this method."""
        requests = [message for message in self.peer.received if isinstance(message, Request)]
        request = [request for request in requests if request.method == method][-1]
        response = request.respond(status, to_tag=tag)
        response.headers["Contact"] = [contact or "<sip:b@192.0.2.2>"]
        for name, value in headers.items():
            response.headers[name.replace("_", "-")] = [value]
        if sdp:
            response.headers["Content-Type"] = ["application/sdp"]
            response.body = sdp
        self.peer.say(response, self.ann)
        self.network.run()

    def say(self, method: str, tag: str = "bob", number: int = 1, more: str = "") -> str:
        """A request of the peer in the dialog; returns the answer."""
        invite = self.network.last("INVITE")
        self.peer.say(f"""{method} sip:a@192.0.2.1 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK{method}{number}{tag}
            From: <sip:b@test>;tag={tag}
            To: <sip:a@192.0.2.1>;tag={invite.from_.tag}
            Call-ID: {invite.call_id}
            CSeq: {number} {method}
            {more}""", self.ann)  # fmt: skip
        self.network.run()
        return self.peer.got()[-1]

    @property
    def sent(self) -> list[str]:
        return self.network.lines("192.0.2.1")
