"""A program that uses the switch over CSTA, on a real socket; every test has as many as it wants."""

from typing import Any, TypeVar

from twisted.internet import reactor
from twisted.internet.endpoints import clientFromString, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from magroup.csta import monitoring_messages as m
from magroup.csta import session_messages as s
from magroup.csta.association import Association
from magroup.csta.edition import Edition, Profile
from magroup.csta.login import Login
from magroup.csta.message import Message
from magroup.csta.system_messages import SystemStatus, SystemStatusResponse
from magroup.csta.values import DeviceId
from tests.peers import until

M = TypeVar("M", bound=Message)


class CstaClient(Protocol):
    """``told`` are the events so far, and other messages that were no responses."""

    def __init__(self, test: TestCase, edition: Edition = Edition.ED4) -> None:
        self.told: list[Message] = []
        self.is_closed = False
        self.edition = edition
        self.association = Association(reactor, self._write, self._take, Profile(edition))
        test.addCleanup(self.close)

    async def connect(self, endpoint: str) -> "CstaClient":
        await connectProtocol(clientFromString(reactor, endpoint), self)
        return self

    async def close(self) -> None:
        """End the connection, and wait for it."""
        if self.transport is not None:
            self.transport.loseConnection()
            await until(lambda: self.is_closed, what="closed")

    def dataReceived(self, data: bytes) -> None:
        self.association.feed(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.is_closed = True
        self.association.end("closed")

    def _write(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def _take(self, invoke_id: int, message: Message) -> None:
        self.told.append(message)
        if isinstance(message, SystemStatus):
            self.association.respond(invoke_id, SystemStatusResponse())

    async def request(self, message: Message) -> Any:
        """The response. Raises ServiceError."""
        return await self.association.request(message)

    async def log_in(self, user: str, password: str) -> Any:
        """Begin a session; the response."""
        info = s.ApplicationInfo(application_id="test", login=Login(user, password))
        versions = (self.edition.namespace,)
        return await self.request(
            s.StartApplicationSession(application_info=info, requested_protocol_versions=versions)
        )  # fmt: skip

    async def monitor(self, *numbers: str) -> None:
        """Monitor these devices."""
        for number in numbers:
            device = m.MonitorObject(device_object=DeviceId(number))
            await self.request(m.MonitorStart(monitor_object=device, monitor_type="device"))

    async def event(self, kind: type[M], count: int = 1) -> M:
        """Wait until so many events of a kind have been told; the last of them."""

        def found() -> list[M]:
            return [one for one in self.told if isinstance(one, kind)]

        await until(lambda: len(found()) >= count, 15.0, what=kind.__name__, seen=self.names)
        return found()[count - 1]

    def names(self) -> str:
        return " ".join(type(one).__name__ for one in self.told)
