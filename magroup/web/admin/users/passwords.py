"""The password of somebody else: set by an administrator, or made and shown once."""

import secrets
from functools import partial

from magroup.groups.editing import EditError, NotSavedError, edits
from magroup.model.configuration import Configuration
from magroup.model.people import User
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader, sentence
from magroup.web.admin.tabs import USERS
from magroup.web.admin.users.kind import OF
from magroup.web.admin.users.pages import NOT_SAVED
from magroup.web.admin.users.people import is_own, refusal, user_of
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown
from magroup.web.admission.passwords import LONGEST, weakness

MAKE, TYPED, NONE = "make", "typed", "none"
OWN_PAGE = "/password"


def new_password() -> str:
    return secrets.token_urlsafe(12)


async def page(visit: AdminVisit) -> Outcome:
    user = _user(visit)
    return Gone(OWN_PAGE) if is_own(visit, user) else _page(visit, user, Reader({}))


async def save(visit: AdminVisit) -> Outcome:
    """A new one ends all logins of the user."""
    user = _user(visit)
    reader = Reader(visit.fields)
    what = reader.text("what")
    password = _password(visit, reader, user, what)
    if is_own(visit, user):
        reader.wrong[""] = "Change your own password on the page Password."
    elif wrong := refusal(visit, user, {}):
        reader.wrong[""] = wrong
    if reader.wrong:
        return _page(visit, user, reader)
    hash = await visit.parts.admission.passwords.hashed(password) if password else ""
    try:
        await visit.edit(partial(_edited, user.id, hash))
    except EditError as error:
        reader.wrong[""] = sentence(error.sentence)
    except NotSavedError as reason:
        reader.wrong[""] = NOT_SAVED.format(reason=reason)
    if reader.wrong:
        return _page(visit, user, reader)
    visit.parts.admission.sessions.end_of_user(user.key)
    if what != MAKE:
        return Gone(visit.url("users/edit", **{OF: user.id}), "saved")
    return Shown("admin/users/password_made.html", {
        "sections": sections(visit, "users"), "label": user.full_name, "name": user.name, "password": password,
        "back": visit.url("users/edit", **{OF: user.id}),
    })  # fmt: skip


def _edited(id: int, hash: str, configuration: Configuration) -> Configuration:
    return edits.change_user(configuration, id, {"password_hash": hash})


def _password(visit: AdminVisit, reader: Reader, user: User, what: str) -> str:
    match what:
        case "make":
            return new_password()
        case "none":
            return ""
        case "typed":
            typed = reader.secret("password")
            shortest = visit.parts.admission.settings.accounts.shortest_password
            if len(typed.encode()) <= LONGEST and (wrong := weakness(typed, user.name, shortest)):
                reader.wrong["password"] = wrong
            return typed
    reader.wrong["what"] = "Choose one."
    return ""


def _user(visit: AdminVisit) -> User:
    user = user_of(visit.configuration, visit.text(OF))
    if user is None:
        raise not_there()
    return user


def _page(visit: AdminVisit, user: User, reader: Reader) -> Shown:
    return Shown("admin/users/password.html", {
        "sections": sections(visit, "users"), "label": user.full_name, "what": reader.typed.get("what") or MAKE,
        "choices": [(MAKE, "Make one and show it once"), (TYPED, "This one:"), (NONE, "None: no login")],
        "here": visit.url("users/password", **{OF: user.id}), "back": visit.url("users/edit", **{OF: user.id}),
        "shortest": visit.parts.admission.settings.accounts.shortest_password,
        "sessions": visit.parts.admission.sessions.count_of_user(user.key), "has_one": bool(user.password_hash),
    }, reader.wrong)  # fmt: skip


ROUTES = (Route("users/password", USERS, page, save),)
