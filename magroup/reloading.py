"""The settings in force while magroup runs, and the parts that take over those that change."""

from collections.abc import Callable

from twisted.logger import Logger

from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers, in_force_now
from magroup.model.settings_reading import Path, changes

Take = Callable[[Settings], None]


class Reload:
    """``settings`` are in force; ``wanted`` are those that will be, with what holds from the next start on.

    ``read`` reads all sources but the database again. Parts that must be told of changes say so by ``takes``; others
    look at ``settings`` whenever they need them.
    """

    log = Logger()

    def __init__(self, read: Callable[[], Layers], layers: Layers) -> None:
        self.read = read
        self.layers = layers
        self.settings = self.wanted = layers.settings()
        self._takers: list[tuple[Path, Take]] = []

    def takes(self, path: Path, take: Take) -> None:
        """``take`` is called with the settings in force when one at or below ``path`` has changed."""
        self._takers.append((path, take))

    def begin(self, layers: Layers) -> None:
        """What is stored is known now, before the parts start: they start with it. Raises SettingsError."""
        self.layers = layers
        self.wanted = layers.settings()
        self._put_in_force(self.wanted)

    def take_over(self, layers: Layers) -> list[Path]:
        """What is said now holds at once, or from the next start on where it must; returns which settings changed.

        Raises SettingsError.
        """
        wanted = layers.settings()
        changed = changes(self.wanted, wanted)
        self.layers = layers
        self.wanted = wanted
        self._put_in_force(in_force_now(self.settings, wanted))
        return changed

    def _put_in_force(self, new: Settings) -> None:
        changed = changes(self.settings, new)
        self.settings = new
        for above, take in self._takers:
            if any(path[: len(above)] == above for path in changed):
                try:
                    take(new)
                except Exception:
                    self.log.failure("{table} not taken over", table=".".join(above) or "settings")
