"""Session descriptions, read tolerantly and no further than asked (RFC 8866, RFC 4566, RFC 3264)."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from magroup.sip.errors import SipError

LARGEST: Final = 32 << 10
MOST_MEDIA: Final = 32
MOST_FORMATS: Final = 128
_MEDIA: Final = re.compile(
    r"([A-Za-z0-9.+_-]+)\s+([0-9]{1,5})(?:/[0-9]{1,5})?\s+([A-Za-z0-9/.+_-]+)((?:\s+[!-~]+)*)\s*\Z"
)
_CONNECTION: Final = re.compile(r"IN\s+IP[46]\s+([A-Za-z0-9.:_-]{1,255})(?:/[0-9/]*)?\s*\Z", re.IGNORECASE)
_RTPMAP: Final = re.compile(r"([0-9]{1,3})\s+([!-.0-~]{1,64})/([0-9]{1,6})(?:/([0-9]{1,2}))?\s*\Z")
_RTCP: Final = re.compile(r"([0-9]{1,5})(?:\s+IN\s+IP[46]\s+([A-Za-z0-9.:_-]{1,255}))?\s*\Z", re.IGNORECASE)
_UNSPECIFIED: Final = ("0.0.0.0", "::")


class SdpError(SipError):
    """A session description that cannot be read (400), or not be agreed on (488)."""

    def __init__(self, what: str, status: int = 400, warning: int = 0) -> None:
        super().__init__(status, what, {"Warning": f'{warning} magroup "{what}"'} if warning else None)
        self.warning = warning


class Direction(StrEnum):
    """Who sends, seen by the one whose description it is in."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @classmethod
    def of(cls, sends: bool, receives: bool) -> "Direction":
        if sends:
            return cls.SENDRECV if receives else cls.SENDONLY
        return cls.RECVONLY if receives else cls.INACTIVE

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def reversed(self) -> "Direction":
        """The same stream as the other side describes it."""
        return Direction.of(self.receives, self.sends)

    def within(self, other: "Direction") -> "Direction":
        """What both allow."""
        return Direction.of(self.sends and other.sends, self.receives and other.receives)


_DIRECTIONS: Final = {str(direction): direction for direction in Direction}


class Codec(NamedTuple):
    """A format of RTP: payload type, encoding name in upper case, clock rate in Hz, channels, a=fmtp text."""

    payload: int
    name: str
    rate: int
    channels: int = 1
    parameters: str = ""


STATIC: Final = {
    0: Codec(0, "PCMU", 8000), 3: Codec(3, "GSM", 8000), 4: Codec(4, "G723", 8000), 8: Codec(8, "PCMA", 8000),
    9: Codec(9, "G722", 8000), 13: Codec(13, "CN", 8000), 15: Codec(15, "G728", 8000), 18: Codec(18, "G729", 8000),
}  # fmt: skip


