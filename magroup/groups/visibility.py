"""Who sees who is at the other end of a call: on busy lamps, as on the board of a group."""

from collections import defaultdict
from collections.abc import Callable

from magroup.cti.types import Call
from magroup.model.calls import Vip
from magroup.model.configuration import Configuration
from magroup.policy import is_hidden


class Visibility:
    """Asked for each lamp that changes; what the configuration says of it is kept until another takes its place.

    The caller is seen by those in the call, at one's own lines, and within a group that has *Show call information*,
    there not of a VIP call that only the manager is to see.
    """

    def __init__(self, configuration: Callable[[], Configuration], vip: Callable[[str], Vip | None]) -> None:
        self._current = configuration
        self._vip = vip
        self._configuration: Configuration | None = None
        self._groups: dict[str, set[int]] = {}
        self._users: dict[str, str] = {}

    def sees_caller(self, viewer: str, device: str, call: Call) -> bool:
        """``viewer`` and ``device`` are numbers as they are stored."""
        self._learn()
        if viewer == device or call.connection(viewer) is not None:
            return True
        mine = self._users.get(viewer, viewer)
        if mine == self._users.get(device):
            return True
        groups = self._groups.get(device, set())
        return bool(groups & self._groups.get(viewer, set())) and not is_hidden(self._vip(call.id))

    def _learn(self) -> None:
        configuration = self._current()
        if configuration is self._configuration:
            return
        self._configuration = configuration
        groups: dict[str, set[int]] = defaultdict(set)
        users: dict[str, str] = {}
        for user in configuration.users:
            for number in user.lines:
                if line := configuration.line(number):
                    users[line.number] = user.key
        for group in configuration.groups:
            if not group.show_calls:
                continue
            groups[group.number].add(group.id)
            for member in configuration.members_of(group.id):
                person = configuration.user(member.user_name)
                numbers = (member.number, *(person.lines if person else ()))
                for line in filter(None, map(configuration.line, numbers)):
                    groups[line.number].add(group.id)
        self._groups, self._users = groups, users
