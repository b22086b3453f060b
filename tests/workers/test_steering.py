"""Which worker a message goes to: where its call is, or the other call of its phone; and when one has ended."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.events import CallCleared, Delivered, DeviceCapabilitiesChanged
from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.workers import marks
from magroup.workers.steering import DROPPED, MOST_REMEMBERED, PATIENCE, Steering
from tests.workers.around import Around
from tests.workers.messages import request, response

LINES = ("1201", "1202")
PIECES = st.sampled_from([
    b"\r\n", b"\r\n", b"\r\nTo: ", b"\nto:", b"From: ", b"Call-ID: x", b" ", b"\t", b";", b"<sip:1@h", b">", b'"',
    b"tag=",    b";tag=w1.ab", b";tag=w2.cd", b";TAG=w1.x", b";tag=w1", b"w1.", b"x", b"\r\n\r\n", b"\xff",
])  # fmt: skip


def id_at(number: int, workers: tuple[int, ...] = (1, 2, 3), host: str = "h") -> str:
    """A Call-ID whose home this worker is."""
    return next(f"{at}@{host}" for at in range(1000) if marks.home(f"{at}@{host}".encode(), workers, 3) == number)


class SteeringTest(SynchronousTestCase):
    """Worker 1 of three; calls of others are at the nodes aw2 and aw3."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        self.around = Around(LINES)
        self.nodes, self.own = self.around.nodes, self.around.own
        self.steering = Steering(self.clock, 1, 3, self.around)
        self.calls: dict[str, Call] = {}
        self.steering.joined(2)
        self.steering.joined(3)

    def call(self, id: str, node: str, *devices: str, ended: bool = False) -> None:
        """Another node tells of a call."""
        self.nodes[id] = node
        connections = tuple(Connection(ConnectionId(id, one), ConnectionState.CONNECTED, Party(one)) for one in devices)
        call = Call(id, Party(devices[0]), Party(devices[-1]), 0.0, () if ended else connections, ended)
        event = CallCleared if ended else Delivered
        self.steering.heard(event(call, self.calls.get(id), devices[0], 0.0))
        self.calls[id] = call

    def of(self, **what: str) -> int:
        return self.steering.of(request(**what))[0]

    def choose(self, caller: str, id: str = "x", method: str = "INVITE", more: str = "") -> int:
        return self.steering.choose(request(method, id, caller, more=more))


