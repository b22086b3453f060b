"""Whether a phone or a member is the one who calls: the caller is never rung (spec 1.2 step 1)."""

from magroup.model.groups import Member
from magroup.model.snapshot import Snapshot


def is_caller(snapshot: Snapshot, member: Member, caller_number: str) -> bool:
    """Whether the one who calls is ``member``: from the member's line, or from another line of the same user."""
    if not caller_number:
        return False
    if snapshot.configuration.plan.same(member.number, caller_number):
        return True
    user = snapshot.configuration.user_of_number(caller_number)
    return user is not None and user.key == member.user_name.casefold()


def is_callers_number(snapshot: Snapshot, number: str, caller_number: str) -> bool:
    """Whether ``number`` is the caller's own, or that of another line of the same user."""
    configuration = snapshot.configuration
    if not caller_number:
        return False
    if configuration.plan.same(number, caller_number):
        return True
    user = configuration.user_of_number(caller_number)
    return user is not None and user == configuration.user_of_number(number)
