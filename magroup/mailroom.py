"""The voicemail put together: threads for its files, what is in the mailboxes at the start, prompts, settings."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cti.switch import Switch
from magroup.lifecycle import AtStop
from magroup.model.clock import utc
from magroup.model.configuration import Configuration
from magroup.model.languages import Language
from magroup.model.messages import Message
from magroup.model.settings import Settings
from magroup.resources import sound
from magroup.rtp.audio_content import check_wav, length
from magroup.rtp.audio_file import LIMITS, SoundError
from magroup.rtp.library import InThread, SoundLibrary
from magroup.rtp.recordings import Recordings
from magroup.rtp.wav import mend, read_header
from magroup.store.errors import StoreError
from magroup.store.state_writer import StateWriter
from magroup.store.worker import Worker
from magroup.voicemail.boxes import Boxes
from magroup.voicemail.greetings import Greetings
from magroup.voicemail.mailboxes import Mailboxes
from magroup.voicemail.recovery import Found, cut_off, look_into
from magroup.voicemail.service import VoicemailSettings
from magroup.voicemail.voicemail import Note, Voicemail
from magroup.web.mail import Mail

T = TypeVar("T")
STILL_FOR = 600.0
LOOKED_AGAIN = STILL_FOR + 60.0
"""Seconds after which nobody writes a file any more that was not finished, and those after a start in which files are
looked for that somebody has left so: what it wrote as it was killed.
"""


class Mailroom:
    """The parts of the voicemail that outlive calls; ``in_thread`` does work that blocks, in any order.

    ``is_alone``: nobody else has the same mailboxes open while it starts. Else a file that is being written may be
    somebody's, and a message without a file may have it at another node.
    """

    log = Logger()

    def __init__(self, reactor: Any, folder: Path, in_thread: InThread, is_alone: bool = True) -> None:
        self._is_alone = is_alone
        self.folder = folder / "mailboxes"
        self._reactor = reactor
        self._in_thread = in_thread
        self._thread = Worker(reactor, "recordings")
        self.recordings = Recordings(reactor, self._write, in_thread)
        self._zone: ZoneInfo | None = None
        self.prompts = SoundLibrary([sound("prompts"), folder / "sounds" / "prompts"], in_thread)
        self.mailboxes: Mailboxes
        self.mail: Mail
        self._longest_greeting = self._shortest = 0.0

    async def start(
        self, at_stop: AtStop, settings: Settings, configuration: Configuration, stored: tuple[Message, ...],
        writer: StateWriter,
    ) -> None:  # fmt: skip
        """Open the mailboxes: what has a file is there, what is ``stored`` says what has been heard."""
        self._thread.start()
        at_stop("recordings", self._thread.stop)
        found = await self._look(frozenset(message.id for message in stored), settings.voicemail.shortest_message)
        gone = [message.id for message in stored if message.id not in found.ids] if self._is_alone else []
        for message_id in gone:
            writer.remove_message(message_id)
        if gone:
            self.log.error("{count} voice messages have no file any more, they are forgotten", count=len(gone))
        for message in found.new:
            writer.save_message(message)
        self.mailboxes = Mailboxes(
            self.folder, writer.save_message, writer.remove_message, self._discard, Boxes(configuration),
            [*(message for message in stored if message.id in found.ids), *found.new], found.greetings,
        )  # fmt: skip
        greetings = Greetings(
            self.mailboxes, self._in_thread, self._write, seconds_of, lambda: self._longest_greeting
        )  # fmt: skip
        self.mail = Mail(self.mailboxes, greetings)
        self._apply(settings)
        if not self._is_alone:
            again = self._reactor.callLater(LOOKED_AGAIN, self._look_again)
            at_stop("cut off messages", lambda: again.cancel() if again.active() else None)
        if settings.voicemail.pilot:
            await self.prompts.refresh()

    def voicemail(self, switch: Switch, configuration: Configuration, settings: Settings, note: Note) -> Voicemail:
        """The voicemail on a switch."""
        voicemail = Voicemail(
            switch, self._reactor, self.mailboxes, configuration, voicemail_settings(settings), self._in_thread,
            lambda seconds: datetime.fromtimestamp(seconds, self._zone), note,
        )  # fmt: skip
        voicemail.configure(configuration)
        return voicemail

    def take(self, settings: Settings) -> None:
        """The settings have changed."""
        self._apply(settings)
        if settings.voicemail.pilot:
            Deferred.fromCoroutine(self.prompts.refresh())

    def _apply(self, settings: Settings) -> None:
        self._longest_greeting = float(settings.voicemail.longest_greeting)
        self._shortest = settings.voicemail.shortest_message
        self.recordings.free = settings.voicemail.free_disk << 20
        self._zone = ZoneInfo(settings.time_zone) if settings.time_zone else None

    async def _look(self, known: frozenset[str], shortest: float) -> Found:
        until = inf if self._is_alone else utc(self._reactor) - STILL_FOR
        try:
            found: Found = await self._thread.run(look_into, self.folder, known, _read, _mend, shortest, until)
        except OSError as error:
            self.log.error("The mailboxes in {folder} cannot be read: {reason}", folder=str(self.folder), reason=error)
            return Found(ids=known)
        return found

    def _look_again(self) -> None:
        looking = Deferred.fromCoroutine(self._take_cut_off())
        looking.addErrback(lambda failure: self.log.failure("Messages that were cut off cannot be looked for", failure))

    async def _take_cut_off(self) -> None:
        until = utc(self._reactor) - STILL_FOR
        for message in await self._thread.run(cut_off, self.folder, _mend, self._shortest, until):
            self.mailboxes.add(message)

    def _write(self, work: Callable[[], T]) -> Awaitable[T]:
        return self._thread.run(work)

    def _discard(self, path: Path) -> None:
        def failed(failure: Any) -> None:
            failure.trap(OSError, StoreError)
            self.log.error("{path} cannot be deleted: {reason}", path=str(path), reason=failure.value)

        Deferred.fromCoroutine(self._thread.run(partial(path.unlink, missing_ok=True))).addErrback(failed)


def voicemail_settings(settings: Settings) -> VoicemailSettings:
    """The settings as the voicemail takes them."""
    given = settings.voicemail
    return VoicemailSettings(
        given.pilot, given.longest_message, given.silence, given.shortest_message, given.messages_per_box,
        given.longest_greeting, Language.of(settings.language),
    )  # fmt: skip


def seconds_of(path: Path) -> float:
    """How long a WAV file is that can be played. Raises ValueError."""
    try:
        check_wav(path)
    except SoundError as wrong:
        raise ValueError(str(wrong)) from None
    if path.stat().st_size > LIMITS.file_bytes:
        raise ValueError(f"has more than {LIMITS.file_bytes} bytes")
    return length(path)


def _read(path: Path) -> tuple[str, float]:
    found = read_header(path)
    return found.note, found.seconds


def _mend(path: Path) -> tuple[str, float]:
    found = mend(path)
    return found.note, found.seconds