class Of(SteeringTest):
    def test_publications(self) -> None:
        """What goes on with one goes to who has it."""
        for number in (1, 2, 3):
            data = request("PUBLISH", id_at(1), more=f"SIP-If-Match: w{number}.ab\r\n")
            self.assertEqual(self.steering.of(data), (number, False))
        for more in ("", "SIP-If-Match: other\r\n", "SIP-If-Match: w7.ab\r\n"):
            self.assertEqual(self.steering.of(request("PUBLISH", id_at(2), more=more)), (2, True))

    def test_dialogs(self) -> None:
        """By the mark in the tag, wherever the Call-ID's home is; nobody has to choose."""
        for number in (1, 2, 3):
            for home in (1, 2, 3):
                data = request("BYE", id_at(home), tag=f"w{number}.ab")
                self.assertEqual(self.steering.of(data), (number, False))

    def test_new_ones(self) -> None:
        """By the Call-ID; so are those with a tag that no worker has made."""
        for home in (1, 2, 3):
            for tag in ("", "ab", "w2ab"):
                self.assertEqual(self.steering.of(request("INVITE", id_at(home), tag=tag)), (home, True))

    def test_responses(self) -> None:
        for branch, number in (("z9hG4bKw1.a", 1), ("z9hG4bKw3.a", 3), ("z9hG4bKa", 1), ("z9hG4bKw9.a", 1)):
            self.assertEqual(self.steering.of(response(branch)), (number, False))

    @given(st.lists(PIECES, max_size=25))
    def test_a_short_way(self, pieces: list[bytes]) -> None:
        """What is seen as the own one at first sight is so by all that is written, too."""
        data = b"BYE sip:1047@h SIP/2.0\r\n" + b"".join(pieces)
        other = Steering(self.clock, 1, 3, self.around)
        other.moved[b"w9.x"] = 9
        self.assertEqual(Steering(self.clock, 1, 3, self.around).of(data), other.of(data))

    def test_one_ends(self) -> None:
        """Requests in its dialogs are left to be repeated until somebody may have its calls; then they are answered."""
        self.steering.left(2)
        self.assertEqual(self.of(method="BYE", tag="w2.ab"), DROPPED)
        self.clock.advance(PATIENCE - 0.1)
        self.assertEqual(self.of(method="BYE", tag="w2.ab"), DROPPED)
        self.clock.advance(0.2)
        self.assertEqual(self.of(method="BYE", tag="w2.ab"), 1)
        self.assertEqual(self.steering.of(response("z9hG4bKw2.a")), (1, False))
        self.assertNotEqual(self.of(call_id=id_at(2)), 2)
        for home in (1, 3):
            self.assertEqual(self.of(call_id=id_at(home)), home)
        self.steering.joined(2)
        self.assertEqual((self.of(method="BYE", tag="w2.ab"), self.of(call_id=id_at(2))), (2, 2))

    def test_who_was_never_there(self) -> None:
        self.assertEqual(self.of(method="BYE", tag="w7.ab"), 1)
        self.steering.left(7)
        self.steering.left(1)
        self.assertEqual((self.of(method="BYE", tag="w7.ab"), self.of(method="BYE", tag="w1.ab")), (1, 1))

    def test_moved(self) -> None:
        """A dialog that another one has taken is there at once, also when its worker is back; the others are not."""
        self.steering.left(2)
        self.steering.moved[b"w2.ab"] = 3
        self.assertEqual((self.of(method="BYE", tag="w2.ab"), self.of(method="BYE", tag="w2.cd")), (3, DROPPED))
        self.steering.joined(2)
        self.assertEqual((self.of(method="BYE", tag="w2.ab"), self.of(method="BYE", tag="w2.cd")), (3, 2))
        self.steering.left(3)
        self.assertEqual(self.of(method="BYE", tag="w2.ab"), DROPPED)
        self.steering.moved[b"w2.ab"] = 1
        self.assertEqual(self.of(method="BYE", tag="w2.ab"), 1)


