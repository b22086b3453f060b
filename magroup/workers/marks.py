"""Which worker a SIP message belongs to, as its bytes tell: by what that worker has written into it, or by its Call-ID.

Tags, branches and Call-IDs of a worker begin with its mark, as ``w2.``. Nothing is parsed but these places.
"""

import re
import struct
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote_to_bytes

RESPONSE: Final = b"SIP/2.0 "
_MADE: Final = rb"\s*=\s*(w(\d{1,2})\.[^\s;,>]*)"
_TAG: Final = re.compile(rb";\s*(?i:tag)" + _MADE)
_REPLACED: Final = re.compile(rb"-(?i:tag)" + _MADE)
_TO: Final = re.compile(rb"\n(?:to|t)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE)
_BRANCH: Final = re.compile(rb"branch\s*=\s*z9hG4bKw(\d{1,2})\.", re.IGNORECASE)
_CALL_ID: Final = re.compile(rb"\n(?:call-id|i)[ \t]*:\s*([^\s]+)", re.IGNORECASE)
_REPLACES: Final = re.compile(rb"\nreplaces[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE)
_BODY: Final = re.compile(rb"\n\r?\n")
_FROM: Final = re.compile(rb"\n(?:from|f)[ \t]*:[^\r\n]*?\bsips?:([^@;>\s]+)@", re.IGNORECASE)
_PUBLISHED: Final = re.compile(rb"\nsip-if-match[ \t]*:\s*w(\d{1,2})\.", re.IGNORECASE)
_CALLED: Final = re.compile(rb"[A-Z]+ (?:sips?|tel):([^@;:>\s]+)", re.IGNORECASE)
_WORD: Final = 0xFFFFFFFF
GOLDEN: Final = 0x9E3779B1
MIX_FIRST: Final = 0x85EBCA6B
MIX_THEN: Final = 0xC2B2AE35
HASHED_WORDS: Final = 10
"""Of four octets: what comes after them in a Call-ID does not count."""

_WORDS: Final = tuple(struct.Struct(f"!{count}I") for count in range(HASHED_WORDS + 1))


def mark(number: int) -> str:
    """What begins the tokens of this worker."""
    return f"w{number}."


def of_response(data: bytes) -> int:
    """The worker that has sent the request; 0: none."""
    found = _BRANCH.search(data)
    return int(found[1]) if found is not None else 0


def to_tag(data: bytes) -> tuple[bytes, int]:
    """The tag in To that a worker has made, and the worker; b"" and 0: it has none, or somebody else's."""
    start = data.find(b"\r\nTo: ")
    if start >= 0 and data.find(b"\r\n\r\n", 0, start) < 0:
        end = data.find(b"\r\n", start + 6)
        if end < 0:
            end = len(data)
        if data[end + 2 : end + 3] not in b" \t":
            line = data[start + 6 : end]
            return _tag(line) if b"tag" in line.lower() else (b"", 0)
    found = _in_head(_TO, data)
    return _tag(found[1]) if found is not None else (b"", 0)


def replaced_tag(data: bytes) -> tuple[bytes, int]:
    """The same of the call that an INVITE is to replace (RFC 3891)."""
    line = _in_head(_REPLACES, data)
    return _made(_REPLACED.search(line[1])) if line is not None else (b"", 0)


def _tag(line: bytes) -> tuple[bytes, int]:
    """Of an address with parameters after it: what is in its name and its URI is none of them."""
    return _made(_TAG.search(line, line.rfind(b">") + 1))


def _made(found: re.Match[bytes] | None) -> tuple[bytes, int]:
    return (found[1], int(found[2])) if found is not None else (b"", 0)


def published_tag(data: bytes) -> int:
    """The worker that has what a PUBLISH goes on with (RFC 3903); 0: none."""
    found = _PUBLISHED.search(data)
    return int(found[1]) if found is not None else 0


def called(data: bytes) -> str:
    """The user in the request's target, as it is written; "" where there is none."""
    found = _CALLED.match(data)
    return _unquoted(found[1]) if found is not None else ""


def _unquoted(user: bytes) -> str:
    return (unquote_to_bytes(user) if b"%" in user else user).decode("utf-8", "replace")


def _in_head(pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes] | None:
    """The body may have lines that look like headers."""
    body = _BODY.search(data)
    return pattern.search(data, 0, body.start() + 1 if body is not None else len(data))


def call_id(data: bytes) -> bytes:
    """b"" where it has none."""
    start = data.find(b"\r\nCall-ID: ")
    if start >= 0 and data.find(b"\r\n\r\n", 0, start) < 0:
        end = data.find(b"\r\n", start + 11)
        if end < 0:
            end = len(data)
        found = data[start + 11 : end].strip()
        if found:
            return found
    other = _in_head(_CALL_ID, data)
    return other[1] if other is not None else b""


def caller(data: bytes) -> str:
    """The user in From, as it is written; "" where there is none."""
    found = _FROM.search(data)
    return _unquoted(found[1]) if found is not None else ""


def home(call_id: bytes, living: Collection[int], count: int) -> int:
    """The worker of a new Call-ID among ``count``; when one is gone only its own ones move. 0 where nobody lives."""
    hash = hashed(call_id)
    number = hash % count + 1
    if number in living:
        return number
    return max(living, key=lambda number: _mixed(hash + number * GOLDEN), default=0)


def hashed(call_id: bytes) -> int:
    """32 bits, as the filter in the system computes them: of the first octets, four at a time and the rest."""
    value = 0
    whole = min(len(call_id) >> 2, HASHED_WORDS)
    for word in _WORDS[whole].unpack_from(call_id):
        value = ((value ^ word) * GOLDEN) & _WORD
    if whole < HASHED_WORDS:
        for octet in call_id[whole << 2 :]:
            value = ((value ^ octet) * GOLDEN) & _WORD
    return _mixed(value)


def _mixed(value: int) -> int:
    """Each bit of the result depends on all of the value (the end of MurmurHash3)."""
    value &= _WORD
    value = (value ^ value >> 16) * MIX_FIRST & _WORD
    value = (value ^ value >> 13) * MIX_THEN & _WORD
    return value ^ value >> 16
