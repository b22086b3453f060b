"""What a B2BUA does to session descriptions that it passes on: quick questions and edits on the bytes (RFC 3264)."""

import re
from typing import Final, NamedTuple

from mypy_extensions import mypyc_attr

from magroup.sip.sdp import Direction, SdpError, Session

_ORIGIN: Final = re.compile(rb"^o=[^\r\n]*(?:\r?\n|\Z)", re.MULTILINE)
_VERSION: Final = re.compile(rb"\A\s*v=0[^\r\n]*(?:\r?\n|\Z)")
_DIRECTION: Final = re.compile(rb"^a=(?:sendrecv|sendonly|recvonly|inactive)[ \t\r]*(?:\n|\Z)", re.MULTILINE)
_SECTION: Final = re.compile(rb"^(?=m=)", re.MULTILINE)


class Endpoint(NamedTuple):
    """Where a stream is received; ``rtcp`` without multiplexing, its port 0 for none."""

    host: str
    port: int
    rtcp: tuple[str, int]


def with_origin(sdp: bytes, session_id: int, version: int, address: str) -> bytes:
    """``sdp`` with an o= line of our own in the place of the one it had; nothing else changes."""
    family = 6 if ":" in address else 4
    origin = f"o=- {session_id} {version} IN IP{family} {address}\r\n".encode("ascii")
    start = sdp.find(b"\no=") + 1
    if not start:
        return _VERSION.sub(lambda _: b"v=0\r\n" + origin, sdp, count=1)
    end = sdp.find(b"\n", start) + 1
    return sdp[:start] + origin + (sdp[end:] if end else b"")


def same_media(one: bytes, other: bytes) -> bool:
    """Whether two descriptions are equal but for their o= lines."""
    return one == other or _ORIGIN.sub(b"", one, count=1) == _ORIGIN.sub(b"", other, count=1)


@mypyc_attr(acyclic=True)
class Origin:
    """The o= line of one leg: a session id of its own, and a version that grows with each change (section 8)."""

    __slots__ = ("_last", "address", "session_id", "version")

    def __init__(self, session_id: int, address: str, version: int = 0, last: bytes = b"") -> None:
        """``version`` is that of the description that was sent ``last``, where there was one."""
        self.session_id = session_id
        self.address = address
        self.version = version or session_id
        self._last = last

    def stamp(self, sdp: bytes) -> bytes:
        """``sdp`` as this leg sends it."""
        if self._last and not same_media(self._last, sdp):
            self.version += 1
        self._last = sdp
        return with_origin(sdp, self.session_id, self.version, self.address)


def direction(sdp: bytes) -> Direction:
    """Who sends in the first audio stream, seen by whose description it is; inactive without audio. Raises SdpError."""
    audio = Session.parse(sdp).audio
    return audio.direction if audio is not None and audio.port else Direction.INACTIVE


def audio_endpoint(sdp: bytes) -> Endpoint:
    """Where the first audio stream is to be sent. Raises SdpError, also when there is none."""
    audio = Session.parse(sdp).audio
    if audio is None or not audio.port or not audio.host:
        raise SdpError("No audio in the session description", 488, 304)
    return Endpoint(audio.host, audio.port, audio.rtcp)


def with_direction(sdp: bytes, direction: Direction) -> bytes:
    """``sdp`` with this direction for all its streams."""
    head, *sections = _SECTION.split(_DIRECTION.sub(b"", sdp))
    line = f"a={direction}\r\n".encode("ascii")
    for section in sections:
        head += section + (b"" if section.endswith(b"\n") else b"\r\n") + line
    return head
