"""Digest access authentication: the sums and the header values (RFC 7616, RFC 8760; RFC 2617 for older phones)."""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache

from magroup.sip.uri import LONGEST_KEPT

MD5 = "MD5"
SHA256 = "SHA-256"
LONGEST_HEADER = 4096
_SCHEME = re.compile(r"[\s,]*([A-Za-z][A-Za-z0-9_-]*+)\s[\s,]*+")
_PLAIN = r'[^"\\\x00-\x08\x0a-\x1f\x7f]*+'
_PARAM = re.compile(
    r"([A-Za-z0-9_*-]++)\s*+=\s*+"
    rf'(?:"({_PLAIN}(?:\\[^\x00-\x1f\x7f]{_PLAIN})*+)"|([^\s,"\x00-\x1f\x7f]*+))\s*+(?:,[\s,]*+|\Z)'
)
_ESCAPED = re.compile(r"\\(.)")
_MUST_ESCAPE = re.compile(r'(["\\])')


def md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


HASHES: dict[str, Callable[[str], str]] = {MD5: md5, SHA256: sha256}


def credentials_hash(algorithm: str, user: str, realm: str, secret: str) -> str:
    """H(A1) of an algorithm that is not ``-sess``, in hex."""
    return HASHES[algorithm](f"{user}:{realm}:{secret}")


@lru_cache(maxsize=256)
def _request_hash(algorithm: str, method: str, uri: str) -> str:
    """H(A2): phones ask for the same few addresses again and again."""
    return HASHES[algorithm](f"{method}:{uri}")


def response_hash(
    algorithm: str, ha1: str, method: str, uri: str, nonce: str, qop: str = "", count: str = "", cnonce: str = ""
) -> str:
    """The response in hex; ``qop`` is "auth", or "" for that of RFC 2069; ``count`` is nc as it is written."""
    hashed = HASHES[algorithm]
    ha2 = _request_hash(algorithm, method, uri) if len(uri) <= LONGEST_KEPT else hashed(f"{method}:{uri}")
    if not qop:
        return hashed(f"{ha1}:{nonce}:{ha2}")
    return hashed(f"{ha1}:{nonce}:{count}:{cnonce}:{qop}:{ha2}")


def session_hash(algorithm: str, ha1: str, nonce: str, cnonce: str) -> str:
    """H(A1) of the ``-sess`` variant of an algorithm."""
    return HASHES[algorithm](f"{ha1}:{nonce}:{cnonce}")


def parse_digest(text: str) -> dict[str, str] | None:
    """The fields of one Digest header value by lower-case name, unquoted.

    None when it is another scheme, malformed, over 4096 characters, or has a field twice.
    """
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[1].lower() != "digest" or len(text) > LONGEST_HEADER:
        return None
    fields, position = _read_fields(text, scheme.end())
    return fields if fields is not None and position == len(text) else None


def parse_challenges(text: str) -> list[dict[str, str]]:
    """The Digest challenges of a WWW- or Proxy-Authenticate value, several in one too, up to a malformed one."""
    found: list[dict[str, str]] = []
    position = 0
    while len(text) <= LONGEST_HEADER and (scheme := _SCHEME.match(text, position)):
        fields, position = _read_fields(text, scheme.end())
        if not fields:
            break
        if scheme[1].lower() == "digest":
            found.append(fields)
    return found


def _read_fields(text: str, position: int) -> tuple[dict[str, str] | None, int]:
    """The fields from ``position`` on, None when one comes twice, and where they end."""
    fields: dict[str, str] = {}
    match = _PARAM.match
    while param := match(text, position):
        name, quoted, plain = param.groups()
        name = name.lower()
        if name in fields:
            return None, position
        if quoted is None:
            fields[name] = plain
        else:
            fields[name] = _ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted
        position = param.end()
    return fields, position


def quoted(text: str) -> str:
    """A quoted-string."""
    return '"' + (_MUST_ESCAPE.sub(r"\\\1", text) if '"' in text or "\\" in text else text) + '"'
