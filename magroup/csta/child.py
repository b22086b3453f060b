"""The children of an element, as attributes of its class: ``needed_`` ones make a message unreadable when missing."""

from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeVar, cast

from magroup.csta import kinds
from magroup.csta.edition import Edition
from magroup.csta.errors import ErrorValue
from magroup.csta.kinds import Element, Read, Write
from magroup.csta.message import NEEDED, PART, Part, Record
from magroup.csta.values import ConnectionID, DeviceId, Subject

T = TypeVar("T")
MOST_ITEMS = 5000


def _part(name: str, read: Read, write: Write, default: Any = NEEDED, since: Edition = Edition.ED2) -> Any:
    part = Part(name, read, write, default, since)
    if default is NEEDED:
        return field(metadata={PART: part})
    return field(default=default, metadata={PART: part})


def text(name: str, since: Edition = Edition.ED2) -> str:
    return cast(str, _part(name, kinds.read_text, kinds.write_text, "", since))


def needed_text(name: str) -> str:
    return cast(str, _part(name, kinds.read_text, kinds.write_text))


def needed_literal(name: str) -> str:
    """A text in which blanks count."""
    return cast(str, _part(name, kinds.read_literal, kinds.write_text))


def flag(name: str) -> bool | None:
    return cast("bool | None", _part(name, kinds.read_flag, kinds.write_flag, None))


def needed_flag(name: str) -> bool:
    return cast(bool, _part(name, kinds.read_flag, kinds.write_flag))


def number(name: str, since: Edition = Edition.ED2) -> int | None:
    return cast("int | None", _part(name, kinds.read_number, kinds.write_number, None, since))


def device(name: str) -> DeviceId | None:
    return cast("DeviceId | None", _part(name, kinds.read_device, kinds.write_device, None))


def needed_device(name: str) -> DeviceId:
    return cast(DeviceId, _part(name, kinds.read_device, kinds.write_device))


def needed_destination(name: str) -> DeviceId:
    """One device, in ed6 the only one of a list."""
    return cast(DeviceId, _part(name, kinds.read_device, kinds.write_destination))


def connection(name: str) -> ConnectionID | None:
    return cast("ConnectionID | None", _part(name, kinds.read_connection, kinds.write_connection, None))


def needed_connection(name: str) -> ConnectionID:
    return cast(ConnectionID, _part(name, kinds.read_connection, kinds.write_connection))


def subject(name: str, since: Edition = Edition.ED2) -> Subject | None:
    return cast("Subject | None", _part(name, kinds.read_subject, kinds.write_subject, None, since))


def needed_subject(name: str) -> Subject:
    return cast(Subject, _part(name, kinds.read_subject, kinds.write_subject))


def redirection(name: str) -> Subject | None:
    """As ``subject``, with the number dialled in it."""
    return cast("Subject | None", _part(name, kinds.read_subject, kinds.write_redirection, None))


def error(name: str) -> ErrorValue | None:
    return cast("ErrorValue | None", _part(name, kinds.read_error, kinds.write_error, None))


def bare_error() -> ErrorValue:
    """An error whose category is the child."""
    return cast(ErrorValue, _part("", kinds.read_error, kinds.write_bare_error))


def made_of(name: str, read: Callable[[Element], T | None], write: Callable[[str, T, Edition], str]) -> T | None:
    """What has its own way of being read and written."""
    return cast("T | None", _part(name, read, write, None))


def words(name: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Groups of names that are true."""
    found = _part(name, kinds.read_words, kinds.write_words, None)
    return cast("tuple[tuple[str, tuple[str, ...]], ...] | None", found)


def _write_record(name: str, value: Record, edition: Edition) -> str:
    inside = value.write(edition)
    return f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"


def inner(name: str, kind: Callable[..., T]) -> T | None:
    """A record as a child."""
    read = cast(type[Record], kind).read
    return cast("T | None", _part(name, cast(Read, read), _write_record, None))


def needed_inner(name: str, kind: Callable[..., T]) -> T:
    return cast(T, _part(name, cast(Read, cast(type[Record], kind).read), _write_record))


def _items(name: str, item: str, read: Read, write: Write, default: Any = None) -> Any:
    def read_all(element: Element) -> tuple[Any, ...]:
        return tuple(read(child) for child in kinds.children(element, item)[:MOST_ITEMS])

    def write_all(name: str, value: tuple[Any, ...], edition: Edition) -> str:
        inside = "".join([write(item, one, edition) for one in value])
        return f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"

    return _part(name, read_all, write_all, default)


def items(name: str, item: str, kind: Callable[..., T]) -> tuple[T, ...] | None:
    """A list: an element ``name`` with records ``item``; None where the whole list is missing."""
    read = cast(Read, cast(type[Record], kind).read)
    return cast("tuple[T, ...] | None", _items(name, item, read, _write_record))


def texts(name: str, item: str) -> tuple[str, ...] | None:
    """A list of texts."""
    return cast("tuple[str, ...] | None", _items(name, item, kinds.read_text, kinds.write_text))
