"""A client and the server of uaCSTA, user agents in a network in memory."""

from typing import Any

from magroup.csta import monitoring_messages as m
from magroup.csta.accounts import Account
from magroup.csta.codec import build
from magroup.csta.edition import Edition, Profile
from magroup.csta.in_dialog import CSTA_XML
from magroup.csta.message import Message
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.values import DeviceId
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.uacsta.client import PhoneSession, Place
from magroup.uacsta.server import UaCstaServer
from tests.sip.network import Network, Phone

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"


class Served(Phone):
    """A node whose switch is offered. Who asks is the line in From, with no more ado; ``lines`` are that user's."""

    def __init__(self, network: Network, offered: SwitchingFunction, *lines: str) -> None:
        super().__init__(network, SERVER)
        self.offered = offered
        self.lines = frozenset(lines)
        self.others = frozenset(("3001", "3002"))
        self.server = UaCstaServer(
            self.endpoint, offered, self.line_of, lambda line: Account(line, True, lines=self.lines), self.device_of,
            lambda: "csta",
        )  # fmt: skip

    def line_of(self, request: Request, hop: Hop) -> str:
        if request.from_.uri.number not in self.lines:
            raise SipError(401)
        return request.from_.uri.number

    def device_of(self, number: str) -> str | None:
        return number if number in self.lines | self.others else None


class Client(Phone):
    """A node with one session; ``told`` is what was no response, ``states`` what became of the session."""

    def __init__(self, network: Network, number: str, host: str = CLIENT, port: int = 5060) -> None:
        super().__init__(network, host, port)
        self.told: list[Message] = []
        self.states: list[str] = []
        self.place = Place(f"sip:{number}@{SERVER}", f"sip:{number}@{SERVER}", Hop("udp", SERVER, 5060))
        self.session = PhoneSession(
            network.clock, self.endpoint, self.place, self.told.append, lambda session: self.states.append("up"),
            self.states.append, profile=Profile(Edition.ED3, keeps_extensions=True),
        )  # fmt: skip

    def open(self) -> "Client":
        self.session.start()
        self.network.run()
        return self

    def request(self, message: Message) -> Any:
        """The response. Raises ServiceError."""
        found: list[Any] = []
        self.session.request(message).addBoth(found.append)
        self.network.run()
        assert found, "no response"
        if not isinstance(found[0], Message):
            found[0].raiseException()
        return found[0]

    def request_any(self, message: Message) -> bytes:
        """The document in the answer, whatever it is."""
        found: list[Any] = []
        headers = {"Content-Type": CSTA_XML}
        self.session.session.send("INFO", build(message, Edition.ED3), headers, found.append)
        self.network.run()
        return bytes(found[-1].body)

    def monitor(self, number: str, kind: str = "device") -> str:
        """The cross reference."""
        device = m.MonitorObject(device_object=DeviceId(number))
        response = self.request(m.MonitorStart(monitor_object=device, monitor_type=kind))
        return str(response.monitor_cross_ref_id)

    def names(self) -> list[str]:
        """What was told since, and forget it."""
        self.network.run()
        found = [type(one).__name__ for one in self.told]
        self.told.clear()
        return found
