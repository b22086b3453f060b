"""A caller on a bare UDP socket: it says what a test wants it to, good or bad."""

import re

from tests.live.requests import OFFER, acknowledge, ask, call_id, read, request
from tests.live.server import Live
from tests.peers import RawUdp, SipText


class RawCaller:
    """Calls once: `caller = RawCaller(peer, server, "8973")`, `await caller.call()`, `await caller.hang_up()`.

    The peer's address is that of a trunk, or what it asks for needs no password. ``headers`` are whole header lines.
    """

    def __init__(
        self, peer: RawUdp, server: Live, number: str, *, body: bytes = OFFER, identity: str = "", headers: str = ""
    ) -> None:  # fmt: skip
        self.peer = peer
        self.server = (str(server.address), 5060)
        self.answer = SipText("")
        self._sent_by = f"{peer.ip}:{peer.port}"
        self._invite = request("INVITE", server.uri(number), self._sent_by, body=body, caller=identity, extra=headers)
        self._sequence = 1

    @property
    def call_id(self) -> str:
        return call_id(self._invite)

    def ring(self) -> None:
        """Send the INVITE, and wait for nothing."""
        self.peer.send(self._invite, self.server)

    async def call(self, timeout: float = 15.0) -> SipText:
        """Call, and acknowledge the final answer, which is returned."""
        self.answer = await ask(self.peer, self._invite, self.server, timeout)
        if self.answer.status < 300:
            self.peer.send(self.within("ACK", sequence=1), self.server)
        else:
            self.peer.send(acknowledge(self._invite, self.answer), self.server)
        return self.answer

    def within(self, method: str, body: bytes = b"", extra: str = "", sequence: int = 0) -> bytes:
        """A request in the call."""
        if not sequence:
            self._sequence += 1
            sequence = self._sequence
        found = re.search(r"<([^>]*)>", self.answer.header("Contact"))
        target = found[1] if found else read(self._invite).first_line.split()[1]
        made = request(method, target, self._sent_by, body=body, extra=extra, call_id=self.call_id)
        made = _put(made, "From", read(self._invite).header("From"))
        made = _put(made, "To", self.answer.header("To"))
        return _put(made, "CSeq", f"{sequence} {method}")

    async def ask(self, method: str, body: bytes = b"", extra: str = "") -> SipText:
        """Send a request in the call, and give the final answer to it."""
        data = self.within(method, body, extra)
        self.peer.send(data, self.server)
        wanted = read(data).header("CSeq")

        def is_answer(datagram: bytes) -> bool:
            found = read(datagram)
            return found.status >= 200 and (found.header("Call-ID"), found.header("CSeq")) == (self.call_id, wanted)

        return read((await self.peer.receive(is_answer)).data)

    def acknowledgement(self, answer: SipText) -> bytes:
        """The ACK of a refused re-INVITE: it has that one's branch."""
        ack = self.within("ACK", sequence=int(answer.header("CSeq").split()[0]))
        return _put(ack, "Via", answer.header("Via"))

    async def hang_up(self) -> SipText:
        """BYE."""
        return await self.ask("BYE")


def _put(message: bytes, name: str, value: str) -> bytes:
    """The message with another value of a header."""
    line = f"{name}: {value}\r".encode("utf-8", "surrogateescape")
    return re.sub(rf"^{name}:.*$".encode(), lambda _: line, message, count=1, flags=re.M)
