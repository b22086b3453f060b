"""Pictures that are drawn once for all phones which show the same, beside the reactor, and kept for a while."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, DeferredLock
from twisted.python.failure import Failure

from magroup.groups.picture.status import StatusView
from magroup.model.fixed import fixed
from magroup.web.phone.display.frame import Frame
from magroup.web.sounds import InThread

if TYPE_CHECKING:
    from magroup.web.phone.display.drawing import Drawn

MOST_BYTES = 16 << 20
"""Of all pictures that are kept; each counts as much more as its view takes."""

_VIEW_BYTES = 6000
_Key = tuple[StatusView, Frame]


def _new_name() -> str:
    return secrets.token_hex(12)


@fixed
class StatusPicture:
    """``name`` cannot be guessed: who knows it has been told it, and may have the picture. No two have the same."""

    name: str
    drawn: "Drawn"


class StatusPictures:
    """``in_thread`` draws, one picture after the other: more at a time would keep the reactor waiting for its turn."""

    def __init__(
        self, in_thread: InThread, most_bytes: int = MOST_BYTES, new_name: Callable[[], str] = _new_name
    ) -> None:  # fmt: skip
        self._in_thread = in_thread
        self._most_bytes = most_bytes
        self._new_name = new_name
        self._turn = DeferredLock()
        self._bytes = 0
        self._kept: dict[_Key, StatusPicture] = {}
        self._by_name: dict[str, _Key] = {}
        self._waiting: dict[_Key, list[Deferred[StatusPicture]]] = {}

    async def picture(self, view: StatusView, frame: Frame) -> StatusPicture:
        """That of the view, which fits into the frame."""
        key = (view, frame)
        kept = self._used(key)
        if kept is not None:
            return kept
        done: Deferred[StatusPicture] = Deferred()
        waiting = self._waiting.setdefault(key, [])
        waiting.append(done)
        if len(waiting) == 1:
            # Not in the turn of who asks first, who may hang up while others wait.
            Deferred.fromCoroutine(self._draw(key))
        return await done

    def content(self, name: str) -> bytes | None:
        """The PNG of this name; None where it is unknown, or has not been wanted for long."""
        key = self._by_name.get(name)
        picture = self._used(key) if key is not None else None
        return picture.drawn.content if picture is not None else None

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    async def _draw(self, key: _Key) -> None:
        await self._turn.acquire()
        try:
            drawn = await self._in_thread(partial(_drawn, *key))
        except Exception:
            failure = Failure()
            for done in self._waiting.pop(key):
                done.errback(failure)
        else:
            picture = self._keep(key, drawn)
            for done in self._waiting.pop(key):
                done.callback(picture)
        finally:
            self._turn.release()

    def _used(self, key: _Key) -> StatusPicture | None:
        """The last one that was used is the last one to go."""
        picture = self._kept.pop(key, None)
        if picture is not None:
            self._kept[key] = picture
        return picture

    def _keep(self, key: _Key, drawn: "Drawn") -> StatusPicture:
        picture = self._kept[key] = StatusPicture(self._new_name(), drawn)
        self._by_name[picture.name] = key
        self._bytes += _size(picture)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            gone = self._kept.pop(oldest)
            del self._by_name[gone.name]
            self._bytes -= _size(gone)
        return picture


def _drawn(view: StatusView, frame: Frame) -> "Drawn":
    # In this thread, where no call waits for it: most servers never draw.
    from magroup.web.phone.display.drawing import draw

    return draw(view, frame)


def _size(picture: StatusPicture) -> int:
    return len(picture.drawn.content) + _VIEW_BYTES
