"""What a phone asks for over HTTP: header fields, cookies, the time it waits (Development Notes, "HTTP Requests")."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from twisted.internet import error
from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.protocol import Factory
from twisted.internet.ssl import optionsForClientTLS
from twisted.python.failure import Failure

from magroup.cli.simulated_phone.cookies import Cookies
from magroup.cli.simulated_phone.exchange import Answer, Exchange, Request, written
from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.refusal import Refusal, Rule, Shown
from magroup.cli.simulated_phone.uris import check_http

TIMEOUT = 10.0
"""Seconds for a request and its answer."""


class Asking:
    """Requests of one phone from the local ``address``; certificates are those that this machine trusts.

    ``reactor`` connects and is the clock; ``now`` is UTC seconds.
    """

    def __init__(
        self, reactor: Any, model: PhoneModel, address: str, now: Callable[[], float], timeout: float = TIMEOUT
    ) -> None:
        self._reactor = reactor
        self._model = model
        self._address = address
        self._timeout = timeout
        self.cookies = Cookies(now)
        self._running: set[Deferred[Any]] = set()

    async def ask(self, request: Request, largest: int) -> Answer:
        """The answer, whose status is 200. Raises Refusal."""
        check_http(request.url)
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        headers = dict(self._model.headers)
        if cookie := self.cookies.header(host):
            headers["Cookie"] = cookie
        answer = await self._exchanged(request, headers, largest)
        if answer.status != 200:
            raise Refusal(Rule.STATUS, f"{request.url} was answered with {answer.status}")
        if len(answer.body) > largest:
            raise Refusal(Rule.SIZE, f"{request.url} has {len(answer.body)} bytes, at most {largest}")
        for field in answer.fields.get("set-cookie", ()):
            self.cookies.take(host, field)
        return answer

    async def plain(self, request: Request, largest: int) -> Answer:
        """The answer to what the phone itself asks, whatever its status, without cookies. Raises Refusal."""
        check_http(request.url)
        return await self._exchanged(request, {"User-Agent": self._model.user_agent}, largest)

    def stop(self) -> None:
        """Give up all that is asked."""
        for running in list(self._running):
            running.cancel()

    async def _exchanged(self, request: Request, headers: dict[str, str], largest: int) -> Answer:
        data = written(request, self._model.http_version, headers)
        exchange = Deferred.fromCoroutine(self._connected(request.url, data, largest))
        self._running.add(exchange)
        exchange.addTimeout(self._timeout, self._reactor)
        try:
            return await exchange
        except error.ConnectError as failed:
            raise Refusal(
                Rule.HTTP, f"{request.url}: no connection ({type(failed).__name__})", Shown.NO_CONNECTION
            ) from None
        except error.DNSLookupError:
            raise Refusal(Rule.HTTP, f"{request.url}: no such host", Shown.NO_CONNECTION) from None
        except TimeoutError:
            raise Refusal(Rule.HTTP, f"{request.url}: no answer in {self._timeout:g} s") from None
        finally:
            self._running.discard(exchange)

    async def _connected(self, url: str, data: bytes, largest: int) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        bind = (self._address, 0) if self._address else None
        endpoint: Any = HostnameEndpoint(self._reactor, host, port, self._timeout, bind)
        if is_secure:
            endpoint = wrapClientTLS(optionsForClientTLS(host), endpoint)
        exchange: Exchange = await _told_apart(endpoint.connect(Factory.forProtocol(lambda: Exchange(data, largest))))
        return await exchange.answer


def _told_apart(connecting: Deferred[Any]) -> Deferred[Any]:
    """The same, but who cancels it gets CancelledError: Twisted says of a name it looks up that there is none."""

    def give_up(waiting: Deferred[Any]) -> None:
        waiting.errback(CancelledError())
        connecting.cancel()

    def done(result: Any) -> None:
        if not waiting.called:
            waiting.callback(result)
        elif not isinstance(result, Failure):
            result.transport.abortConnection()

    waiting: Deferred[Any] = Deferred(give_up)
    connecting.addBoth(done)
    return waiting
