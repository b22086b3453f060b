"""Our own client: what it makes of peers that answer otherwise, and how it comes back."""

from typing import Any

from twisted.internet.defer import Deferred

from magroup.csta import event_messages as e
from magroup.csta import system_messages as y
from magroup.csta.accounts import Account
from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition
from magroup.csta.in_dialog import CSTA_XML
from magroup.csta.link import FIRST_PAUSE, LONGEST_PAUSE
from magroup.csta.switch import CstaSwitch
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.values import subject
from magroup.cti.errors import ServiceError
from magroup.cti.fake import FakeSwitch
from magroup.cti.types import ConnectionState
from magroup.sip.message import Request
from magroup.uacsta.client import PhoneSession
from magroup.uacsta.link import PhoneLink
from tests.csta.peer import admit
from tests.sip.network import NetworkTestCase, Node
from tests.uacsta.pair import SERVER, Client, Served

STATUS = build(y.RequestSystemStatusResponse(system_status="normal"), Edition.ED3)


class PeerTests(NetworkTestCase):
    """A peer that writes by hand."""

    def setUp(self) -> None:
        super().setUp()
        self.peer = Node(self.network, SERVER)
        self.client = Client(self.network, "2001")
        self.client.session.start()
        self.network.run()

    def answer(self, method: str, status: int, body: bytes = b"", **headers: str) -> None:
        """To the newest request of this method."""
        asked = [one for one in self.peer.received if isinstance(one, Request) and one.method == method][-1]
        response = asked.respond(status, to_tag="peer")
        response.headers["Contact"] = [f"<sip:2001@{SERVER}>"]
        for name, value in headers.items():
            response.headers[name.replace("_", "-")] = [value]
        if body:
            response.headers["Content-Type"] = [CSTA_XML]
            response.body = body
        self.peer.say(response, self.client)
        self.network.run()

    def test_answers(self) -> None:
        """Some send no document in the 200; what is another document ends the session again."""
        for body, states in (
            (STATUS, ["up"]), (b"", ["up"]),
            (b"rubbish", ["The peer answers with what is no CSTA"]),
            (build(y.GetCSTAFeaturesResponse(), Edition.ED3), ["The peer answers with GetCSTAFeaturesResponse"]),
        ):  # fmt: skip
            self.client = Client(self.network, "2001")
            self.client.session.start()
            self.network.run()
            self.answer("INVITE", 200, body)
            self.assertEqual([state[: len(words)] for state, words in zip(self.client.states, states, strict=True)],
                             states)  # fmt: skip
            self.client.session.close("next")
            self.network.run()
            self.answer("BYE", 200)
            self.network.run(40)
            self.assertEqual(self.client.leftovers(), [])

    def test_refused(self) -> None:
        """Of a phone that knows nothing of it."""
        self.answer("INVITE", 415)
        self.assertEqual((self.client.states, self.client.session.connected), (["415 Unsupported Media Type"], False))

    def test_asked_and_told(self) -> None:
        """Each INFO of the peer is answered: events with nothing, status with the response."""
        self.answer("INVITE", 200, STATUS)
        event = e.BackInServiceEvent(monitor_cross_ref_id="1", device=subject("2001"))
        invite = self.peer.received[0]
        for number, (message, wanted) in enumerate((
            (event, ""), (y.SystemStatus(), "SystemStatusResponse"),
            (y.RequestSystemStatus(), "RequestSystemStatusResponse"),
        ), 1):  # fmt: skip
            body = build(message, Edition.ED4)
            lines = [
                f"INFO sip:2001@{self.client.host} SIP/2.0", f"Via: SIP/2.0/UDP {SERVER};branch=z9hG4bKi{number}",
                f"From: {invite.get('To')};tag=peer", f"To: {invite.get('From')}", f"Call-ID: {invite.call_id}",
                f"CSeq: {number} INFO", f"Content-Type: {CSTA_XML}",
            ]  # fmt: skip
            self.peer.say("\r\n".join(lines).encode() + b"\r\n\r\n" + body, self.client)
            self.network.run()
            answer = self.peer.received[-1]
            self.assertEqual(answer.status, 200)  # type: ignore[union-attr]
            self.assertEqual(parse(answer.body).message.root if answer.body else "", wanted)
        self.assertEqual(self.client.names(), ["BackInServiceEvent", "SystemStatus"])
        self.client.session.close("done")
        self.network.run()
        self.answer("BYE", 200)

    def test_peer_loses_the_dialog(self) -> None:
        """A request that is answered with 481 ends the session, and with it what waits."""
        self.answer("INVITE", 200, STATUS)
        found: list[Any] = []
        for _ in range(2):
            self.client.session.request(y.GetCSTAFeatures()).addErrback(found.append)
        self.network.run()
        self.answer("INFO", 481)
        self.assertEqual([failure.check(ServiceError) for failure in found], [ServiceError] * 2)
        self.assertEqual((len(self.client.states), self.client.session.is_up), (2, False))
        with self.assertRaises(ServiceError):
            self.client.request(y.GetCSTAFeatures())
        self.network.run(40)


