"""The page on which people make and revoke the tokens of programs that act for them."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from twisted.web.iweb import IRequest
from werkzeug.exceptions import BadRequest, NotFound

from magroup.model.accounts import Token
from magroup.web.admission import Admission
from magroup.web.admission.scopes import RESOURCES
from magroup.web.admission.tokens import LONGEST_NAME, TokenError
from magroup.web.answers import answer, redirect
from magroup.web.form import form_field, form_fields
from magroup.web.identity import Identity
from magroup.web.templates import Templates

PAGE = "/tokens"
LONGEST_FIELD = 256
DAY = 86400.0


class Row(NamedTuple):
    """A token as it is shown."""

    id: int
    name: str
    scopes: str
    made: str
    ends: str
    used: str
    has_ended: bool


class Form(NamedTuple):
    """What was typed, and what is wrong with it: a sentence for a field."""

    name: str = ""
    scopes: Collection[str] = ()
    until: str = ""
    field: str = ""
    wrong: str = ""


class TokenPages:
    """Each method answers one route. ``scopes`` are those that the API asks for; ``seconds`` gives UTC."""

    def __init__(self, admission: Admission, templates: Templates, scopes: Iterable[str], seconds: Any) -> None:
        self.admission = admission
        self._templates = templates
        self._seconds = seconds
        wanted = frozenset(scopes)
        self._resources = [
            (resource, [access for access in ("read", "write") if f"{resource}:{access}" in wanted])
            for resource in RESOURCES
            if wanted & {f"{resource}:read", f"{resource}:write"}
        ]

    async def page(self, request: IRequest) -> bytes:
        """The own tokens, and the form for a new one."""
        identity = await self.admission.page(request)
        return self._page(request, identity, Form())

    async def make(self, request: IRequest) -> bytes:
        """What the form sends: the answer shows the secret, this once."""
        identity = await self.admission.page(request)
        form = Form(
            form_field(request, "name", LONGEST_FIELD).strip(), _scopes(request),
            form_field(request, "until", LONGEST_FIELD).strip(),
        )  # fmt: skip
        tokens = self.admission.tokens
        key = identity.user_name.casefold()
        if any(token.name == form.name for token in tokens.of_user(key)):
            # Also whoever loads the answer again, which would make a second one.
            return self._page(request, identity, form._replace(field="name", wrong="There is a token of this name."))
        try:
            token, secret = await tokens.create(
                key, form.name, form.scopes, _end_of(form.until), identity.user_name, identity.address
            )
        except TokenError as refused:
            return self._page(request, identity, form._replace(field=refused.field, wrong=str(refused)))
        return self._page(request, identity, Form(), token.name, secret)

    async def revoke(self, request: IRequest) -> bytes:
        """The button beside a token."""
        identity = await self.admission.page(request)
        tokens = self.admission.tokens
        key = identity.user_name.casefold()
        ids = {str(token.id): token.id for token in tokens.of_user(key)}
        id = ids.get(form_field(request, "id", LONGEST_FIELD))
        if id is None:
            raise NotFound("There is no such token.")
        await tokens.revoke([id], key, identity.user_name, identity.address)
        return redirect(request, PAGE)

    def _page(
        self, request: IRequest, identity: Identity, form: Form, made: str = "", secret: str = ""
    ) -> bytes:  # fmt: skip
        now = self._seconds()
        tokens = self.admission.tokens.of_user(identity.user_name.casefold())
        content = self._templates.render(
            "tokens.html", viewer=identity.user_name, csrf=self.admission.form_token(request), form=form, made=made,
            secret=secret, tokens=[_row(token, now) for token in reversed(tokens)], resources=self._resources,
            longest=LONGEST_NAME, tomorrow=_day(now + DAY),
        )  # fmt: skip
        return answer(request, content, code=422 if form.wrong else 200)


def _scopes(request: IRequest) -> list[str]:
    try:
        return [value.decode("ascii") for value in form_fields(request).get(b"scope", [])]
    except UnicodeDecodeError:
        raise BadRequest("scope is not ASCII.") from None


def _end_of(text: str) -> float:
    """The end of a day, UTC; 0.0 where there is none. Raises TokenError."""
    if not text:
        return 0.0
    try:
        day = date.fromisoformat(text) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise TokenError("expires_at", "This is no date.") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _row(token: Token, now: float) -> Row:
    # It ends with a day: the moment after it is the next one.
    ends = _day(token.expires_at - 1) if token.expires_at else ""
    used = _day(token.used_at) if token.used_at else ""
    has_ended = 0 < token.expires_at <= now
    return Row(token.id, token.name, ", ".join(sorted(token.scopes)), _day(token.created_at), ends, used, has_ended)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
