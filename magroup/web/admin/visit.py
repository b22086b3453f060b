"""A request for a page of the administration, and what may be answered to it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from twisted.web.http import Request

from magroup.groups.editing import Editing
from magroup.groups.rights import Rights
from magroup.groups.settings_book import SettingsBook
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.people import Privilege, User
from magroup.model.settings import Settings
from magroup.web.admin.drafts import Drafts
from magroup.web.admin.tabs import Tab
from magroup.web.admission import Admission
from magroup.web.form import Fields, field_of
from magroup.web.identity import Identity
from magroup.web.pictures import Pictures
from magroup.web.sounds import AudioFiles, InThread

if TYPE_CHECKING:
    from magroup.web.admin.calls.part import CallsPart
    from magroup.web.admin.reports.reporting import Reporting
    from magroup.web.admin.switch.switching import Switching

LONGEST_FIELD = 1000


@fixed
class AdminParts:
    """What the pages work with."""

    editing: Editing
    admission: Admission
    settings: Callable[[], Settings]
    waves: AudioFiles
    tones: AudioFiles
    in_thread: InThread
    instance: str
    pictures: Pictures
    settings_book: SettingsBook
    drafts: Drafts = field(default_factory=Drafts)
    reporting: "Reporting | None" = None
    calls: "CallsPart | None" = None
    switching: "Switching | None" = None


@fixed
class AdminVisit:
    """``path`` holds what the address has in the places of the route, ``configuration`` is that of the moment."""

    parts: AdminParts
    request: Request
    identity: Identity
    user: User
    configuration: Configuration
    csrf: str
    path: Mapping[str, Any]
    fields: Fields
    home: str

    @property
    def rights(self) -> Rights:
        return Rights(self.user.name, self.identity.privileges)

    def text(self, name: str, longest: int = LONGEST_FIELD) -> str:
        """A field of the address or the form, "" where there is none. Raises BadRequest."""
        return field_of(self.fields, name, longest)

    def texts(self, name: str) -> list[str]:
        """All values of a field, such as of check boxes of one name. What is not UTF-8 is replaced, too long cut."""
        return [value.decode("utf-8", "replace")[:LONGEST_FIELD] for value in self.fields.get(name.encode(), [])]

    def is_checked(self, name: str) -> bool:
        """Of a check box."""
        return bool(self.fields.get(name.encode()))

    def url(self, path: str, **query: object) -> str:
        """The address of a page of the administration."""
        asked = {name: str(value) for name, value in query.items() if value not in ("", None)}
        return self.home + quote(path) + ("?" + urlencode(asked) if asked else "")

    async def edit(self, edit: Callable[[Configuration], Configuration]) -> Configuration:
        """Raises EditError, NotSavedError."""
        return await self.parts.editing.edit(edit, self.identity.user_name, self.identity.address)


@fixed
class Shown:
    """A page by its template. ``wrong`` are sentences by the name of the field, "" for the whole form: 422 then."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    code: int = 200


@fixed
class Gone:
    """The browser goes to another page (303); ``note`` is a word for what was done, see ``notes``."""

    url: str
    note: str = ""


@fixed
class Content:
    """A file; with ``name`` it is saved under that."""

    body: bytes
    content_type: str
    name: str = ""


@fixed
class Download:
    """A file of this machine, however large, saved as ``name``; ``sent`` is called when all of it was."""

    file: Path
    content_type: str
    name: str
    sent: Callable[[], None]


Outcome = Shown | Gone | Content | Download
PageFunction = Callable[[AdminVisit], Awaitable[Outcome]]


@fixed
class Route:
    """``path`` below the administration in the form of Werkzeug's rules; ``post`` takes the page's form.

    Who sees the tab gets to it, with ``privileges`` only who has one of these. ``body_limit`` is the largest body in
    bytes of who may get to it, where that is more than others send.
    """

    path: str
    tab: Tab
    get: PageFunction | None = None
    post: PageFunction | None = None
    privileges: tuple[Privilege, ...] = ()
    body_limit: int = 0
