"""AmiSwitch linked to the Asterisk for tests, in memory: moved by the contract of the port and by own tests."""

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from magroup.ami.link import AmiLink
from magroup.ami.options import Pbx
from magroup.ami.session import Account, AmiSession
from magroup.ami.switch import AmiSwitch
from magroup.cti.switch import Forwards, PicksUp
from tests.ami.asterisk import Asterisk
from tests.ami.server import SECRET, USER, Manager, ManagerSession
from tests.cti.driver import Driver


class Wire(StringTransport):
    """One end of a connection in memory."""

    def abortConnection(self) -> None:
        self.disconnecting = True


class MemoryEndpoint:
    """Connects to a Manager; ``is_reachable`` False: nobody listens. ``pump`` moves what was said."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._ends: list[tuple[AmiSession, Wire, ManagerSession, Wire]] = []
        self.is_reachable = True
        self.tries = 0

    def connect(self, factory: object) -> Deferred[object]:
        self.tries += 1
        connected: Deferred[object] = Deferred()
        if not self.is_reachable:
            connected.errback(ConnectionRefusedError("Connection refused"))
            return connected
        near, far = factory.buildProtocol(None), self._manager.buildProtocol(None)  # type: ignore[attr-defined]
        near_wire, far_wire = Wire(), Wire()
        self._ends.append((near, near_wire, far, far_wire))
        near.makeConnection(near_wire)
        connected.callback(near)
        far.makeConnection(far_wire)
        return connected

    def pump(self) -> bool:
        """Whether anything was moved."""
        moved = False
        for end in tuple(self._ends):
            near, near_wire, far, far_wire = end
            for wire, hears in ((near_wire, far), (far_wire, near)):
                if data := wire.value():
                    wire.clear()
                    hears.dataReceived(data)
                    moved = True
            if near_wire.disconnecting or far_wire.disconnecting:
                self._ends.remove(end)
                for one in (near, far):
                    one.connectionLost(Failure(ConnectionDone()))
                moved = True
        return moved

    def cut(self) -> None:
        """The cable is pulled."""
        for _, wire, _, _ in self._ends:
            wire.disconnecting = True


class AmiDriver(Driver):
    sounds = ("Welcome.wav", "Waiting.wav")

    def __init__(self, pbx: Pbx | None = None) -> None:
        self.asterisk = Asterisk(phones={self.CALLER, *self.PHONES}, names={self.CALLER: self.CALLER_NAME})
        self.asterisk.devices = {f"PJSIP/{phone}": "NOT_INUSE" for phone in self.asterisk.phones}
        self.manager = Manager(self.asterisk)
        self.endpoint = MemoryEndpoint(self.manager)
        self.clock = Clock()
        self.link = AmiLink(self.clock, self.endpoint, Account(USER, SECRET))
        numbers = frozenset(self.asterisk.phones)
        tokens = iter(range(1, 10_000))
        self.ami = AmiSwitch(
            self.clock, self.link, pbx or Pbx(answers=True), numbers.__contains__, lambda: f"magroup-{next(tokens)}"
        )
        self.switch = self.ami
        self.ami.start()
        self.settle()

    def settle(self) -> None:
        while self.endpoint.pump():
            pass

    def finish_message(self) -> None:
        for _ in range(4):
            self.clock.advance(1)
            self.settle()

    def dial(self, caller: str, number: str) -> None:
        self.asterisk.dial(caller, number)

    def hang_up(self, phone: str) -> None:
        self.asterisk.hang_up(phone)

    def answer(self, phone: str) -> None:
        self.asterisk.answer(phone)

    def press(self, phone: str, digits: str) -> None:
        for digit in digits:
            self.asterisk.press(phone, digit)

    def speak(self, phone: str, seconds: float) -> None:
        """There is no sound here."""

    def hold(self, phone: str) -> None:
        self.asterisk.hold(phone)

    def resume(self, phone: str) -> None:
        self.asterisk.hold(phone, False)

    def obey(self, phone: str) -> None:
        """All do."""

    def take_no_digits(self, phone: str) -> None:
        """Asterisk does not say which those are."""

    def set_busy(self, phone: str) -> None:
        self.asterisk.busy.add(phone)

    def unregister(self, phone: str) -> None:
        self.asterisk.register(phone, False)

    def register(self, phone: str) -> None:
        self.asterisk.register(phone)

    def forward(self, forwarded: Forwards) -> None:
        """Asterisk forwards by its own database."""

    def let_pick_up(self, code: str, pickup: PicksUp) -> None:
        """Asterisk has its own codes."""

    def left_over(self) -> object:
        left = self.ami.describe()
        return {name: number for name, number in left.items() if number and name not in ("linked",)}
