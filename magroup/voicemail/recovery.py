"""What the folders of the mailboxes hold at the start, also what a crash has cut; blocks."""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from math import inf
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from magroup.model.fixed import fixed
from magroup.model.messages import Message
from magroup.voicemail.folder import GREETING, PART, UPLOADING

log = Logger()

Read = Callable[[Path], tuple[str, float]]
"""Gives a recording's note and its seconds. Raises ValueError for a file that is none, OSError."""


@fixed
class Found:
    """``ids`` of all messages that have a file, the ``new`` ones that nobody knew, and the boxes with a greeting."""

    ids: frozenset[str] = frozenset()
    new: tuple[Message, ...] = ()
    greetings: frozenset[str] = frozenset()


def look_into(
    folder: Path, known: Collection[str], read: Read, mend: Read, shortest: float, until: float = inf
) -> Found:  # fmt: skip
    """Look into each mailbox. A message that was cut off is kept if it is long enough: ``mend`` closes its file.

    What somebody was sending is deleted. Files that are not finished, and were written after ``until`` (UTC seconds),
    are left alone.
    """
    ids: set[str] = set()
    new: list[Message] = []
    greetings: set[str] = set()
    for left in folder.glob(f"{UPLOADING}*"):
        if not _is_newer(left, until):
            left.unlink(missing_ok=True)
    for box in sorted(_folders(folder)):
        try:
            paths = sorted(box.iterdir())
        except OSError as error:
            log.error("{path} is left as it is: {reason}", path=str(box), reason=str(error))
            continue
        for path in paths:
            if path.name == GREETING:
                greetings.add(box.name)
                continue
            if path.suffix == PART and _is_newer(path, until):
                continue
            try:
                message = _message(path, known, read, mend, shortest)
            except (OSError, ValueError) as error:
                log.error("{path} is left as it is: {reason}", path=str(path), reason=str(error))
                continue
            if message is not None:
                ids.add(message.id)
                if message.id not in known:
                    new.append(message)
    return Found(frozenset(ids), tuple(new), frozenset(greetings))


def cut_off(folder: Path, mend: Read, shortest: float, until: float) -> tuple[Message, ...]:
    """The messages of which the end was cut off, as ``look_into`` keeps them, that were written before ``until``."""
    kept = []
    for path in sorted(folder.glob(f"*/*{PART}")):
        if _is_newer(path, until):
            continue
        try:
            message = _message(path, (), mend, mend, shortest)
        except FileNotFoundError:
            # Another server keeps it.
            continue
        except (OSError, ValueError) as error:
            log.error("{path} is left as it is: {reason}", path=str(path), reason=str(error))
            continue
        if message is not None:
            kept.append(message)
    return tuple(kept)


def _is_newer(path: Path, moment: float) -> bool:
    """A file that is gone is nobody's any more."""
    try:
        return path.stat().st_mtime > moment
    except FileNotFoundError:
        return True


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if path.is_dir())


def _message(path: Path, known: Collection[str], read: Read, mend: Read, shortest: float) -> Message | None:
    """The message in a file; None: there is none in it."""
    whole = path
    if path.suffix == PART:
        whole = path.with_suffix("")
        if whole.name == GREETING:
            path.unlink()
            return None
        try:
            note, seconds = mend(path)
        except ValueError:
            note, seconds = "", 0.0
        if seconds < shortest:
            path.unlink()
            return None
        path.rename(whole)
        log.info("A message of {seconds} s for mailbox {box} was cut off by the end of the last run, it is kept",
                 seconds=round(seconds, 1), box=path.parent.name)  # fmt: skip
    elif whole.suffix != ".wav":
        raise ValueError("it is no message")
    elif whole.stem in known:
        return Message(whole.stem, whole.parent.name)
    else:
        note, seconds = read(path)
    return replace(_noted(note), id=whole.stem, box=whole.parent.name, seconds=round(seconds, 2), heard=False)


def _noted(note: str) -> Message:
    """What stands in the note; what is not as it is written here is left out."""
    try:
        values = json.loads(note)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        values = {}
    empty = Message("", "")
    kept: dict[str, Any] = {}
    for field in fields(Message):
        value, default = values.get(field.name), getattr(empty, field.name)
        if isinstance(value, int) and isinstance(default, float):
            value = float(value)
        if type(value) is type(default):
            kept[field.name] = value
    return replace(empty, **kept)
