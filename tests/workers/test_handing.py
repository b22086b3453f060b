"""Datagrams that go from worker to worker: with where they came from, and only among those who know the secret."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.memory import MemoryNetwork
from magroup.workers.handing import AGAIN, HOST, SECRET, Handing
from magroup.workers.steering import Steering
from tests.workers.around import Around
from tests.workers.messages import request, response
from tests.workers.test_steering import id_at

PHONE = Hop("udp", "192.0.2.5", 5062, "192.0.2.1", 5060)
KEY = b"s" * SECRET


class Two(SynchronousTestCase):
    """Workers 1 and 2; ``taken`` are the messages that each has taken."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.network = MemoryNetwork(self.clock)
        self.taken: dict[int, list[tuple[bytes, Hop]]] = {1: [], 2: []}
        self.places: dict[str, str] = {}
        self.ends = {number: self.end(number) for number in (1, 2)}
        for number, other in ((1, 2), (2, 1)):
            self.ends[number].places[other] = self.ends[other].port

    def end(self, number: int) -> Handing:
        steering = Steering(self.clock, number, 3, Around())
        steering.joined(3 - number)

        def take(data: bytes, hop: Hop, framed: bool) -> None:
            self.assertEqual(framed, hop.transport != "udp")
            # As the transports do, that do not know whether it was handed over.
            if not self.ends[number].steers(data, hop):
                self.taken[number].append((data, hop))

        return Handing(self.network, steering, KEY, take, f"127.77.71.{number}", self.clock)

    def comes(self, data: bytes, to: int = 1, hop: Hop = PHONE) -> list[int]:
        """Which workers have taken the message that has come to one."""
        self.taken[1], self.taken[2] = [], []
        if not self.ends[to].steers(data, hop):
            self.taken[to].append((data, hop))
        self.clock.advance(0)
        for number, found in self.taken.items():
            self.assertEqual(found, [(data, hop)] * len(found), number)
        return [number for number, found in self.taken.items() for _ in found]

    def test_to_whom(self) -> None:
        """Once each, with the phone's address, whoever has read it."""
        for number in (1, 2):
            for to in (1, 2):
                for data in (
                    request("BYE", tag=f"w{number}.ab"), request("INVITE", id_at(number, (1, 2))),
                    request("REGISTER", id_at(number, (1, 2))), response(f"z9hG4bKw{number}.ab"),
                ):  # fmt: skip
                    self.assertEqual(self.comes(data, to), [number], data)
        self.assertEqual(self.ends[1].handed + self.ends[2].handed, 8)

    def test_ipv6(self) -> None:
        hop = Hop("udp", "2001:db8::5", 5060, "", 5060)
        self.assertEqual(self.comes(request("BYE", tag="w2.ab"), hop=hop), [2])

    def test_what_stays(self) -> None:
        """Of connections, and what another worker has sent to this one by name."""
        inside = Hop("udp", "127.77.71.2", 40000, "127.77.71.1", 40001)
        for hop in (PHONE._replace(transport="tcp", flow=3), inside):
            self.assertEqual(self.comes(request("BYE", tag="w2.ab"), hop=hop), [1])

    def test_a_choice(self) -> None:
        """The home of the Call-ID knows more: it goes where the call is that is replaced, also back."""
        for home in (1, 2):
            for number in (1, 2):
                for to in (1, 2):
                    more = f"Replaces: x;to-tag=w{number}.ab;from-tag=f\r\n"
                    data = request("INVITE", id_at(home, (1, 2), f"{number}{to}"), more=more)
                    self.assertEqual(self.comes(data, to), [number])

    def test_one_ends(self) -> None:
        """What is for it is dropped at first, then served here; and where its wire is not known it is lost."""
        data = request("BYE", tag="w2.ab")
        self.ends[1].places.clear()
        self.assertEqual(self.comes(data), [])
        self.ends[1]._steering.left(2)
        self.assertEqual(self.comes(data), [])
        self.clock.advance(10.0)
        self.assertEqual(self.comes(data), [1])

    def test_of_a_connection(self) -> None:
        """What is for one that has just ended waits until another one has its calls, or nobody."""
        hop = PHONE._replace(transport="tcp", flow=3)
        data = request("BYE", tag="w2.ab")
        steering = self.ends[1]._steering
        for is_moved in (True, False):
            steering.joined(2)
            steering.left(2)
            self.assertEqual(self.comes(data, hop=hop), [])
            self.clock.advance(AGAIN + 0.1)
            self.assertEqual(self.taken[1], [])
            if is_moved:
                steering.moved[b"w2.ab"] = 1
                self.clock.advance(AGAIN)
            else:
                self.clock.pump([AGAIN] * 20)
            self.assertEqual(self.taken[1], [(data, hop)])
            steering.moved.clear()
        self.assertEqual(self.comes(request("BYE", tag="w1.ab"), hop=hop), [1])
        steering.joined(2)
        steering.left(2)
        self.comes(data, hop=hop)
        self.ends[1].close()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_too_long(self) -> None:
        """With the head it does not fit into a datagram."""
        self.assertEqual(self.comes(request("MESSAGE", tag="w2.ab") + b"x" * 65_400), [])
        self.assertEqual(self.ends[1].handed, 0)

    def test_a_receiver_that_fails(self) -> None:
        """What comes after it is steered as ever."""
        self.ends[2]._take = lambda data, hop, framed: 1 / 0
        self.ends[1].steers(request("BYE", tag="w2.ab"), PHONE)
        self.assertRaises(ZeroDivisionError, self.clock.advance, 0)
        self.assertTrue(self.ends[2].steers(request("BYE", tag="w1.ab"), PHONE))

    def test_strangers(self) -> None:
        """Without the secret nothing is taken, however it looks."""
        envelopes: list[bytes] = []
        stranger = self.network.open("127.0.0.9", 9, lambda data, host, port: None)
        self.network.record = True
        self.comes(request("BYE", tag="w2.ab"))
        envelopes = [sent.data for sent in self.network.sent]
        self.assertEqual(len(envelopes), 1)
        self.taken[2] = []
        for data in (b"x" * SECRET + envelopes[0][SECRET:], envelopes[0][:SECRET], b"", envelopes[0][1:], b"x" * 500):
            stranger.send(data, HOST, self.ends[2].port)
        self.clock.advance(0)
        self.assertEqual(self.taken[2], [])

    @given(st.binary(max_size=100))
    def test_anything_is_handed(self, data: bytes) -> None:
        """Whatever a phone sends comes to one worker, as it was."""
        self.assertEqual(len(self.comes(data)), 1)
