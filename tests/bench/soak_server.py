"""``twistd magroup`` that writes down every few seconds what it holds: a line of JSON into SOAK_FILE.

Started by ``tests.bench.soak``.
"""

import ctypes
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from twisted.scripts.twistd import run

from magroup import assembly
from magroup.telephony import Telephony

FILE = Path(os.environ["SOAK_FILE"])
EVERY = float(os.environ["SOAK_EVERY"])


class Mallinfo(ctypes.Structure):
    """What glibc's mallinfo2() tells, in bytes."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )]  # fmt: skip


_mallinfo = ctypes.CDLL(None).mallinfo2
_mallinfo.restype = Mallinfo


class Watched(Telephony):
    """Telephony that counts what it has."""

    def __init__(self, reactor: Any, *arguments: Any, **settings: Any) -> None:
        super().__init__(reactor, *arguments, **settings)
        self._reactor = reactor
        self._began = reactor.seconds()
        reactor.callLater(EVERY, self._sample)

    def _sample(self) -> None:
        self._reactor.callLater(EVERY, self._sample)
        # What waits for the collector is no leak.
        gc.collect()
        heap = _mallinfo()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        with FILE.open("a") as file:
            file.write(json.dumps({
                "seconds": round(self._reactor.seconds() - self._began), "memory": resident / 1024 / 1024,
                "taken": (heap.uordblks + heap.hblkhd) / 1024 / 1024, "free": heap.fordblks / 1024 / 1024,
                "blocks": sys.getallocatedblocks() / 1000, "traced": self.trace.size / 1024 / 1024,
                "files": len(os.listdir("/proc/self/fd")),
                "timers": self.timers.running, "reactor": len(self._reactor.getDelayedCalls()),
                "ports": self.ports.in_use, "streams": self.media.active,
                "transactions": len(self.layer.clients) + len(self.layer.servers),
                "dialogs": len(self.endpoint.dialogs), "sessions": len(self.endpoint.sessions),
                "calls": len(self.switch.calls_by_id), "registrations": len(self.bindings),
                "refused": self.shedding.refused.total(),
            }) + "\n")  # fmt: skip


assembly.Telephony = Watched  # type: ignore[misc]
if __name__ == "__main__":
    run()
