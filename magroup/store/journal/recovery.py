"""What an earlier run has left in the journal's files, brought into the database at the start."""

from collections.abc import Awaitable, Callable, Collection, Coroutine
from pathlib import Path
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.calls import CallRecord
from magroup.model.fixed import fixed
from magroup.store.errors import StoreError
from magroup.store.journal.files import discard, make_folder, segments
from magroup.store.journal.moving import Piece, close_calls, move_piece
from magroup.store.worker import Runs

_log = Logger()


class MovesCalls(Protocol):
    """The part of a Database that is used here."""

    def run(self, work: Callable[..., Any], *args: Any) -> Coroutine[Deferred[Any], Any, Any]: ...


@fixed
class Recovered:
    """``moved``: ended calls that were in files only; ``closed``: calls cut by the end of the earlier run."""

    moved: int = 0
    closed: int = 0


Owned = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Those of the calls with these ids that other nodes have taken. Raises StoreError where that is not known now."""


async def nobody(ids: Collection[str]) -> Collection[str]:
    """There are no other nodes."""
    return ()


async def recover(folder: Path, database: MovesCalls, thread: Runs, owned: Owned = nobody) -> Recovered:
    """Empty the folder into the database. Doing it twice, or being killed in the middle, does no harm.

    Calls that were cut are closed, but for those that are ``owned`` by other nodes, which write them.
    """
    try:
        await thread.run(make_folder, folder)
        paths = await thread.run(segments, folder)
        return await _bring_in(paths, database, thread, owned)
    except (OSError, StoreError) as error:
        _log.error(
            "the journal of the last run stays in {folder} until the next start: {reason}",
            folder=str(folder),
            reason=error,
        )
        return Recovered()


async def _bring_in(paths: list[Path], database: MovesCalls, thread: Runs, owned: Owned) -> Recovered:
    live: dict[str, CallRecord] = {}
    damaged: set[Path] = set()
    moved = 0
    for path in paths:
        place = -1
        end = 0
        while end > place:
            place = end
            piece: Piece = await database.run(move_piece, path, place)
            end = piece.end
            moved += piece.new
            live.update((call.id, call) for call in piece.live)
            for call in piece.ended:
                live.pop(call.id, None)
            if piece.damaged:
                damaged.add(path)
    for id in await owned(live) if live else ():
        live.pop(id, None)
    last_sign = max([await thread.run(modified, path) for path in paths], default=0.0)
    closed: int = await database.run(close_calls, live, last_sign) if live else 0
    for path in paths:
        await thread.run(discard, path, path in damaged)
    if moved or closed:
        _log.info(
            "journal of the last run: {moved} calls brought in, {closed} calls cut by its end closed",
            moved=moved,
            closed=closed,
        )
    if damaged:
        _log.error(
            "some of the journal cannot be read, it is kept: {names}",
            names=", ".join(sorted(path.with_suffix(".damaged").name for path in damaged)),
        )
    return Recovered(moved, closed)


def modified(path: Path) -> float:
    """When the file was last written or marked (UTC seconds)."""
    return path.stat().st_mtime
