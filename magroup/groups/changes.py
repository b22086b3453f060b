"""What the board tells: changes of presence, forwarding, line states, calls, the configuration and the settings."""

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from magroup.cti.events import CallEvent
from magroup.groups.forwarding import ForwardingChange
from magroup.model.configuration import Configuration
from magroup.model.differences import Difference, differences
from magroup.model.fixed import fixed
from magroup.model.lines import LineState
from magroup.model.presence import PresenceState


@fixed
class PresenceChange:
    """What is shown of a user, by casefolded name, and what the user has ``said``."""

    user_name: str
    state: PresenceState
    said: PresenceState


@fixed
class LineChange:
    """What the line, by its number as stored, is doing."""

    number: str
    state: LineState


@fixed
class CallChange:
    """What happened to a call."""

    event: CallEvent


@fixed
class ConfigurationChange:
    """A thing was ``created``, ``changed`` or ``deleted``; ``kind`` is the name of its list, ``group_id`` its group.

    ``changed_by`` is "" for a change that nobody made. ``concerned`` are casefolded names of users who may know of it
    although they have to do with the group no more.
    """

    kind: str
    key: str
    how: str
    group_id: int = 0
    changed_by: str = ""
    concerned: frozenset[str] = field(default=frozenset(), repr=False)


@fixed
class SettingsChange:
    """Settings with these names have other values."""

    names: tuple[str, ...]
    changed_by: str = ""


Change = PresenceChange | ForwardingChange | LineChange | CallChange | ConfigurationChange | SettingsChange


@fixed
class News:
    """A change with the number that it has on the board, at ``at`` (clock seconds)."""

    number: int
    at: float
    change: Change


def configuration_changes(old: Configuration, new: Configuration, who: str) -> Iterator[ConfigurationChange]:
    """All of them, made when they are asked for."""
    for one in differences(old, new):
        how = "created" if one.old is None else "deleted" if one.new is None else "changed"
        group_id = _group_id(one.old or one.new, one.kind, old if one.new is None else new)
        concerned = _users_in(old, group_id) if group_id and one.new is None else frozenset[str]()
        yield ConfigurationChange(one.kind, _key(one), how, group_id, who, concerned)


def _key(one: Difference) -> str:
    return str(one.key)


def _group_id(thing: Any, kind: str, configuration: Configuration) -> int:
    if kind == "groups":
        id: int = thing.id
        return id
    if kind == "vips":
        member = configuration.member_by_id.get(thing.member_id)
        return member.group_id if member is not None else 0
    return getattr(thing, "group_id", 0)


def _users_in(configuration: Configuration, group_id: int) -> frozenset[str]:
    return frozenset(member.user_name.casefold() for member in configuration.members_of(group_id))
