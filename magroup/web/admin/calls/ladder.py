"""The messages of a call as a picture: a column for each party, an arrow for each message, time downwards."""

from collections.abc import Callable
from dataclasses import dataclass

from magroup.model.trace import CallTrace, SipLeg, SipMessage
from magroup.web.admin.calls.shown import clean, end

OURS = "magroup"
AT_ONCE = 100
"""Messages of one picture, which takes the reactor some 4 ms."""

TIMES, EDGE, APART, HEAD, ROW = 62, 70, 152, 56, 34
"""Widths and heights in pixels: of the times, from there to the first column, between columns, of heads and rows."""

CHALLENGES = (401, 407)
"""Asked for a password: that is no failure."""

LONGEST_LABEL, LONGEST_NAME, LONGEST_ADDRESS = 22, 18, 24

Party = tuple[str, tuple[str, int]]
"""A number and where it is: the same phone may have several legs."""


@dataclass(frozen=True)
class Column:
    """A party: ``name`` is shown, with its ``address`` below; ``told`` has all of both."""

    x: int
    name: str
    address: str
    full_name: str
    told: str


@dataclass(frozen=True)
class Arrow:
    """A message at ``y`` from ``x1`` to ``x2``; ``turn`` is the direction, 1 to the right.

    ``kind`` is request, progress, success or failure; ``told`` says all of it in words.
    """

    number: int
    y: int
    x1: int
    x2: int
    turn: int
    label: str
    since: str
    kind: str
    is_again: bool
    told: str

    @property
    def middle(self) -> int:
        return (self.x1 + self.x2) // 2


@dataclass(frozen=True)
class Ladder:
    """``first`` and ``last`` count the messages from 1, ``total`` all of them."""

    columns: tuple[Column, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int
    first: int
    last: int
    total: int


def ladder(trace: CallTrace, name_of: Callable[[str], str], page: int = 1) -> Ladder:
    """The messages of a page, which counts from 1; ``name_of`` a number is "" where nobody is known."""
    pages = max(1, -(-len(trace.messages) // AT_ONCE))
    start = (min(max(1, page), pages) - 1) * AT_ONCE
    messages = trace.messages[start : start + AT_ONCE]
    places = _places(trace)
    columns = [Column(_x(1), OURS, "", OURS, OURS)]
    named: set[Party] = set()
    for leg in trace.legs:
        party = _party(leg)
        if party not in named:
            named.add(party)
            columns.append(_column(leg, _x(places[party]), name_of))
    began = trace.messages[0].at if trace.messages else 0.0
    columns.sort(key=lambda column: column.x)
    arrows = tuple(
        _arrow(message, at, _x(places[_party(trace.legs[message.leg])]), began, columns)
        for at, message in enumerate(messages)
    )  # fmt: skip
    return Ladder(
        tuple(columns), arrows, columns[-1].x + EDGE, HEAD + ROW * len(arrows) + 12, start + 1 if messages else 0,
        start + len(messages), len(trace.messages),
    )  # fmt: skip


def _places(trace: CallTrace) -> dict[Party, int]:
    """Who calls is on the left, we next to it, all others on the right in the order in which they came."""
    caller = next((leg for leg in trace.legs if leg.calls), trace.legs[0])
    found = {_party(caller): 0}
    for leg in trace.legs:
        found.setdefault(_party(leg), len(found) + 1)
    return found


def _party(leg: SipLeg) -> Party:
    return leg.number, leg.address


def _x(place: int) -> int:
    return TIMES + EDGE + place * APART


def _column(leg: SipLeg, x: int, name_of: Callable[[str], str]) -> Column:
    number = clean(leg.number)
    name = clean(name_of(leg.number) or leg.name)
    full_name = f"{name} {number}".strip() or "Anonymous"
    address = end(leg.address)
    return Column(
        x, _cut(name or number or "Anonymous", LONGEST_NAME), _cut(address, LONGEST_ADDRESS), full_name,
        f"{full_name}, {leg.transport.upper()} {address}",
    )  # fmt: skip


def _arrow(message: SipMessage, at: int, x: int, began: float, columns: list[Column]) -> Arrow:
    ours = _x(1)
    x1, x2 = (ours, x) if message.is_sent else (x, ours)
    title = clean(message.title) or "?"
    label = title + (f" ({clean(message.method)})" if message.status and message.method != "INVITE" else "")
    ends = {column.x: column.full_name for column in columns}
    since = f"+{message.at - began:.3f}"
    told = f"{since} s: {label} from {ends[x1]} to {ends[x2]}"
    told += (", with a session description" if message.has_sdp else "") + (", again" if message.is_again else "")
    return Arrow(
        message.number, HEAD + ROW * at + ROW // 2 + 6, x1, x2, 1 if x2 > x1 else -1,
        _cut(label, LONGEST_LABEL - 4 * message.has_sdp) + (" SDP" if message.has_sdp else ""), since,
        kind(message.status), message.is_again, told,
    )  # fmt: skip


def kind(status: int) -> str:
    """Of an answer by its status, of a request for 0."""
    if not status:
        return "request"
    if status < 200 or status in CHALLENGES:
        return "progress"
    return "success" if status < 300 else "failure"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
