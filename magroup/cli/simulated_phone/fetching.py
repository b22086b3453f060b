"""A page with all that belongs to it: its pictures, when it is asked again, whether one can go back to it."""

import re
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from magroup.cli.simulated_phone.asking import Asking
from magroup.cli.simulated_phone.exchange import Answer, Request
from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.pages import Page
from magroup.cli.simulated_phone.pictures import ICON, Picture, read_picture
from magroup.cli.simulated_phone.pictures import LARGEST as LARGEST_PICTURE
from magroup.cli.simulated_phone.reading import LARGEST, read_page
from magroup.cli.simulated_phone.refusal import Refusal, Rule
from magroup.cli.simulated_phone.schema import Validate
from magroup.cli.simulated_phone.uris import check_http

_REFRESH = re.compile(r"\s*(?P<seconds>\d{1,6})?\s*(?:;\s*)?(?:url=(?P<url>\S+))?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Refresh:
    """``seconds`` 0: when the user presses Update or Next."""

    seconds: int
    url: str


@dataclass(frozen=True)
class Fetched:
    """``request`` is what it was asked with; ``icons`` by index, those built in left out."""

    page: Page
    request: Request
    refresh: Refresh | None = None
    is_expired: bool = False
    picture: Picture | None = None
    icons: dict[int, Picture] = field(default_factory=dict)

    @property
    def can_go_back(self) -> bool:
        """Whether its URL is kept when another page is shown."""
        return not self.is_expired and self.request.body is None and bool(self.request.url)


class Fetching:
    """What one phone fetches; ``validate`` is asked of each object."""

    def __init__(self, asking: Asking, model: PhoneModel, validate: Validate | None = None) -> None:
        self._asking = asking
        self._model = model
        self._validate = validate

    async def fetch(self, request: Request) -> Fetched:
        """The page, its pictures checked. Raises Refusal."""
        answer = await self._asking.ask(request, LARGEST)
        page = read_page(answer.body, answer.field("content-type") or "", self._model)
        if self._validate is not None:
            self._validate(answer.body)
        fetched = Fetched(page, request, refresh_of(answer, request.url), is_expired(answer))
        return await self.with_pictures(fetched)

    async def with_pictures(self, fetched: Fetched) -> Fetched:
        """The same with its pictures. Raises Refusal."""
        page = fetched.page
        picture = await self._picture(page) if page.picture else None
        icons: dict[int, Picture] = {}
        drawn: dict[str, Picture] = {}
        for index, url in page.icons.items():
            if url and not url.startswith("Resource:"):
                if url not in drawn:
                    answer = await self._asking.ask(Request(url), LARGEST_PICTURE)
                    kind = answer.field("content-type") or ""
                    drawn[url] = read_picture(answer.body, kind, ICON, self._model, (0, 0))
                icons[index] = drawn[url]
        return Fetched(page, fetched.request, fetched.refresh, fetched.is_expired, picture, icons)

    async def _picture(self, page: Page) -> Picture:
        area = self._model.strip if page.kind == "StatusFile" else self._model.picture
        if page.is_wide and self._model.wide is not None:
            area = self._model.wide
        if area is None:
            raise Refusal(Rule.OBJECT, f"a {self._model.name} has no room for the picture of {page.kind}")
        answer = await self._asking.ask(Request(page.picture), LARGEST_PICTURE)
        return read_picture(answer.body, answer.field("content-type") or "", area, self._model, page.location)


def refresh_of(answer: Answer, url: str) -> Refresh | None:
    """What the field Refresh says, ``url`` being the page's own. Raises Refusal."""
    text = answer.field("refresh")
    if text is None:
        return None
    found = _REFRESH.match(text)
    if found is None or not text.strip():
        raise Refusal(Rule.REFRESH, f"Refresh is {text[:80]!r}")
    if found["url"]:
        check_http(found["url"])
    return Refresh(int(found["seconds"] or 0), found["url"] or url)


def is_expired(answer: Answer) -> bool:
    """Whether the field Expires is not after Date. Raises Refusal for a date that a phone cannot read."""
    text = answer.field("expires")
    if text is None:
        return False
    date = answer.field("date")
    try:
        expires = parsedate_to_datetime(text).astimezone(UTC)
        answered = parsedate_to_datetime(date or "").astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        raise Refusal(Rule.EXPIRES, f"Expires is {text[:60]!r}, Date is {(date or '')[:60]!r}") from None
    if expires.timestamp() < 86400:
        raise Refusal(Rule.EXPIRES, f"Expires has to be after 1970-01-01: {text[:60]!r}")
    return expires <= answered
