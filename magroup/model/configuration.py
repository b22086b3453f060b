"""The whole configuration as one immutable value, replaced after each committed change, with the look-ups of calls."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Any, NamedTuple

from magroup.model.fixed import fixed
from magroup.model.groups import Announcement, Group, Member, VipEntry
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.numbers import NumberPlan
from magroup.model.people import Contact, User

MOST_KEPT = 4096


class Known(NamedTuple):
    """What is set up at one number; ``name`` is what to show for it: of the user, the contact or the line, else ""."""

    line: Line | None
    group: Group | None
    user: User | None
    contact: Contact | None
    name: str


@fixed
class LastIds:
    """The largest id that was ever given to a thing of each kind: no id is given twice."""

    users: int = 0
    contacts: int = 0
    trunks: int = 0
    groups: int = 0
    members: int = 0
    announcements: int = 0
    vips: int = 0


@fixed
class Configuration:
    """Everything that administrators set up. Two are equal when all they hold is equal; ``version`` counts changes."""

    users: tuple[User, ...] = ()
    lines: tuple[Line, ...] = ()
    phones: tuple[Phone, ...] = ()
    contacts: tuple[Contact, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    groups: tuple[Group, ...] = ()
    members: tuple[Member, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    vips: tuple[VipEntry, ...] = ()
    plan: NumberPlan = NumberPlan()
    version: int = 0
    last_ids: LastIds = field(default=LastIds(), compare=False)

    @cached_property
    def user_by_name(self) -> Mapping[str, User]:
        """Users by casefolded name."""
        return {user.key: user for user in self.users}

    @cached_property
    def _line_by_canonical(self) -> Mapping[str, Line]:
        return {self.plan.canonical(line.number): line for line in self.lines}

    @cached_property
    def _group_by_canonical(self) -> Mapping[str, Group]:
        return {self.plan.canonical(group.number): group for group in self.groups if group.number}

    @cached_property
    def _user_by_canonical(self) -> Mapping[str, User]:
        return {self.plan.canonical(number): user for user in reversed(self.users) for number in user.lines}

    @cached_property
    def _contact_by_canonical(self) -> Mapping[str, Contact]:
        return {self.plan.canonical(contact.number): contact for contact in self.contacts}

    @cached_property
    def _phone_by_key(self) -> Mapping[str, Phone]:
        return {phone.device_name.casefold(): phone for phone in self.phones}

    @cached_property
    def group_by_id(self) -> Mapping[int, Group]:
        return {group.id: group for group in self.groups}

    @cached_property
    def member_by_id(self) -> Mapping[int, Member]:
        return {member.id: member for member in self.members}

    @cached_property
    def _members_by_group(self) -> Mapping[int, tuple[Member, ...]]:
        found: dict[int, list[Member]] = defaultdict(list)
        for member in sorted(self.members, key=lambda m: (not m.is_manager, m.position, m.id)):
            found[member.group_id].append(member)
        return {group_id: tuple(members) for group_id, members in found.items()}

    @cached_property
    def _members_by_user(self) -> Mapping[str, tuple[Member, ...]]:
        found: dict[str, list[Member]] = defaultdict(list)
        for member in self.members:
            found[member.user_name.casefold()].append(member)
        return {key: tuple(members) for key, members in found.items()}

    @cached_property
    def _announcements_by_group(self) -> Mapping[int, tuple[Announcement, ...]]:
        found: dict[int, list[Announcement]] = defaultdict(list)
        for announcement in sorted(self.announcements, key=lambda a: (a.priority, a.id)):
            found[announcement.group_id].append(announcement)
        return {group_id: tuple(items) for group_id, items in found.items()}

    @cached_property
    def _vips_by_member(self) -> Mapping[int, tuple[VipEntry, ...]]:
        found: dict[int, list[VipEntry]] = defaultdict(list)
        for entry in self.vips:
            found[entry.member_id].append(entry)
        return {member_id: tuple(items) for member_id, items in found.items()}

    @cached_property
    def _known(self) -> dict[str, Known]:
        return {}

    @cached_property
    def _numbers_by_member(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {}

    def changed(self, **changes: Any) -> "Configuration":
        """This configuration with ``changes``; the look-ups of what stays as it is are taken over."""
        new = replace(self, **changes)
        for look_up, sources in _LOOK_UPS.items():
            if look_up in self.__dict__ and all(getattr(self, name) is getattr(new, name) for name in sources):
                new.__dict__[look_up] = self.__dict__[look_up]
        return new

    def known(self, number: str) -> Known:
        """All there is at a number in any spelling. A call asks many times for the same few: they are kept."""
        found = self._known.get(number)
        if found is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            found = self._known[number] = self._find(self.plan.canonical(number))
        return found

    def _find(self, canonical: str) -> Known:
        line = self._line_by_canonical.get(canonical)
        user = self._user_by_canonical.get(canonical)
        contact = self._contact_by_canonical.get(canonical)
        name = user.full_name if user else contact.name if contact else line.display_name if line else ""
        return Known(line, self._group_by_canonical.get(canonical), user, contact, name)

    def is_taken(self, canonical: str) -> bool:
        """Whether a line or a group has this number, in its canonical form."""
        return canonical in self._line_by_canonical or canonical in self._group_by_canonical

    def line(self, number: str) -> Line | None:
        """The line with this number in any spelling."""
        found = self._known.get(number)
        return found.line if found is not None else self.known(number).line

    def group_of_number(self, number: str) -> Group | None:
        """The group whose manager number this is."""
        return self.known(number).group

    def user_of_number(self, number: str) -> User | None:
        """The user who has a line with this number."""
        return self.known(number).user

    def contact_of_number(self, number: str) -> Contact | None:
        return self.known(number).contact

    def user(self, name: str) -> User | None:
        return self.user_by_name.get(name.casefold())

    def phone(self, device_name: str) -> Phone | None:
        """The device with this name, which is compared without case."""
        return self._phone_by_key.get(device_name.casefold())

    def members_of(self, group_id: int) -> tuple[Member, ...]:
        """The manager first, then the others in list order."""
        return self._members_by_group.get(group_id, ())

    def members_of_user(self, user_name: str) -> tuple[Member, ...]:
        """The memberships of a user, in the order in which they are stored."""
        return self._members_by_user.get(user_name.casefold(), ())

    def numbers_of(self, member: Member) -> tuple[str, ...]:
        """The lines, as stored, that are a member's: the one that rings for it, and the user's others."""
        key = member.user_name, member.number
        found = self._numbers_by_member.get(key)
        if found is None:
            user = self.user(member.user_name)
            numbers = (member.number, *(user.lines if user else ()))
            found = tuple(dict.fromkeys(map(self._stored, numbers)))
            self._numbers_by_member[key] = found
        return found

    def _stored(self, number: str) -> str:
        line = self.line(number)
        return line.number if line else number

    def manager_of(self, group_id: int) -> Member | None:
        members = self.members_of(group_id)
        return members[0] if members and members[0].is_manager else None

    def announcements_of(self, group_id: int) -> tuple[Announcement, ...]:
        """In playing order."""
        return self._announcements_by_group.get(group_id, ())

    def vips_of(self, member_id: int) -> tuple[VipEntry, ...]:
        return self._vips_by_member.get(member_id, ())

    def name_of_number(self, number: str) -> str:
        """What to show for a number: the user's or contact's name, the line's display name, else ""."""
        return self.known(number).name

    def default_trunk(self) -> Trunk | None:
        return next((trunk for trunk in self.trunks if trunk.is_default), None)


_LOOK_UPS: Mapping[str, tuple[str, ...]] = {
    "user_by_name": ("users",),
    "_line_by_canonical": ("lines", "plan"),
    "_group_by_canonical": ("groups", "plan"),
    "_user_by_canonical": ("users", "plan"),
    "_contact_by_canonical": ("contacts", "plan"),
    "_phone_by_key": ("phones",),
    "group_by_id": ("groups",),
    "member_by_id": ("members",),
    "_members_by_group": ("members",),
    "_members_by_user": ("members",),
    "_announcements_by_group": ("announcements",),
    "_vips_by_member": ("vips",),
    "_numbers_by_member": ("users", "lines", "members", "plan"),
    "_known": ("users", "lines", "contacts", "groups", "plan"),
}
"""Each look-up, and what it is made from."""
