"""Time as it is handed in: what is used of Twisted's IReactorTime, typed (the reactor and task.Clock both have it)."""

from collections.abc import Callable
from typing import Any, Protocol


class DelayedCall(Protocol):
    """A call that will be made."""

    def cancel(self) -> None: ...

    def active(self) -> Any: ...


class Clock(Protocol):
    """A source of time (seconds, monotone) that makes calls later."""

    def seconds(self) -> float: ...

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> Any: ...
