"""A program that speaks uaCSTA on a bare UDP socket: INVITE, INFO and BYE written by hand."""

import re
from hashlib import md5
from itertools import count
from typing import Any, TypeVar

from twisted.trial.unittest import TestCase

from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition
from magroup.csta.message import Message
from magroup.csta.system_messages import RequestSystemStatus
from tests.live.requests import acknowledge, read
from tests.peers import RawUdp, SipText

M = TypeVar("M", bound=Message)
OPENING = build(RequestSystemStatus(), Edition.ED3)
_serial = count(1)


def _hash(text: str) -> str:
    return md5(text.encode()).hexdigest()


class RawCsta:
    """`peer = RawCsta(self, address, "1201", secret)`, `await peer.open()`, `await peer.ask(message)`."""

    def __init__(self, test: TestCase, server: str, number: str, secret: str) -> None:
        self.peer = RawUdp(test).open()
        self.server = server
        self.number = number
        self.secret = secret
        self.told: list[Message] = []
        self._call_id = f"csta-{next(_serial)}@{self.peer.ip}"
        self._to_tag = ""
        self._contact = ""
        self._sequence = 0

    async def open(self, body: bytes = OPENING, to: str = "", extra: str = "") -> SipText:
        """Begin the session, with the password where it is asked for; the final answer."""
        target = f"sip:{to or self.number}@{self.server}"
        answer = await self._invite(target, body, extra)
        if answer.status in (401, 407):
            answer = await self._invite(target, body, extra + self._credentials(answer, target))
        if answer.status == 200:
            self._to_tag = re.findall(r"tag=([^;\s]+)", answer.header("To"))[0]
            self._contact = re.findall(r"<([^>]*)>", answer.header("Contact"))[0]
            self._send("ACK", self._contact, sequence=self._sequence)
        return answer

    async def _invite(self, target: str, body: bytes, extra: str) -> SipText:
        invite = self._send("INVITE", target, body, extra)
        answer = await self._answer(invite)
        if answer.status >= 300:
            self.peer.send(acknowledge(invite, answer), (self.server, 5060))
        return answer

    def _credentials(self, challenge: SipText, target: str) -> str:
        line = next(one for one in challenge.text.splitlines() if "-Authenticate" in one and "=MD5" in one)
        nonce, realm = (re.findall(rf'{name}="([^"]+)"', line)[0] for name in ("nonce", "realm"))
        mine, theirs = _hash(f"{self.number}:{realm}:{self.secret}"), _hash(f"INVITE:{target}")
        response = _hash(f"{mine}:{nonce}:00000001:c:auth:{theirs}")
        name = "Proxy-Authorization" if line.lower().startswith("proxy") else "Authorization"
        return (
            f'{name}: Digest username="{self.number}", realm="{realm}", nonce="{nonce}", uri="{target}", '
            f'qop=auth, nc=00000001, cnonce="c", algorithm=MD5, response="{response}"\r\n'
        )

    def _send(self, method: str, target: str, body: bytes = b"", extra: str = "", sequence: int = 0) -> bytes:
        if not sequence:
            self._sequence += 1
            sequence = self._sequence
        tag = f";tag={self._to_tag}" if self._to_tag else ""
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.peer.ip}:5060;branch=z9hG4bKcsta{next(_serial)};rport",
            "Max-Forwards: 70", f"From: <sip:{self.number}@{self.server}>;tag=mine",
            f"To: <sip:{self.number}@{self.server}>{tag}", f"Call-ID: {self._call_id}", f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self.number}@{self.peer.ip}:5060>", "Supported: timer",
        ]  # fmt: skip
        if body and "Content-Type" not in extra:
            lines += ["Content-Type: application/csta+xml", "Content-Disposition: signal;handling=required"]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n" + extra + "\r\n"
        data = head.encode() + body
        self.peer.send(data, (self.server, 5060))
        return data

    async def _answer(self, data: bytes) -> SipText:
        """The final answer to a request of ours."""
        wanted = read(data).header("CSeq")

        def is_answer(datagram: bytes) -> bool:
            found = read(datagram)
            return found.status >= 200 and (found.header("Call-ID"), found.header("CSeq")) == (self._call_id, wanted)

        return read((await self.peer.receive(is_answer, 15.0)).data)

    async def info(self, body: bytes, extra: str = "") -> SipText:
        """Send an INFO in the session; the answer."""
        return await self._answer(self._send("INFO", self._contact, body, extra))

    async def ask(self, message: Message, edition: Edition = Edition.ED3) -> Any:
        """The response, or the error."""
        answer = await self.info(build(message, edition))
        assert answer.status == 200, answer.text
        return parse(answer.body.encode()).message

    async def event(self, kind: type[M]) -> M:
        """Acknowledge what is told until one of a kind comes."""
        while True:
            datagram = await self.peer.receive(lambda data: data.startswith((b"INFO ", b"BYE ")), 15.0)
            text = read(datagram.data)
            names = ("Via", "From", "To", "Call-ID", "CSeq")
            lines = ["SIP/2.0 200 OK", *(f"{name}: {text.header(name)}" for name in names)]
            self.peer.send("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode(), datagram.source)
            assert text.method == "INFO", text.text
            message = parse(text.body.encode()).message
            self.told.append(message)
            if isinstance(message, kind):
                return message

    async def close(self) -> SipText:
        """BYE."""
        return await self._answer(self._send("BYE", self._contact))
