"""Where people send calls: a number, a member of a group, or a member's mailbox."""

from magroup.groups.steering.refusals import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.numbers import bare, is_diallable
from magroup.model.people import User
from magroup.policy.rights import Rights


@fixed
class Target:
    """One of the three is there; ``member`` and ``voicemail`` are members' ids."""

    number: str | None = None
    member: int | None = None
    voicemail: int | None = None


def number_of(configuration: Configuration, user: User, target: Target) -> str:
    """The number that ``user`` means. Raises Refused."""
    match target:
        case Target(number=str(number), member=None, voicemail=None):
            if not is_diallable(number):
                raise Refused(Why.NO_NUMBER, number[:40])
            return bare(number)
        case Target(number=None, member=int(member_id), voicemail=None):
            return _member(configuration, user, member_id)[0]
        case Target(number=None, member=None, voicemail=int(member_id)):
            owner = configuration.user(_member(configuration, user, member_id)[1])
            if owner is None or not owner.voicemail:
                raise Refused(Why.NO_VOICEMAIL)
            return bare(owner.voicemail)
    raise Refused(Why.NO_TARGET)


def _member(configuration: Configuration, user: User, member_id: int) -> tuple[str, str]:
    """Number and user name of a member of a group that the user sees."""
    member = configuration.member_by_id.get(member_id)
    if member is None or not Rights(user.name, user.privileges).reaches(configuration, member.group_id):
        raise Refused(Why.NO_MEMBER)
    return member.number, member.user_name
