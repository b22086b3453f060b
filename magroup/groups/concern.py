"""Which groups a change concerns: of a user's presence, or of a line that rings for one of the group's members."""

from collections import defaultdict
from collections.abc import Mapping

from magroup.model.snapshot import Snapshot
from magroup.policy import forwarded, instead_of_manager


def user(name: str) -> str:
    """What stands for a user."""
    return "user " + name.casefold()


def line(number: str) -> str:
    """What stands for a line, by its number as stored."""
    return "line " + number


def groups_concerned(snapshot: Snapshot) -> Mapping[str, set[int]]:
    """The ids of groups by their members' users, their lines, and the lines that those are forwarded to."""
    found: dict[str, set[int]] = defaultdict(set)
    for member in snapshot.configuration.members:
        own = snapshot.configuration.line(member.number)
        found[user(member.user_name)].add(member.group_id)
        found[line(own.number if own else member.number)].add(member.group_id)
        found[line(forwarded(snapshot, member.number).number)].add(member.group_id)
        if member.is_manager and (instead := instead_of_manager(snapshot, member)):
            found[line(instead.number)].add(member.group_id)
    return found
