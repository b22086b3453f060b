"""Where this process keeps its journal, and what processes have left that are not started any more."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from magroup.model.settings import Settings
from magroup.process import Process
from magroup.store.database import Database
from magroup.store.journal import Journal
from magroup.store.journal.recovery import Owned, nobody, recover
from magroup.store.worker import Worker

NAME = "journal"


def journal_of(reactor: Any, folder: Path, database: Database, settings: Settings, process: Process) -> Journal:
    """Not started yet. The first process has the name that a single one has."""
    own = folder / (NAME if process.is_first else f"{NAME}-{process.number}")
    return Journal(own, database, Worker(reactor, "journal"), reactor, settings.journal.queue_limit)


async def bring_in_others(
    reactor: Any, folder: Path, database: Database, process: Process, owned: Owned = nobody
) -> None:  # fmt: skip
    """What is left of processes with higher numbers than there are now; done by the first one."""
    left = [path for path in folder.glob(f"{NAME}-*") if _number(path) > process.count]
    if not left or not process.is_first:
        return
    thread = Worker(reactor, "journals of others")
    thread.start()
    for path in left:
        await recover(path, database, thread, owned)
        # One that could not be brought in keeps its folder.
        with suppress(OSError):
            await thread.run(path.rmdir)
    await thread.stop()


def _number(path: Path) -> int:
    number = path.name.removeprefix(f"{NAME}-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 3 else 0
