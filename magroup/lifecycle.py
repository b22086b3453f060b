"""Starts the parts one after another, and stops them in the reverse order, within a time."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, TimeoutError, maybeDeferred, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

Stop = Callable[[], Awaitable[object] | None]

GRACE = 5.0
"""Seconds that the parts have, all together, to stop."""


class AtStop(Protocol):
    """What a part calls once it runs: ``at_stop("web server", stop)``; ``stop`` may return an awaitable."""

    def __call__(self, name: str, stop: Stop) -> None: ...


class StartError(Exception):
    """A part cannot start for a reason that an administrator understands; ``str`` is that reason in one line."""


class Lifecycle(Service):
    """A service around ``start``, a coroutine that starts the parts and says by ``at_stop`` how each is stopped.

    When ``start`` fails, one line is logged and ``failed`` is called, which is to end the process; what had started
    is stopped as at any other end.
    """

    log = Logger()

    def __init__(
        self,
        start: Callable[[AtStop], Coroutine[Deferred[Any], Any, None]],
        clock: IReactorTime,
        failed: Callable[[], None],
    ) -> None:
        self._start = start
        self._clock: Any = clock
        self._failed = failed
        self._stops: list[tuple[str, Stop]] = []
        self._starting: Deferred[None] = succeed(None)

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._starting = Deferred.fromCoroutine(self._started())

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        self.log.info("magroup stops")
        self._starting.cancel()
        return Deferred.fromCoroutine(self._stopped(self._clock.seconds() + GRACE))

    def _at_stop(self, name: str, stop: Stop) -> None:
        self._stops.append((name, stop))

    async def _started(self) -> None:
        try:
            await self._start(self._at_stop)
        except CancelledError:
            self.log.info("stopped while starting")
        except StartError as error:
            self.log.critical("{reason}", reason=str(error))
            self._fail()
        except CannotListenError as error:
            self.log.critical("{reason}", reason=cannot_listen(error))
            self._fail()
        except Exception:
            self.log.failure("magroup cannot start")
            self._fail()

    def _fail(self) -> None:
        if self.running:
            self._failed()

    async def _stopped(self, deadline: float) -> None:
        while self._stops:
            name, stop = self._stops.pop()
            left = max(0.0, deadline - self._clock.seconds())
            try:
                await maybeDeferred(_awaited, stop).addTimeout(left, self._clock)
            except (TimeoutError, CancelledError):
                self.log.warn("{name} did not stop in time", name=name)
            except Exception:
                self.log.failure("{name} did not stop cleanly", name=name)


def cannot_listen(error: CannotListenError) -> str:
    """One line that names the port and the reason."""
    reason = getattr(error.socketError, "strerror", None) or str(error.socketError)
    interface = f"{error.interface} " if error.interface else ""
    return f"cannot listen on {interface}port {error.port}: {reason}"


async def _awaited(stop: Stop) -> None:
    result = stop()
    if result is not None:
        await result
