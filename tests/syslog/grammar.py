"""RFC 5424 section 6 and RFC 6587 section 3.4.1 read strictly: what does not fit raises ValueError."""

import re
from dataclasses import dataclass
from datetime import datetime

_PRINTABLE = rb"[!-~]"
_SD_NAME = rb"[!#-<>-\\^-~]{1,32}"
_VALUE = rb'(?:[^"\\\]]|\\["\\\]])*'
_PARAM = rb" (?P<name>" + _SD_NAME + rb')="(?P<value>' + _VALUE + rb')"'
_ELEMENT = re.compile(
    rb"\[(?P<id>" + _SD_NAME + rb")(?P<params>(?: " + _SD_NAME + rb'="' + _VALUE + rb'")*)\]', re.DOTALL
)  # fmt: skip
_HEADER = re.compile(
    rb"<(?P<pri>0|[1-9]\d{0,2})>(?P<version>[1-9]\d{0,2})"
    rb" (?P<time>-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))"
    rb" (?P<host>" + _PRINTABLE + rb"{1,255}) (?P<app>" + _PRINTABLE + rb"{1,48})"
    rb" (?P<process>" + _PRINTABLE + rb"{1,128}) (?P<kind>" + _PRINTABLE + rb"{1,32}) ",
)
_ID = re.compile(r"[^@]+@\d+(?:\.\d+)*\Z|[^@]+\Z")
REGISTERED = {"timeQuality", "origin", "meta"}


@dataclass(frozen=True)
class Parsed:
    """A message; ``data`` has the parameters by the ids of their elements."""

    facility: int
    severity: int
    at: float
    host: str
    app: str
    process: str
    kind: str
    data: dict[str, dict[str, str]]
    text: str
    has_bom: bool


def parse(message: bytes) -> Parsed:
    """One SYSLOG-MSG."""
    head = _HEADER.match(message)
    if head is None:
        raise ValueError(f"no header: {message!r}")
    priority = int(head["pri"])
    if priority > 191 or head["version"] != b"1":
        raise ValueError(f"priority or version: {message!r}")
    data, rest = _structured(message[head.end() :])
    if rest[:1] not in (b"", b" "):
        raise ValueError(f"something after the structured data: {rest!r}")
    has_bom = rest.startswith(b" \xef\xbb\xbf")
    text = rest[4:] if has_bom else rest[1:]
    if not has_bom and not text.isascii():
        raise ValueError("UTF-8 without BOM")
    at = datetime.fromisoformat(head["time"].decode().replace("Z", "+00:00")).timestamp()
    names = [head[name].decode() for name in ("host", "app", "process", "kind")]
    return Parsed(priority // 8, priority % 8, at, *names, data, text.decode("utf-8"), has_bom)


def frames(stream: bytes) -> tuple[list[bytes], bytes]:
    """The messages of a stream with octet counting, and what is left of one that is not all there."""
    found = []
    while match := re.match(rb"([1-9]\d*) ", stream):
        length = int(match[1])
        if len(stream) < match.end() + length:
            break
        found.append(stream[match.end() : match.end() + length])
        stream = stream[match.end() + length :]
    if stream and not re.match(rb"[1-9]\d*( |\Z)", stream):
        raise ValueError(f"no frame: {stream[:40]!r}")
    return found, stream


def _structured(text: bytes) -> tuple[dict[str, dict[str, str]], bytes]:
    if text.startswith(b"-"):
        return {}, text[1:]
    found: dict[str, dict[str, str]] = {}
    while match := _ELEMENT.match(text):
        name = match["id"].decode()
        if name in found or not _ID.match(name) or ("@" not in name and name not in REGISTERED):
            raise ValueError(f"SD-ID {name}")
        found[name] = {
            param["name"].decode(): re.sub(r"\\([\"\\\]])", r"\1", param["value"].decode("utf-8"))
            for param in re.finditer(_PARAM, match["params"], re.DOTALL)
        }
        text = text[match.end() :]
    if not found:
        raise ValueError(f"no structured data: {text[:60]!r}")
    return found, text
