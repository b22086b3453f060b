"""What is said on one connection: bodies to messages, responses to their requests, the rest to who takes it."""

from collections.abc import Callable

from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger

from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition, Profile
from magroup.csta.errors import OUT_OF_RANGE, CstaError, ErrorValue, service_error
from magroup.csta.framing import EVENT_ID, LARGEST, FrameError, FrameReader, pack
from magroup.csta.invoke_ids import Outstanding
from magroup.csta.message import Message
from magroup.csta.system_messages import CSTAErrorCode
from magroup.cti.errors import Failure, ServiceError
from magroup.model.clock import Clock

log = Logger(__name__)
ANSWER_SECONDS = 20.0

Take = Callable[[int, Message], None]
"""Gets a request or an event with its invoke id."""


class Association:
    """Both sides use it: ``write`` sends bytes, ``take`` gets what is no response, ``profile`` is the peer's.

    ``follows``: the edition is the one that the peer writes in (a server without application sessions).
    """

    def __init__(
        self, clock: Clock, write: Callable[[bytes], None], take: Take, profile: Profile, follows: bool = False,
        largest: int = LARGEST, seconds: float = ANSWER_SECONDS,
    ) -> None:  # fmt: skip
        self.profile = profile
        self.edition: Edition = profile.edition
        self.follows = follows
        self.unreadable = 0
        self._over = ""
        self._write = write
        self._take = take
        self._reader = FrameReader(largest)
        self._outstanding = Outstanding(clock, seconds)

    def feed(self, data: bytes) -> None:
        """What the peer has sent. Raises FrameError where the stream ends to make sense."""
        for frame in self._reader.feed(data):
            self._received(frame.invoke_id, frame.body)

    @property
    def is_within(self) -> bool:
        """Whether a frame is on its way."""
        return self._reader.is_within

    @property
    def waiting(self) -> int:
        """How many of our requests wait for their responses."""
        return len(self._outstanding)

    def request(self, message: Message) -> Deferred[Message]:
        """The response. Fails with ServiceError: refused, late, or the connection is gone."""
        if self._over:
            return fail(ServiceError(Failure.GENERIC, self._over))
        invoke_id, response = self._outstanding.begin(message.root)
        try:
            self._send(invoke_id, message)
        except FrameError as error:
            self._outstanding.fail(invoke_id, error)
        return response

    def respond(self, invoke_id: int, message: Message) -> None:
        """Answer a request; what is too large for a frame is an error of its own."""
        try:
            self._send(invoke_id, message)
        except FrameError as error:
            log.warn("{root}: {reason}", root=message.root, reason=str(error))
            self._send(invoke_id, CSTAErrorCode(error=OUT_OF_RANGE))

    def refuse(self, invoke_id: int, error: ErrorValue) -> None:
        self._send(invoke_id, CSTAErrorCode(error=error))

    def tell(self, message: Message) -> None:
        """An event, or what else is not answered."""
        try:
            self._send(EVENT_ID, message)
        except FrameError as error:
            log.warn("{root} is not sent: {reason}", root=message.root, reason=str(error))

    def end(self, why: str) -> None:
        """The connection is gone."""
        self._over = why
        self._outstanding.end(why)

    def _send(self, invoke_id: int, message: Message) -> None:
        self._put(invoke_id, build(message, self.edition))

    def _put(self, invoke_id: int, body: bytes) -> None:
        """On its way. Raises FrameError for what is too large."""
        self._write(pack(invoke_id, body))

    def _received(self, invoke_id: int, body: bytes) -> None:
        message = self._read(invoke_id, body)
        if message is None:
            return
        if is_answer(message):
            self._answered(invoke_id, message)
        else:
            self._take(invoke_id, message)

    def _read(self, invoke_id: int, body: bytes) -> Message | None:
        """The message, None for what is refused."""
        try:
            message, edition = parse(body, self.profile)
        except CstaError as error:
            self._not_read(invoke_id, error)
            return None
        if self.follows and edition is not None:
            self.edition = edition
        return message

    def _answered(self, invoke_id: int, message: Message) -> None:
        if not isinstance(message, CSTAErrorCode):
            self._outstanding.complete(invoke_id, message)
        elif invoke_id in self._outstanding:
            name = self._outstanding.name(invoke_id)
            self._outstanding.fail(invoke_id, service_error(message.error, name))

    def _not_read(self, invoke_id: int, error: CstaError) -> None:
        """An answer that we wait for has failed; what else may be a request is refused, but never an event."""
        self.unreadable += 1
        log.debug("A message cannot be read: {reason}", reason=str(error))
        if self._outstanding.fail(invoke_id, service_error(error.error, "the request, or answers what is no answer")):
            return
        if invoke_id != EVENT_ID:
            self.refuse(invoke_id, error.error)


def is_answer(message: Message) -> bool:
    """Whether it is said to a request."""
    return isinstance(message, CSTAErrorCode) or message.root.endswith("Response")
