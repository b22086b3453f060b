"""What the operations of the API work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.editing import Editing
from magroup.groups.member_states import MemberStates
from magroup.groups.settings_book import SettingsBook
from magroup.groups.viewers import Viewers
from magroup.web.admission.admission import Admission
from magroup.web.api.event_streams import EventStreams
from magroup.web.api.superseded import Superseded

T = TypeVar("T")


class InThread(Protocol):
    """Does blocking work in a thread."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True)
class Live:
    """What changes from one moment to the next: presence, forwarding, lines, calls; ``streams`` tell of it."""

    switch: Switch
    application: Application
    states: MemberStates
    viewers: Viewers
    streams: EventStreams


@dataclass(frozen=True)
class ApiParts:
    """``admission`` is asked for tokens, passwords and what forms hold."""

    editing: Editing
    superseded: Superseded
    settings: SettingsBook
    admission: Admission
    in_thread: InThread
    live: Live
