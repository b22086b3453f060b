"""All that is recorded at the moment, and recordings read back; the disk is waited for in threads only."""

from collections.abc import Callable, Mapping
from pathlib import Path

from twisted.internet.defer import Deferred

from magroup.model.clock import Clock
from magroup.model.recording import Recorded, Recording
from magroup.rtp.audio_file import read_sound
from magroup.rtp.codec import Codec
from magroup.rtp.library import InThread
from magroup.rtp.recorder import Recorder
from magroup.rtp.sound import Sound


class Recordings:
    """``write`` does the work of files being written in the order it comes, ``read`` that of others; octets ``free``
    are to be left on the disk, else nothing is recorded."""

    def __init__(self, clock: Clock, write: InThread, read: InThread, free: int = 0) -> None:
        self.free = free
        self._clock = clock
        self._write = write
        self._read = read
        self._active: dict[Recorder, None] = {}
        self._idle: list[Deferred[None]] = []

    def __len__(self) -> int:
        """How many are not complete."""
        return len(self._active)

    def start(
        self, recording: Recording, rate: int, payloads: Mapping[int, Codec], done: Callable[[Recorded], None]
    ) -> Recorder:
        """Record packets, which are to be given to the recorder, at ``rate`` Hz; see Recorder."""

        def ended(recorded: Recorded) -> None:
            self._active.pop(recorder, None)
            try:
                done(recorded)
            finally:
                self._tell_idle()

        recorder = Recorder(self._clock, self._write, recording, rate, payloads, self.free, ended)
        self._active[recorder] = None
        recorder.start()
        return recorder

    async def read(self, path: Path) -> Sound:
        """What was recorded, to be played. Raises SoundError."""
        return await self._read(lambda: read_sound(path))

    async def stop(self) -> None:
        """End everything that is recorded, and wait until it is on the disk."""
        for recorder in tuple(self._active):
            recorder.stop()
        if self._active:
            idle: Deferred[None] = Deferred()
            self._idle.append(idle)
            await idle

    def _tell_idle(self) -> None:
        if not self._active:
            idle, self._idle = self._idle, []
            for deferred in idle:
                deferred.callback(None)
