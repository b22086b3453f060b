"""HTTP requests to the server that is loaded, and to no other."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.python.failure import Failure
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, FileBodyProducer, HTTPConnectionPool, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

TIMEOUT = 30.0
CONNECTIONS = 64
LONGEST_REASON = 120
LARGEST_BODY = 8 << 20


class WebError(Exception):
    """A request failed; the text says why."""


@dataclass(frozen=True)
class Answer:
    """``cookies`` are names and values that the server has set."""

    status: int
    body: bytes
    cookies: dict[str, str]


class _Body(Protocol):
    """Takes the body of an answer, up to 8 MiB; ``read`` gets it, or WebError."""

    transport: Any

    def __init__(self) -> None:
        self.read: Deferred[bytes] = Deferred()
        self._body = bytearray()

    def dataReceived(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > LARGEST_BODY:
            self._body.clear()
            if not self.read.called:
                self.read.errback(WebError(f"an answer of more than {LARGEST_BODY} bytes"))
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.read.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.read.callback(bytes(self._body))
        else:
            self.read.errback(reason)


@implementer(IPolicyForHTTPS)
class _Anybody:
    """Takes every certificate."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        return CertificateOptions(verify=False)


class Web:
    """``address`` is that of the server, as http://127.0.0.1:8080."""

    def __init__(self, reactor: Any, address: str, verify: bool = True) -> None:
        self.address = address.rstrip("/")
        self._reactor = reactor
        self._pool = HTTPConnectionPool(reactor)
        self._pool.maxPersistentPerHost = CONNECTIONS
        policy: Any = BrowserLikePolicyForHTTPS() if verify else _Anybody()
        self._agent = Agent(reactor, policy, connectTimeout=TIMEOUT, pool=self._pool)

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:  # fmt: skip
        """The answer, whatever its status; redirections are not followed. Raises WebError, CancelledError."""
        asking = Deferred.fromCoroutine(self._ask(method, path, body, headers or {}))
        limit = self._reactor.callLater(TIMEOUT, asking.cancel)
        try:
            return await asking
        except Exception as error:
            failure = _cause(error)
            if not failure.check(CancelledError):
                raise WebError(failure.getErrorMessage()[:LONGEST_REASON]) from None
            if limit.active():
                raise CancelledError from None
            raise WebError(f"no answer in {TIMEOUT:g} s") from None
        finally:
            if limit.active():
                limit.cancel()

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        raw = Headers({name: [value] for name, value in headers.items()})
        producer: Any = FileBodyProducer(BytesIO(body)) if body else None
        response: Any = await self._agent.request(
            method.encode(), f"{self.address}{path}".encode(), raw, producer
        )
        body_read = _Body()
        response.deliverBody(body_read)
        content = await body_read.read
        cookies = {}
        for value in response.headers.getRawHeaders("set-cookie", []):
            name, _, rest = value.partition("=")
            cookies[name.strip()] = rest.partition(";")[0].strip()
        return Answer(response.code, content, cookies)

    def close(self) -> Deferred[None]:
        """Close all connections that are kept."""
        closed: Deferred[None] = self._pool.closeCachedConnections()
        return closed


def _cause(error: Exception) -> Failure:
    """What is behind the errors of Twisted's client that hold others."""
    reasons = getattr(error, "reasons", None)
    return reasons[0] if reasons and isinstance(reasons[0], Failure) else Failure(error)


def basic(user: str, password: str) -> dict[str, str]:
    """The header field of Basic (RFC 7617); none without a user."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"} if user else {}
