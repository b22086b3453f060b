"""Many things at once, as from a file: each row is answered, and all are put in their places together or none is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

from magroup.model.configuration import Configuration
from magroup.model.lines import Line, Phone
from magroup.model.people import Contact, User
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.lines import MOST_LINES, checked_line, checked_phone
from magroup.policy.editing.people import MOST_CONTACTS, MOST_USERS, checked_contact, checked_user
from magroup.policy.editing.rules import Rules, check_room, new_id

Row = Mapping[str, Any]


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


class RowAnswer(NamedTuple):
    """``fields`` are the names of those that get another value; ``before`` and ``now`` the thing, None for none."""

    outcome: Outcome
    fields: tuple[str, ...] = ()
    before: Any = None
    now: Any = None
    field: str = ""
    sentence: str = ""


class _Kind(NamedTuple):
    """``key`` is the field by which a thing is found, ``same`` what is equal for two spellings of it."""

    key: str
    empty: Any
    found: Callable[[Configuration, str], Any]
    same: Callable[[Configuration, str], str]
    checked: Callable[[Configuration, Rules, Any, Any], Any]
    most: int
    has_ids: bool


def _canonical(configuration: Configuration, number: str) -> str:
    return configuration.plan.canonical(number)


def _casefolded(configuration: Configuration, name: str) -> str:
    return name.casefold()


_KINDS: Mapping[str, _Kind] = {
    "users": _Kind(
        "name", User(0, ""), Configuration.user, _casefolded,
        lambda configuration, rules, before, user: checked_user(configuration, before, user), MOST_USERS, True,
    ),
    "lines": _Kind("number", Line(""), Configuration.line, _canonical, checked_line, MOST_LINES, False),
    "phones": _Kind(
        "device_name", Phone(""), Configuration.phone, _casefolded,
        lambda configuration, rules, before, phone: checked_phone(configuration, before, phone), MOST_LINES, False,
    ),
    "contacts": _Kind(
        "number", Contact(0, ""), Configuration.contact_of_number, _canonical,
        lambda configuration, rules, before, contact: checked_contact(contact), MOST_CONTACTS, True,
    ),
}  # fmt: skip


def put_all(
    configuration: Configuration, rules: Rules, kind: str, rows: Sequence[Row],
    refusal: Callable[[Any, Row], EditError | None] = lambda before, values: None,
) -> tuple[Configuration, list[RowAnswer]]:  # fmt: skip
    """The configuration with all rows, and what becomes of each; the very same where one is wrong.

    A row holds values of fields; things that are there already keep the others. ``refusal`` says why a thing, None for
    a new one, may not get such values.
    """
    of = _KINDS[kind]
    answers: list[RowAnswer] = []
    seen: set[str] = set()
    room = of.most - len(getattr(configuration, kind))
    for values in rows:
        try:
            answer = _answer(configuration, rules, of, values, seen, refusal)
            if answer.outcome is Outcome.NEW:
                check_room(of.key, of.most - room, of.most)
                room -= 1
        except EditError as error:
            answer = RowAnswer(Outcome.WRONG, field=error.field, sentence=error.sentence)
        answers.append(answer)
    if any(answer.outcome is Outcome.WRONG for answer in answers):
        return configuration, answers
    return _with(configuration, kind, of, answers), answers


def _answer(
    configuration: Configuration, rules: Rules, of: _Kind, values: Row, seen: set[str],
    refusal: Callable[[Any, Row], EditError | None],
) -> RowAnswer:  # fmt: skip
    key: str = values[of.key]
    before = of.found(configuration, key) if key else None
    same = of.same(configuration, key)
    if key and same in seen:
        raise EditError(Problem.TAKEN, of.key, f"the file has {key} twice")
    seen.add(same)
    if (refused := refusal(before, values)) is not None:
        raise refused
    # A thing that is there keeps its spelling.
    others = {name: value for name, value in values.items() if name != of.key or before is None}
    now = of.checked(configuration, rules, before or of.empty, replace(before or of.empty, **others))
    fields = tuple(name for name in others if getattr(now, name) != getattr(before or of.empty, name))
    if before is None:
        return RowAnswer(Outcome.NEW, fields, None, now)
    return RowAnswer(Outcome.CHANGED if fields else Outcome.UNCHANGED, fields, before, now)


def _with(configuration: Configuration, kind: str, of: _Kind, answers: Sequence[RowAnswer]) -> Configuration:
    changed = {id(one.before): one.now for one in answers if one.outcome is Outcome.CHANGED}
    new = [one.now for one in answers if one.outcome is Outcome.NEW]
    if not changed and not new:
        return configuration
    things = [changed.get(id(thing), thing) for thing in getattr(configuration, kind)]
    last_ids = configuration.last_ids
    if of.has_ids and new:
        first, _ = new_id(configuration, kind)
        new = [replace(thing, id=place) for place, thing in enumerate(new, first)]
        last_ids = replace(last_ids, **{kind: new[-1].id})
    return configuration.changed(**{kind: (*things, *new), "last_ids": last_ids})
