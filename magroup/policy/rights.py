"""What somebody may see and change by privileges and memberships (spec 2; the manual's "Privileges")."""

from collections.abc import Collection
from dataclasses import dataclass

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege


@dataclass(frozen=True)
class Rights:
    """The rights of ``user_name`` with these privileges, by name; all of them take the configuration of the moment."""

    user_name: str
    privileges: Collection[str]

    def has(self, *privileges: Privilege) -> bool:
        """Whether the user has one of them."""
        return any(privilege.value in self.privileges for privilege in privileges)

    def is_in(self, configuration: Configuration, group_id: int) -> bool:
        return any(member.group_id == group_id for member in configuration.members_of_user(self.user_name))

    def reaches(self, configuration: Configuration, group_id: int) -> bool:
        """Whether the group is among those that the user has to do with: the own ones, all with Admin."""
        return self.has(Privilege.ADMIN) or self.is_in(configuration, group_id)

    def edits_group(self, configuration: Configuration, group_id: int) -> bool:
        return self.has(Privilege.GROUPS, Privilege.ADMIN) and self.reaches(configuration, group_id)

    def deletes_group(self, configuration: Configuration, group_id: int) -> bool:
        """To delete it, or give it another name."""
        return self.has(Privilege.GROUPS) and self.reaches(configuration, group_id)

    def edits_members(self, configuration: Configuration, group_id: int) -> bool:
        may = self.has(Privilege.GROUPS, Privilege.MEMBERS_MANAGEMENT, Privilege.ADMIN)
        return may and self.reaches(configuration, group_id)

    def edits_vips(self, configuration: Configuration, group_id: int) -> bool:
        return self.has(Privilege.VIP_LIST, Privilege.ADMIN) and self.reaches(configuration, group_id)

    def knows(self, configuration: Configuration, user_name: str) -> bool:
        """Whether the user sees that one's presence and forwarding: one's own, in shared groups, all with Admin."""
        if self.has(Privilege.ADMIN) or self.user_name.casefold() == user_name.casefold():
            return True
        own = {member.group_id for member in configuration.members_of_user(self.user_name)}
        return any(member.group_id in own for member in configuration.members_of_user(user_name))

    def sets_state(self, configuration: Configuration, user_name: str) -> bool:
        """Presence and forwarding: one's own, others' with TeammateStatus where the user ``knows`` them."""
        if self.user_name.casefold() == user_name.casefold():
            return True
        return self.has(Privilege.TEAMMATE_STATUS) and self.knows(configuration, user_name)