class Media:
    """One m= section.

    ``host`` is the address of its c= line or the session's, "" without either; ``port`` 0: refused. ``direction`` is as
    described here or for the session; an unspecified address (0.0.0.0) is one that nothing is to be sent to.
    """

    __slots__ = ("_codecs", "attributes", "direction", "formats", "host", "kind", "port", "protocol")

    def __init__(
        self,
        kind: str,
        port: int,
        protocol: str,
        formats: tuple[str, ...],
        host: str,
        attributes: tuple[str, ...],
        direction: Direction,
    ) -> None:
        self.kind = kind
        self.port = port
        self.protocol = protocol
        self.formats = formats
        self.host = host
        self.attributes = attributes
        self.direction = direction
        self._codecs: tuple[Codec, ...] | None = None

    def attribute(self, name: str) -> str | None:
        """The value of the first ``a=name:value``, "" of a flag, None when there is none."""
        start = f"{name}:"
        for attribute in self.attributes:
            if attribute == name:
                return ""
            if attribute.startswith(start):
                return attribute[len(start) :]
        return None

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """The RTP formats in the order of the m= line; those that say nothing of themselves are left out."""
        if self._codecs is None:
            self._codecs = self._read_codecs()
        return self._codecs

    @property
    def rtcp(self) -> tuple[str, int]:
        """Where RTCP goes without multiplexing: a=rtcp (RFC 3605), else the next port; port 0 for none."""
        said = _RTCP.match(self.attribute("rtcp") or "")
        port = int(said[1]) if said else self.port + 1
        return (said[2] or self.host if said else self.host), port if 0 < port < 65536 else 0

    def _read_codecs(self) -> tuple[Codec, ...]:
        maps: dict[str, Codec] = {}
        parameters: dict[str, str] = {}
        for attribute in self.attributes:
            if attribute.startswith("rtpmap:"):
                match = _RTPMAP.match(attribute, 7)
                if match:
                    payload, name, rate, channels = match.groups()
                    maps[payload] = Codec(int(payload), name.upper(), int(rate), int(channels or 1))
            elif attribute.startswith("fmtp:"):
                payload, _, text = attribute[5:].partition(" ")
                parameters[payload] = text.strip()
        found = []
        for text in dict.fromkeys(self.formats):
            if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 128:
                codec = maps.get(text) or STATIC.get(int(text))
                if codec:
                    found.append(codec._replace(parameters=parameters[text]) if text in parameters else codec)
        return tuple(found)


class Session:
    """A session description that nobody changes; ``host`` is the address of the session's own c= line, "" without."""

    __slots__ = ("attributes", "host", "media")

    def __init__(self, host: str, attributes: tuple[str, ...], media: tuple[Media, ...]) -> None:
        self.host = host
        self.attributes = attributes
        self.media = media

    @staticmethod
    def parse(data: bytes) -> "Session":
        """Raises SdpError."""
        if len(data) > LARGEST:
            raise SdpError("Session description too large")
        return _parse(data)

    @property
    def audio(self) -> Media | None:
        """The first audio stream that is in use, else the first refused one."""
        streams = [media for media in self.media if media.kind == "audio"]
        return next((media for media in streams if media.port), streams[0] if streams else None)


@lru_cache(maxsize=256)
def _parse(data: bytes) -> Session:
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").lstrip("\n")
    head, *sections = text.split("\nm=")
    lines = head.split("\n")
    if lines[0].rstrip() != "v=0":
        raise SdpError("A session description begins with v=0")
    if len(sections) > MOST_MEDIA:
        raise SdpError("Too many media in the session description")
    host, attributes = _read_lines(lines)
    direction = _direction(attributes, Direction.SENDRECV)
    return Session(host, attributes, tuple(_read_media(section, host, direction) for section in sections))


def _read_media(section: str, host: str, direction: Direction) -> Media:
    first, *lines = section.split("\n")
    match = _MEDIA.match(first)
    if match is None:
        raise SdpError("Bad m= line in the session description")
    kind, port, protocol, formats = match.groups()
    found = tuple(formats.split())
    if int(port) > 65535 or len(found) > MOST_FORMATS:
        raise SdpError("Bad m= line in the session description")
    own_host, attributes = _read_lines(lines)
    host = own_host or host
    direction = _direction(attributes, direction)
    if host in _UNSPECIFIED:
        direction = Direction.of(direction.sends, False)
    return Media(kind.lower(), int(port), protocol, found, host, attributes, direction)


def _read_lines(lines: list[str]) -> tuple[str, tuple[str, ...]]:
    """The address of the first c= line and the attributes of one section."""
    host = ""
    attributes = []
    for line in lines:
        if line.startswith("a="):
            attributes.append(line[2:].rstrip(" \t\r"))
        elif line.startswith("c="):
            match = _CONNECTION.match(line, 2)
            if match is None:
                raise SdpError("Bad c= line in the session description")
            host = host or match[1]
        elif line[1:2] != "=" and line.strip():
            raise SdpError("Bad line in the session description")
    return host, tuple(attributes)


def _direction(attributes: tuple[str, ...], default: Direction) -> Direction:
    for attribute in attributes:
        if attribute in _DIRECTIONS:
            return _DIRECTIONS[attribute]
    return default
