"""One push by HTTP: POST /CGI/Execute with Basic authentication; redirections are never followed."""

from typing import Any

from treq.client import HTTPClient
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionDone, ConnectionLost
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.python.url import URL
from twisted.web.client import RequestGenerationFailed, ResponseDone, ResponseFailed
from twisted.web.http import PotentialDataLoss

from magroup.model.lines import Phone
from magroup.web.phone.push.answer import LONGEST, Answer, Outcome, read_answer
from magroup.web.phone.push.credentials import UnderWay
from magroup.web.phone.push.documents import LARGEST_FORM, form
from magroup.web.phone.push.place import Place

SECONDS = 10.0
"""A phone answers ``Play:`` when the tone is over: after two seconds at most."""

_FORM: dict[bytes | str, bytes | str] = {"Content-Type": "application/x-www-form-urlencoded"}


_NOT_REACHED = (
    ConnectError, ConnectionDone, ConnectionLost, ConnectingCancelledError, ResponseFailed, RequestGenerationFailed,
)  # fmt: skip


def _timed_out(result: Any, seconds: float) -> Any:
    """Whatever became of it when it was broken off."""
    raise TimeoutError


class Post:
    """``agent`` makes the requests, ``clock`` is a reactor's; no header field of an answer is kept."""

    def __init__(self, agent: Any, clock: Any, under_way: UnderWay) -> None:
        self._agent = agent
        self._clock = clock
        self.under_way = under_way

    async def __call__(self, phone: Phone, place: Place, document: bytes) -> Answer:
        """Push it, and wait for what the phone answers. Raises ValueError when it is too large for a phone."""
        body = form(document)
        if len(body) > LARGEST_FORM:
            raise ValueError(f"a push has {LARGEST_FORM} bytes at most, not {len(body)}")
        with self.under_way.to(phone, place.host) as credentials:
            asking = Deferred.fromCoroutine(self._ask(place, body, (credentials.user, credentials.password)))
            asking.addTimeout(SECONDS, self._clock, _timed_out)
            try:
                return await asking
            except TimeoutError:
                return Answer(Outcome.SILENT, f"it does not answer within {SECONDS:.0f} s")
            except _NOT_REACHED as error:
                return Answer(Outcome.SILENT, f"it cannot be reached ({type(error).__name__})")

    async def _ask(self, place: Place, body: bytes, credentials: tuple[str, str]) -> Answer:
        # A client of its own for each, so that no cookie is kept.
        client = HTTPClient(self._agent)
        response = await client.post(
            _Numeric.from_text(place.url), data=body, headers=dict(_FORM), auth=credentials, allow_redirects=False,
            unbuffered=True, reactor=self._clock,
        )  # fmt: skip
        return read_answer(response.code, await _body(response))


class _Numeric(URL):
    """The URL of a numeric address: to make a name of it would take long, and fail for IPv6."""

    def to_uri(self) -> "_Numeric":
        return self


def _body(response: Any) -> Deferred[bytes]:
    """The first bytes of the body, one more than a phone's answer has at most."""
    reading = _Reading()
    response.deliverBody(reading)
    return reading.done


class _Reading(Protocol):
    def __init__(self) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._abort())
        self._found = b""

    def dataReceived(self, data: bytes) -> None:
        self._found += data[: LONGEST + 1 - len(self._found)]
        if len(self._found) > LONGEST:
            self._abort()
            self._finish()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.done.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self._finish()
        else:
            self.done.errback(reason)

    def _finish(self) -> None:
        if not self.done.called:
            self.done.callback(self._found)

    def _abort(self) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()
