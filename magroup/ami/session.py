"""One connection to the Manager Interface: login, actions and their answers, pings; secrets are never logged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.ami.framing import FramingError, Reader
from magroup.ami.message import Message, action
from magroup.model.clock import Clock

EVENTS: Final = "system,call,dtmf"
ANSWER_SECONDS: Final = 10.0
PING_SECONDS: Final = 15.0
MOST_UNANSWERED: Final = 500
MOST_LISTED: Final = 50_000


class AmiError(Exception):
    """Asterisk refuses an action, or does not answer; ``str`` is the reason."""


class LinkDown(AmiError):
    """There is no connection to Asterisk (any more)."""


@dataclass(frozen=True)
class Account:
    """As whom we log in: an account of manager.conf. ``plain``: the secret itself is sent, not a digest (MD5) of it."""

    user: str
    secret: str = field(repr=False)
    plain: bool = False


@dataclass
class Answer:
    """What Asterisk answers: its response, and the events that belong to it."""

    response: Message
    listed: list[Message] = field(default_factory=list)


@dataclass
class _Asked:
    answered: Deferred[Answer]
    until: str
    timeout: Any
    answer: Answer | None = None


class AmiSession(Protocol):
    """``ready`` is called after the login, ``event`` for each event from then on, ``lost`` when all is over."""

    log = Logger()
    transport: Any

    def __init__(
        self, clock: Clock, account: Account, ready: Callable[["AmiSession"], None],
        event: Callable[[Message], None], lost: Callable[["AmiSession", str], None],
    ) -> None:  # fmt: skip
        self._clock = clock
        self._account = account
        self._ready, self._event, self._lost = ready, event, lost
        self._reader = Reader()
        self._asked: dict[str, _Asked] = {}
        self._count = 0
        self._is_greeted = False
        self._ping: Any = None
        self._guard: Any = None
        self._reason = ""
        self.is_up = False
        self.was_refused = False

    # The connection

    def connectionMade(self) -> None:
        self._guard = self._clock.callLater(ANSWER_SECONDS, self.give_up, "it does not greet")

    def dataReceived(self, data: bytes) -> None:
        if self._is_given_up():
            return
        try:
            messages = self._reader.feed(data)
        except FramingError as error:
            self.give_up(str(error))
            return
        if self._reader.greeting and not self._is_greeted:
            self._is_greeted = True
            self._guard.cancel()
            Deferred.fromCoroutine(self._log_in()).addErrback(self._not_logged_in)
        for message in messages:
            if not self._is_given_up():
                self._take(message)

    def connectionLost(self, reason: Failure | None = None) -> None:
        self._reason = self._reason or "the connection has ended"
        was_up, self.is_up = self.is_up, False
        for timer in (self._ping, self._guard):
            if timer is not None and timer.active():
                timer.cancel()
        asked, self._asked = self._asked, {}
        for one in asked.values():
            one.timeout.cancel()
            one.answered.errback(LinkDown(f"The link to Asterisk is down: {self._reason}"))
        self.log.debug("AMI: {reason}", reason=self._reason, was_up=was_up)
        self._lost(self, self._reason)

    def _is_given_up(self) -> bool:
        return bool(self._reason)

    def give_up(self, reason: str) -> None:
        """End the connection."""
        self._reason = self._reason or reason
        if self.transport is not None:
            self.transport.abortConnection()

    # Actions

    def ask(self, name: str, *fields: tuple[str, str], until: str = "") -> Deferred[Answer]:
        """Send an action; its answer, or AmiError. ``until`` names the event that is the last of a list."""
        answered: Deferred[Answer] = Deferred()
        if self._reason:
            answered.errback(LinkDown(f"The link to Asterisk is down: {self._reason}"))
            return answered
        if len(self._asked) >= MOST_UNANSWERED:
            answered.errback(AmiError("Asterisk is slow: too much has not been answered yet"))
            return answered
        self._count += 1
        number = f"m{self._count}"
        try:
            sent = action(name, number, fields)
        except ValueError as error:
            answered.errback(AmiError(str(error)))
            return answered
        timeout = self._clock.callLater(ANSWER_SECONDS, self._too_late, number, name)
        self._asked[number] = _Asked(answered, until, timeout)
        self.transport.write(sent)
        return answered

    def _too_late(self, number: str, name: str) -> None:
        asked = self._asked.pop(number)
        asked.answered.errback(AmiError(f"Asterisk has not answered {name} in {ANSWER_SECONDS:.0f} s"))

    def _take(self, message: Message) -> None:
        number = message.action_id
        asked = self._asked.get(number) if number else None
        if message.response:
            if asked is not None and asked.answer is None:
                asked.answer = Answer(message)
                if not asked.until or not message.is_success:
                    self._answered(number)
        elif asked is not None and asked.until and message.event != "OriginateResponse":
            self._listed(number, asked, message)
        elif self.is_up and message.event:
            self._event(message)

    def _listed(self, number: str, asked: _Asked, message: Message) -> None:
        answer = asked.answer = asked.answer or Answer(Message(()))
        if len(answer.listed) >= MOST_LISTED:
            self.give_up(f"a list has more than {MOST_LISTED} items")
            return
        answer.listed.append(message)
        if message.event == asked.until or message.get("EventList").lower() in ("complete", "cancelled"):
            self._answered(number)

    def _answered(self, number: str) -> None:
        asked = self._asked.pop(number)
        asked.timeout.cancel()
        assert asked.answer is not None
        response = asked.answer.response
        if response.fields and not response.is_success:
            reason = response.get("Message")[:200] or "no reason given"
            asked.answered.errback(AmiError(f"Asterisk refuses: {reason}"))
        else:
            asked.answered.callback(asked.answer)

    # Login and pings

    async def _log_in(self) -> None:
        account = self._account
        fields = [("Username", account.user), ("Events", EVENTS)]
        if account.plain:
            fields.append(("Secret", account.secret))
        else:
            challenge = (await self.ask("Challenge", ("AuthType", "MD5"))).response.get("Challenge")
            key = md5((challenge + account.secret).encode(), usedforsecurity=False).hexdigest()
            fields += [("AuthType", "MD5"), ("Key", key)]
        await self.ask("Login", *fields)
        self.is_up = True
        self._ping = self._clock.callLater(PING_SECONDS, self._ping_now)
        self._ready(self)

    def _not_logged_in(self, failure: Failure) -> None:
        if failure.check(AmiError) is None:
            self.log.failure("AMI: the login failed", failure=failure)
        self.was_refused = failure.check(LinkDown) is None
        self.give_up(f"the login failed: {failure.getErrorMessage()}")

    def _ping_now(self) -> None:
        self.ask("Ping").addCallbacks(self._pinged, self._not_pinged)

    def _pinged(self, answer: Answer) -> None:
        if self.is_up:
            self._ping = self._clock.callLater(PING_SECONDS, self._ping_now)

    def _not_pinged(self, failure: Failure) -> None:
        self.give_up("it answers no pings")


class SessionFactory(Factory):
    """Makes sessions by ``make``."""

    noisy = False

    def __init__(self, make: Callable[[], AmiSession]) -> None:
        self._make = make

    def buildProtocol(self, addr: IAddress | None) -> AmiSession:
        return self._make()
