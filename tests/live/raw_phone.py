"""A registered phone on a bare UDP socket: it shows each INVITE as it came, and refuses it."""

from typing import cast

from magroup.sip.message import Request, parse_message
from tests.live.phones import register
from tests.live.requests import read
from tests.live.server import Live
from tests.peers import RawUdp, address


class RawPhone:
    """`phone = await RawPhone(server, "1201").start()`, then `await phone.invited()`."""

    def __init__(self, server: Live, number: str) -> None:
        self.server = server
        self.number = number
        self.peer = RawUdp(server.test, str(address(server.test)))

    async def start(self) -> "RawPhone":
        """Register, and open the socket."""
        await register(self.server, self.number, self.peer.ip)
        self.peer.open()
        return self

    async def invited(self) -> Request:
        """The next INVITE, which is answered with 486."""
        datagram = await self.peer.receive(b"INVITE ")
        message = read(datagram.data)
        names = ("Via", "From", "Call-ID", "CSeq")
        lines = ["SIP/2.0 486 Busy Here", *(f"{name}: {message.header(name)}" for name in names)]
        lines += [f"To: {message.header('To')};tag=busy", "Content-Length: 0", "", ""]
        self.peer.send("\r\n".join(lines).encode("utf-8", "surrogateescape"), datagram.source)
        return cast(Request, parse_message(datagram.data))
