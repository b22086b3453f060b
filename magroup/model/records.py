"""What is asked of the records of calls and of the audit trail, and the pages of an answer."""

from typing import NamedTuple

from magroup.model.audit import Change
from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.fixed import fixed

Place = tuple[float, str]
"""Where a call stands among the others: its start (UTC seconds), and its id."""


@fixed
class CallsWanted:
    """All that is given must fit; ``start`` (UTC seconds) is in the range, ``end`` is not.

    ``group_id``: the group was dialled, or has rung a leg. ``numbers``: one of them is the caller, was called or is a
    leg's. ``user_names`` and ``outcome``: a leg of one of these users, which ended so. ``text`` is in a name or number.
    ``of_groups``: only calls to groups and those on members' lines.
    """

    start: float | None = None
    end: float | None = None
    group_id: int = 0
    numbers: tuple[str, ...] = ()
    user_names: tuple[str, ...] = ()
    outcome: LegOutcome | None = None
    text: str = ""
    of_groups: bool = False
    newest_first: bool = True


class CallPage(NamedTuple):
    """Calls in their order, and the place after which the next page begins, None at the end.

    There may be fewer calls than were asked for, even none, before the end: so much is looked through at a time.
    """

    calls: tuple[CallRecord, ...]
    next: Place | None


@fixed
class ChangesWanted:
    """All that is given must fit; ``start`` (UTC seconds) is in the range, ``end`` is not. ``who`` "" is nobody."""

    start: float | None = None
    end: float | None = None
    who: str | None = None
    what: str = ""
    key: str = ""


class Entry(NamedTuple):
    """An entry of the audit trail with its place in it."""

    id: int
    change: Change


class ChangePage(NamedTuple):
    """Entries, the newest first; the page after this one has those before the id ``next``, 0 at the end."""

    entries: tuple[Entry, ...]
    next: int
