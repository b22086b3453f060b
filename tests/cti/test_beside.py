"""A PBX beside the embedded switch: each has its lines and calls, and keeps the contract of the port."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.beside import Beside
from magroup.cti.call_control import LINK_DOWN, Service
from magroup.cti.events import CallEvent, DoNotDisturbSet, Event, LinkChanged
from magroup.cti.fake import FakeSwitch
from magroup.cti.switch import Ring, Switch
from magroup.cti.types import ConnectionId, ConnectionState, Party
from tests.cti.contract import SwitchContract
from tests.cti.driver import Driver
from tests.cti.test_fake import FakeDriver


class OwnDriver(FakeDriver):
    """All calls are the embedded switch's."""

    def __init__(self) -> None:
        super().__init__()
        self.switch: Switch = Beside(self.fake, FakeSwitch(Clock(), node="pbx"), "pbx", lambda number: False)


class OwnContractTests(SwitchContract, SynchronousTestCase):
    def make_driver(self) -> Driver:
        return OwnDriver()


class BesideTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.own = FakeSwitch(Clock(), ("2001", "2002"), trunk=True, node="a")
        self.pbx = FakeSwitch(Clock(), ("3001", "3002"), node="ast")
        self.switch = Beside(self.own, self.pbx, "ast", lambda number: number.startswith("3"))
        self.events: list[Event] = []
        self.monitor = self.switch.monitor_start(self.events.append)

    def test_calls_of_both(self) -> None:
        mine = self.own.arrive("2001", "2002")
        other = self.pbx.arrive("3001", "3002")
        over_trunk = self.own.arrive("2001", "3001")
        self.assertEqual([call.id for call in self.switch.calls()], [mine, over_trunk, other])
        self.assertEqual([call.id for call in self.switch.snapshot_device("3001")], [over_trunk, other])
        self.assertEqual([call.id for call in self.switch.snapshot_device("2002")], [mine])
        self.assertEqual(self.switch.can(Service.ANSWER_CALL, ConnectionId(other, "3002")), "")
        self.successResultOf(self.call(self.switch.answer_call(ConnectionId(other, "3002"))))
        self.assertIs(self.pbx.calls()[0].connections[1].state, ConnectionState.CONNECTED)
        told = {event.call_id for event in self.events if isinstance(event, CallEvent)}
        self.assertEqual(told, {mine, other, over_trunk})

    def test_lines_of_both(self) -> None:
        self.pbx.set_in_service("3001", False)
        self.assertEqual([self.switch.in_service(line) for line in ("2001", "3001", "3002")], [True, False, True])
        self.successResultOf(self.call(self.switch.set_do_not_disturb("3002", True)))
        self.assertIsInstance(self.events[-1], DoNotDisturbSet)
        self.assertTrue(self.successResultOf(self.call(self.pbx.get_do_not_disturb("3002"))))
        for line, switch in (("2001", self.own), ("3002", self.pbx)):
            self.successResultOf(self.call(self.switch.make_call(line, "2002")))
            self.assertEqual(len(switch.calls()), 1)

    def test_link(self) -> None:
        one: list[Event] = []
        self.switch.monitor_start(one.append, "2001")
        self.assertTrue(self.switch.is_linked)
        self.pbx.set_linked(False, "the cable")
        self.assertFalse(self.switch.is_linked)
        self.assertEqual(one, [LinkChanged("", 0.0, False, "the cable")])

    def test_what_is_asked_for(self) -> None:
        """Whoever looks for the PBX's parts of our calls hears which number is about to be rung."""
        asked: list[tuple[str, str]] = []
        switch = Beside(
            self.own, self.pbx, "ast", lambda number: number.startswith("3"),
            lambda call_id, number: asked.append((call_id, number)),
        )  # fmt: skip
        switch.route_register(["8973"])
        call_id = self.own.arrive("2001", "8973")
        switch.ring(call_id, [Ring("3001", Party("2001")), Ring("3002", Party("2001"))])
        switch.deflect(call_id, Ring("3001", Party("2001")))
        mine = self.own.arrive("2001", "2002")
        self.successResultOf(self.call(switch.deflect_call(ConnectionId(mine, "2002"), "3002")))
        other = self.pbx.arrive("3001", "3002")
        self.successResultOf(self.call(switch.answer_call(ConnectionId(other, "3002"))))
        self.assertEqual(asked, [(call_id, "3001"), (call_id, "3002"), (call_id, "3001"), (mine, "3002")])

    def test_answered_by_the_pbx(self) -> None:
        """A call of ours that rings at one of its lines, where its part of the call is known."""
        part: list[ConnectionId] = []
        switch = Beside(
            self.own, self.pbx, "ast", lambda number: number.startswith("3"),
            leg_of=lambda connection: part[0] if part else None,
        )  # fmt: skip
        call_id = self.own.arrive("2001", "3001")
        mine = ConnectionId(call_id, "3001")
        self.assertTrue(switch.can(Service.ANSWER_CALL, mine))
        part.append(ConnectionId(self.pbx.arrive("2001", "3001"), "3001"))
        self.assertEqual(switch.can(Service.ANSWER_CALL, mine), "")
        self.successResultOf(self.call(switch.answer_call(mine)))
        self.assertIs(self.pbx.calls()[0].connections[1].state, ConnectionState.CONNECTED)

    def test_no_link(self) -> None:
        """Nothing can be done with calls of the PBX; with own ones everything."""
        mine = self.own.arrive("2001", "2002")
        other = self.pbx.arrive("3001", "3002")
        self.pbx.set_linked(False)
        self.assertEqual(self.switch.can(Service.ANSWER_CALL, ConnectionId(other, "3002")), LINK_DOWN)
        self.assertEqual(self.switch.can(Service.ANSWER_CALL, ConnectionId(mine, "2002")), "")
        self.assertEqual([self.switch.can_make_call(line) for line in ("3001", "2001")], [LINK_DOWN, ""])

    def test_stopped(self) -> None:
        self.monitor.stop()
        self.own.arrive("2001", "2002")
        self.pbx.arrive("3001", "3002")
        self.assertEqual(self.events, [])

    def call(self, service: Coroutine[Any, Any, Any]) -> Deferred[Any]:
        return Deferred.fromCoroutine(service)
