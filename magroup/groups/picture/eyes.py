"""Whose eyes see a group: viewers with the same eyes share what is made for them."""

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import Group
from magroup.model.languages import Language
from magroup.model.people import Privilege, User
from magroup.policy.rights import Rights


@fixed
class Eyes:
    """How an entry of the list is seen.

    ``is_own``: it is the viewer's own entry. ``sets_state``: the viewer sets the presence and forwarding of it.
    ``picks_up``: takes calls that ring there. ``dials``: has a phone.
    """

    is_own: bool = False
    sets_state: bool = False
    picks_up: bool = False
    dials: bool = False
    language: Language = Language.ENGLISH


@fixed
class Onlooker:
    """A viewer of one group: how the ``own`` entry is seen, and how those of the ``others``."""

    user_key: str
    own: Eyes
    others: Eyes

    def eyes(self, user_key: str) -> Eyes:
        """Those for the entry of a user, by casefolded name."""
        return self.own if user_key == self.user_key else self.others


def onlooker(configuration: Configuration, user: User, group_id: int, language: Language) -> Onlooker:
    """How ``user`` sees the group, which the user may see at all (``groups_for``)."""
    rights = Rights(user.name, user.privileges)
    dials = bool(user.lines)
    own = Eyes(True, True, False, dials, language)
    sets_state = rights.has(Privilege.TEAMMATE_STATUS) and rights.reaches(configuration, group_id)
    picks_up = dials and rights.is_in(configuration, group_id)
    return Onlooker(user.key, own, Eyes(False, sets_state, picks_up, dials, language))


def groups_for(configuration: Configuration, user: User) -> tuple[Group, ...]:
    """Those that the user may see: the own ones first, then by name."""
    own = {member.group_id for member in configuration.members_of_user(user.name)}
    seen = configuration.groups
    if Privilege.ADMIN not in user.privileges:
        seen = tuple(filter(None, map(configuration.group_by_id.get, own)))
    return tuple(sorted(seen, key=lambda group: (group.id not in own, group.name.casefold(), group.id)))
