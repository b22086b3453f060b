"""Reading the configuration again while magroup runs: a wrong one is refused as a whole, the old one stays."""

from collections.abc import Callable

from twisted.logger import Logger

from magroup.model.settings import Settings
from magroup.model.settings_reading import Path, SettingsError, changes

Take = Callable[[Settings], None]


class Reload:
    """The settings in force. Parts that can change while they run say so by ``takes``."""

    log = Logger()

    def __init__(self, load: Callable[[], Settings], settings: Settings) -> None:
        self.settings = settings
        self._load = load
        self._takers: list[tuple[Path, Take]] = []

    def takes(self, path: Path, take: Take) -> None:
        """``take`` is called with the new settings when one at or below ``path`` has changed."""
        self._takers.append((path, take))

    def reload(self) -> None:
        """Read the settings again; one line is logged for each problem, or for what has changed."""
        try:
            new = self._load()
        except SettingsError as error:
            for problem in error.problems:
                self.log.error("configuration not reloaded: {problem}", problem=str(problem))
            return
        changed = changes(self.settings, new)
        self.settings = new
        later = []
        for path in changed:
            if not any(path[: len(above)] == above for above, _ in self._takers):
                later.append(".".join(path))
        for above, take in self._takers:
            if any(path[: len(above)] == above for path in changed):
                try:
                    take(new)
                except Exception:
                    self.log.failure("{table} not taken over", table=".".join(above))
        self.log.info("configuration reloaded: {count} settings changed", count=len(changed))
        if later:
            self.log.warn("at the next start only: {names}", names=", ".join(later))
