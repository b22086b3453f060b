"""Things that are listed, made, changed and deleted in one way: each kind says what is its own."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from magroup.groups.editing import Rules
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.web.admin.reading import Reader
from magroup.web.admin.switch.states import State
from magroup.web.admin.visit import AdminVisit, Outcome

Values = dict[str, Any]
Shown = dict[str, Any]

OF = "of"
"""The part of an address that names a thing."""


class Cell(NamedTuple):
    """Of a row: ``url`` where it leads somewhere, ``picture`` in front of it; ``colour`` for a state, with ``more``."""

    text: str
    url: str = ""
    picture: str = ""
    colour: str = ""
    more: str = ""

    @classmethod
    def of(cls, state: State) -> "Cell":
        """A state in its colour."""
        return cls(state.word, colour=state.colour if state.word else "", more=state.more)


async def _as_it_is(visit: AdminVisit, reader: Reader, values: Values) -> Values:
    return values


async def _no_more(visit: AdminVisit, thing: Any, values: Values) -> Outcome | None:
    return None


def _everybody(visit: AdminVisit, thing: Any, values: Values) -> str:
    return ""


def _nothing(visit: AdminVisit, thing: Any) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of thing at ``path``; an address names one by what ``key_of`` gives, which is ``key_field`` of the form
    where people choose it.

    ``heads`` are those of the list's columns, ``row`` gives the cells, ``text`` (casefolded) is searched, ``order``
    sorts. ``shown`` gives what the form holds of a thing, or of a new one (None), and all that it lets choose from;
    ``read`` the values of what was typed. ``prepared`` does what takes its time before the edit. ``refusal`` says why
    this user may not, "" where that is allowed. ``made`` may show another page after it was made or changed. ``fields``
    are names of the form by those of the edit, where they differ. ``touched`` says what goes or stays with a deletion.
    """

    name: str
    title: str
    plural: str
    path: str
    template: str
    heads: tuple[str, ...]
    note: str = ""
    listed: Callable[[Configuration], Sequence[Any]]
    found: Callable[[Configuration, str], Any | None]
    key_of: Callable[[Any], object]
    label: Callable[[Any], str]
    row: Callable[[AdminVisit, Any], Sequence[Cell]]
    text: Callable[[Any], str]
    order: Callable[[Any], Any]
    shown: Callable[[AdminVisit, Any], Shown]
    read: Callable[[AdminVisit, Reader, Any], Values]
    prepared: Callable[[AdminVisit, Reader, Values], Awaitable[Values]] = _as_it_is
    refusal: Callable[[AdminVisit, Any, Values], str] = _everybody
    made: Callable[[AdminVisit, Any, Values], Awaitable[Outcome | None]] = _no_more
    add: Callable[[Configuration, Rules, Values], Configuration]
    change: Callable[[Configuration, Rules, Any, Values], Configuration]
    delete: Callable[[Configuration, Any], Configuration]
    added: Callable[[Configuration, Values], str]
    touched: Callable[[AdminVisit, Any], Sequence[str]] = _nothing
    key_field: str = ""
    fields: Mapping[str, str] | None = None
    privileges: tuple[Privilege, ...] = ()

    def asked(self, visit: AdminVisit) -> Any | None:
        """The thing that the address names."""
        return self.found(visit.configuration, visit.text(OF))

    def url(self, visit: AdminVisit, what: str, thing: Any) -> str:
        return visit.url(f"{self.path}/{what}", **{OF: self.key_of(thing)})


def tag_of(thing: Any) -> str:
    """What is another one after each change: the second of two writers is told by it."""
    return hashlib.sha256(repr(_whole(thing)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _whole(thing: Any) -> Any:
    # Secrets, which a thing does not show, count as well.
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}
