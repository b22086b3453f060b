"""SIP messages without what is secret in them: credentials, keys of media, passwords in URIs, digits dialled."""

import re
from typing import Final

HIDDEN: Final = b"***"

_CREDENTIALS: Final = re.compile(
    rb"(^|[\r\n])([^\s:]*authorization\s*:)(?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*", re.IGNORECASE
)
"""The whole value, on as many lines as it is; whatever a line ends with."""

_WORDS: Final = re.compile(rb"[^\s<>\"]+")
_SCHEME: Final = re.compile(rb"(?:sips?|https?|ftp|wss?)(?::|%3a)", re.IGNORECASE)
_MARK: Final = re.compile(rb"(:|%3a)|@|%40", re.IGNORECASE)
_AT: Final = re.compile(rb"@|%40")
_AUTHORITY: Final = re.compile(rb"//[^/?#]*")
_HEADER_OF_URI: Final = re.compile(rb"([?&;][^\s=&<>\"?;]*authorization=)[^\s&<>\"]*", re.IGNORECASE)
_KEY: Final = re.compile(rb"(^|[\r\n])([ \t]*(?:a=(?:crypto|key-mgmt|ice-pwd):|k=))([^\r\n]*)", re.IGNORECASE)
_DIGIT: Final = re.compile(rb"(^|[\r\n])([ \t]*signal[ \t]*=)([^\r\n]*)", re.IGNORECASE)
_DIGITS: Final = re.compile(rb"(?:^|[\r\n])(?:content-type|c)\s*:\s*application/dtmf(?!-)", re.IGNORECASE)


def redacted(data: bytes) -> bytes:
    """The message, well-formed or not, with stars for its secrets.

    In the body there are as many of them as what they hide has bytes, so that Content-Length holds.
    """
    end = min((at for at in (data.find(b"\r\n\r\n"), data.find(b"\n\n")) if at >= 0), default=len(data))
    head, body = data[:end], data[end:]
    head = _CREDENTIALS.sub(rb"\1\2 " + HIDDEN, head)
    body = _CREDENTIALS.sub(_starred, body)
    head = _DIGIT.sub(rb"\1\2" + HIDDEN, _KEY.sub(rb"\1\2" + HIDDEN, _of_uris(head, HIDDEN)))
    body = _DIGIT.sub(_starred, _KEY.sub(_starred, _of_uris(body, b"")))
    if _DIGITS.search(head):
        body = re.sub(rb"[^\s]", b"*", body)
    return head + body


def _of_uris(text: bytes, stars: bytes) -> bytes:
    """``stars`` b"": as many as what they hide has bytes."""

    def hidden(match: re.Match[bytes]) -> bytes:
        return match[1] + (stars or b"*" * (len(match[0]) - len(match[1])))

    return _HEADER_OF_URI.sub(hidden, _WORDS.sub(lambda word: _of_word(word[0], stars), text))


def _of_word(word: bytes, stars: bytes) -> bytes:
    """What stands between blanks and brackets: from the first colon after a user to the last @ is a password.

    It may be more than that where URIs follow each other without brackets, but never less.
    """
    if not _AT.search(word):
        return word
    parts: list[bytes] = []
    place = done = 0
    while (scheme := _SCHEME.search(word, place)) is not None:
        start = scheme.end()
        authority = _AUTHORITY.match(word, start)
        end = authority.end() if authority is not None else len(word)
        mark = _MARK.search(word, start, end)
        place = end
        if mark is None:
            continue
        if not mark[1]:
            place = mark.end()
            continue
        at = max((found.start() for found in _AT.finditer(word, mark.end(), end)), default=-1)
        if at >= 0:
            parts += [word[done : mark.end()], stars or b"*" * (at - mark.end())]
            done = at
    return b"".join((*parts, word[done:]))


def _starred(match: re.Match[bytes]) -> bytes:
    kept = len(match[1]) + len(match[2])
    return match[1] + match[2] + b"*" * (len(match[0]) - kept)
