"""Which changes concern a group: of a user's presence, or of a line that rings for one of the group's members."""

from magroup.model.snapshot import Snapshot
from magroup.policy import forwarded, instead_of_manager


def user(name: str) -> str:
    """What stands for a user."""
    return "user " + name.casefold()


def line(number: str) -> str:
    """What stands for a line, by its number as stored."""
    return "line " + number


def concerns(snapshot: Snapshot, group_id: int) -> set[str]:
    """The users in the group, their lines, and the lines that those are forwarded to."""
    found: set[str] = set()
    for member in snapshot.configuration.members_of(group_id):
        own = snapshot.configuration.line(member.number)
        found.add(user(member.user_name))
        found.add(line(own.number if own else member.number))
        found.add(line(forwarded(snapshot, member.number).number))
        if member.is_manager and (instead := instead_of_manager(snapshot, member)):
            found.add(line(instead.number))
    return found
