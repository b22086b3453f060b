"""A node that is to be stopped takes no new calls, and says when it has none: told by a signal and a file."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.clock import Clock
from magroup.switch.switch import SipSwitch

FILE: Final = "drain"
"""In the data folder: it is there as long as the node drains, and says how far it is."""

WANTED: Final = "asked to drain"
EMPTY: Final = "no calls are left"
LOOK_EVERY = 0.5

Elsewhere = Callable[[], Awaitable[int | None]]
"""How many calls the other processes of this server have; None while not all of them are known to drain."""


async def nowhere() -> int | None:
    return 0


class Draining:
    """``look`` after each signal. ``in_thread`` does what waits for the disk.

    Of several processes only the one that ``tells`` writes how far all are; one that is not ``is_new`` has run before,
    and goes on with what was wanted.
    """

    log = Logger()

    def __init__(
        self, clock: Clock, switch: SipSwitch, folder: Path, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
        elsewhere: Elsewhere = nowhere, tells: bool = True, is_new: bool = True,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._switch = switch
        self._file = folder / FILE
        self._in_thread = in_thread
        self._elsewhere = elsewhere
        self._tells = tells
        self._is_new = is_new
        self._timer: Any = None
        self._said = ""

    async def start(self) -> None:
        """A start ends what was wanted of the server before."""
        if self._tells and self._is_new:
            await self._in_thread(lambda: self._file.unlink(missing_ok=True))
        else:
            await self._look()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def reason(self) -> str:
        """Why the node takes no calls, "" where it does."""
        return "drains: it takes no new calls" if self._switch.is_draining else ""

    def look(self) -> None:
        """Somebody has written the file, or taken it away."""
        Deferred.fromCoroutine(self._look()).addErrback(lambda failure: self.log.failure("draining failed", failure))

    async def _look(self) -> None:
        is_wanted = await self._in_thread(self._file.exists)
        self.stop()
        if is_wanted != self._switch.is_draining:
            self.log.info("magroup takes no new calls" if is_wanted else "magroup takes calls again")
        self._switch.is_draining = is_wanted
        self._said = ""
        if is_wanted and self._tells:
            await self._tell()

    async def _tell(self) -> None:
        """What is left, whenever that is something else."""
        self._timer = None
        elsewhere = await self._elsewhere()
        left = len(self._switch.calls_by_id) + (elsewhere or 0)
        said = f"{left} call{'s are' if left != 1 else ' is'} left" if left else EMPTY
        if said != self._said and elsewhere is not None:
            self._said = said
            self.log.info("draining: {said}", said=said)
            await self._in_thread(lambda: self._write(said))
        if self._switch.is_draining and self._timer is None:
            self._timer = self._clock.callLater(LOOK_EVERY, self._again)

    def _again(self) -> None:
        self._timer = None
        Deferred.fromCoroutine(self._tell()).addErrback(lambda failure: self.log.failure("draining failed", failure))

    def _write(self, said: str) -> None:
        """Not where the file was taken away meanwhile."""
        try:
            with self._file.open("r+", encoding="ascii") as file:
                file.truncate()
                file.write(f"{said}\n")
        except OSError as error:
            self.log.warn("{file} cannot be written: {reason}", file=str(self._file), reason=error.strerror)
