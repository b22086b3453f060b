"""The gadgets, put together with what they show and do."""

from collections.abc import Callable
from typing import Any

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.board import Board
from magroup.groups.editing import Editing
from magroup.groups.member_states import MemberStates
from magroup.groups.picture import Scene, scene_of
from magroup.groups.steering import CallSteering
from magroup.model.configuration import Configuration
from magroup.model.languages import Language
from magroup.model.people import User
from magroup.model.settings import Settings
from magroup.web.api.rates import RequestRates
from magroup.web.file_urls import tone_url
from magroup.web.gadget.commands import Commands, Means
from magroup.web.gadget.gadgets import Gadgets
from magroup.web.gadget.surroundings import Surroundings
from magroup.web.mail import Mail


def gadgets(
    board: Board, switch: Switch, application: Application, states: MemberStates, mail: Mail,
    editing: Editing, configuration: Callable[[], Configuration], settings: Callable[[], Settings],
    presence: Callable[[str], None], clock: Any,
) -> tuple[Gadgets, Commands]:  # fmt: skip
    """They are not started. ``presence`` hears whose gadgets were opened or closed, ``clock`` is a reactor's."""
    def scene(configuration: Configuration) -> Scene:
        return scene_of(configuration, application, states, switch)

    def language(user: User) -> Language:
        return Language.of(user.language, Language(settings().language))

    calls = CallSteering(switch, application, states, configuration, clock)
    commands = Commands(Means(application, calls, mail, editing, configuration, language, clock))
    rates = RequestRates(clock.seconds, lambda: settings().gadget.commands_per_second)
    surroundings = Surroundings(
        board, clock, settings, configuration, scene, tone_url, rates, commands, presence, mail.waiting,
        mail.mailboxes.subscribe, calls.cannot_dial,
    )  # fmt: skip
    return Gadgets(surroundings), commands
