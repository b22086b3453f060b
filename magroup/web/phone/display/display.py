"""What each phone's status display shows now, and the pictures of it."""

from collections.abc import Callable

from magroup.groups.picture import Scene
from magroup.groups.picture.status import GroupStatus, StatusView, displayed
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.lines import Phone
from magroup.model.people import User
from magroup.web.phone.display.pictures import StatusPictures


class Display:
    """``version`` is another one after each change of what members do: till then a group is looked at once for all."""

    def __init__(
        self, scene: Callable[[Configuration], Scene], version: Callable[[], int], pictures: StatusPictures
    ) -> None:  # fmt: skip
        self.pictures = pictures
        self._scene = scene
        self._version = version
        self._seen: tuple[int, Configuration | None] = (-1, None)
        self._groups: dict[tuple[int, int], GroupStatus] = {}
        self._displayed: dict[str, tuple[Group, User] | None] = {}

    def view(self, configuration: Configuration, phone: Phone, most_tiles: int) -> StatusView | None:
        """What the phone shows of the group that it displays; None for no group."""
        version, known = self._seen
        if version != self._version() or known is not configuration:
            self._seen = (self._version(), configuration)
            self._groups.clear()
            if known is not configuration:
                self._displayed.clear()
        try:
            found = self._displayed[phone.device_name]
        except KeyError:
            found = self._displayed[phone.device_name] = displayed(configuration, phone)
        if found is None:
            return None
        group, user = found
        status = self._groups.get((group.id, most_tiles))
        if status is None:
            status = self._groups[group.id, most_tiles] = GroupStatus(self._scene(configuration), group, most_tiles)
        return status.view(user.key)
