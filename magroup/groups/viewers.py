"""Who sees which news: the rights of spec 2, asked for each piece of news and each who follows the board."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from magroup.groups.changes import (
    CallChange,
    Change,
    ConfigurationChange,
    LineChange,
    PresenceChange,
    SettingsChange,
)
from magroup.groups.forwarding import ForwardingChange
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.policy.rights import Rights

Readers = Mapping[str, Sequence[Privilege]]
"""By the kind of thing of the configuration, who reads it: who has one of the privileges; none: everybody."""

OF_GROUPS = frozenset({"groups", "members", "announcements", "vips"})
"""Kinds of things that only those see who have to do with the group."""


class Viewer:
    """What ``user`` sees as the configuration is. What it costs to find out is spent once, when it is needed."""

    def __init__(self, configuration: Configuration, user: User, readers: Readers) -> None:
        self._configuration = configuration
        self._user = user
        self._readers = readers
        self.rights = Rights(user.name, user.privileges)
        self._is_admin = self.rights.has(Privilege.ADMIN)

    def knows(self, user_key: str) -> bool:
        """As Rights, by casefolded name."""
        return self._is_admin or user_key in self._people

    def knows_line(self, number: str) -> bool:
        """As Rights, by the number as stored."""
        return self._is_admin or number in self._lines

    def sees(self, change: Change) -> bool:
        match change:
            case PresenceChange():
                return self.knows(change.user_name)
            case LineChange():
                return self.knows_line(change.number)
            case CallChange():
                return self._is_admin
            case ForwardingChange(member_id=0):
                return self.knows_line(change.number)
            case ForwardingChange():
                member = self._configuration.member_by_id.get(change.member_id)
                return member is not None and self.knows(member.user_name.casefold())
            case ConfigurationChange():
                return self._sees_configuration(change)
            case SettingsChange():
                return self.rights.has(Privilege.SETTINGS, Privilege.ADMIN)

    def _sees_configuration(self, change: ConfigurationChange) -> bool:
        readers = self._readers[change.kind]
        if readers and not self.rights.has(*readers):
            return False
        if change.kind not in OF_GROUPS or self._user.key in change.concerned:
            return True
        return self.rights.reaches(self._configuration, change.group_id)

    @cached_property
    def _people(self) -> frozenset[str]:
        return self.rights.people(self._configuration)

    @cached_property
    def _lines(self) -> frozenset[str]:
        return self.rights.lines(self._configuration)


class Viewers:
    """All who follow, by user name; what is known of them is found out again when the configuration is another one."""

    def __init__(self, configuration: Callable[[], Configuration], readers: Readers) -> None:
        self._current = configuration
        self._readers = readers
        self._configuration: Configuration | None = None
        self._viewers: dict[str, Viewer] = {}

    def get(self, user_name: str) -> Viewer | None:
        """None where there is no such user, or no more."""
        configuration = self._current()
        if configuration is not self._configuration:
            self._configuration = configuration
            self._viewers = {}
        key = user_name.casefold()
        viewer = self._viewers.get(key)
        if viewer is None:
            user = configuration.user_by_name.get(key)
            if user is None:
                return None
            viewer = self._viewers[key] = Viewer(configuration, user, self._readers)
        return viewer
