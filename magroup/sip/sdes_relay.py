"""Keys of SRTP in descriptions that a B2BUA passes on: whether both ends still know each other's (RFC 4568)."""

import re
from itertools import zip_longest
from typing import Final

from magroup.sip.sdp import Media, SdpError, Session

_LINE: Final = re.compile(r"([0-9]{1,9})[ \t]+(\S+)[ \t]+(\S.*)")
_END_OF_KEY: Final = re.compile(r"[|;\s]")
_CRYPTO: Final = b"a=crypto:"
_SECTION: Final = re.compile(rb"^(?=m=)", re.MULTILINE)
_CRYPTO_LINE: Final = re.compile(rb"^a=crypto:[^\r\n]*(?:\r?\n|\Z)", re.MULTILINE)


def same_keys(offered: bytes, answer: bytes, latest: bytes) -> bool:
    """Whether who made the offer says in its latest description what the other end took from it by its answer."""
    if not any(_CRYPTO in sdp for sdp in (offered, answer, latest)):
        return True
    try:
        made, chosen, said = (Session.parse(sdp).media for sdp in (offered, answer, latest))
    except SdpError:
        return False
    for before, taken, now in zip_longest(made, chosen, said):
        tags = [tag for tag, _, _ in _lines(taken)[:1]]
        if _keys([line for line in _lines(before) if line[0] in tags]) != _keys(_lines(now)[:1]):
            return False
    return True


def as_answer(sdp: bytes, offer: bytes) -> bytes:
    """A description of its own as an answer: of each stream's keys one, of a suite that is offered, with its tag."""
    if _CRYPTO not in sdp or not offer:
        return sdp
    try:
        streams = Session.parse(offer).media
    except SdpError:
        return sdp
    head, *sections = _SECTION.split(sdp)
    for section, stream in zip_longest(sections, streams):
        if section is not None:
            tags = {suite: tag for tag, suite, _ in reversed(_lines(stream))}
            head += _with_one(section, tags)
    return head


def _with_one(section: bytes, tags: dict[str, str]) -> bytes:
    kept = False

    def chosen(match: re.Match[bytes]) -> bytes:
        nonlocal kept
        found = _LINE.match(match[0][len(_CRYPTO) :].decode("utf-8", "surrogateescape"))
        if kept or found is None or found[2] not in tags:
            return b""
        kept = True
        line = f"{tags[found[2]]} {found[2]} {found[3].rstrip()}\r\n"
        return _CRYPTO + line.encode("utf-8", "surrogateescape")

    return _CRYPTO_LINE.sub(chosen, section)


def _keys(lines: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Suites and keys without how long they live and what else there is."""
    return [(suite, _END_OF_KEY.split(rest, maxsplit=1)[0]) for _, suite, rest in lines]


def _lines(media: Media | None) -> list[tuple[str, str, str]]:
    """Tag, suite, and key with what follows it, of each a=crypto line of a stream that is in use."""
    if media is None or not media.port:
        return []
    found = [_LINE.match(line, 7) for line in media.attributes if line.startswith("crypto:")]
    return [(line[1], line[2], line[3]) for line in found if line is not None]
