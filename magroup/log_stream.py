"""Where lines go that nobody may wait for: a pipe that is not read, a disk that is full, take them later."""

import os
import select
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from twisted.python.logfile import LogFile

MOST_KEPT = 10_000
AT_ONCE = 4096
"""Bytes that a pipe takes without waiting when it takes any (PIPE_BUF)."""

AGAIN = 0.2
LAST_WORDS = 0.5
"""Seconds until the next attempt, and how long the end of the process waits for what is left."""

Put = Callable[[bytes], int]
"""Takes some of the bytes and says how many. Raises BlockingIOError where that would take time, OSError."""


class PatientStream:
    """Takes lines from any thread. ``later(seconds, work)`` may be called by any, too.

    What was written ``MOST_KEPT`` times is kept while nothing can be written; then the oldest go, and a line says how
    many.
    """

    def __init__(
        self, put: Put, later: Callable[[float, Callable[[], None]], object] = lambda seconds, work: None
    ) -> None:  # fmt: skip
        self.reason = ""
        """Why nothing can be written, "" where it can or is only slow."""

        self._put = put
        self._later = later
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        self._is_torn = self._is_due = False
        self._lock = Lock()

    def write(self, text: str) -> None:
        """A line, or several."""
        with self._lock:
            if len(self._waiting) >= MOST_KEPT:
                # The first one may be half written.
                oldest = 1 if self._is_torn else 0
                self._lost += self._waiting[oldest].count(b"\n")
                del self._waiting[oldest]
            self._waiting.append(text.encode("utf-8", "backslashreplace"))
            if not self._is_due:
                self._write()

    def flush(self) -> None:
        """What can be written is."""

    def close(self) -> None:
        """The last attempts, at the end of the process."""
        until = time.monotonic() + LAST_WORDS
        with self._lock:
            self._is_due = True
            while self._waiting and time.monotonic() < until:
                self._write()
                if self._waiting:
                    time.sleep(0.02)

    def _again(self) -> None:
        with self._lock:
            self._is_due = False
            self._write()

    def _write(self) -> None:
        while self._waiting:
            line = self._waiting[0]
            try:
                taken = self._put(line)
            except BlockingIOError:
                self._wait("")
                return
            except OSError as error:
                self._wait(error.strerror or str(error))
                return
            self.reason = ""
            self._is_torn = taken < len(line)
            if self._is_torn:
                self._waiting[0] = line[taken:]
            else:
                self._waiting.popleft()
                if self._lost and not self._waiting:
                    lost, self._lost = self._lost, 0
                    self._waiting.append(b"%d lines of the log could not be written\n" % lost)

    def _wait(self, reason: str) -> None:
        self.reason = reason
        if not self._is_due:
            self._is_due = True
            self._later(AGAIN, self._again)


def to_descriptor(number: int) -> Put:
    """A pipe, a terminal, a socket or a file."""
    poll = select.poll()
    poll.register(number, select.POLLOUT)

    def put(data: bytes) -> int:
        if not poll.poll(0):
            raise BlockingIOError
        return os.write(number, data[:AT_ONCE])

    return put


def to_file(file: LogFile) -> Put:
    """A log file that is rotated; one whose rotation has failed is opened again."""

    def put(data: bytes) -> int:
        try:
            file.write(data)
        except ValueError:
            file.reopen()
            file.write(data)
        return len(data)

    return put
