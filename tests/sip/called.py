"""A session that is called, for its tests."""

from typing import Any

from tests.sip.network import OFFER, NetworkTestCase, Node, Owner, Phone
from tests.sip.peer import raw_request


class CalledTestCase(NetworkTestCase):
    """A peer that does what the test says calls Bob."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Phone(self.network, "192.0.2.2")
        self.peer = Node(self.network, "192.0.2.1")

    def say(
        self, method: str, number: int = 1, sdp: bytes = b"", branch: str = "", more: str = "",
        to_tag: str | None = None,
    ) -> str:  # fmt: skip
        """Send a request, in the dialog unless it is the first; the newest answer's line."""
        tag = to_tag
        if tag is None:
            tag = "" if method in ("INVITE", "CANCEL") and number == 1 else self.tag
        self.peer.say(raw_request(method, number, tag, branch=branch, more=more, sdp=sdp), self.bob)
        self.network.run()
        return self.peer.got()[-1] if self.peer.received else ""

    def invite(self, sdp: bytes = OFFER, more: str = "", **more_arguments: Any) -> Owner:
        self.say("INVITE", 1, sdp, more=more, **more_arguments)
        return self.bob.owners[-1]

    def cancel(self, more: str = "") -> str:
        return self.say("CANCEL", branch="INVITE1", more=more)

    def ack(self, number: int = 1, sdp: bytes = b"") -> None:
        self.say("ACK", number, sdp, branch=f"ack{number}")

    def ack_failure(self) -> None:
        self.say("ACK", branch="INVITE1")

    @property
    def tag(self) -> str:
        return str(self.bob.owners[-1].session.tag)

    @property
    def sent(self) -> list[str]:
        return self.network.lines("192.0.2.2")
