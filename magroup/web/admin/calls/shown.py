"""SIP messages as text for people: whatever a peer has put into them is seen, and does nothing."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from magroup.model.trace import Address, CallTrace, SipMessage

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


def readable(data: bytes) -> str:
    """With line feeds for line ends; what is no UTF-8, controls and marks that turn the text round are escaped."""
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return clean(text)


def clean(text: str) -> str:
    """Without characters that are not seen or change how others are."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def end(address: Address) -> str:
    """``192.0.2.1:5060``, ``[2001:db8::1]:5060``."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def precise(seconds: float, clock: ZoneInfo | None) -> str:
    """The time of the day in milliseconds."""
    return datetime.fromtimestamp(seconds, clock).isoformat(sep=" ", timespec="milliseconds")[11:23]


def route(message: SipMessage) -> str:
    """How a message went."""
    return f"{message.transport.upper()} {end(message.source)} to {end(message.target)}"


def as_text(trace: CallTrace) -> bytes:
    """All messages, one after the other, with times in UTC."""
    parts = []
    for message in trace.messages:
        at = datetime.fromtimestamp(message.at, ZoneInfo("UTC")).isoformat(sep=" ", timespec="microseconds")[:26]
        parts.append(f"{at} UTC  {route(message)}\n\n{readable(message.data).rstrip()}\n\n\n")
    if trace.lost:
        parts.append(f"{trace.lost} more messages were not kept.\n")
    return "".join(parts).encode()
