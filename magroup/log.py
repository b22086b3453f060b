"""One line for each event: text for people, or JSON. Nothing that came over the network can forge a second one."""

import atexit
import json
import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from threading import get_ident
from typing import Any, Final, Protocol

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent
from zope.interface import classImplements

from magroup.model.clock import BEAT, Clock, DelayedCall, to_beat
from magroup.model.settings import LogSettings

LONGEST_MESSAGE: Final = 4000
"""Characters of a message; the rest is cut off."""

GATHERED: Final = BEAT
"""Seconds in which lines are collected before they are written, and up to half as much more."""

MADE_LATER: Final = 64
"""Lines that are made when they are written: many in a row take a third of what each takes alone, but the reactor waits
for all of them.
"""

_SECRET: Final = re.compile(r"password|passwd|secret|token|authorization|cookie", re.IGNORECASE)
_ORDER: Final = {level: place for place, level in enumerate(LogLevel.iterconstants())}
_INFO: Final = LogLevel.info
_DEBUG: Final = LogLevel.debug
_PLACE_OF_INFO: Final = _ORDER[_INFO]
_PLACE_OF_DEBUG: Final = _ORDER[_DEBUG]


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


class LineObserver:
    """Writes the events that ``settings`` let through, a line each, to ``stream``.

    The field ``call`` of an event is shown as the id of the call it belongs to; fields whose name says that they are
    secret are hidden. Each line says which ``worker`` it is of, where there are several. An event whose ``log_lasting``
    is true has fields that stay as they are: its line may be made later.
    """

    def __init__(self, stream: Stream, settings: LogSettings) -> None:
        self.worker = 0
        self._stream = stream
        self._clock: Clock | None = None
        self._own_thread = 0
        self._lines: list[str | LogEvent] = []
        self._waiting: DelayedCall | None = None
        self.apply(settings)

    def apply(self, settings: LogSettings) -> None:
        """Take over level and format."""
        self._least = order_of(settings.level)
        self._format = _as_json if settings.json else _as_text

    def gather(self, clock: Clock) -> None:
        """From now on lines are written together, within 0.4 seconds; at once where one is a warning or worse.

        To be called in the reactor's thread; lines of others are written at once.
        """
        self._clock = clock
        self._own_thread = get_ident()
        atexit.register(self.settle)

    def settle(self) -> None:
        """Write what waits, and from now on each line at once."""
        self._clock = None
        self._write()
        atexit.unregister(self.settle)

    def __call__(self, event: LogEvent) -> None:
        if not self._lets_through(event):
            return
        if self.worker:
            event = {**event, "worker": self.worker}
        clock = self._clock
        if clock is None or get_ident() != self._own_thread:
            self._stream.write(self._line(event))
            self._stream.flush()
            return
        is_for_later = event.get("log_lasting", False) and len(self._lines) < MADE_LATER
        self._lines.append(event if is_for_later else self._line(event))
        level = event.get("log_level", _INFO)
        if level is not _INFO and level is not _DEBUG:
            self._write()
        elif self._waiting is None:
            self._waiting = clock.callLater(to_beat(clock, GATHERED), self._write)

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.active():
            waiting.cancel()
        lines, self._lines = self._lines, []
        if lines:
            self._stream.write("".join([line if isinstance(line, str) else self._line(line) for line in lines]))
            self._stream.flush()

    def _line(self, event: LogEvent) -> str:
        return self._format(without_secrets(event)) + "\n"

    def _lets_through(self, event: LogEvent) -> bool:
        return is_let_through(event, self._least)


# Not by a decorator: with one it would be compiled as any class of Python's.
classImplements(LineObserver, ILogObserver)


def order_of(level: str) -> int:
    """The place of a level, by its name, among all of them: the least important is 0."""
    return _ORDER[LogLevel.levelWithName(level)]


def is_let_through(event: LogEvent, least: int) -> bool:
    """Whether an event is to be written where ``least`` is the place of the least important level that is."""
    level = event.get("log_level", _INFO)
    place = _PLACE_OF_INFO if level is _INFO else _ORDER.get(level, _PLACE_OF_INFO)
    if place < least:
        return False
    is_chatty = place == _PLACE_OF_INFO and least > _PLACE_OF_DEBUG and namespace_of(event) == "twisted"
    return not is_chatty


def escaped(text: str) -> str:
    """``text`` with every control, format and line-breaking character written as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _as_text(event: LogEvent) -> str:
    second, part = divmod(event.get("log_time", time.time()), 1.0)
    moment, zone = _local(int(second))
    shown = f"{moment}.{int(part * 1000):03d}{zone}"
    worker = f" worker={event['worker']}" if "worker" in event else ""
    call = f" call={escaped(str(event['call']))}" if "call" in event else ""
    return f"{shown} {level_of(event):<8} {namespace_of(event)}{worker}{call}: {message_of(event)}"


@lru_cache(maxsize=16)
def _local(second: int) -> tuple[str, str]:
    """A second of the epoch as local time, and the zone's offset then: many lines are of the same second."""
    moment = datetime.fromtimestamp(second).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%z}"


def _as_json(event: LogEvent) -> str:
    moment = datetime.fromtimestamp(event.get("log_time", time.time()), UTC)
    fields: dict[str, Any] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level_of(event),
        "namespace": namespace_of(event),
        "message": message_of(event),
    }
    if "log_failure" in event:
        fields["traceback"] = event["log_failure"].getTraceback()
    for name, value in event.items():
        if name not in fields and not name.startswith("log_") and isinstance(value, str | int | float | bool):
            fields[name] = value[:LONGEST_MESSAGE] if isinstance(value, str) else value
    return json.dumps(fields)


def without_secrets(event: LogEvent) -> LogEvent:
    """The event with stars in the place of fields whose name says that they are secret."""
    if secrets := _secrets(tuple(event)):
        return {name: "***" if name in secrets else value for name, value in event.items()}
    return event


@lru_cache(maxsize=1024)
def _secrets(names: tuple[str, ...]) -> frozenset[str]:
    """Which names say that they are secret; the events of a kind have the same ones."""
    return frozenset(name for name in names if _SECRET.search(name))


def level_of(event: LogEvent) -> str:
    """The name of its level."""
    return str(getattr(event.get("log_level"), "name", "info"))


def namespace_of(event: LogEvent) -> str:
    """Which part says it; "twisted" for all of Twisted's."""
    namespace = str(event.get("log_namespace", "magroup"))
    return "twisted" if namespace.startswith(("twisted.", "log_legacy")) else namespace


def _formatted(event: LogEvent) -> str:
    """As formatEvent, which is slow: most formats have no calls and nothing that goes wrong."""
    form = event.get("log_format")
    if type(form) is str and "()" not in form:
        try:
            return form.format_map(event)
        except Exception:
            return formatEvent(event)
    return formatEvent(event)


def message_of(event: LogEvent) -> str:
    """What it says, on one line, with the failure in it if there is one."""
    message = _formatted(event)
    failure = event.get("log_failure")
    if failure is not None:
        frames = [f"{file.rpartition('/')[2]}:{line} {method}" for method, file, line, _, _ in failure.frames]
        message = f"{message or 'failure'}: {failure.type.__name__}: {failure.getErrorMessage()}"
        message += f" ({' < '.join(reversed(frames))})" if frames else ""
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + "..."
    return escaped(message)
