"""What is refused while there is too much, in what order, what it is told, and what is served whatever happens."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import capturedLogs, formatEvent

from magroup.sip import shedding
from magroup.sip.glance import call_id_of, glance
from magroup.sip.hop import Hop
from magroup.sip.message import Response, parse_message
from magroup.sip.shedding import OVER_AFTER, Shedding
from tests.sip.network import OFFER, NetworkTestCase, Node, Phone
from tests.sip.peer import raw_request

REGISTERED = "1047"


class Door(Phone):
    """A phone with an entrance, before which messages wait for ``wait`` seconds and ``gone`` are lost.

    ``read`` counts what comes in.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.sheds: Callable[[bytes, Hop], bool] | None = None
        self.wait = 0.0
        self.gone = 0
        self.read = 0

    def waited(self) -> float:
        return self.wait

    def lost(self) -> int:
        return self.gone

    def deliver(self, data: bytes, hop: Hop) -> None:
        if self.sheds is None or not self.sheds(data, hop):
            self.read += 1
            super().deliver(data, hop)


class SheddingTest(NetworkTestCase):
    """Bob sheds; ``press`` sets the pressure without a wait."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = Door(self.network, "192.0.2.2")
        for method in ("OPTIONS", "SUBSCRIBE", "PUBLISH", "REGISTER", "REFER"):
            self.bob.endpoint.methods[method] = lambda transaction, request, hop: transaction.reject(404)
        self.bob.on_call = lambda session: session.reject(486)
        self.peer = Node(self.network, "192.0.2.1")
        self.shedding = Shedding(
            self.bob.layer, self.network.clock, self.bob, lambda number: number == REGISTERED
        )  # fmt: skip
        self.shedding.limit(0.05, 10)
        self.shedding.start()
        self.number = 0

    def tearDown(self) -> None:
        self.shedding.stop()
        super().tearDown()

    def press(self, pressure: float) -> None:
        """As if this had come of the waits."""
        self.shedding.stop()
        self.shedding.overload.pressure = pressure
        self.shedding._look()

    def ask(self, method: str = "INVITE", call_id: str = "", more: str = "", branch: str = "", to: str = "") -> int:
        """The status of the answer to a request; it is told in 10 ms."""
        self.number += 1
        call_id, branch = call_id or f"call-{self.number}", branch or f"b{self.number}"
        data = raw_request(method, 1, branch=branch, call_id=call_id, more=more, sdp=OFFER * (method == "INVITE"))
        self.peer.received.clear()
        self.peer.say(data.replace(b"<sip:b@test>", f"<sip:{to}@test>".encode()) if to else data, self.bob)
        self.network.run()
        answers = [one for one in self.peer.received if isinstance(one, Response) and one.status >= 200]
        return answers[-1].status if answers else 0

    def acknowledge(self, branch: str, call_id: str) -> None:
        tag = self.network.last("503 INVITE").to.tag
        self.peer.say(raw_request("ACK", 1, tag, branch=branch, call_id=call_id), self.bob)
        self.network.run()

    def statuses(self, method: str, times: int = 200, more: str = "") -> Counter[int]:
        return Counter(self.ask(method, more=more) for _ in range(times))

    def close(self) -> None:
        """Let transactions end."""
        self.shedding.overload.calm()
        self.shedding.stop()
        for server in tuple(self.bob.layer.servers.values()):
            server.terminate()


class Refusing(SheddingTest):
    """A request that is refused leaves nothing behind."""

    def test_nothing_is_asked_while_there_is_no_overload(self) -> None:
        self.network.run(1)
        self.assertEqual((self.bob.layer.sheds, self.bob.sheds), (None, None))
        self.assertEqual(self.ask(), 486)
        self.close()

    def test_the_answer(self) -> None:
        """503 with Retry-After, to where RFC 3581 says; no transaction, and its ACK is taken."""
        self.press(1.0)
        times = set()
        for number in range(50):
            self.assertEqual(self.ask(call_id=f"c{number}", branch=f"x{number}"), 503)
            answer = self.network.last("503 INVITE")
            times.add(int(answer.get("Retry-After")))
            self.assertTrue(answer.to.tag)
            self.acknowledge(f"x{number}", f"c{number}")
        self.assertLess(self.bob.read, 10)
        self.assertEqual(times, set(range(1, 11)))
        self.assertEqual((self.bob.leftovers(), self.bob.owners), ([], []))
        self.assertEqual(self.shedding.refused, {"INVITE": 50})
        nat = Node(self.network, "192.0.2.1", 40001)
        nat.say(raw_request("INVITE", 1).replace(b";branch", b";rport;branch"), self.bob)
        self.network.run()
        self.assertEqual(nat.got(), ["503 INVITE"])
        self.assertEqual(self.network.last("503 INVITE").via.params["rport"], "40001")

    def test_repeated(self) -> None:
        """The answer was lost: it is the same again."""
        self.press(0.5)
        for number in range(20):
            status = self.ask(call_id=f"c{number}", branch=f"x{number}")
            if status == 503:
                first = self.network.last("503 INVITE").encode()
                self.assertEqual(self.ask(call_id=f"c{number}", branch=f"x{number}"), 503)
                self.assertEqual(self.network.last("503 INVITE").encode(), first)
            # With credentials, in a transaction of its own.
            again = self.ask(call_id=f"c{number}", branch=f"y{number}", more="Authorization: Digest x")
            self.assertIn(again, (486, 503) if status == 503 else (486,))
        self.close()

    def test_known_transactions(self) -> None:
        """An INVITE that was taken is never refused when it comes again, nor is its CANCEL, nor what is in a dialog."""
        self.bob.on_call = lambda session: session.progress(180)
        self.ask(call_id="call", branch="x")
        tag = self.bob.owners[0].session.tag
        self.press(3.0)
        for _ in range(3):
            self.peer.received.clear()
            self.assertEqual(self.ask(call_id="call", branch="x"), 0)
            self.assertEqual(self.peer.got(), ["180 INVITE"])
        self.peer.say(raw_request("UPDATE", 2, tag), self.bob)
        self.network.run()
        self.assertNotIn(b"503", self.network.log[-1].data)
        self.peer.say(raw_request("CANCEL", 1, branch="x"), self.bob)
        self.network.run()
        self.assertIn("487 INVITE", self.peer.got())
        self.close()

    def test_what_cannot_be_answered(self) -> None:
        """A Via that says nothing is answered where it came from, or not at all."""
        self.press(1.0)
        for via in (b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=\"", b"x"):
            data = raw_request("INVITE", 1).replace(b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKINVITE1", via)
            self.peer.say(data, self.bob)
            self.network.run()
        self.assertEqual(self.bob.owners, [])
        self.close()

    def test_the_long_way(self) -> None:
        """What a glance does not see is refused when it is read."""
        self.press(1.5)
        data = raw_request("INVITE", 1).replace(b"Contact", b"Subject: a\r\n folded one\r\nContact")
        self.peer.say(data, self.bob)
        self.network.run()
        self.assertEqual((self.peer.got(), self.bob.read), (["503 INVITE"], 1))
        data = raw_request("INVITE", 1)
        for wrong in (
            data.replace(b"INVITE sip", b"OPTIONS sip"), data.replace(b"@test>\r\nCall-ID", b"@test>;tag=1\r\nCall-ID"),
            data.replace(b"Call-ID", b"X-Call-ID"), data.replace(b"CSeq: 1", b"CSeq: 1\r\n 2"), b"INVITE ",
            b"INVITE \r\n", data.replace(b"From:", b"f:"), data.replace(b"From", b"Via: SIP/2.0/UDP b\r\nFrom"),
            data.replace(b"Call-ID", b"Authorization: x\r\nCall-ID"),
            data.replace(b"Call-ID", b"Replaces: x\r\nCall-ID"),
        ):  # fmt: skip
            self.assertIsNone(glance(wrong), wrong)
        found = glance(data)
        read = parse_message(data)
        assert found is not None
        names = ("Via", "From", "To", "Call-ID", "CSeq")
        self.assertEqual([value.decode() for value in found], [read.get(name) for name in names])
        self.assertEqual(call_id_of(data), read.call_id.encode())
        self.assertEqual(call_id_of(data.replace(b"Call-ID", b"i")), b"")
        self.assertEqual(call_id_of(b"\r\nCall-ID:  a"), b"")
        self.close()

    @given(st.binary(max_size=40), st.integers(0, 300), st.integers(0, 60))
    def test_anything(self, put_in: bytes, at: int, left_out: int) -> None:
        """Nothing that comes breaks it, and what it answers has no lines of the peer's making."""
        self.press(1.0)
        self.number += 1
        data = raw_request("INVITE", 1, branch=f"z{self.number}", call_id=f"z{self.number}", sdp=OFFER)
        data = data[:at] + put_in + data[at + left_out :]
        before = len(self.network.log)
        assert self.bob.sheds is not None
        self.bob.sheds(data, self.peer.hop)
        for sent in self.network.log[before:]:
            first, *lines = sent.data.removesuffix(b"\r\n\r\n").splitlines()
            self.assertEqual(first, b"SIP/2.0 503 Service Unavailable")
            names = sorted({line.partition(b":")[0] for line in lines})
            self.assertEqual(names, [b"CSeq", b"Call-ID", b"Content-Length", b"From", b"Retry-After", b"To", b"Via"])
        self.close()

    def test_another_transport(self) -> None:
        self.press(1.0)
        peer = Node(self.network, "192.0.2.9", transport="tcp")
        phone = Door(self.network, "192.0.2.8", transport="tcp")
        phone.sheds, phone.layer.sheds = self.bob.sheds, self.bob.layer.sheds
        self.shedding._layer = phone.layer
        peer.say(raw_request("INVITE", 1), phone)
        self.network.run()
        self.assertEqual((peer.got(), phone.leftovers()), (["503 INVITE"], []))
        self.shedding._layer = self.bob.layer


