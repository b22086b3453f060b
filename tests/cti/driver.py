"""How the contract moves the switch under test: its callers, its phones, its time."""

from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred

from magroup.cti.errors import ServiceError
from magroup.cti.events import CallCleared, CallEvent, ConnectionCleared, Event
from magroup.cti.switch import Forwards, PicksUp, Ring, Switch
from magroup.cti.types import Call, Cause, Connection, ConnectionState, Party

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as TestCase
else:
    TestCase = object

T = TypeVar("T")


class Driver(ABC):
    """One switch with these phones on it: ``CALLER`` and ``PHONES``, all registered, of which none is busy.

    A phone that is called rings by itself (180) until told otherwise; ``settle`` is called after each of these by the
    tests. ``POINTS`` are numbers that are nobody's and may become route points. There is no trunk.
    """

    CALLER = "2001"
    CALLER_NAME = "Carla Caller"
    PHONES = ("3001", "3002", "3003")
    POINTS = ("8001", "8002")
    UNKNOWN = "7777"

    switch: Switch

    sounds: tuple[str, str]
    """Names of two sounds that can be played."""
    missing_sound = "no such sound"

    @abstractmethod
    def settle(self) -> None:
        """Let everything happen that happens without waiting: messages on the wires, no timeouts."""

    @abstractmethod
    def finish_message(self) -> None:
        """Let time go by until a message played once, or the tone before a release, is over."""

    @abstractmethod
    def dial(self, caller: str, number: str) -> None:
        """The phone ``caller`` calls ``number``."""

    @abstractmethod
    def hang_up(self, phone: str) -> None:
        """End the phone's only call: give up one that it made, end one that talks, decline one that rings."""

    @abstractmethod
    def answer(self, phone: str) -> None:
        """Pick up the phone that rings. Where the switch has it answer by itself, nothing happens."""

    @abstractmethod
    def press(self, phone: str, digits: str) -> None:
        """Press keys of the phone in its call."""

    @abstractmethod
    def speak(self, phone: str, seconds: float) -> None:
        """Let the phone say something for so long, in its call."""

    @abstractmethod
    def hold(self, phone: str) -> None:
        """Press the hold key of the phone in its call."""

    @abstractmethod
    def resume(self, phone: str) -> None:
        """Press it again."""

    @abstractmethod
    def obey(self, phone: str) -> None:
        """From now on the phone answers by itself when the switch asks it to."""

    @abstractmethod
    def take_no_digits(self, phone: str) -> None:
        """From now on the phone takes no digits in its calls but those of its own keys."""

    @abstractmethod
    def set_busy(self, phone: str) -> None:
        """From now on the phone answers calls with busy (486)."""

    @abstractmethod
    def unregister(self, phone: str) -> None:
        """The phone leaves the switch."""

    @abstractmethod
    def register(self, phone: str) -> None:
        """The phone comes back."""

    @abstractmethod
    def forward(self, forwarded: Forwards) -> None:
        """Hand the switch the lines' forwardings from now on."""

    @abstractmethod
    def let_pick_up(self, code: str, pickup: PicksUp) -> None:
        """Hand the switch the pickup code and what is picked up by it."""

    @abstractmethod
    def left_over(self) -> object:
        """What the switch still holds of calls; false when there is nothing (checked after each test)."""


class ContractBase(TestCase):
    """One driver, and the events of all devices in ``events``; the mixins' tests are made of its words."""

    def make_driver(self) -> Driver:
        raise NotImplementedError

    def setUp(self) -> None:
        self.driver = self.make_driver()
        self.switch = self.driver.switch
        self.events: list[Event] = []
        self.switch.monitor_start(self.events.append)
        self.caller = self.driver.CALLER
        self.one, self.two, self.three = self.driver.PHONES
        self.point = self.driver.POINTS[0]

    def tearDown(self) -> None:
        """Every call is ended, told as one unbroken chain of snapshots, and nothing is left of it."""
        for _ in range(10):
            for call in self.switch.calls()[:1]:
                for connection in call.connections:
                    if connection.id.device in (self.caller, *self.driver.PHONES):
                        self.driver.hang_up(connection.id.device)
                        self.driver.settle()
                        break
        self.assertEqual(self.switch.calls(), ())
        self.assertFalse(self.driver.left_over())
        last: dict[str, Call] = {}
        for event in self.events:
            if isinstance(event, CallEvent):
                self.assertEqual(event.old, last.get(event.call_id), event)
                self.assertFalse(event.old and event.old.ended, "an event after the last one")
                self.assertEqual(event.call.ended, isinstance(event, CallCleared))
                last[event.call_id] = event.call
        self.assertTrue(all(call.ended for call in last.values()))

    # Words of the tests

    def do(self, step: Any, *arguments: Any) -> None:
        """A step of the driver, and everything that follows from it."""
        step(*arguments)
        self.driver.settle()

    def ask(self, service: Coroutine[Any, Any, T]) -> T:
        """A service and its result."""
        result = Deferred.fromCoroutine(service)
        self.driver.settle()
        return self.successResultOf(result)

    def refused(self, service: Coroutine[Any, Any, Any]) -> Any:
        """The Failure of a service that is refused."""
        result = Deferred.fromCoroutine(service)
        self.driver.settle()
        error = self.failureResultOf(result, ServiceError).value
        self.assertTrue(str(error))
        return error.failure

    def told(self, kind: type[Event], device: str | None = None) -> list[Any]:
        """The events of a kind so far, of one device or all."""
        return [e for e in self.events if type(e) is kind and device in (None, e.device)]

    def one_event(self, kind: type[Event], device: str | None = None) -> Any:
        found = self.told(kind, device)
        self.assertEqual(len(found), 1, f"{kind.__name__} {device}: {self.names()}")
        return found[0]

    def names(self) -> list[str]:
        return [f"{type(event).__name__} {event.device}" for event in self.events]

    def place(self, kind: type[Event], device: str) -> int:
        return self.events.index(self.one_event(kind, device))

    def call(self) -> Call:
        """The only call there is."""
        (call,) = self.switch.calls()
        return call

    def state(self, device: str) -> ConnectionState | None:
        """The device's state in the only call, None when it takes no part."""
        connection = self.call().connection(device)
        return connection.state if connection and connection.state is not ConnectionState.NULL else None

    def connection(self, device: str) -> Connection:
        connection = self.call().connection(device)
        assert connection is not None, device
        return connection

    def cleared(self, device: str) -> Cause:
        """Why the device left the call."""
        cause: Cause = self.one_event(ConnectionCleared, device).cause
        return cause

    def states(self, call_id: str) -> dict[str, ConnectionState]:
        """Who is how in one of several calls; empty when it is over."""
        return {c.id.device: c.state for call in self.switch.calls() if call.id == call_id for c in call.connections}

    def talk(self) -> str:
        """The caller and the first phone talk; the call's id."""
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        return self.call().id

    def ring_for(self, *devices: str) -> list[Ring]:
        return [Ring(device, Party(self.caller, self.driver.CALLER_NAME)) for device in devices]
