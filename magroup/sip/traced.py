"""What a trace kept, read: who is at the other end of each Call-ID, and its messages in the order of time."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from magroup.model.trace import Address, CallTrace, SipLeg, SipMessage
from magroup.sip.errors import GrammarError
from magroup.sip.headers import parse_address
from magroup.sip.hop import Hop
from magroup.sip.redaction import redacted
from magroup.sip.trace import Entry
from magroup.sip.uri import readable

LONGEST_TITLE: Final = 60
_START: Final = re.compile(rb"\s*(?:SIP/2\.0 +(\d{3}) ?([^\r\n]*)|(\S{1,40}) )", re.IGNORECASE)
_CSEQ: Final = re.compile(rb"\nCSeq[ \t]*:\s*\d+\s+(\S{1,40})", re.IGNORECASE)
_CALL_ID: Final = re.compile(rb"\n(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_FROM: Final = re.compile(rb"\n(?:From|f)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_TO: Final = re.compile(rb"\n(?:To|t)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_SDP: Final = re.compile(rb"\n(?:Content-Type|c)[ \t]*:[ \t]*(?:application/sdp|multipart/)", re.IGNORECASE)


def read(tracks: Sequence[Sequence[Entry]], lost: int, local: Mapping[Hop, Address]) -> CallTrace:
    """``local`` has our address towards each hop. Takes a millisecond for a few dozen messages."""
    there = [track for track in tracks if track]
    legs = tuple(_leg(track[0]) for track in there)
    messages: list[SipMessage] = []
    for place, track in enumerate(there):
        seen: set[tuple[bool, bytes]] = set()
        for entry in track:
            _, _, is_sent, hop, data = entry
            messages.append(_message(place, entry, local[hop], (is_sent, data) in seen))
            seen.add((is_sent, data))
    return CallTrace(legs, tuple(sorted(messages, key=lambda message: message.number)), lost)


def _leg(first: Entry) -> SipLeg:
    """By its first message: normally the INVITE."""
    _, _, is_sent, hop, raw = first
    data = redacted(raw)
    try:
        party = parse_address(_text(_found(_TO if is_sent else _FROM, data)))
        number, name = party.uri.number, party.name
    except GrammarError:
        number = name = ""
    return SipLeg(_text(_found(_CALL_ID, data)), number, name, (hop.host, hop.port), hop.transport, not is_sent)


def _message(leg: int, entry: Entry, ours: Address, is_again: bool) -> SipMessage:
    number, at, is_sent, hop, raw = entry
    data = redacted(raw)
    theirs = (hop.host, hop.port)
    source, target = (ours, theirs) if is_sent else (theirs, ours)
    start = _START.match(data)
    status = int(start[1]) if start and start[1] else 0
    title = f"{status} {_text(start[2])}".rstrip() if start and status else _text(start[3]) if start else ""
    return SipMessage(
        number, at, leg, is_sent, hop.transport, source, target, data, title[:LONGEST_TITLE],
        _text(_found(_CSEQ, data)), status, _SDP.search(data) is not None, is_again,
    )  # fmt: skip


def _found(what: re.Pattern[bytes], data: bytes) -> bytes:
    found = what.search(data)
    return found[1] if found else b""


def _text(data: bytes) -> str:
    return readable(data.decode("utf-8", "surrogateescape")).strip()
