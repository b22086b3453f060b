"""The Authorization field: Basic (RFC 7617) and Bearer (RFC 6750)."""

import binascii
import re
from base64 import b64decode
from dataclasses import field

from twisted.web.http import Request

from magroup.model.fixed import fixed

LONGEST = 4096
"""Bytes of the field."""

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]{1,256}=*")


@fixed
class Basic:
    """A user name and a password."""

    user: str
    password: str = field(repr=False)


@fixed
class Bearer:
    """A token."""

    token: str = field(repr=False)


def authorization(request: Request) -> Basic | Bearer | None:
    """What the request has; None for nothing, for anything else and for more than one."""
    fields = request.requestHeaders.getRawHeaders(b"authorization") or []
    return parse(fields[0]) if len(fields) == 1 else None


def parse(value: bytes) -> Basic | Bearer | None:
    """What a field's value says."""
    if len(value) > LONGEST:
        return None
    scheme, _, rest = value.strip().partition(b" ")
    match scheme.lower():
        case b"basic":
            return _basic(rest.strip())
        case b"bearer":
            token = rest.strip().decode("ascii", "replace")
            return Bearer(token) if _BEARER.fullmatch(token) else None
    return None


def _basic(encoded: bytes) -> Basic | None:
    try:
        decoded = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")  # clients older than RFC 7617
    user, colon, password = text.partition(":")
    if not colon or not user.isprintable() or "\0" in password:
        return None
    return Basic(user, password)
