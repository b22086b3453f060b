"""What somebody may see and change by privileges and memberships (spec 2; the manual's "Privileges")."""

from collections.abc import Collection, Iterable, Iterator

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import Group, Member
from magroup.model.people import Privilege


@fixed
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
        return self.opens_groups() and self.reaches(configuration, group_id)

    def opens_groups(self) -> bool:
        """Whether there is anything to do about groups and their members."""
        return self.has(Privilege.GROUPS, Privilege.MEMBERS_MANAGEMENT, Privilege.ADMIN)

    def edits_manager_options(self, configuration: Configuration, group_id: int) -> bool:
        """The manager number and the timeouts, on a phone: the group's manager, and everywhere with Admin."""
        manager = configuration.manager_of(group_id)
        manages = manager is not None and manager.user_name.casefold() == self.user_name.casefold()
        return self.edits_group(configuration, group_id) and (manages or self.has(Privilege.ADMIN))

    def joins_group(self, configuration: Configuration, group_id: int) -> bool:
        """Whether the user may become a member: where there is no manager, everywhere with Admin."""
        if not self.opens_groups() or self.is_in(configuration, group_id):
            return False
        return self.has(Privilege.ADMIN) or configuration.manager_of(group_id) is None

    def groups_to_join(self, configuration: Configuration) -> list[Group]:
        """All of those, by name; there may be thousands."""
        if not self.opens_groups():
            return []
        own = {member.group_id for member in configuration.members_of_user(self.user_name)}
        is_admin = self.has(Privilege.ADMIN)
        found = [
            group
            for group in configuration.groups
            if group.id not in own and (is_admin or configuration.manager_of(group.id) is None)
        ]
        return sorted(found, key=lambda group: (group.name.casefold(), group.id))

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

    def knows_line(self, configuration: Configuration, number: str) -> bool:
        """Whether the user sees what a line does, and its forwarding; ``number`` is as stored."""
        return self.has(Privilege.ADMIN) or number in self.lines(configuration)

    def sets_line(self, configuration: Configuration, number: str) -> bool:
        """The forwarding of a line: one's own, others' with TeammateStatus where the user ``knows_line``."""
        user = configuration.user(self.user_name)
        if user is not None and number in _stored(configuration, user.lines):
            return True
        return self.has(Privilege.TEAMMATE_STATUS) and self.knows_line(configuration, number)

    def people(self, configuration: Configuration) -> frozenset[str]:
        """Those whom the user knows without Admin, by casefolded name."""
        colleagues = (member.user_name.casefold() for member in self._colleagues(configuration))
        return frozenset({self.user_name.casefold(), *colleagues})

    def lines(self, configuration: Configuration) -> frozenset[str]:
        """Lines of those people, and those that ring in shared groups, by their numbers as stored."""
        people = (configuration.user_by_name.get(name) for name in self.people(configuration))
        numbers = [number for person in people if person is not None for number in person.lines]
        numbers += [member.number for member in self._colleagues(configuration)]
        return _stored(configuration, numbers)

    def _colleagues(self, configuration: Configuration) -> Iterator[Member]:
        for group_id in {member.group_id for member in configuration.members_of_user(self.user_name)}:
            yield from configuration.members_of(group_id)


def _stored(configuration: Configuration, numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(line.number for line in map(configuration.line, numbers) if line is not None)
