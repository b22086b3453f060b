"""``twistd magroup`` that writes down every few seconds what it holds: a line of JSON into SOAK_FILE.

Workers, and the process that starts them, write into files of their own, whose names begin so. Started by
``tests.bench.soak``.
"""

import ctypes
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.scripts.twistd import run

from magroup import assembly
from magroup.telephony import Telephony
from magroup.twistd import run_worker
from magroup.workers import supervisor

FILE = Path(os.environ["SOAK_FILE"])
EVERY = float(os.environ["SOAK_EVERY"])
WORKER = "worker"


class Mallinfo(ctypes.Structure):
    """What glibc's mallinfo2() tells, in bytes."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )]  # fmt: skip


_mallinfo = ctypes.CDLL(None).mallinfo2
_mallinfo.restype = Mallinfo


def write(file: Path, seconds: float, **values: float) -> None:
    """What any process holds, and ``values``. What waits for the collector is no leak."""
    gc.collect()
    heap = _mallinfo()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with file.open("a") as samples:
        samples.write(json.dumps({
            "seconds": round(seconds), "memory": resident / 1024 / 1024,
            "taken": (heap.uordblks + heap.hblkhd) / 1024 / 1024, "free": heap.fordblks / 1024 / 1024,
            "blocks": sys.getallocatedblocks() / 1000, "files": len(os.listdir("/proc/self/fd")), **values,
        }) + "\n")  # fmt: skip


class Watched(Telephony):
    """Telephony that counts what it has."""

    def __init__(self, reactor: Any, *arguments: Any, **settings: Any) -> None:
        super().__init__(reactor, *arguments, **settings)
        self._reactor = reactor
        self._began = reactor.seconds()
        reactor.callLater(EVERY, self._sample)

    def _sample(self) -> None:
        self._reactor.callLater(EVERY, self._sample)
        write(
            FILE, self._reactor.seconds() - self._began, traced=self.trace.size / 1024 / 1024,
            timers=self.timers.running, reactor=len(self._reactor.getDelayedCalls()), ports=self.ports.in_use,
            streams=self.media.active, transactions=len(self.layer.clients) + len(self.layer.servers),
            dialogs=len(self.endpoint.dialogs), sessions=len(self.endpoint.sessions),
            calls=len(self.switch.calls_by_id), registrations=len(self.bindings),
            refused=self.shedding.refused.total(),
        )  # fmt: skip


class WatchedSupervisor(supervisor.Supervisor):
    """Its workers are watched, too."""

    def __init__(
        self, reactor: Any, settings: Any, folder: Any, output: Any, command: Sequence[str], failed: Callable[[], None]
    ) -> None:  # fmt: skip
        arguments = command[command.index("magroup.workers") + 1 :]
        watched = [sys.executable, "-m", "tests.bench.soak_server", WORKER, *arguments]
        super().__init__(reactor, settings, folder, output, watched, failed)
        self._began = reactor.seconds()
        reactor.callLater(EVERY, self._sample)

    def _sample(self) -> None:
        self.clock.callLater(EVERY, self._sample)
        write(
            FILE, self.clock.seconds() - self._began, reactor=len(self.clock.getDelayedCalls()),
            calls=sum(map(len, self._hub.kept.values())),
        )  # fmt: skip


assembly.Telephony = Watched  # type: ignore[misc]
supervisor.Supervisor = WatchedSupervisor  # type: ignore[misc]
if __name__ == "__main__":
    if sys.argv[1:2] == [WORKER]:
        FILE = FILE.with_name(f"{FILE.name} of process {os.getpid()}")
        run_worker(sys.argv[2:])
    else:
        run()
