"""The members of a group as they are listed, and who can become one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.people import User
from magroup.model.short_names import short_name
from magroup.web.admin.reading import Reader
from magroup.web.admin.visit import AdminVisit

MOST_FOUND = 20


class MemberRow(NamedTuple):
    """``lines`` are the numbers to choose from; ``shows`` is Show Status."""

    id: int
    first_name: str
    last_name: str
    number: str
    short_name: str
    shows: bool
    is_manager: bool
    lines: tuple[str, ...]
    up: bool
    down: bool


class Candidate(NamedTuple):
    """Somebody found by number, first or last name, with the short name that the group would give."""

    user_name: str
    name: str
    lines: tuple[str, ...]
    short_name: str


def members_shown(
    visit: AdminVisit, configuration: Configuration, group: Group, reader: Reader | None, member: int
) -> dict[str, Any]:
    """``reader`` has what was typed in the row of ``member``."""
    members = configuration.members_of(group.id)
    wanted = visit.text("find", 200).strip()
    return {
        "members": [_row(configuration, members, place, reader, member) for place in range(len(members))],
        "tag": edits.group_tag(configuration, group.id) if group.id in configuration.group_by_id else "",
        "find": wanted, "wrong_member": member,
        "found": list(_found(configuration, group, wanted)) if wanted else [], "most": MOST_FOUND,
        "order": ",".join(str(one.id) for one in members),
    }  # fmt: skip


def _row(
    configuration: Configuration, members: tuple[Member, ...], place: int, reader: Reader | None, typed_at: int
) -> MemberRow:  # fmt: skip
    member = members[place]
    user = configuration.user(member.user_name) or User(0, member.user_name)
    line = configuration.line(member.number)
    typed = reader.typed if reader is not None and typed_at == member.id else {}
    number = typed.get("number", member.number)
    shows = bool(line and line.displayed_group == member.group_id)
    lines = tuple(dict.fromkeys((number, member.number, *user.lines)))
    return MemberRow(
        member.id, user.first_name or user.name, user.last_name, number, typed.get("short_name", member.short_name),
        bool(typed["shows"]) if "shows" in typed else shows, member.is_manager, lines,
        place > 0 and not members[place - 1].is_manager and not member.is_manager,
        place + 1 < len(members) and not member.is_manager,
    )  # fmt: skip


def _found(configuration: Configuration, group: Group, wanted: str) -> Iterator[Candidate]:
    """The first few; whoever is in the group already with all lines is left out."""
    taken = {member.short_name.casefold() for member in configuration.members_of(group.id)}
    there = {(member.user_name.casefold(), member.number) for member in configuration.members_of(group.id)}
    words = wanted.casefold().split()
    left = MOST_FOUND
    for user in configuration.users:
        text = f"{user.first_name} {user.last_name} {' '.join(user.lines)}".casefold()
        lines = tuple(line for line in user.lines if (user.key, line) not in there)
        if not left or not lines or not all(word in text for word in words):
            continue
        left -= 1
        yield Candidate(user.name, user.full_name, lines, short_name(user.first_name, user.name, taken))
