"""Unavailable by itself: no phone of the user is registered and no gadget is open (spec 2)."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from magroup.cti.events import DeviceEvent, Event
from magroup.cti.switch import Monitor, Switch
from magroup.groups.presence import PresenceBook
from magroup.model.configuration import Configuration
from magroup.model.people import User


class Unavailability:
    """Takes users out of the presence book and brings them back.

    Only who has lines, and all of them on the embedded switch: a line on a PBX counts as in service. ``has_gadget``
    takes a casefolded user name; whoever opens and closes gadgets says so by ``look_at``.
    """

    def __init__(
        self, switch: Switch, book: PresenceBook, configuration: Configuration,
        has_gadget: Callable[[str], bool] = lambda user_name: False,
    ) -> None:  # fmt: skip
        self._switch = switch
        self._book = book
        self.has_gadget = has_gadget
        self._configuration = configuration
        self._users: Mapping[str, list[User]] = {}
        self._monitor: Monitor | None = None

    def start(self) -> None:
        """Registrations of before a restart count: they are restored by now."""
        self._monitor = self._switch.monitor_start(self._heard)
        self.configure(self._configuration)

    def stop(self) -> None:
        if self._monitor is not None:
            self._monitor.stop()

    def configure(self, configuration: Configuration) -> None:
        """This is the configuration now. Tell the presence book of it before."""
        before, self._configuration = self._configuration, configuration
        if self._users and configuration.users is before.users and configuration.lines is before.lines:
            return
        users: dict[str, list[User]] = defaultdict(list)
        for user in configuration.users:
            for number in user.lines:
                if line := configuration.line(number):
                    users[line.number].append(user)
            self._look(user, "")
        self._users = users

    def look_at(self, user_name: str, changed_by: str) -> None:
        """A gadget of the user was opened or closed."""
        if user := self._configuration.user(user_name):
            self._look(user, changed_by)

    def _heard(self, event: Event) -> None:
        if isinstance(event, DeviceEvent):
            for user in self._users.get(event.device, ()):
                self._look(user, f"line {event.device}")

    def _look(self, user: User, changed_by: str) -> None:
        if self._is_out(user):
            self._book.take_out(user.name, changed_by)
        else:
            self._book.bring_back(user.name)

    def _is_out(self, user: User) -> bool:
        lines = [self._configuration.line(number) for number in user.lines]
        if not lines or any(line is None or line.on_pbx for line in lines):
            return False
        return not any(map(self._switch.in_service, user.lines)) and not self.has_gadget(user.key)
