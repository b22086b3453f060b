"""DTMF digits in the body of an INFO, as phones send them that know no RTP events (RFC 6086 section 1, de facto)."""

import re

from magroup.sip.message import Request

DTMF_RELAY = "application/dtmf-relay"
_SIGNAL = re.compile(rb"^\s*Signal\s*=\s*([0-9A-Da-d*#]|1[0-5])\s*$", re.IGNORECASE | re.MULTILINE)
_PLAIN = re.compile(rb"\s*([0-9A-Da-d*#])\s*\Z")
_BY_EVENT = {b"10": "*", b"11": "#", b"12": "A", b"13": "B", b"14": "C", b"15": "D"}


def dialled(request: Request) -> str:
    """The digit (0-9 * # A-D) in ``application/dtmf-relay`` or ``application/dtmf``; empty: none."""
    pattern = {DTMF_RELAY: _SIGNAL.search, "application/dtmf": _PLAIN.match}.get(
        request.content_type.lower()
    )
    found = pattern(request.body[:256]) if pattern is not None else None
    return _BY_EVENT.get(found[1]) or found[1].decode("ascii").upper() if found else ""


def relay_body(digit: str) -> bytes:
    """The body of type ``DTMF_RELAY`` for one digit (0-9 * # A-D) of a sixth of a second."""
    return f"Signal={digit}\r\nDuration=160\r\n".encode("ascii")
