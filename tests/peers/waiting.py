"""Bounded waiting on the reactor: the only place where the peers look at a clock."""

from collections.abc import Callable
from inspect import isawaitable
from typing import Any, TypeVar

from twisted.internet import defer
from twisted.internet import reactor as _reactor

reactor: Any = _reactor

T = TypeVar("T")

INTERVAL = 0.02
"""Seconds between two looks of `until`."""


class PeerTimeout(AssertionError):
    """What was waited for did not come; the text tells what was seen instead."""


def tail(text: str, lines: int = 25) -> str:
    """The last lines of a log, indented to stand in an error message."""
    kept = text.rstrip().splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in kept) or "    (nothing)"


async def next_look(interval: float = INTERVAL) -> None:
    """Give the reactor a turn before a condition is looked at again."""
    look: defer.Deferred[None] = defer.Deferred()
    call = reactor.callLater(interval, look.callback, None)
    try:
        await look
    finally:
        if call.active():
            call.cancel()


async def until(
    condition: Callable[[], Any],
    timeout: float = 15.0,
    *,
    what: str = "the condition",
    seen: Callable[[], str] = lambda: "",
) -> Any:
    """Look again and again until `condition` gives something true, and return that.

    The condition may be a coroutine function. After `timeout` seconds PeerTimeout is raised, with `what` and
    `seen()` in its text.
    """
    deadline = reactor.seconds() + timeout
    while True:
        answer = condition()
        value = await answer if isawaitable(answer) else answer
        if value:
            return value
        if reactor.seconds() >= deadline:
            raise PeerTimeout(f"{what}: not within {timeout:g} s (last: {value!r})\n{seen()}")
        await next_look()


async def within(
    awaited: defer.Deferred[T], timeout: float, *, what: str, seen: Callable[[], str] = lambda: ""
) -> T:
    """Await a Deferred for at most `timeout` seconds; it is cancelled when they are over."""
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        awaited.cancel()

    call = reactor.callLater(timeout, expire)
    try:
        return await awaited
    except defer.CancelledError:
        if expired:
            raise PeerTimeout(f"{what}: not within {timeout:g} s\n{seen()}") from None
        raise
    finally:
        if call.active():
            call.cancel()
