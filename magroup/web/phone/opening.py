"""The pages of phones, put together with what they show and do."""

from collections.abc import Callable
from typing import Any

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.editing import Editing
from magroup.groups.member_states import MemberStates
from magroup.groups.picture import Scene, scene_of
from magroup.groups.steering import CallSteering
from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.web.phone.display import Display, StatusPictures
from magroup.web.phone.pages import PhonePages
from magroup.web.phone.table import PAGES
from magroup.web.phone.trust import Registrations, Trust
from magroup.web.phone.visit import Parts
from magroup.web.sounds import AudioFiles, InThread


def phone_pages(
    application: Application, switch: Switch, states: MemberStates, editing: Editing, waves: AudioFiles,
    settings: Callable[[], Settings], registrations: Registrations, in_thread: InThread, clock: Any,
) -> PhonePages:  # fmt: skip
    """``registrations`` gives those of a line; ``clock`` is a reactor's."""

    def scene(configuration: Configuration) -> Scene:
        return scene_of(configuration, application, states, switch)

    parts = Parts(
        application, switch, states, CallSteering(switch, application, states, lambda: editing.configuration, clock),
        editing, scene, Display(scene, lambda: states.version, StatusPictures(in_thread)), waves, settings, in_thread,
        clock,
    )  # fmt: skip
    trust = Trust(registrations, lambda: settings().phones.trust_device_name, clock.seconds)
    return PhonePages(PAGES, parts, trust, settings().instance)
