"""Threads for work that blocks, seen from the reactor."""

from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any, ParamSpec, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.threadpool import ThreadPool

from magroup.store.errors import StoreError
from magroup.store.turns import stand_back

P = ParamSpec("P")
R = TypeVar("R")


class FromThreads(Protocol):
    """What is used of Twisted's IReactorFromThreads."""

    def callFromThread(self, callable: Callable[..., Any], *args: Any, **kwargs: Any) -> Any: ...


class Runs(Protocol):
    """Whoever does blocking work elsewhere; a test does it at once."""

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Coroutine[Deferred[Any], Any, R]: ...


class _BackThread(Thread):
    """A thread that comes after the reactor's, and that a process does not wait for at its end."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named, daemon=True)

    def run(self) -> None:
        stand_back()
        super().run()


class Worker:
    """A few threads of its own; with one, work is done in the order it came. ``name`` is seen in the debugger."""

    def __init__(self, reactor: FromThreads, name: str, threads: int = 1) -> None:
        self._reactor = reactor
        self._name = name
        self._threads = threads
        self._pool: ThreadPool | None = None
        self._running = 0
        self._idle: list[Deferred[None]] = []

    def start(self) -> None:
        """Take work from now on. Threads come with the first work, so that a fork before it does no harm."""
        self._pool = ThreadPool(minthreads=0, maxthreads=self._threads, name=self._name)
        # A process that ends because something failed must not wait for ever for threads that nobody stopped.
        self._pool.threadFactory = _BackThread
        self._pool.start()

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What ``work`` returns or raises. Work whose waiter is cancelled is done all the same."""
        if self._pool is None:
            raise StoreError(f"{self._name} is not running")
        waiting: Deferred[R] = Deferred()
        self._running += 1

        def ended(success: bool, result: Any) -> None:
            self._reactor.callFromThread(self._ended, waiting, success, result)

        self._pool.callInThreadWithCallback(ended, work, *args, **kwargs)
        return await waiting

    def _ended(self, waiting: Deferred[Any], success: bool, result: Any) -> None:
        self._running -= 1
        if success:
            waiting.callback(result)
        else:
            waiting.errback(result)
        if not self._running:
            idle, self._idle = self._idle, []
            for deferred in idle:
                deferred.callback(None)

    async def stop(self) -> None:
        """Take no more work, wait for what runs and end the threads."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        if self._running:
            idle: Deferred[None] = Deferred()
            self._idle.append(idle)
            await idle
        pool.stop()
