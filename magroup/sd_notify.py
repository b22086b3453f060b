"""What systemd is told by datagrams: READY, STOPPING and WATCHDOG (sd_notify(3), sd_watchdog_enabled(3))."""

import os
import socket
from collections.abc import Mapping
from typing import Any, Final, Self

from twisted.logger import Logger

from magroup.model.clock import Clock

SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG: Final = "WATCHDOG_USEC"
WATCHDOG_PROCESS: Final = "WATCHDOG_PID"


class ServiceManager:
    """``place`` is its socket, "" where nobody wants to know; ``watchdog`` when it gives us up, in seconds, or 0.

    The reactor itself says that it lives: one that hangs is restarted.
    """

    log = Logger()

    def __init__(self, clock: Clock, place: str, watchdog: float = 0.0) -> None:
        self._clock = clock
        self._place = place
        self._watchdog = watchdog
        self._later: Any = None

    @classmethod
    def of(cls, environment: Mapping[str, str], clock: Clock, process: int | None = None) -> Self:
        """As the environment of the process says."""
        place = environment.get(SOCKET, "")
        if place[:1] not in ("/", "@"):
            return cls(clock, "")
        microseconds = environment.get(WATCHDOG, "")
        is_ours = environment.get(WATCHDOG_PROCESS, "") in ("", str(process or os.getpid()))
        watchdog = int(microseconds) / 1e6 if is_ours and microseconds.isascii() and microseconds.isdigit() else 0.0
        return cls(clock, place, watchdog)

    def ready(self) -> None:
        """The server has started; from now on it says that it lives."""
        self._say("READY=1\nSTATUS=magroup runs")
        if self._watchdog and self._place:
            self._live()

    def stopping(self) -> None:
        """The server begins to stop."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._say("STOPPING=1\nSTATUS=magroup stops")

    def _live(self) -> None:
        self._say("WATCHDOG=1")
        self._later = self._clock.callLater(self._watchdog / 2, self._live)

    def _say(self, text: str) -> None:
        if not self._place:
            return
        # An abstract socket: the name begins with NUL (unix(7)).
        address = f"\0{self._place[1:]}" if self._place.startswith("@") else self._place
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.setblocking(False)
                to.sendto(text.encode("utf-8"), address)
        except OSError as error:
            self.log.warn("the service manager is not told {text}: {why}", text=text.split("\n")[0], why=error.strerror)