class LinkTests(NetworkTestCase):
    """A line of another switch behind the port, by sessions that end."""

    def setUp(self) -> None:
        super().setUp()
        clock = self.network.clock
        self.there = FakeSwitch(clock, ("2001", "3001"), trunk=True)
        self.server = SwitchingFunction(clock, self.there, admit, lambda address: None, str)
        self.served = Served(self.network, self.server, "2001")
        self.client = Client(self.network, "2001")
        self.csta = CstaSwitch(clock, ("2001",), self.there)
        self.link = PhoneLink(clock, self.csta, self.make, lambda: 0.5)

    def make(self, heard: Any, up: Any, down: Any) -> PhoneSession:
        return PhoneSession(self.network.clock, self.client.endpoint, self.client.place, heard, up, down)

    def tearDown(self) -> None:
        stopped = Deferred.fromCoroutine(self.link.stop())
        self.network.run()
        self.successResultOf(stopped)
        self.assertEqual(self.server.clients, {})
        super().tearDown()

    def test_comes_back(self) -> None:
        """What happened meanwhile is found; the line works as before."""
        self.link.start()
        self.network.run()
        self.assertEqual(self.csta.down, "")
        call = self.there.arrive("3001", "2001")
        self.network.run()
        self.assertEqual(len(self.csta.calls()), 1)
        self.server.admit_again(lambda account, address: None)
        self.network.run()
        self.assertNotEqual(self.csta.down, "")
        self.there.device_answers(call, "2001")
        self.network.run(FIRST_PAUSE)
        self.assertEqual((self.csta.down, self.link.attempts), ("", 2))
        (seen,) = self.csta.calls()
        mine = seen.connection("2001")
        assert mine is not None
        self.assertIs(mine.state, ConnectionState.CONNECTED)
        held = Deferred.fromCoroutine(self.csta.hold_call(mine.id))  # type: ignore[arg-type]
        self.network.run()
        self.successResultOf(held)
        self.assertIs(self.csta.calls()[0].connection("2001").state, ConnectionState.HOLD)  # type: ignore[union-attr]

    def test_not_let_in_yet(self) -> None:
        """After pauses that grow."""
        account_of = self.served.server._account_of
        self.served.server._account_of = lambda line: None
        self.link.start()
        self.network.run(100)
        self.assertIn("403", self.csta.down)
        self.assertEqual(self.link.attempts, 7)
        self.served.server._account_of = account_of
        self.network.run(LONGEST_PAUSE)
        self.assertEqual(self.csta.down, "")
        self.assertEqual([client.session.account for client in self.server.clients.values()],
                         [Account("2001", True, lines=frozenset(("2001",)))])  # fmt: skip
