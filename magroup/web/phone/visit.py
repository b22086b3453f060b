"""A request of a phone: the device, whose it is, what was asked, and what pages work with."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.editing import Editing
from magroup.groups.member_states import MemberStates
from magroup.groups.picture import Scene
from magroup.groups.rights import Rights
from magroup.groups.steering import CallSteering, NotReached
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import Member
from magroup.model.languages import Language, Said
from magroup.model.lines import Phone
from magroup.model.people import User
from magroup.model.settings import Settings
from magroup.web.form import Fields
from magroup.web.phone.display.display import Display
from magroup.web.phone.models import Model
from magroup.web.phone.objects import Item, PhoneObject, Place, SoftKey, Text
from magroup.web.phone.words import BACK, CALL, EXIT, WRONG_ENTRY
from magroup.web.sounds import AudioFiles, InThread

ROOT = "/phone"
Tell = Callable[[str, str, str], None]


class PhoneError(Exception):
    """Something is not done or not there; ``said`` tells the person why, ``detail`` goes into it."""

    def __init__(self, said: Said, detail: str = "") -> None:
        super().__init__(said.english.format(detail=detail))
        self.said = said
        self.detail = detail

    def words(self, language: Language) -> str:
        return self.said.by(language).format(detail=self.detail)


@fixed
class Parts:
    """What the pages work with; ``clock`` is a reactor's, ``scene`` what all are doing now, by the configuration.

    ``tell`` shows a title and words on a phone, by its casefolded name.
    """

    application: Application
    switch: Switch
    states: MemberStates
    calls: CallSteering
    editing: Editing
    scene: Callable[[Configuration], Scene]
    display: Display
    waves: AudioFiles
    settings: Callable[[], Settings]
    in_thread: InThread
    clock: Any
    tell: Tell


@fixed
class Page:
    """An answer. ``is_result``: what was done; Back does not lead to it (Expires).

    ``refresh``: seconds after which the phone asks for ``refresh_url``, or for the same again where it is "".
    """

    shown: PhoneObject
    is_result: bool = False
    refresh: int = 0
    refresh_url: str = ""


@fixed
class Visit:
    """``configuration`` is that of the moment. ``token`` was in the URL and goes into all URLs that are given."""

    parts: Parts
    device: Phone
    user: User
    model: Model
    language: Language
    configuration: Configuration
    fields: Fields
    site: str
    instance: str
    address: str
    token: str = ""

    @property
    def rights(self) -> Rights:
        return Rights(self.user.name, self.user.privileges)

    @property
    def memberships(self) -> tuple[Member, ...]:
        """Those of the phone's user."""
        return self.configuration.members_of_user(self.user.name)

    @property
    def line(self) -> str:
        """The first line of the phone, as stored; a phone that asks has one."""
        number = self.device.lines[0]
        line = self.configuration.line(number)
        return line.number if line is not None else number

    def now(self) -> "Visit":
        """The same with the configuration that is in force by now."""
        return replace(self, configuration=self.parts.editing.configuration)

    def say(self, said: Said, detail: str = "") -> str:
        return said.by(self.language).format(detail=detail)

    def url(self, page: str, /, **query: object) -> str:
        """The URL of a page with these parameters; those that are "" or None are left out."""
        return self.plain_url(page, device=self.device.device_name, token=self.token, **query)

    def plain_url(self, page: str, /, **query: object) -> str:
        """The same without telling who asks: for what a phone loads by itself, such as a picture."""
        shown = [f"{name}={quote(str(value), safe='')}" for name, value in query.items() if value not in ("", None)]
        return f"{self.site}{ROOT}/{page}" + ("?" + "&".join(shown) if shown else "")

    def text(self, name: str, longest: int = 64) -> str:
        """A parameter, "" where there is none. Raises PhoneError: twice, too long, no UTF-8, control characters."""
        values = self.fields.get(name.encode(), [])
        try:
            text = values[0].decode() if values else ""
        except UnicodeDecodeError:
            raise PhoneError(WRONG_ENTRY) from None
        if len(values) > 1 or len(text) > longest or not text.isprintable():
            raise PhoneError(WRONG_ENTRY)
        return text

    def number(self, name: str, otherwise: int = 0) -> int:
        """A whole number from 0 to a thousand million. Raises PhoneError."""
        text = self.text(name, 10)
        if not text:
            return otherwise
        if not (text.isascii() and text.isdigit()):
            raise PhoneError(WRONG_ENTRY)
        return int(text)

    def phone_number(self, name: str) -> str:
        """What was typed as a phone number: phones have no plus, # at its beginning stands for it (the manual)."""
        text = self.text(name, 40).replace(" ", "")
        return "+" + text[1:] if text.startswith("#") else text

    def told(self, news: NotReached) -> None:
        """A call that was made or sent on from a page is not taken: the phone says so."""
        words = news.words(self.parts.editing.configuration, self.language)
        self.parts.tell(self.device.device_name.casefold(), self.say(CALL), words)

    def exit_key(self) -> SoftKey:
        """Closes the services of the phone."""
        return SoftKey(self.say(EXIT), "Init:Services", Place.EXIT)

    def back_key(self) -> SoftKey:
        return SoftKey(self.say(BACK), "SoftKey:Back", Place.BACK)

    def keys(self, act: Said | None = None, url: str = "", *more: SoftKey) -> tuple[SoftKey, ...]:
        """The usual ones: what acts, others, Exit, Back."""
        acts = (SoftKey(self.say(act), url or "SoftKey:Select", Place.ACT),) if act is not None else ()
        return (*acts, *more, self.exit_key(), self.back_key())

    def message(self, title: str, text: str) -> Page:
        """A result in words."""
        return Page(Text(title, "", self.keys(), text), is_result=True)

    def item(self, said: Said, page: str, detail: str = "", /, **query: object) -> Item:
        """An entry of a menu that leads to a page."""
        return Item(self.say(said, detail), self.url(page, **query))


PageFunction = Callable[[Visit], Awaitable[Page]]
