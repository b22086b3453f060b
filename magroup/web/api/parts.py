"""What the operations of the API work with."""

from typing import Protocol

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.editing import Editing
from magroup.groups.member_states import MemberStates
from magroup.groups.settings_book import SettingsBook
from magroup.groups.viewers import Viewers
from magroup.model.calls import CallRecord
from magroup.model.fixed import fixed
from magroup.model.records import CallPage, CallsWanted, ChangePage, ChangesWanted, Place
from magroup.web.admission.admission import Admission
from magroup.web.api.event_streams import EventStreams
from magroup.web.api.looks import Looks
from magroup.web.api.superseded import Superseded
from magroup.web.mail import Mail
from magroup.web.pictures import Pictures
from magroup.web.sounds import AudioFiles, InThread


class Records(Protocol):
    """The records of calls and the audit trail. Raises Unavailable."""

    async def calls(self, wanted: CallsWanted, limit: int, after: Place | None = None) -> CallPage:
        """The wanted calls behind the place ``after``; None: from the first."""
        ...

    async def call(self, id: str, of_groups: bool) -> CallRecord | None:
        """The call with that id; with ``of_groups`` only one to a group or on a member's line."""
        ...

    async def changes(self, wanted: ChangesWanted, limit: int, before: int = 0) -> ChangePage:
        """The wanted entries of the audit trail before the one with the id ``before``; 0: from the newest."""
        ...


@fixed
class Live:
    """What changes from one moment to the next: presence, forwarding, lines, calls; ``streams`` tell of it."""

    switch: Switch
    application: Application
    states: MemberStates
    viewers: Viewers
    streams: EventStreams


@fixed
class ApiParts:
    """``admission`` is asked for tokens, passwords and what forms hold."""

    editing: Editing
    superseded: Superseded
    settings: SettingsBook
    admission: Admission
    in_thread: InThread
    live: Live
    records: Records
    waves: AudioFiles
    tones: AudioFiles
    looks: Looks
    mail: Mail
    pictures: Pictures
