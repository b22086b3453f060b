"""What changes the configuration while magroup runs, put together: editing, uploaded sounds, the REST services."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.board import Board
from magroup.groups.editing import Editing, Rules
from magroup.groups.member_states import MemberStates
from magroup.groups.settings_book import SettingsBook
from magroup.model.clock import Clock
from magroup.model.settings import Settings
from magroup.model.settings_numbers import services_of
from magroup.resources import sound
from magroup.rtp.audio_content import check_mp3, check_wav
from magroup.rtp.audio_folder import AudioFolder
from magroup.rtp.library import SoundLibrary
from magroup.store.current import CurrentConfiguration, Record
from magroup.store.database import Database
from magroup.store.records import StoredRecords
from magroup.version import VERSION
from magroup.web.admin.calls.part import CallsPart
from magroup.web.admin.reports.reporting import Reporting
from magroup.web.admin.switch.switching import Switching
from magroup.web.admin.visit import AdminParts
from magroup.web.admission.admission import Admission as WebAdmission
from magroup.web.admission.cookie import SessionCookie
from magroup.web.api import (
    OPERATIONS,
    TAGS,
    ApiParts,
    ApiService,
    Live,
    Looks,
    RequestRates,
    Superseded,
    following,
    openapi,
    thing_tag,
)
from magroup.web.file_pages import FilePages
from magroup.web.mail import Mail
from magroup.web.pictures import Pictures
from magroup.web.rest import Admission, Parts, RestServices, Turns

InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


class Administration:
    """``settings`` gives those in force. Sounds for callers are in DATA/sounds, tones for the gadget in DATA/tones,
    pictures of people in DATA/pictures.
    """

    def __init__(
        self, settings: Callable[[], Settings], folder: Path, library: SoundLibrary, in_thread: InThread
    ) -> None:  # fmt: skip
        self._settings = settings
        self._in_thread = in_thread
        self._library = library
        self.tell_sounds: Callable[[], None] = lambda: None
        """Is called when sounds for callers are others than before."""
        self.waves = AudioFolder(folder / "sounds", sound(), ".wav", check_wav, self._sounds_changed)
        self.tones = AudioFolder(folder / "tones", sound("gadget"), ".mp3", check_mp3, _nothing)
        self.pictures = Pictures(folder / "pictures", in_thread)

    async def start(self) -> None:
        """Make the folders. Raises OSError."""
        await self._in_thread(self.waves.make)
        await self._in_thread(self.tones.make)
        await self.pictures.make()

    async def _sounds_changed(self) -> None:
        await self._library.refresh()
        self.tell_sounds()

    def rules(self) -> Rules:
        """What edits must know beside the configuration, at this moment."""
        return Rules(services_of(self._settings()), self.waves.stored, self.tones.stored)

    def editing(self, current: CurrentConfiguration, database: Database, clock: Clock, record: Record) -> Editing:
        """The one way to change the configuration; ``record`` is told of each change within its transaction."""
        return Editing(current, database, clock, self.rules, record)

    def rest(
        self, editing: Editing, states: MemberStates, application: Application, admission: Admission,
        clock: Clock,
    ) -> RestServices:  # fmt: skip
        """The XML services."""
        parts = Parts(
            editing, states, application.presence, self.waves, self.tones, self._in_thread, Turns(clock)
        )  # fmt: skip
        return RestServices(self._settings().instance, lambda: self._settings().public_url, admission, parts)

    def live(
        self, switch: Switch, application: Application, states: MemberStates, current: CurrentConfiguration,
        clock: Clock,
    ) -> tuple[Board, Live]:  # fmt: skip
        """The board of all that changes, and what the API tells of it."""
        return following(
            switch, application, states, lambda: current.value, lambda: self._settings().api, clock
        )  # fmt: skip

    def api(
        self, editing: Editing, book: SettingsBook, current: CurrentConfiguration, admission: WebAdmission,
        clock: Clock, live: Live, records: StoredRecords, mail: Mail,
    ) -> ApiService:  # fmt: skip
        """The JSON API."""
        superseded = Superseded(thing_tag)
        current.subscribe(superseded.take)
        current.subscribe(self.pictures.configured)
        settings = self._settings()
        cookie = SessionCookie(settings.instance).name(secure=False)
        return ApiService(
            OPERATIONS, lambda: openapi(OPERATIONS, "magroup", VERSION, TAGS, cookie), admission,
            RequestRates(clock.seconds, lambda: self._settings().api.requests_per_second),
            ApiParts(
                editing, superseded, book, admission, self._in_thread, live, records, self.waves, self.tones,
                Looks(admission, clock.seconds), mail, self.pictures,
            ),
        )  # fmt: skip

    def admin(
        self, editing: Editing, book: SettingsBook, admission: WebAdmission, reporting: Reporting, calls: CallsPart,
        switching: Switching,
    ) -> AdminParts:  # fmt: skip
        """What the administration's pages work with."""
        return AdminParts(
            editing, admission, self._settings, self.waves, self.tones, self._in_thread, self._settings().instance,
            self.pictures, book, reporting=reporting, calls=calls, switching=switching,
        )  # fmt: skip

    def files(self, admission: WebAdmission) -> FilePages:
        """Pictures and tones for browsers."""
        return FilePages(admission, self.pictures, self.tones, self._in_thread)


async def _nothing() -> None:
    """Tones are read from the disk whenever they are wanted."""
