"""Two writers at one group: whoever has read it before the other's change gets a conflict."""

import hashlib

from magroup.model.configuration import Configuration
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.groups import group_of


def group_tag(configuration: Configuration, group_id: int) -> str:
    """What is another one after each change of the group, its members, announcements or VIP lists: fit for an ETag."""
    members = configuration.members_of(group_id)
    whole = (
        group_of(configuration, group_id),
        members,
        configuration.announcements_of(group_id),
        [configuration.vips_of(member.id) for member in members],
    )
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:32]


def expect_group(configuration: Configuration, group_id: int, tag: str) -> None:
    """Raise EditError where the group is not as it was when it had this tag."""
    if group_tag(configuration, group_id) != tag:
        raise EditError(Problem.CONFLICT, "group_id", f"the group {group_id} was changed by somebody else meanwhile")
