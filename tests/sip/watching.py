"""A notifier in the test network, and a watcher that says what the test writes."""

from collections.abc import Hashable
from typing import Any

from magroup.sip.errors import SipError
from magroup.sip.event import Limits
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.notifier import Notifier
from magroup.sip.subscription import Watch
from tests.sip.network import Network, NetworkTestCase, Node, Phone

BRANCH = "z9hG4bK"


class Colours:
    """A package whose resources 1047 and 1175 have a colour each; ``asked`` are the documents written."""

    name = "colour"
    content_type = "text/colour"
    expires = 600
    interval = 2.0

    def __init__(self) -> None:
        self.colours: dict[str, str] = {"1047": "red", "1175": "blue"}

    def resource(self, number: str, subscriber: str) -> str:
        if number == "secret":
            raise SipError(403)
        if number not in self.colours:
            raise SipError(404)
        return number

    def state(self, watch: Watch) -> Hashable:
        return self.colours[watch.resource]

    def document(self, watch: Watch, state: Hashable, before: Hashable, version: int) -> bytes:
        return f"{version} {before} {state}".encode()


class Watcher(Node):
    """Answers each NOTIFY with ``answer``; nothing when that is 0."""

    answer = 200
    retry_after = ""

    def deliver(self, data: bytes, hop: Hop) -> None:
        super().deliver(data, hop)
        message = self.received[-1]
        if isinstance(message, Request) and self.answer:
            self.reply(message)

    def reply(self, request: Request) -> None:
        response = request.respond(self.answer)
        if self.retry_after:
            response.headers["Retry-After"] = [self.retry_after]
        self.say(response, self.network.nodes["192.0.2.1", 5060])

    @property
    def notifies(self) -> list[Request]:
        return [one for one in self.received if isinstance(one, Request)]

    def told(self) -> list[str]:
        """The NOTIFYs in short: ``active 0 None red``, ``terminated;reason=timeout``."""
        short = []
        for request in self.notifies:
            state = request.get("Subscription-State")
            state = "active" if state.startswith("active;expires=") else state
            short.append(f"{state} {request.body.decode()}".strip())
        return short

    @property
    def statuses(self) -> list[int]:
        return [one.status for one in self.received if not isinstance(one, Request)]

    @property
    def answered(self) -> Any:
        """The last response."""
        return [one for one in self.received if not isinstance(one, Request)][-1]


class WatchingTestCase(NetworkTestCase):
    """``server`` has the package ``colour``; who says to be ``sip:nobody`` is challenged."""

    limits = Limits(total=6, of_line=4)
    transport = "udp"

    def setUp(self) -> None:
        self.network = Network()
        self.run_for = self.network.run
        self.server = Phone(self.network, "192.0.2.1", transport=self.transport)
        self.notifier = Notifier(self.server.endpoint, self.network.clock, self.authorize, self.limits)
        self.server.endpoint.methods["SUBSCRIBE"] = self.notifier.request
        self.colours = Colours()
        self.notifier.add(self.colours)
        self.watcher = self.new_watcher("192.0.2.9")
        self.number = 0

    def new_watcher(self, host: str) -> Watcher:
        return Watcher(self.network, host, transport=self.transport)

    def tearDown(self) -> None:
        self.notifier.stop()
        super().tearDown()
        self.assertEqual((len(self.notifier), self.notifier.describe()), (0, []))
        self.assertEqual((self.notifier._of_line, self.notifier._of_resource), ({}, {}))

    def authorize(self, request: Request, hop: Hop) -> str:
        user = request.from_.uri.user
        if user == "nobody":
            raise SipError(401, headers={"WWW-Authenticate": "Digest realm=x"})
        return user

    def subscribe(
        self, number: str = "1047", expires: str = "600", call_id: str = "c1", cseq: int = 1, to_tag: str = "",
        event: str = "colour", more: str = "", caller: str = "1000", contact: str = "<sip:w@192.0.2.9>",
        watcher: Watcher | None = None, method: str = "SUBSCRIBE", wait: float = 0.0,
    ) -> int:  # fmt: skip
        """Send it, and give the status that it is answered with; 0 for none."""
        self.number += 1
        watcher = watcher or self.watcher
        tag = f";tag={to_tag}" if to_tag else ""
        lines = [
            f"{method} sip:{number}@192.0.2.1 SIP/2.0",
            f"Via: SIP/2.0/{self.transport.upper()} {watcher.host}:5060;branch={BRANCH}{self.number}",
            "Max-Forwards: 70",
            f"From: <sip:{caller}@192.0.2.1>;tag=w", f"To: <sip:{number}@192.0.2.1>{tag}", f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            *([f"Contact: {contact}"] if contact else []),
            *([f"Event: {event}"] if event else []),
            *([f"Expires: {expires}"] if expires else []),
            *([more] if more else []),
            "Content-Length: 0",
        ]  # fmt: skip
        before = len(watcher.statuses)
        watcher.say("\n".join(lines) + "\n\n", self.server)
        self.run_for(wait)
        return watcher.statuses[-1] if len(watcher.statuses) > before else 0

    def tag(self) -> str:
        """The tag of the dialog that the last SUBSCRIBE made."""
        return str(self.watcher.answered.to.tag)

    def paint(self, colour: str, number: str = "1047") -> None:
        self.colours.colours[number] = colour
        self.notifier.changed("colour", number)
        self.run_for()
