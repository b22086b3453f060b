"""Keys of SRTP in session descriptions: the a=crypto attribute, offered and accepted (RFC 4568)."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import field
from enum import StrEnum
from typing import Final

from magroup.model.fixed import fixed
from magroup.sip.sdp import Media, SdpError, Session

SUITES: Final = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
"""Those of our offers, each with its place, from 1, as its tag."""

MASTER_BYTES: Final = 30
PLAIN: Final = ("RTP/AVP", "RTP/AVPF")
SECURE: Final = ("RTP/SAVP", "RTP/SAVPF")
MOST_LINES: Final = 32
_ATTRIBUTE: Final = re.compile(r"([0-9]{1,9})[ \t]+([A-Za-z0-9_]{1,64})[ \t]+(\S+)((?:[ \t]+\S+)*)[ \t]*\Z")
_KEY: Final = re.compile(
    r"inline:([A-Za-z0-9+/]{40})(?:\|(?:2\^)?[0-9]{1,15})?(?:\|([0-9]{1,39}):([0-9]{1,3}))?\Z", re.IGNORECASE
)
_IGNORED: Final = re.compile(r"-|WSH=[0-9]{1,5}\Z", re.IGNORECASE)
"""Session parameters that need not be understood, and one that is a hint only (sections 6.3.7 and 6.3.8)."""


class Policy(StrEnum):
    """When sound of our own is encrypted: where nothing else will do, where the other end does it, always."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@fixed
class Crypto:
    """An a=crypto line; ``master`` has key and salt of who sent it, whose packets have ``mki`` before their tags."""

    tag: str
    suite: str
    master: bytes = field(repr=False)
    mki: bytes = b""


def read(value: str) -> Crypto | None:
    """The attribute's value; None where it is malformed or asks for what we have not."""
    found = _ATTRIBUTE.match(value)
    if found is None:
        return None
    tag, suite, key, parameters = found.groups()
    inline = _KEY.match(key)
    if suite.upper() not in SUITES or inline is None or not all(map(_IGNORED.match, parameters.split())):
        return None
    mki = b""
    if inline[2]:
        size = int(inline[3])
        if not 0 < size <= 128 or int(inline[2]) >> 8 * size:
            return None
        mki = int(inline[2]).to_bytes(size)
    try:
        return Crypto(tag, suite.upper(), b64decode(inline[1], validate=True), mki)
    except binascii.Error:
        return None


def lines(media: Media) -> list[Crypto]:
    """What is offered that we have too, the best first."""
    values = [line[7:] for line in media.attributes if line[:7].lower() == "crypto:"][:MOST_LINES]
    return [crypto for crypto in map(read, values) if crypto is not None]


def write(tag: str, suite: str, master: bytes) -> str:
    """The line of a description."""
    return f"a=crypto:{tag} {suite} inline:{b64encode(master).decode('ascii')}"


@fixed
class Sdes:
    """How the descriptions of one stream of ours speak of SRTP; ``key`` gives its own master key for a suite."""

    policy: Policy
    key: Callable[[str], bytes] = field(repr=False)

    def choose(self, media: Media) -> Crypto | None:
        """What an offered stream is answered with, None for plain RTP. Raises SdpError."""
        if media.protocol.upper() in SECURE:
            found = lines(media)
            if not found:
                raise SdpError("No cryptographic suite in common", 488, 399)
            return found[0]
        found = lines(media) if self.policy is not Policy.OFF else []
        if not found and self.policy is Policy.REQUIRED:
            raise SdpError("Incompatible transport protocol", 488, 302)
        return found[0] if found else None

    def offers(self, remote: bytes) -> tuple[str, list[str]]:
        """Protocol and a=crypto lines of an offer to who last described itself so (b"": not yet)."""
        if self.policy is Policy.OFF:
            return PLAIN[0], []
        protocol = SECURE[0] if self.policy is Policy.REQUIRED else _protocol(remote)
        if not protocol:
            return PLAIN[0], []
        return protocol, [write(str(tag), suite, self.key(suite)) for tag, suite in enumerate(SUITES, 1)]

    def accept(self, media: Media) -> Crypto | None:
        """What the answer to an offer of ours chose, None for plain RTP. Raises SdpError."""
        found = lines(media) if self.policy is not Policy.OFF else []
        chosen = next((line for line in found if _is_ours(line)), None)
        if chosen is None and (self.policy is Policy.REQUIRED or media.protocol.upper() in SECURE):
            raise SdpError("Incompatible transport protocol", 488, 302)
        return chosen


def _is_ours(line: Crypto) -> bool:
    return line.tag in ("1", "2") and SUITES[int(line.tag) - 1] == line.suite


def _protocol(remote: bytes) -> str:
    """What to offer with keys, "" for an offer without: what the other end does."""
    if not remote:
        return ""
    try:
        audio = Session.parse(remote).audio
    except SdpError:
        return ""
    if audio is None:
        return ""
    if audio.protocol.upper() in SECURE:
        return SECURE[0]
    return PLAIN[0] if lines(audio) else ""
