"""The switches of two nodes as one: each service comes to the node that has the call, as it was asked for."""

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.asking import Asking
from magroup.cluster.others_calls import OthersCalls
from magroup.cluster.own_calls import OwnCalls
from magroup.cluster.served_calls import serve_calls
from magroup.cluster.together import Together
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import Delivered
from magroup.cti.types import ConnectionId
from magroup.model.forwarding import Forwarding
from tests.cluster.kit import Bench
from tests.cluster.test_calls import Switch, call

THERE, HELD, HERE = ConnectionId("a-1", "1047"), ConnectionId("a-2", "1047"), ConnectionId("b-1", "1047")


class Noting(Switch):
    """Notes each service."""

    is_linked = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def service(*arguments: Any) -> Any:
            self.asked.append((name, *arguments))
            return ConnectionId("a-9", "1068")

        return service

    def in_service(self, device: str) -> bool:
        return device == "1047"

    def snapshot_device(self, device: str) -> list[Any]:
        return [one for one in self.calls() if one.connection(device)]


class Services(SynchronousTestCase):
    """Calls a-1 and a-2 are at node a, b-1 at b, where everything is asked for."""

    def setUp(self) -> None:
        self.bench = Bench()
        a, b = self.bench.ends("a", "b")
        self.a, self.b = Noting(), Noting()
        asking_a, asking_b = Asking(a, self.bench.clock), Asking(b, self.bench.clock)
        self.pickups: list[tuple[str, str, str]] = []
        serve_calls(asking_a, self.a, lambda *words: self.pickups.append(words))  # type: ignore[arg-type]
        OwnCalls(a, self.bench.clock, self.a, bool, bool, lambda id: None, bool).start()  # type: ignore[arg-type]
        others = OthersCalls(b, self.bench.clock)
        self.switch = Together(self.b, others, asking_b)  # type: ignore[arg-type]
        a.start()
        b.start()
        self.bench.run()
        for id in ("a-1", "a-2"):
            self.a.happens(Delivered(call(id), None, "1047", 2.0))
        self.b.happens(Delivered(call("b-1"), None, "1047", 2.0))
        self.bench.run()

    def done(self, service: Coroutine[Any, Any, Any]) -> Any:
        waiting = Deferred.fromCoroutine(service)
        self.bench.run()
        return self.successResultOf(waiting)

    def test_each(self) -> None:
        """With its arguments in their order, and what it gives."""
        s, gives = self.switch, ConnectionId("a-9", "1068")
        for service, arguments, given in (
            (s.answer_call, (THERE,), None), (s.clear_connection, (THERE,), None), (s.hold_call, (THERE,), None),
            (s.retrieve_call, (THERE,), None), (s.alternate_call, (HELD, THERE), None),
            (s.consultation_call, (THERE, "1068"), gives), (s.reconnect_call, (THERE, HELD), None),
            (s.transfer_call, (HELD, THERE), gives), (s.single_step_transfer_call, (THERE, "1068"), gives),
            (s.deflect_call, (THERE, "1068"), None), (s.directed_pickup_call, (THERE, "1175"), None),
            (s.generate_digits, (THERE, "0100"), None),
        ):  # fmt: skip
            self.a.asked.clear()
            made: Any = service
            self.assertEqual(self.done(made(*arguments)), given)
            self.assertEqual(self.a.asked, [(made.__name__, *arguments)])
        self.assertEqual((self.b.asked, self.pickups), ([], [("1175", "1047", "a-1")]))

    def test_own(self) -> None:
        """What the calls of this node, and lines, are asked for stays here."""
        s = self.switch
        for service, arguments in (
            (s.make_call, ("1047", "1068")), (s.hold_call, (HERE,)), (s.transfer_call, (HERE, HERE)),
            (s.get_forwarding, ("1047",)), (s.set_forwarding, ("1047", Forwarding())),
            (s.set_do_not_disturb, ("1047", True)), (s.get_do_not_disturb, ("1047",)),
        ):  # fmt: skip
            self.b.asked.clear()
            made: Any = service
            self.done(made(*arguments))
            self.assertEqual(self.b.asked, [(made.__name__, *arguments)])
        self.assertEqual(self.a.asked, [])

    def test_on_two_nodes(self) -> None:
        """Two calls that are not at one node have nothing to do with each other."""
        for service in (self.switch.transfer_call(HELD, HERE), self.switch.alternate_call(HERE, THERE),
                        self.switch.reconnect_call(THERE, HERE)):  # fmt: skip
            error = self.failureResultOf(Deferred.fromCoroutine(service), ServiceError).value
            self.assertEqual(error.failure, Failure.INVALID_CONNECTION)
        self.assertEqual((self.a.asked, self.b.asked), ([], []))

    def test_may_not_pick_up(self) -> None:
        """The node of the call knows for which group it rings, and refuses."""

        def refuse(*words: str) -> None:
            raise ServiceError(Failure.PRIVILEGE_VIOLATION, "Only members of a group pick up calls")

        a, b = self.bench.ends("c", "d")
        asking = Asking(a, self.bench.clock)
        serve_calls(asking, self.a, refuse)  # type: ignore[arg-type]
        other = Asking(b, self.bench.clock)
        a.start()
        b.start()
        self.bench.run(1.5)
        waiting = Deferred.fromCoroutine(other.ask("c", "directedPickupCall", "a-1", "1047", "1175"))
        self.bench.run()
        error = self.failureResultOf(waiting, ServiceError).value
        self.assertEqual((error.failure, self.a.asked), (Failure.PRIVILEGE_VIOLATION, []))

    def test_seen(self) -> None:
        self.assertEqual([one.id for one in self.switch.calls()], ["b-1", "a-1", "a-2"])
        self.assertEqual([one.id for one in self.switch.snapshot_device("1047")], ["b-1", "a-1", "a-2"])
        self.assertTrue(self.switch.is_linked and self.switch.in_service("1047"))
        heard: list[Any] = []
        monitor = self.switch.monitor_start(heard.append)
        self.b.happens(Delivered(call("b-2"), None, "1047", 2.0))
        self.a.happens(Delivered(call("a-3"), None, "1047", 2.0))
        self.bench.run()
        monitor.stop()
        self.assertEqual([event.call_id for event in heard], ["b-2", "a-3"])
