"""Answers that are sent piece by piece: no faster than the client reads, and no longer than it is there."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import field
from typing import Any, ClassVar, cast

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Request
from zope.interface import implementer

from magroup.model.fixed import fixed


class Stream(ABC):
    """An answer of ``content_type`` that sends itself; the header fields are set before."""

    content_type: str
    headers: Mapping[str, str]
    code: int = 200

    @abstractmethod
    async def send(self, request: Request) -> None:
        """Send all of it, which is over when the client goes."""

    async def leave(self) -> None:
        """Only the header fields are wanted: give back what is held."""
        return None


@fixed
class Pieces(Stream):
    """``pieces`` are asked for one after the other; where the client goes, the iterator is closed."""

    content_type: str
    pieces: AsyncIterator[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int = 200

    log: ClassVar[Logger] = Logger()

    async def send(self, request: Request) -> None:
        """Raises what getting the first piece raises.

        Later it is too late to say anything: the connection is closed in the middle of the answer, so that nobody takes
        a part for the whole.
        """
        client = _Client(request)
        request.registerProducer(cast(Any, client), True)
        try:
            async with aclosing(cast(Any, self.pieces)) as pieces:
                while piece := await client.unless_gone(anext(pieces)):
                    request.write(piece)
                    await client.ready()
        except CancelledError:
            raise
        except Exception:
            if not request.startedWriting:
                raise
            self.log.failure("an answer was broken off")
            cast(Any, request.channel).transport.abortConnection()
        finally:
            if not client.has_gone():
                request.unregisterProducer()

    async def leave(self) -> None:
        async with aclosing(cast(Any, self.pieces)):
            pass


@implementer(IPushProducer)
class _Client:
    """Whether it takes more, and whether it is there at all."""

    def __init__(self, request: Request) -> None:
        self._gone = False
        self._working: Deferred[bytes] | None = None
        self._paused: Deferred[None] | None = None
        request.notifyFinish().addBoth(self._ended)

    def has_gone(self) -> bool:
        return self._gone

    async def unless_gone(self, work: Any) -> bytes:
        """What ``work`` gives, nothing where the client goes before."""
        working = self._working = Deferred.fromCoroutine(_coroutine(work))
        if self._gone:
            working.cancel()
        try:
            found = await working
        except CancelledError:
            if not self._gone:
                raise
            found = b""
        self._working = None
        return found

    async def ready(self) -> None:
        if self._paused is not None:
            await self._paused

    def pauseProducing(self) -> None:
        if self._paused is None:
            self._paused = Deferred()

    def resumeProducing(self) -> None:
        paused, self._paused = self._paused, None
        if paused is not None:
            paused.callback(None)

    def stopProducing(self) -> None:
        self.resumeProducing()

    def _ended(self, result: object) -> None:
        self._gone = isinstance(result, Failure)
        if self._working is not None:
            self._working.cancel()
        self.resumeProducing()


async def _coroutine(work: Any) -> bytes:
    # Not anext with a default: what that gives cannot wait twice for one piece (CPython 3.11).
    try:
        found: bytes = await work
    except StopAsyncIteration:
        return b""
    return found
