"""How sessions end, by whom, and what a bad peer may do in one."""


from twisted.internet.defer import Deferred

from magroup.csta import system_messages as y
from magroup.csta.codec import build
from magroup.csta.edition import Edition
from magroup.csta.limits import MOST_UNREADABLE
from magroup.cti.errors import ServiceError
from magroup.sip.message import Response
from tests.sip.network import Node
from tests.uacsta.offered import CSTA, OPEN, OTHER, Offered
from tests.uacsta.pair import CLIENT, Client


class EndTests(Offered):
    def test_bye_ends_monitors(self) -> None:
        client = self.client()
        client.monitor("2001")
        client.monitor("2002")
        self.assertEqual(len(self.server.monitors), 2)
        client.session.close("done")
        self.network.run()
        self.assertEqual((len(self.server.monitors), self.server.clients), (0, {}))
        self.switch.arrive("3001", "2001")
        self.assertEqual(client.names(), [])

    def test_server_stops(self) -> None:
        client = self.client()
        client.monitor("2001")
        self.served.server.stop()
        Deferred.fromCoroutine(self.server.stop())
        self.network.run()
        self.assertIn("magroup stops", client.states[-1])
        self.assertEqual(self.invite(), 415)

    def test_refreshed(self) -> None:
        """The session lasts as long as it is refreshed, by UPDATE or, where there is none, by the first document."""
        for allow in ("", "INVITE, ACK, CANCEL, BYE, INFO"):
            client = self.client()
            if allow:
                client.session.session.peer_allows = frozenset(("INVITE", "BYE", "INFO"))
            self.network.log.clear()
            self.network.run(4000)
            self.assertEqual(client.states, ["up"])
            asked = {sent.line for sent in self.network.log if sent.source.host == CLIENT}
            self.assertIn("INVITE" if allow else "UPDATE", asked)
            self.assertEqual(client.request(y.RequestSystemStatus()).system_status, "normal")
            client.session.close("next")
            self.network.run()

    def test_expired(self) -> None:
        """Nobody is there any more."""
        client = self.client()
        client.monitor("2001")
        self.network.broken.add(CLIENT)
        del self.network.nodes[CLIENT, 5060]
        self.network.run(2000)
        self.assertEqual((self.server.clients, len(self.server.monitors)), ({}, 0))
        client.session.close("gone")

    def test_no_acknowledgement(self) -> None:
        """Who opens sessions and does not go on with them has them for half a minute."""
        peer = Node(self.network, OTHER)
        for _ in range(3):
            self.number += 1
            self.peer_said(peer, "INVITE", 1, OPEN, f"Content-Type: {CSTA}", "2001", "2001")
        self.assertEqual(peer.got().count("503 INVITE"), 1)
        self.assertEqual(len(self.server.clients), 2)
        self.network.run(40)
        self.assertEqual(self.server.clients, {})

    def test_events_not_taken(self) -> None:
        """A peer that answers no INFO is given up, and what it should have been told is dropped."""
        client = self.client()
        client.monitor("2001")
        self.network.drops = lambda sent: sent.line == "INFO"
        for _ in range(100):
            self.switch.device_hangs_up(self.switch.arrive("3001", "2001"), "3001")
        self.network.run()
        self.assertEqual((self.server.clients, len(self.server.monitors)), ({}, 0))
        self.network.run(40)
        self.assertEqual(len(client.states), 2)

    def test_lost_datagrams(self) -> None:
        """Events stay whole and in order."""
        client = self.client()
        client.monitor("2001")
        self.network.loss, self.network.duplicates, self.network.jitter = 0.3, 0.1, 0.1
        for _ in range(10):
            call = self.switch.arrive("3001", "2001")
            self.switch.device_answers(call, "2001")
            self.switch.device_hangs_up(call, "2001")
        self.network.run(200)
        self.network.loss = self.network.duplicates = 0.0
        self.assertEqual(client.names(), ["DeliveredEvent", "EstablishedEvent", "ConnectionClearedEvent"] * 10)


class HostileTests(Offered):
    def info(self, client: Client, body: bytes, content_type: str = CSTA) -> Response:
        """The answer to an INFO of the client with this body."""
        found: list[Response] = []
        client.session.session.send("INFO", body, {"Content-Type": content_type}, found.append)
        self.network.run()
        return found[-1]

    def test_bodies(self) -> None:
        client = self.client()
        for body, content_type, status in (
            (b"", CSTA, 200), (OPEN, "text/plain", 415), (b"Signal=1\r\n", "application/dtmf-relay", 415),
            (b"rubbish", CSTA, 200), (b"<MakeCall/>", CSTA, 200), (OPEN + OPEN, CSTA, 200),
        ):  # fmt: skip
            answer = self.info(client, body, content_type)
            self.assertEqual(answer.status, status)
            if status == 200 and body:
                self.assertIn(b"<CSTAErrorCode", answer.body)
        self.assertEqual(client.request(y.RequestSystemStatus()).system_status, "normal")

    def test_outside_the_dialog(self) -> None:
        """An INFO of no session."""
        peer = Node(self.network, OTHER)
        for tag, status in (("", 405), ("unknown", 481)):
            self.number += 1
            self.peer_said(peer, "INFO", 1, OPEN, f"Content-Type: {CSTA}", "2001", "2001", tag)
            (answer,) = (one for one in peer.received if isinstance(one, Response))
            self.assertEqual(answer.status, status)
            peer.received.clear()

    def test_garbage_goes_on(self) -> None:
        client = self.client()
        for _ in range(MOST_UNREADABLE + 1):
            self.info(client, b"rubbish")
        self.assertIn("cannot be read", client.states[-1])
        self.assertEqual(self.server.clients, {})

    def test_flood(self) -> None:
        """More than the rate is answered with an error, and it goes on afterwards."""
        client = self.client()
        answers = [self.info(client, build(y.GetCSTAFeatures(), Edition.ED3)).body for _ in range(250)]
        self.assertEqual(sum(b"performanceLimitExceeded" in body for body in answers), 50)
        self.network.run(5)
        client.request(y.GetCSTAFeatures())

    def test_most_monitors(self) -> None:
        client = self.client()
        for _ in range(3):
            client.monitor("2001")
        with self.assertRaises(ServiceError):
            client.monitor("2001")

    def test_reinvite(self) -> None:
        """Only with what opens a session, or with nothing."""
        client = self.client()
        outcomes: list[int] = []
        for body in (OPEN, b"rubbish", build(y.GetCSTAFeatures(), Edition.ED3)):
            client.session.session.modifier.change(body, lambda status, answer: outcomes.append(status))
            self.network.run(1)
        self.assertEqual(outcomes, [200, 488, 488])
        client.session.session.modifier.change(b"", lambda status, answer: outcomes.append(status))
        self.network.run(1)
        client.session.session.modifier.acknowledge(b"")
        self.network.run(1)
        self.assertEqual((outcomes[-1], client.states), (200, ["up"]))

    def test_no_transfer(self) -> None:
        client = self.client()
        found: list[Response] = []
        client.session.session.send("REFER", headers={"Refer-To": "<sip:3001@192.0.2.1>"}, answered=found.append)
        self.network.run()
        self.assertEqual(found[-1].status, 403)
