"""One push by HTTP: POST /CGI/Execute with Basic authentication; redirections are never followed."""

from base64 import b64encode
from typing import Any

from twisted.internet.defer import TimeoutError
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionDone, ConnectionLost

from magroup.model.lines import Phone
from magroup.web.phone.push.answer import Answer, Outcome, read_answer
from magroup.web.phone.push.credentials import Credentials, UnderWay
from magroup.web.phone.push.documents import LARGEST_FORM, form
from magroup.web.phone.push.exchange import exchange
from magroup.web.phone.push.place import Place

SECONDS = 10.0
"""A phone answers ``Play:`` when the tone is over: after two seconds at most."""

_NOT_REACHED = (ConnectError, ConnectionDone, ConnectionLost, ConnectingCancelledError)


def _timed_out(result: Any, seconds: float) -> Any:
    """Whatever became of it when it was broken off."""
    raise TimeoutError


class Post:
    """``reactor`` makes the connections, ``clock`` is one too."""

    def __init__(self, reactor: Any, clock: Any, under_way: UnderWay) -> None:
        self._reactor = reactor
        self._clock = clock
        self.under_way = under_way

    async def __call__(self, phone: Phone, place: Place, document: bytes) -> Answer:
        """Push it, and wait for what the phone answers. Raises ValueError when it is too large for a phone."""
        body = form(document)
        if len(body) > LARGEST_FORM:
            raise ValueError(f"a push has {LARGEST_FORM} bytes at most, not {len(body)}")
        with self.under_way.to(phone, place.host) as credentials:
            asking = exchange(self._reactor, place, _request(place, credentials, body))
            asking.addTimeout(SECONDS, self._clock, _timed_out)
            try:
                response = await asking
            except TimeoutError:
                return Answer(Outcome.SILENT, f"it does not answer within {SECONDS:.0f} s")
            except _NOT_REACHED as error:
                return Answer(Outcome.SILENT, f"it cannot be reached ({type(error).__name__})")
            except ValueError as error:
                return Answer(Outcome.SILENT, f"it does not answer as a phone ({error})")
        return read_answer(response.status, response.body)


def _request(place: Place, credentials: Credentials, body: bytes) -> bytes:
    secret = b64encode(f"{credentials.user}:{credentials.password}".encode())
    return (
        b"POST /CGI/Execute HTTP/1.1\r\nHost: %b\r\nConnection: close\r\nAuthorization: Basic %b\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
    ) % (place.authority.encode(), secret, len(body), body)
