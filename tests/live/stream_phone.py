"""A phone behind a firewall: it can only be reached over the TCP or TLS connection that it has made itself."""

from typing import cast

from magroup.sip.challenge import Answers, Credentials
from magroup.sip.message import Request, Response, parse_message
from magroup.sip.stream import Framer
from tests.live.requests import read, request
from tests.live.server import SECRET, Live
from tests.live.tls import connect_tls
from tests.peers import RawTcp, SipText, address, until

LIMIT = 64 << 10


class StreamPhone:
    """`phone = await StreamPhone(server, "1201").connect()`, then `await phone.invited()`; ``transport`` TCP or TLS."""

    def __init__(self, server: Live, number: str, transport: str = "TCP") -> None:
        self.server = server
        self.number = number
        self.transport = transport
        self.ip = str(address(server.test))
        self.connection: RawTcp
        self._framer = Framer(LIMIT, LIMIT)
        self._read = 0
        self._messages: list[bytes] = []
        self._answers = Answers(Credentials(number, SECRET))

    async def connect(self) -> "StreamPhone":
        """Connect, anew if need be, and register with the port of the connection as contact."""
        if self.transport == "TLS":
            self.connection = await connect_tls(self.server.test, (str(self.server.address), 5061), self.ip)
        else:
            self.connection = await RawTcp(self.server.test, self.ip).connect((str(self.server.address), 5060))
        self._framer, self._read = Framer(LIMIT, LIMIT), 0
        where = f"{self.ip}:{self.connection.port}"
        sent = request("REGISTER", f"sip:{self.server.address}", where, transport=self.transport, caller=self._me())
        sent = sent.replace(f"To: <sip:{self.server.address}>".encode(), f"To: {self._me()}".encode())
        self.connection.send(sent)
        challenge = await self.receive(401)
        register = cast(Request, parse_message(sent))
        response = cast(Response, parse_message(challenge.text.encode()))
        register.headers |= self._answers.answer(response, register)
        register.headers["CSeq"] = ["2 REGISTER"]
        register.headers["Via"] = [f"{register.headers['Via'][0]}2"]
        self.connection.send(register.encode())
        await self.receive(200)
        return self

    def _me(self) -> str:
        return f"<sip:{self.number}@{self.server.address}>"

    async def receive(self, what: int | str) -> SipText:
        """The next response with a status or request of a method."""

        def found() -> SipText | None:
            new = bytes(self.connection.received[self._read :])
            self._read += len(new)
            self._messages += self._framer.feed(new)
            for data in self._messages:
                message = read(data)
                if what in (message.status, message.first_line.split(" ")[0]):
                    self._messages.remove(data)
                    return message
            return None

        got: SipText = await until(found, what=f"{self.number}: {what}", seen=self.connection.report)
        return got

    async def invited(self) -> SipText:
        """The next INVITE, which is answered with 486."""
        invite = await self.receive("INVITE")
        lines = ["SIP/2.0 486 Busy Here", *(f"{name}: {invite.header(name)}" for name in ("Via", "From", "Call-ID"))]
        lines += [f"To: {invite.header('To')};tag=busy", f"CSeq: {invite.header('CSeq')}", "Content-Length: 0", "", ""]
        self.connection.send("\r\n".join(lines).encode())
        await self.receive("ACK")
        return invite