class Choose(SteeringTest):
    def test_once(self) -> None:
        """What only the first worker has."""
        self.steering.own = 2
        self.steering.living = {1, 2, 3}
        self.around.once.add("1047")
        self.assertEqual(self.choose("5551", "a"), 1)
        self.around.once.clear()
        self.assertEqual(self.choose("5551", "b"), 2)

    def test_pick_up(self) -> None:
        """Where it rings, also when the phone is in a call elsewhere."""
        self.around.ringing["1201", "1047"] = 3
        self.call("aw2-1", "aw2", "1201", "5551")
        self.assertEqual(self.choose("1201", "a"), 3)
        self.assertEqual(self.choose("1202", "b"), 1)

    def test_a_consultation(self) -> None:
        """A phone's next call goes to where its call is."""
        self.call("a", "aw2", "1201", "1047")
        self.assertEqual((self.choose("1201"), self.choose("1202", "y")), (2, 1))

    def test_who_comes_and_goes(self) -> None:
        """Each event tells who is in the call: also where somebody takes another one's place."""
        self.call("a", "aw2", "5551", "1201")
        self.call("a", "aw2", "5551", "1201")
        self.assertEqual((self.choose("1201", "s"), self.choose("1202", "t")), (2, 1))
        self.call("a", "aw2", "5551", "1202")
        self.assertEqual((self.choose("1201", "u"), self.choose("1202", "v")), (1, 2))
        self.call("a", "aw2", "5551", "1202", "1201")
        self.assertEqual((self.choose("1201", "w"), self.choose("1202", "x")), (2, 2))
        self.call("a", "aw2", "5551", ended=True)
        self.assertEqual((self.steering._calls, self.steering._lines), ({}, {}))

    def test_a_call_that_was_there_before(self) -> None:
        self.nodes["a"] = "aw2"
        self.steering.know(Call("a", Party("5551"), Party("1201"), 0.0, (
            Connection(ConnectionId("a", "1201"), ConnectionState.ALERTING, Party("1201")),
        )))  # fmt: skip
        self.assertEqual(self.choose("1201"), 2)

    def test_what_belongs_to_it(self) -> None:
        """Repeats, CANCEL and ACK go where the INVITE went, whatever has become of the other call."""
        self.call("a", "aw2", "1201", "1047")
        self.assertEqual(self.choose("1201"), 2)
        self.call("a", "aw2", "1201", ended=True)
        self.own.add("1201")
        for method in ("INVITE", "CANCEL", "ACK", "BYE"):
            self.assertEqual(self.choose("1201", method=method), 2)
        self.assertEqual(self.choose("1201", "y"), 1)
        self.call("b", "aw2", "1201")
        self.assertEqual(self.choose("1201", "y"), 1)

    def test_the_chosen_one_ends(self) -> None:
        self.call("a", "aw2", "1201", "1047")
        self.choose("1201")
        self.steering.left(2)
        self.assertEqual(self.choose("1201"), 1)

    def test_own_calls_first(self) -> None:
        self.call("a", "aw2", "1201", "1047")
        self.own.add("1201")
        self.assertEqual(self.choose("1201"), 1)

    def test_the_newest_call(self) -> None:
        self.call("a", "aw2", "1201", "1047")
        self.call("b", "aw3", "1201", "1048")
        self.assertEqual(self.choose("1201", "x"), 3)
        self.call("b", "aw3", "1201", ended=True)
        self.assertEqual(self.choose("1201", "y"), 2)
        self.call("a", "aw2", "1201", ended=True)
        self.assertEqual(self.choose("1201", "z"), 1)

    def test_other_requests(self) -> None:
        """They are served where they come in."""
        self.call("a", "aw2", "1201", "1047")
        for method in ("REGISTER", "OPTIONS", "SUBSCRIBE", "CANCEL", "ACK"):
            self.assertEqual(self.choose("1201", method=method), 1)

    def test_callers_that_are_no_lines(self) -> None:
        """Those of a trunk may all have one name."""
        self.call("a", "aw2", "5551234", "1201")
        self.assertEqual((self.choose("5551234", "x"), self.choose("1201", "y")), (1, 2))

    def test_other_machines(self) -> None:
        """A call there is no reason, nor one of a worker that is gone."""
        self.call("a", "b", "1201", "1047")
        self.assertEqual(self.choose("1201", "x"), 1)
        self.call("b", "aw2", "1202")
        self.steering.left(2)
        self.assertEqual(self.choose("1202", "y"), 1)

    def test_replaces(self) -> None:
        """A pickup or a transfer goes to the call that it is about."""
        for value, number in (
            ("a;to-tag=w2.ab;from-tag=f", 2), ("a;to-tag=f;from-tag=w3.cd", 3), ("a;to-tag=f;from-tag=g", 1),
            ("a;to-tag=w9.ab;from-tag=f", 1),
        ):  # fmt: skip
            self.assertEqual(self.choose("1202", value, more=f"Replaces: {value}\r\n"), number)
        self.steering.moved[b"w2.ab"] = 3
        self.assertEqual(self.choose("1202", "x", more="Replaces: a;to-tag=w2.ab;from-tag=f\r\n"), 3)

    def test_what_rings_anew(self) -> None:
        """Its caller gives up where it is now, also when the worker is back that had it."""
        self.steering.own = 2
        self.steering.living = {1, 2, 3}
        cancel = b"CANCEL sip:1047@h SIP/2.0\r\nCall-ID: a\r\n\r\n"
        self.assertEqual(self.steering.choose(cancel), 2)
        self.steering.moved[b"a"] = 3
        self.assertEqual(self.steering.choose(cancel), 3)
        self.steering.left(3)
        self.assertEqual(self.steering.choose(cancel), 2)

    def test_what_is_remembered(self) -> None:
        self.call("a", "aw2", "1201", "1047")
        for at in range(MOST_REMEMBERED + 10):
            self.steering.choose(b"INVITE \r\nCall-ID: %d\r\n\r\n" % at)
        self.assertEqual(len(self.steering._chosen), MOST_REMEMBERED)

    def test_what_is_no_call(self) -> None:
        self.steering.heard(DeviceCapabilitiesChanged("1201", 0.0))
        self.call("never heard of", "aw2", "1201", ended=True)
        self.assertEqual((self.steering._calls, self.steering._lines), ({}, {}))
