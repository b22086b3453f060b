"""What all gadgets together are handed."""

from collections.abc import Callable
from typing import Protocol

from magroup.groups.board import Board
from magroup.groups.picture import Scene
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.languages import Language
from magroup.model.people import User
from magroup.model.settings import Settings
from magroup.web.gadget.gadget import Gadget
from magroup.web.gadget.messages import Command
from magroup.web.mail import Waiting


class Rates(Protocol):
    """How often somebody may ask."""

    def wait(self, who: str) -> float:
        """Seconds to wait before the next command, 0.0 where it may be given now; it counts then."""
        ...


class Runs(Protocol):
    """Does commands: tells the gadget what came of it, now or later."""

    def __call__(self, gadget: Gadget, user: User, command: Command) -> None: ...


@fixed
class Surroundings:
    """What gadgets are handed. ``scene`` gives what they show, for a configuration; ``tone`` the address of a sound.

    ``presence`` hears of a user, by name, that the first gadget was opened or the last one closed. ``mail`` says what
    waits for a user; ``mail_changes`` takes who hears of each box in which something has changed, and
    gives what ends that. ``cannot_dial`` says why a user can call nobody now, "" where that is possible.
    """

    board: Board
    clock: Clock
    settings: Callable[[], Settings]
    configuration: Callable[[], Configuration]
    scene: Callable[[Configuration], Scene]
    tone: Callable[[str], str]
    rates: Rates
    run: Runs
    presence: Callable[[str], None]
    mail: Callable[[User], Waiting]
    mail_changes: Callable[[Callable[[str], None]], Callable[[], None]]
    cannot_dial: Callable[[User, Language], str]
