"""Syslog messages as bytes: RFC 5424 for receivers elsewhere, syslog(3)'s form for this machine's own socket."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from magroup.log import escaped
from magroup.model.fixed import fixed

APPLICATION: Final = "magroup"
BOM: Final = b"\xef\xbb\xbf"
NIL: Final = b"-"
LONGEST_VALUE: Final = 512
"""Bytes of a parameter's value."""

DEBUG, INFORMATIONAL, NOTICE, WARNING, ERROR, CRITICAL = 7, 6, 5, 4, 3, 2
"""Severities (RFC 5424 6.2.1)."""

_NAME: Final = re.compile(r"[!#-<>-\\^-~]{1,32}\Z")
"""SD-NAME (RFC 5424 6): printable ASCII without = ] " and blanks."""


@fixed
class Said:
    """A message: ``at`` in UTC seconds; ``kind`` is its MSGID, ``element`` the name of its structured data.

    ``parameters`` are names and values; those whose name cannot be one, and those that have no room, are left out.
    """

    facility: int
    severity: int
    at: float
    kind: str
    text: str
    element: str
    parameters: Sequence[tuple[str, str]] = ()

    @property
    def priority(self) -> int:
        return 8 * self.facility + self.severity


@fixed
class Sender:
    """Who says it: host name, process, and the enterprise number that names of structured data end with."""

    host: str
    process: int
    enterprise: int


def as_rfc5424(said: Said, sender: Sender, limit: int) -> bytes:
    """At most ``limit`` bytes, of which at most half are structured data; the text ends where they do."""
    head = b"<%d>1 %b %b %b %d %b " % (
        said.priority, _moment(said.at), _field(sender.host, 255), APPLICATION.encode(), sender.process,
        _field(said.kind, 32),
    )  # fmt: skip
    room = min(limit // 2, limit - len(head) - 2)
    head += _structured(f"{said.element}@{sender.enterprise}", said.parameters, room)
    text = escaped(said.text)
    body = text.encode("utf-8")
    if not text.isascii():
        body = BOM + body
    return head + b" " + _cut(body, limit - len(head) - 1) if body else head


def as_local(said: Said, sender: Sender, limit: int) -> bytes:
    """As syslog(3) sends it: daemons that listen to /dev/log take nothing else for sure."""
    moment = datetime.fromtimestamp(said.at)
    call = "".join(f" {name}={escaped(value)}" for name, value in said.parameters if name == "call")
    day = f"{moment:%b} {moment.day:2} {moment:%H:%M:%S}"
    text = f"<{said.priority}>{day} {APPLICATION}[{sender.process}]: {said.kind}{call}: {escaped(said.text)}"
    return _cut(text.encode("utf-8"), limit)


def _moment(at: float) -> bytes:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()


def _field(text: str, most: int) -> bytes:
    """Of the header: printable ASCII without blanks."""
    kept = "".join(letter for letter in text[-most:] if "!" <= letter <= "~")
    return kept.encode() or NIL


def _structured(element: str, parameters: Sequence[tuple[str, str]], room: int) -> bytes:
    parts = [b"[" + element.encode()]
    used = len(parts[0]) + 1
    for part in _parameters(parameters):
        if used + len(part) <= room:
            parts.append(part)
            used += len(part)
    return b"".join(parts) + b"]" if used <= room and len(parts) > 1 else NIL


def _parameters(parameters: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    for name, value in parameters:
        if _NAME.match(name):
            kept = _cut(escaped(value).encode("utf-8"), LONGEST_VALUE)
            yield b' %b="%b"' % (name.encode(), re.sub(rb'(["\\\]])', rb"\\\1", kept))


def _cut(data: bytes, most: int) -> bytes:
    """Not in the middle of a character."""
    return data if len(data) <= most else data[: max(most, 0)].decode("utf-8", "ignore").encode("utf-8")