class Order(SheddingTest):
    """Calls, then what asks, then phones that are not registered."""

    def test_shares(self) -> None:
        """Of calls as much as the pressure says."""
        self.press(0.3)
        found = self.statuses("INVITE", 400)
        self.assertTrue(80 < found[503] < 160, found)
        for method in ("OPTIONS", "SUBSCRIBE", "REGISTER", "REFER"):
            self.assertEqual(set(self.statuses(method, 20)), {404})
        self.close()

    def test_asking(self) -> None:
        """When all calls are refused. A call that replaces one that is up counts so, too."""
        self.press(1.5)
        self.assertEqual(set(self.statuses("INVITE", 50)), {503})
        for method in ("OPTIONS", "SUBSCRIBE", "PUBLISH"):
            found = self.statuses(method)
            self.assertTrue(60 < found[503] < 140, found)
        found = self.statuses("INVITE", 50, more="Replaces: call;to-tag=1;from-tag=2")
        self.assertTrue(set(found) > {503}, found)
        self.assertEqual(set(self.statuses("REGISTER", 20)), {404})
        self.close()

    def test_registrations(self) -> None:
        """Last, and of those who are registered never; REFER and others are no new work."""
        self.press(2.9)
        self.assertGreater(self.statuses("REGISTER")[503], 150)
        self.assertEqual({self.ask("REGISTER", to=REGISTERED) for _ in range(50)}, {404})
        self.assertEqual(set(self.statuses("REFER", 20)), {404})
        self.assertEqual(set(self.statuses("PUBLISH", 20)), {503})
        self.close()


