"""Records what one caller says while it is said: the packets are taken here, files are written in a thread."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall
from magroup.model.recording import Recorded, Recording, RecordingEnd
from magroup.rtp.codec import Codec
from magroup.rtp.library import InThread
from magroup.rtp.playout import Playout
from magroup.rtp.recording_file import Progress, RecordingError, RecordingFile

log = Logger()

CHUNK_SECONDS = 0.5
KEPT_SILENCE = 0.5

Done = Callable[[Recorded], None]


class Recorder:
    """From ``start`` until it ends by itself or by ``stop``; ``done`` then hears once what became of it."""

    def __init__(
        self, clock: Clock, in_thread: InThread, recording: Recording, rate: int, payloads: Mapping[int, Codec],
        free: int, done: Done,
    ) -> None:  # fmt: skip
        """``payloads``: see RecordingFile; it may change meanwhile. ``free``: octets to be left on the disk."""
        self._clock = clock
        self._in_thread = in_thread
        self._recording = recording
        self._open = partial(
            RecordingFile, Path(recording.path), recording.note, rate, recording.longest, payloads, free
        )  # fmt: skip
        self._done = done
        self._playout = Playout()
        self._began = self._sound_at = clock.seconds()
        self._sound_until = 0.0
        self._end: RecordingEnd | None = None
        self._pausing: Deferred[None] | None = None
        self._timer: DelayedCall | None = None

    def start(self) -> None:
        """Begin to write; packets may come at once."""
        Deferred.fromCoroutine(self._record())

    def hear(self, payload: bytes, payload_type: int, timestamp: int) -> None:
        """A packet of sound came."""
        if self._end is None:
            self._playout.put(payload, payload_type, timestamp, self._clock.seconds())

    def stop(self) -> None:
        """It is enough. What was said so far is kept."""
        if self._end is None:
            self._end = RecordingEnd.STOPPED
            self._go_on()

    async def _record(self) -> None:
        try:
            seconds = await self._write()
        except (RecordingError, OSError) as error:
            log.error("A message cannot be recorded: {reason}", reason=str(error))
            seconds, self._end = 0.0, RecordingEnd.FAILED
        except Exception:
            log.failure("Recording failed")
            seconds, self._end = 0.0, RecordingEnd.FAILED
        self._done(Recorded(self._recording.path, seconds, self._end or RecordingEnd.STOPPED))

    async def _write(self) -> float:
        file = await self._in_thread(self._open)
        try:
            while self._end is None:
                await self._pause()
                pieces = self._playout.take()
                self._look(await self._in_thread(partial(file.append, pieces)))
            rest = self._playout.finish()
            return await self._in_thread(partial(file.finish, rest, self._recording.shortest, KEPT_SILENCE))
        except BaseException:
            await self._in_thread(file.abandon)
            raise

    def _look(self, progress: Progress) -> None:
        """Whether it has been long enough."""
        now = self._clock.seconds()
        if progress.sound_until > self._sound_until:
            self._sound_until, self._sound_at = progress.sound_until, now
        if self._end is not None:
            return
        if max(now - self._began, progress.seconds) >= self._recording.longest:
            self._end = RecordingEnd.LONGEST
        elif now - self._sound_at >= self._recording.silence:
            self._end = RecordingEnd.SILENCE

    async def _pause(self) -> None:
        """Until there is something to write again, or it was stopped."""
        if self._end is not None:
            return
        left = self._began + self._recording.longest - self._clock.seconds()
        self._pausing = Deferred()
        self._timer = self._clock.callLater(max(0.0, min(CHUNK_SECONDS, left)), self._go_on)
        await self._pausing

    def _go_on(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        pausing, self._pausing = self._pausing, None
        if pausing is not None:
            pausing.callback(None)
