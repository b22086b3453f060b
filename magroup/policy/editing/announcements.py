"""The waiting announcements of groups: priorities from 1 without gaps, in playing order."""

from collections.abc import Iterable
from dataclasses import replace

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.groups import group_of
from magroup.policy.editing.rules import Rules, check_integer, check_room, check_text, new_id, unknown, with_instead

MOST_ANNOUNCEMENTS = 100
"""Announcements of one group."""


def announcement_of(configuration: Configuration, id: int) -> Announcement:
    for found in configuration.announcements:
        if found.id == id:
            return found
    raise unknown("announcement_id", "announcement", id)


def add_announcement(
    configuration: Configuration, rules: Rules, group_id: int, wave: str, priority: int | None = None
) -> Configuration:
    """A new announcement before the one with this ``priority``, or at the end; its id is ``last_ids.announcements``."""
    listed = list(configuration.announcements_of(group_of(configuration, group_id).id))
    check_room("announcements", len(listed), MOST_ANNOUNCEMENTS)
    if priority is not None and priority < 0:
        raise EditError(Problem.INVALID, "priority", "priority must be a whole number from 1")
    id, last_ids = new_id(configuration, "announcements")
    place = len(listed) if priority is None else min(max(priority, 1) - 1, len(listed))
    listed.insert(place, Announcement(id, group_id, _wave(rules, wave), 0))
    return _with_list(configuration.changed(last_ids=last_ids), group_id, listed)


def change_announcement(configuration: Configuration, rules: Rules, id: int, wave: str) -> Configuration:
    """Let it play another sound."""
    before = announcement_of(configuration, id)
    if before.wave == wave:
        return configuration
    return with_instead(configuration, "announcements", before, replace(before, wave=_wave(rules, wave)))


def delete_announcement(configuration: Configuration, id: int) -> Configuration:
    gone = announcement_of(configuration, id)
    listed = [one for one in configuration.announcements_of(gone.group_id) if one is not gone]
    return _with_list(configuration, gone.group_id, listed)


def move_announcement(configuration: Configuration, id: int, up: bool) -> Configuration:
    """One place up or down; at the ends nothing changes."""
    moved = announcement_of(configuration, id)
    listed = list(configuration.announcements_of(moved.group_id))
    place = listed.index(moved)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(listed):
        return configuration
    listed[place], listed[other] = listed[other], listed[place]
    return _with_list(configuration, moved.group_id, listed)


def place_announcement(configuration: Configuration, id: int, priority: int) -> Configuration:
    """The announcement at this place of the playing order, from 1."""
    placed = announcement_of(configuration, id)
    check_integer("priority", priority, 1, MOST_ANNOUNCEMENTS)
    listed = [one for one in configuration.announcements_of(placed.group_id) if one is not placed]
    listed.insert(priority - 1, placed)
    return _with_list(configuration, placed.group_id, listed)


def _wave(rules: Rules, name: str) -> str:
    stored = rules.wave(check_text("wave", name, checks.file_name, required=True))
    if not stored:
        raise EditError(Problem.UNKNOWN, "wave", f"there is no sound {name}")
    return stored


def _with_list(configuration: Configuration, group_id: int, listed: Iterable[Announcement]) -> Configuration:
    others = tuple(one for one in configuration.announcements if one.group_id != group_id)
    own = tuple(replace(one, priority=place) for place, one in enumerate(listed, 1))
    return configuration.changed(announcements=(*others, *own))
