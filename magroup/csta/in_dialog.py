"""CSTA in a SIP dialog (ECMA TR/87 clause 7): one document in each INFO, the response in its 200; no I/O here.

There are no invoke ids: the SIP transaction tells which response belongs to which request.
"""

from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from magroup.csta.association import ANSWER_SECONDS, Association, Take, is_answer
from magroup.csta.edition import Profile
from magroup.csta.framing import FrameError
from magroup.csta.message import Message
from magroup.cti.errors import Failure, ServiceError
from magroup.model.clock import Clock

CSTA_XML: Final = "application/csta+xml"
DISPOSITION = "signal;handling=required"

LARGEST = 60_000
"""Bytes of a document: it has to fit into a datagram with the headers around it."""

PATIENCE = 20.0
"""Seconds after which an INFO is answered without a response: its sender gives it up after 32."""

FIRST_OF_PEER = 10_000
"""The peer's requests are counted from here on, beyond all invoke ids of our own."""

Respond = Callable[[bytes], None]
"""Answers an INFO with 200 and this body, b"" for none."""

Inform = Callable[[bytes, Callable[[int, bytes], None]], None]
"""Sends an INFO with this body; what it gets in the end is told once, by status and body."""


class InDialog(Association):
    """An association by INFOs, of which ours go one after another, so that events keep their order.

    ``unsent`` says how many bytes may wait for that; with more ``overflowed`` is called.
    """

    def __init__(
        self, clock: Clock, inform: Inform, take: Take, profile: Profile, follows: bool = False,
        unsent: Callable[[], int] = lambda: 4 << 20, overflowed: Callable[[], None] = lambda: None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:  # fmt: skip
        super().__init__(clock, lambda data: None, take, profile, follows, seconds=seconds)
        self._clock = clock
        self._inform = inform
        self._most_unsent = unsent
        self._overflowed = overflowed
        self._numbers = count(FIRST_OF_PEER)
        self._asked: dict[int, tuple[Respond, Any]] = {}
        self._queue: deque[tuple[int, bytes]] = deque()
        self._unsent = 0
        self._is_sending = False
        self._put_off: dict[int, str] = {}

    def received(self, body: bytes, respond: Respond) -> None:
        """What the peer's INFO holds. It is answered when ``take`` has a response for it, or after a while."""
        number = next(self._numbers)
        timer = self._clock.callLater(PATIENCE, self.acknowledge, number)
        self._asked[number] = respond, timer
        message = self._read(number, body)
        if message is None:
            return
        if is_answer(message):
            self.acknowledge(number)
            self._late(message)
        else:
            self._take(number, message)

    def acknowledge(self, number: int) -> None:
        """Answer an INFO that has no response, or none yet: that goes into an INFO of its own."""
        self._respond(number, b"")

    def tell(self, message: Message) -> None:
        """The dialog is the session here: ECMA-354 is not spoken in it."""
        if not message.is_session:
            super().tell(message)

    def end(self, why: str) -> None:
        super().end(why)
        for _, timer in self._asked.values():
            if timer.active():
                timer.cancel()
        self._asked.clear()
        self._queue.clear()
        self._put_off.clear()

    def _respond(self, number: int, body: bytes) -> None:
        respond, timer = self._asked.pop(number)
        if timer.active():
            timer.cancel()
        respond(body)

    def _put(self, invoke_id: int, body: bytes) -> None:
        if self._over:
            return
        if len(body) > LARGEST:
            raise FrameError(f"A message of {len(body)} bytes does not fit into a datagram")
        if invoke_id in self._asked:
            self._respond(invoke_id, body)
            return
        self._queue.append((invoke_id, body))
        self._unsent += len(body)
        if self._unsent > self._most_unsent():
            self._overflowed()
        else:
            self._next()

    def _next(self) -> None:
        if self._is_sending or not self._queue:
            return
        invoke_id, body = self._queue.popleft()
        self._unsent -= len(body)
        self._is_sending = True
        self._inform(body, lambda status, said: self._said(invoke_id, status, said))

    def _said(self, invoke_id: int, status: int, body: bytes) -> None:
        """Our INFO is answered."""
        self._is_sending = False
        if self._over:
            return
        if invoke_id in self._outstanding:
            self._outcome(invoke_id, status, body)
        self._next()

    def _outcome(self, invoke_id: int, status: int, body: bytes) -> None:
        """Peers send an error in the 200 or in a refusal; one that only acknowledges has its response follow."""
        name = self._outstanding.name(invoke_id)
        if not body:
            if status < 300:
                self._put_off[invoke_id] = name
            else:
                self._outstanding.fail(invoke_id, ServiceError(Failure.GENERIC, f"{name} is answered with {status}"))
            return
        message = self._read(invoke_id, body)
        if message is None:
            return
        if is_answer(message):
            self._answered(invoke_id, message)
        else:
            why = f"{name} is answered with {message.root}"
            self._outstanding.fail(invoke_id, ServiceError(Failure.GENERIC, why))

    def _late(self, message: Message) -> None:
        """A response in an INFO of its own belongs to the oldest request of its kind that waits for one."""
        for invoke_id, name in tuple(self._put_off.items()):
            if invoke_id not in self._outstanding:
                del self._put_off[invoke_id]
            elif message.root in (f"{name}Response", "CSTAErrorCode"):
                del self._put_off[invoke_id]
                self._answered(invoke_id, message)
                return

