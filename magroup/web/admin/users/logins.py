"""The open logins and the tokens of somebody, and their end."""

from datetime import UTC, datetime

from magroup.model.accounts import Token
from magroup.model.people import User
from magroup.model.unavailable import Unavailable
from magroup.web.admin.pages import not_there
from magroup.web.admin.tabs import USERS
from magroup.web.admin.users.kind import OF
from magroup.web.admin.users.people import refusal, user_of
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown


async def show(visit: AdminVisit) -> Outcome:
    return _page(visit, _user(visit))


async def revoke(visit: AdminVisit) -> Outcome:
    """The button beside a token."""
    user = _user(visit)
    if wrong := refusal(visit, user, {}):
        return _page(visit, user, wrong)
    tokens = visit.parts.admission.tokens
    ids = {str(token.id): token.id for token in tokens.of_user(user.key)}
    id = ids.get(visit.text("id"))
    if id is None:
        raise not_there()
    try:
        await tokens.revoke([id], user.key, visit.identity.user_name, visit.identity.address)
    except Unavailable as reason:
        return _page(visit, user, f"It cannot be revoked at the moment, try again later: {reason}.")
    return Gone(visit.url("users/tokens", **{OF: user.id}), "revoked")


async def end(visit: AdminVisit) -> Outcome:
    """The button that ends all logins of somebody."""
    user = _user(visit)
    if wrong := refusal(visit, user, {}):
        return _page(visit, user, wrong)
    admission = visit.parts.admission
    admission.sessions.end_of_user(user.key)
    admission.record(admission.change(visit.identity, "logins ended", user.name))
    return Gone(visit.url("users/edit", **{OF: user.id}), "ended")


def _user(visit: AdminVisit) -> User:
    user = user_of(visit.configuration, visit.text(OF))
    if user is None:
        raise not_there()
    return user


def _page(visit: AdminVisit, user: User, wrong: str = "") -> Shown:
    tokens = visit.parts.admission.tokens.of_user(user.key)
    return Shown("admin/users/tokens.html", {
        "sections": sections(visit, "users"), "label": user.full_name,
        "tokens": [_row(token) for token in reversed(tokens)],
        "here": visit.url("users/tokens", **{OF: user.id}), "back": visit.url("users/edit", **{OF: user.id}),
    }, {"": wrong} if wrong else {})  # fmt: skip


def _row(token: Token) -> dict[str, object]:
    return {
        "id": token.id, "name": token.name, "scopes": ", ".join(sorted(token.scopes)), "made": _day(token.created_at),
        "used": _day(token.used_at), "ends": _day(token.expires_at),
    }  # fmt: skip


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""


ROUTES = (Route("users/tokens", USERS, show, revoke), Route("users/sessions", USERS, post=end))
