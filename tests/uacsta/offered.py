"""The switch offered in SIP dialogs on the network in memory: what tests of it share."""



from magroup.csta import system_messages as y
from magroup.csta.codec import build
from magroup.csta.edition import Edition
from magroup.csta.limits import Limits
from magroup.csta.message import Message
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.values import ConnectionID, DeviceId
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.fake import FakeSwitch
from magroup.sip.message import Response
from tests.csta.peer import admit
from tests.sip.network import EVERYTHING_OVER, NetworkTestCase, Node
from tests.uacsta.pair import CLIENT, Client, Served

OTHER = "192.0.2.3"
OPEN = build(y.RequestSystemStatus(), Edition.ED3)
CSTA = "application/csta+xml"


def at(call_id: str, number: str) -> ConnectionID:
    return ConnectionID(call_id, DeviceId(number))


class Offered(NetworkTestCase):
    """Lines 2001 and 2002 are of one user, 3001 and 3002 of others."""

    limits = Limits(clients_per_address=2, monitors=3, requests_per_second=20, unsent=20_000)

    def setUp(self) -> None:
        super().setUp()
        clock = self.network.clock
        self.switch = FakeSwitch(clock, ("2001", "2002", "3001", "3002"), trunk=True)
        self.server = SwitchingFunction(
            clock, self.switch, admit, lambda address: None,
            lambda number: number if number in ("2001", "2002", "3001", "3002") else None, self.limits,
        )  # fmt: skip
        self.served = Served(self.network, self.server, "2001", "2002")
        self.number = 0

    def tearDown(self) -> None:
        for session in tuple(self.served.endpoint.sessions):
            session.bye()  # type: ignore[attr-defined]
        self.network.run(EVERYTHING_OVER)
        for client in tuple(self.server.clients.values()):
            self.server.over(client, "the test is over")
        self.assertEqual(len(self.server.monitors), 0)
        super().tearDown()

    def client(self, number: str = "2001", host: str = CLIENT, port: int = 5060) -> Client:
        made = Client(self.network, number, host, port).open()
        self.assertEqual(made.states, ["up"])
        return made

    def invite(
        self, body: bytes = OPEN, more: str = f"Content-Type: {CSTA}", to: str = "2001", of: str = "2001"
    ) -> int:
        """The status with which a peer that writes by hand is answered; it hangs up at once."""
        peer = Node(self.network, OTHER)
        self.number += 1
        self.peer_said(peer, "INVITE", 1, body, more, to, of)
        answers = [one for one in peer.received if isinstance(one, Response) and one.status >= 200]
        self.answer = answers[0]
        if self.answer.status == 200:
            for method, number in (("ACK", 1), ("BYE", 2)):
                self.peer_said(peer, method, number, b"", "", to, of, self.answer.to.tag)
        else:
            self.peer_said(peer, "ACK", 1, b"", "", to, of, self.answer.to.tag)
        return self.answer.status

    def peer_said(
        self, peer: Node, method: str, number: int, body: bytes, more: str, to: str, of: str, tag: str = ""
    ) -> None:  # fmt: skip
        branch = f"{'INVITE' if method == 'ACK' and self.is_refused(peer) else method}{self.number}-{number}"
        lines = [
            f"{method} sip:{to}@192.0.2.1 SIP/2.0", f"Via: SIP/2.0/UDP {OTHER};branch=z9hG4bK{branch}",
            f"From: <sip:{of}@192.0.2.1>;tag=peer", f"To: <sip:{to}@192.0.2.1>{f';tag={tag}' if tag else ''}",
            f"Call-ID: by-hand-{self.number}", f"CSeq: {number} {method}", f"Contact: <sip:{of}@{OTHER}>",
            "Max-Forwards: 70", *more.split("\n"),
        ]  # fmt: skip
        peer.say("\r\n".join(line for line in lines if line).encode() + b"\r\n\r\n" + body, self.served)
        self.network.run()

    @staticmethod
    def is_refused(peer: Node) -> bool:
        return any(isinstance(one, Response) and one.status >= 300 for one in peer.received)

    def refused(self, client: Client, message: Message) -> Failure:
        with self.assertRaises(ServiceError) as caught:
            client.request(message)
        return caught.exception.failure