class Lasting(SheddingTest):
    """When it begins and is over, by what it looks at."""

    def look(self, wait: float, seconds: float) -> None:
        self.bob.wait = wait
        self.network.run(seconds)

    def test_begun_and_over(self) -> None:
        """With a line each, and figures."""
        with capturedLogs() as events:
            self.look(0.3, 0.4)
            self.assertIsNone(self.shedding.since)
            self.look(0.3, 3)
            self.assertIsNotNone(self.shedding.since)
            found = self.statuses("INVITE", 50)
            self.assertGreater(found[503], 40)
            self.look(0.0, 3)
            self.assertEqual(self.shedding.overload.pressure, 0.0)
            self.assertEqual(self.ask(), 486)
            self.look(0.3, 2)
            self.look(0.0, OVER_AFTER + 3)
        self.assertEqual(self.shedding.longest_wait, 0.3)
        said = [formatEvent(event) for event in events if event["log_namespace"] == shedding.__name__]
        self.assertEqual(len(said), 2, said)
        self.assertEqual(said[0], "Overload: messages wait for 300 ms. Some new calls get 503 until they wait less")
        self.assertRegex(
            said[1], rf"^The overload is over after \d s: {found[503]} new calls and 0 other requests got 503$"
        )  # fmt: skip
        self.assertIsNone(self.shedding.since)
        self.look(0.0, 31)
        self.assertEqual(self.shedding.longest_wait, 0.0)
        self.close()

    def test_lost(self) -> None:
        """Once a minute, all that were lost meanwhile."""
        with capturedLogs() as events:
            for seconds in (1, 50, 20, 60, 60):
                self.bob.gone += 3
                self.network.run(seconds)
            self.network.run(300)
        said = [formatEvent(event) for event in events if event["log_namespace"] == shedding.__name__]
        counts = [line.partition(" of them")[0] for line in said]
        lost = "SIP messages were lost"
        self.assertEqual(counts, [f"{lost}, 3", f"{lost}, 6", f"{lost}, 3", f"{lost}, 3"])
        self.assertEqual(self.shedding.lost, 15)

    def test_the_clock_is_late(self) -> None:
        """What keeps the reactor busy beside datagrams counts."""
        clock = self.network.clock
        for _ in range(20):
            clock.advance(0.4)
        self.assertGreater(self.shedding.overload.pressure, 0.0)
        self.network.run(20)
        self.assertEqual((self.shedding.overload.pressure, self.shedding.since), (0.0, None))

    def test_late_once(self) -> None:
        for _ in range(20):
            self.network.clock.advance(0.9)
            self.network.run(1)
        self.assertIsNone(self.shedding.since)

    def test_off(self) -> None:
        self.shedding.limit(0.0, 10)
        self.look(5.0, 10)
        self.assertIsNone(self.bob.layer.sheds)
        self.assertEqual(self.shedding.longest_wait, 5.0)

    def test_stopped(self) -> None:
        """Nothing is left on the clock."""
        self.look(0.3, 3)
        self.shedding.stop()
        self.shedding.stop()
        self.assertIsNone(self.bob.layer.sheds)
        self.assertEqual(self.network.clock.getDelayedCalls(), [])


