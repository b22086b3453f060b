"""From the journal's files into the tables: a piece at a time while magroup runs, all that is left at the start."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, exc

from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.fixed import fixed
from magroup.store.journal.files import read
from magroup.store.journal.lines import Entry, Kind, last_moment
from magroup.store.journal.rows import insert_calls, insert_new_calls
from magroup.store.turns import take_turns

CLOSED_BY_RESTART = "closed by a restart"
"""The cause of calls that were up when magroup was killed."""

REFUSED = (exc.IntegrityError, exc.DataError, ValueError, TypeError, OverflowError)
"""What comes of values that the database does not take."""

BATCH = 500
"""Ended calls that are moved in one transaction."""

AT_ONCE = 100
"""Records that are let go of between two looks whether this thread's turn is over."""


@fixed
class Piece:
    """What was found in a part of a segment: where it ends, and the calls, ended or live.

    ``damaged`` counts lines that are none or that the database refuses, ``new`` the calls it did not have.
    """

    end: int
    ended: tuple[CallRecord, ...]
    live: tuple[CallRecord, ...]
    damaged: int
    new: int = 0


def read_piece(path: Path, start: int, end: int | None = None) -> Piece:
    """Up to BATCH ended calls from byte ``start`` of a segment. A torn last line is left out. Raises OSError."""
    piece_end = start
    damaged = 0
    found: dict[Kind, list[CallRecord]] = {kind: [] for kind in Kind}
    for line, line_end in read(path, start, end):
        piece_end = line_end
        take_turns()
        try:
            entry = Entry.decode(line)
        except ValueError:
            damaged += 1
            continue
        found[entry.kind].append(entry.call)
        if len(found[Kind.ENDED]) == BATCH:
            break
    return Piece(piece_end, tuple(found[Kind.ENDED]), tuple(found[Kind.LIVE]), damaged)


def move_piece(connection: Connection, path: Path, start: int, end: int | None = None) -> Piece:
    """Store the ended calls of ``read_piece``; those that the database refuses are counted as damaged."""
    piece = read_piece(path, start, end)
    new, refused = _move(connection, piece.ended)
    return replace(piece, new=new, damaged=piece.damaged + refused)


def move_calls(connection: Connection, calls: Sequence[CallRecord]) -> int:
    """Store ended calls; returns how many the database refuses."""
    return _move(connection, calls)[1]


def take_calls(connection: Connection, calls: list[CallRecord]) -> int:
    """The same, and nothing is left in ``calls``: the reactor would need a millisecond or two to let go of them."""
    refused = move_calls(connection, calls)
    while calls:
        del calls[-AT_ONCE:]
        take_turns()
    return refused


def _move(connection: Connection, calls: Sequence[CallRecord]) -> tuple[int, int]:
    """How many were new, and how many refused."""
    # They are new but for a piece that was moved when magroup was killed: it is not asked first.
    for insert in (insert_new_calls, insert_calls):
        try:
            with connection.begin_nested():
                return insert(connection, calls), 0
        except REFUSED:
            continue
    return _moved_one_by_one(connection, calls)


def _moved_one_by_one(connection: Connection, calls: Sequence[CallRecord]) -> tuple[int, int]:
    new = refused = 0
    for call in calls:
        take_turns()
        try:
            with connection.begin_nested():
                new += insert_calls(connection, [call])
        except REFUSED:
            refused += 1
    return new, refused


def close_calls(connection: Connection, live: Mapping[str, CallRecord], last_sign: float) -> int:
    """Store calls that never ended as closed by a restart, at the latest moment known of; returns how many are new."""
    return insert_calls(connection, (_closed(call, last_sign) for call in live.values()))


def _closed(call: CallRecord, last_sign: float) -> CallRecord:
    moment = max(last_moment(call), last_sign)
    legs = tuple(
        leg
        if leg.ended_at
        else replace(
            leg,
            ended_at=moment,
            cause=CLOSED_BY_RESTART,
            outcome=LegOutcome.ANSWERED if leg.answered_at else leg.outcome,
        )
        for leg in call.legs
    )
    return replace(call, ended_at=moment, cause=CLOSED_BY_RESTART, ended_by="switch", legs=legs)
