"""All pages that phones load: who asks, what is asked, the answer with its header fields, errors as pages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import BadRequest

from magroup.groups.editing import EditError, NotSavedError
from magroup.groups.steering import Refused, Why
from magroup.model.languages import Language, Said
from magroup.model.unavailable import Unavailable
from magroup.web.admission.client import Clients
from magroup.web.answers import answer
from magroup.web.form import form_fields
from magroup.web.phone import words
from magroup.web.phone.edit_errors import reason
from magroup.web.phone.models import Model, model_of
from magroup.web.phone.objects import Displayable, Picture, Place, SoftKey, Text
from magroup.web.phone.rendering import rendered
from magroup.web.phone.trust import Trust, Untrusted
from magroup.web.phone.visit import Page, PageFunction, Parts, PhoneError, Visit
from magroup.web.site_url import site_url

XML = b"text/xml; charset=utf-8"
PNG = b"image/png"
PAST = b"Thu, 01 Jan 1998 00:00:00 GMT"
"""Phones take no date before 1970."""


class PhonePages:
    """``pages`` by name, ``clients`` tells where a request comes from."""

    log = Logger()

    def __init__(self, pages: Mapping[str, PageFunction], parts: Parts, trust: Trust, instance: str) -> None:
        self._pages = pages
        self._parts = parts
        self._trust = trust
        self._instance = instance
        self.seen: Callable[[str, str, Model], None] = lambda device, site, model: None
        """Hears of each phone, by its casefolded name, that asks, under which URL it reaches us, and its model."""

    async def answer(self, request: IRequest, name: str, clients: Clients) -> bytes:
        """The page ``name`` for the phone that asks."""
        asked = cast(Request, request)
        model = model_of(_said(asked, "x-CiscoIPPhoneModelName"), _said(asked, "x-CiscoIPPhoneDisplay"))
        language, is_known = self._language(asked, ""), False
        try:
            visit = self._visit(asked, clients)
            model, language, is_known = visit.model, visit.language, True
            page = await self._page(name)(visit)
        except (BadRequest, PhoneError, Untrusted, Refused, EditError, NotSavedError, Unavailable) as error:
            page = _error_page(language, _sentence(_in_words(error, language)))
        except CancelledError:
            # The phone has hung up.
            raise
        except Exception:
            self.log.failure("the page {name} for a phone failed", name=name[:40])
            page = _error_page(language, words.FAILED.by(language))
        if is_known and not self._parts.switch.is_linked:
            page = _noted(page, language)
        _set_headers(asked, page)
        return answer(request, rendered(page.shown, model), XML)

    def picture(self, request: IRequest, name: str) -> bytes | None:
        """A picture of the status display; None for an unknown one. Only who has been told its name knows it."""
        content = self._parts.display.pictures.content(name)
        return answer(request, content, PNG) if content is not None else None

    def _page(self, name: str) -> PageFunction:
        page = self._pages.get(name.casefold())
        if page is None:
            raise PhoneError(words.NO_PAGE)
        return page

    def _visit(self, request: Request, clients: Clients) -> Visit:
        fields = form_fields(cast(IRequest, request))
        parts = self._parts
        configuration = parts.editing.configuration
        client = clients.of(request)
        token = _field(fields, b"token")
        device = self._trust.phone(configuration, _field(fields, b"device") or _field(fields, b"name"), token, client)
        user = configuration.user_of_number(device.lines[0]) if device.lines else None
        if user is None:
            raise PhoneError(words.NO_USER)
        site = site_url(request, parts.settings().public_url)
        said = _said(request, "x-CiscoIPPhoneModelName")
        model = model_of(said or device.model, _said(request, "x-CiscoIPPhoneDisplay"))
        self.seen(device.device_name.casefold(), site, model)
        return Visit(
            parts, device, user, model, self._language(request, user.language), configuration, fields,
            site, self._instance, client.address, token,
        )  # fmt: skip

    def _language(self, request: Request, chosen: str) -> Language:
        """The user's, else the phone's, else the server's."""
        server = Language(self._parts.settings().language)
        phone = _said(request, "accept-language").replace("_", "-").partition(",")[0].strip()
        return Language.of(chosen, Language.of(phone, server)) if chosen else Language.of(phone, server)


def _in_words(error: Exception, language: Language) -> str:
    match error:
        case PhoneError() | Refused():
            return error.words(language)
        case EditError():
            return reason(error).by(language)
        case NotSavedError() | Unavailable():
            return Why.NOT_SAVED.said(language)
        case Untrusted():
            return words.NOT_KNOWN.by(language)
        case _:
            return words.WRONG_ENTRY.by(language)


def _sentence(text: str) -> str:
    """What fits into a title, too, as a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _error_page(language: Language, sentence: str) -> Page:
    def key(said: Said, url: str, place: Place) -> SoftKey:
        return SoftKey(said.by(language), url, place)

    keys = (key(words.EXIT, "Init:Services", Place.EXIT), key(words.BACK, "SoftKey:Back", Place.BACK))
    return Page(Text(words.ERROR.by(language), "", keys, sentence), is_result=True)


def _noted(page: Page, language: Language) -> Page:
    """With a line that what phones of the PBX do is not known now; the picture of the status says so itself."""
    shown = page.shown
    if not isinstance(shown, Displayable) or isinstance(shown, Picture):
        return page
    title = f"{words.PBX_LINK_DOWN.by(language)}: {shown.title}"
    prompt = shown.prompt or words.PBX_NOT_SEEN.by(language)
    return replace(page, shown=replace(shown, title=title, prompt=prompt))


def _set_headers(request: Request, page: Page) -> None:
    if page.is_result:
        request.setHeader(b"Expires", PAST)
    if page.refresh:
        url = f"; url={page.refresh_url}" if page.refresh_url else ""
        request.setHeader(b"Refresh", f"{page.refresh}{url}".encode("ascii"))


def _field(fields: Mapping[bytes, list[bytes]], name: bytes) -> str:
    """The one value, "" where there is none or more than one."""
    values: Any = fields.get(name, [])
    return values[0].decode("utf-8", "replace") if len(values) == 1 else ""


def _said(request: Request, name: str) -> str:
    return (request.getHeader(name.encode()) or b"").decode("ascii", "replace")[:200]
