"""A switch that is served, and a client of it whose connections a test makes and cuts."""

from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta.client_session import ClientSession, Peer
from magroup.csta.edition import Edition, LoginForm, Profile
from magroup.csta.limits import Limits
from magroup.csta.link import Link
from magroup.csta.message import Message
from magroup.csta.switch import CstaSwitch
from magroup.csta.switching_function import SwitchingFunction
from magroup.cti.events import (
    CallEvent,
    Event,
)
from magroup.cti.fake import FakeSwitch
from magroup.cti.types import Call, ConnectionState
from tests.csta import sockets
from tests.csta.peer import LINES, admit

TALKS = ConnectionState.CONNECTED
PEER = Peer(Profile(Edition.ED4, LoginForm.OPENSCAPE, keeps_extensions=True), "recorder", "secret")


class FaultCase(SynchronousTestCase):
    """A FakeSwitch, served; and a client of it, whose connections the test makes and cuts."""

    lines: tuple[str, ...] = LINES
    peer = PEER
    limits = Limits()

    def setUp(self) -> None:
        self.clock = Clock()
        self.there = FakeSwitch(self.clock, self.lines, trunk=True)
        self.server = SwitchingFunction(self.clock, self.there, admit, lambda address: None, str, self.limits)
        self.csta = CstaSwitch(self.clock, self.lines, self.there)
        self.states: list[str] = []
        self.csta.changed = self.states.append
        self.events: list[Event] = []
        self.csta.monitor_start(self.events.append)
        self.wires: list[sockets.Link] = []
        self.is_refused = False
        self.link = Link(self.clock, self.csta, self.peer, self.connect, lambda: 0.5)
        self.link.start()
        self.settle()

    def connect(self, session: ClientSession) -> "Deferred[Any]":
        if self.is_refused:
            return fail(ConnectionRefusedError())
        self.wires.append(sockets.Link(self.server.factory, session))
        return succeed(None)

    def settle(self) -> None:
        while self.wires and self.wires[-1].pump():
            pass

    def pass_time(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.settle()

    def cut(self) -> None:
        self.wires[-1].cut()

    def tearDown(self) -> None:
        """Every call that was told is one unbroken chain of snapshots; nothing runs any more."""
        stopped = Deferred.fromCoroutine(self.link.stop())
        self.settle()
        self.successResultOf(stopped)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual((self.server.describe(), len(self.server.monitors)), ([], 0))
        last: dict[str, Call] = {}
        for event in self.events:
            if isinstance(event, CallEvent):
                self.assertEqual(event.old, last.get(event.call_id), event)
                self.assertFalse(event.old and event.old.ended)
                last[event.call_id] = event.call

    def told(self, *kinds: type[Event]) -> list[Any]:
        return [event for event in self.events if type(event) in kinds]

    def says(self, message: Message) -> None:
        """The server's own word to the client, out of order."""
        (client,) = self.server.clients.values()
        client.association.tell(message)
        self.settle()

    def reference(self, number: str) -> str:
        return next(one for one, device in self.csta.device_of.items() if device == number)

    def talking(self) -> str:
        """2001 talks to 3001."""
        call_id = self.there.arrive("2001", "3001")
        self.there.device_answers(call_id, "3001")
        self.settle()
        return call_id

    def states_of(self, call_id: str) -> dict[str, ConnectionState]:
        return {one.id.device: one.state for call in self.csta.calls() if call.id == call_id
                for one in call.connections}  # fmt: skip
