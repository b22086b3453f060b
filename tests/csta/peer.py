"""A client in memory: its connection to the server under test, and what it was told."""

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure as Reason
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta import monitoring_messages as m
from magroup.csta import session_messages as s
from magroup.csta.accounts import Account, NotAdmitted
from magroup.csta.association import Association
from magroup.csta.computing_function import ComputingFunction
from magroup.csta.edition import Edition, LoginForm, Profile
from magroup.csta.errors import CstaError, ErrorValue
from magroup.csta.framing import EVENT_ID, FrameReader
from magroup.csta.limits import Limits
from magroup.csta.login import Login
from magroup.csta.message import Message
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.system_messages import SystemStatus, SystemStatusResponse
from magroup.csta.values import ConnectionID, DeviceId
from magroup.cti.errors import ServiceError
from magroup.cti.fake import FakeSwitch

M = TypeVar("M", bound=Message)
LINES = ("2001", "3001", "3002", "3003")


class Wire(StringTransport):
    """What the server writes; ``deliver`` hands it on, unless the peer does not read."""

    def __init__(self, address: str) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", address, 40000))
        self.protocol: Any = None
        self.is_closed = False
        self.was_aborted = False

    def loseConnection(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.protocol.connectionLost(Reason(ConnectionDone()))
            self.protocol.connected = 0

    def abortConnection(self) -> None:
        self.was_aborted = True
        self.loseConnection()


class Peer:
    """A client of the server. ``told`` are the messages that were no responses, without their invoke ids."""

    def __init__(self, server: SwitchingFunction, address: str = "10.0.0.9", edition: Edition = Edition.ED4) -> None:
        self.server = server
        self.told: list[Message] = []
        self.wire = Wire(address)
        self.protocol: Any = server.factory.buildProtocol(self.wire.getPeer())
        self.association = Association(server.clock, self._write, self._take, Profile(edition), seconds=5)
        self.answers_status = True
        self._queue: list[bytes] = []
        if self.protocol is not None:
            self.wire.protocol = self.protocol
            self.protocol.makeConnection(self.wire)

    def _write(self, data: bytes) -> None:
        self._queue.append(data)

    def _take(self, invoke_id: int, message: Message) -> None:
        self.told.append(message)
        if isinstance(message, SystemStatus) and self.answers_status:
            self.association.respond(invoke_id, SystemStatusResponse())

    def pump(self) -> None:
        """Bytes both ways until there are none."""
        while True:
            if self._queue and not self.wire.is_closed:
                self.protocol.dataReceived(self._queue.pop(0))
            elif self.wire.value():
                data = self.wire.value()
                self.wire.clear()
                self.association.feed(data)
            else:
                return

    def send(self, data: bytes) -> None:
        """These very bytes."""
        self._queue.append(data)
        self.pump()

    def raw(self) -> list[Any]:
        """The frames that were written since, not taken by the association."""
        data = self.wire.value()
        self.wire.clear()
        return list(FrameReader().feed(data))

    def log_in(self, user: str = "recorder", password: str = "secret", form: LoginForm = LoginForm.OPENSCAPE) -> Any:
        login = Login(user, password, form)
        return self.start(s.ApplicationInfo(application_id="test", login=login))

    def start(self, info: s.ApplicationInfo | None = None, versions: tuple[str, ...] | None = None, **more: Any) -> Any:
        """A session; the response."""
        wanted = (self.association.edition.namespace,) if versions is None else versions
        return self.request(
            s.StartApplicationSession(application_info=info, requested_protocol_versions=wanted, **more)
        )  # fmt: skip

    def request(self, message: Message) -> Any:
        """The response. Raises ServiceError."""
        found: list[Any] = []
        self.association.request(message).addBoth(found.append)
        self.pump()
        assert found, "no response"
        if isinstance(found[0], Reason):
            found[0].raiseException()
        return found[0]

    def monitor(self, number: str, kind: str = "device", **more: Any) -> str:
        """Monitor a device; the cross reference."""
        device = m.MonitorObject(device_object=DeviceId(number))
        response = self.request(m.MonitorStart(monitor_object=device, monitor_type=kind, **more))
        return str(response.monitor_cross_ref_id)

    def names(self) -> list[str]:
        """What was told since, and forget it."""
        self.pump()
        found = [f"{type(one).__name__} {getattr(one, 'local_connection_info', '')}".strip() for one in self.told]
        self.told.clear()
        return found

    def events(self, kind: type[M]) -> list[M]:
        self.pump()
        return [one for one in self.told if isinstance(one, kind)]


async def admit(user: str, password: str, address: str) -> Account:
    """Two accounts: one steers, one only watches."""
    if password != "secret" or user not in ("recorder", "dashboard"):
        raise NotAdmitted
    return Account(user, user == "recorder")


def devices_only(start: Callable[..., None]) -> Callable[..., None]:
    """In place of ``ComputingFunction._monitor_start``: of a switch that has no monitors of calls."""

    def monitor_start(function: ComputingFunction, invoke_id: int, asked: m.MonitorStart) -> None:
        if asked.monitor_type == "call":
            raise CstaError(ErrorValue("operation", "invalidMonitorType"), "Devices only")
        start(function, invoke_id, asked)

    return monitor_start


class ServerCase(SynchronousTestCase):
    """A server on a FakeSwitch with lines; at the end nothing of a client is left."""

    limits = Limits()

    def setUp(self) -> None:
        self.clock = Clock()
        self.switch = FakeSwitch(self.clock, LINES, trunk=True)
        self.server = SwitchingFunction(
            self.clock, self.switch, admit,
            lambda address: Account("this machine", True) if address == "127.0.0.1" else None,
            lambda number: number if number in self.devices else None, self.limits, points=lambda: self.points,
        )  # fmt: skip
        self.points: tuple[str, ...] = ()
        self.devices = {*LINES, "8001"}
        self.peers: list[Peer] = []

    def tearDown(self) -> None:
        for peer in self.peers:
            if peer.protocol is not None:
                peer.wire.loseConnection()
        self.assertEqual(self.server.describe(), [])
        self.assertEqual((len(self.server.monitors), len(self.server.routeing)), (0, 0))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def peer(self, address: str = "10.0.0.9", edition: Edition = Edition.ED4) -> Peer:
        """A connection."""
        made = Peer(self.server, address, edition)
        self.peers.append(made)
        return made

    def client(self, user: str = "recorder", edition: Edition = Edition.ED4) -> Peer:
        """One that is logged in."""
        made = self.peer(edition=edition)
        self.assertIsInstance(made.log_in(user), s.StartApplicationSessionPosResponse)
        return made

    def refused(self, peer: Peer, message: Message) -> str:
        """The error's value, as it was written."""
        invoke_id, _ = peer.association._outstanding.begin(message.root)
        peer.association._outstanding.complete(invoke_id, message)
        peer.association._send(invoke_id, message)
        peer.protocol.dataReceived(peer._queue.pop(0))
        (frame,) = [frame for frame in peer.raw() if frame.invoke_id != EVENT_ID]
        self.assertIn(b"<CSTAErrorCode", frame.body)
        return str(frame.body)

    def terminate(self) -> None:
        """Stop the server."""
        self.stopped = Deferred.fromCoroutine(self.server.stop())

    def in_call(self) -> str:
        """2001 has called 3001, which rings."""
        return self.switch.arrive("2001", "3001")


def at(call_id: str, number: str) -> ConnectionID:
    return ConnectionID(call_id, DeviceId(number))


__all__ = ["LINES", "Peer", "ServerCase", "ServiceError", "admit", "at"]
