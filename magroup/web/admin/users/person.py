"""A new person in one form: the user, a line and a phone, and what to type into the phone at the end."""

import secrets
from functools import partial
from typing import Any

from magroup.groups.editing import EditError, NotSavedError, Rules, edits
from magroup.model.configuration import Configuration
from magroup.model.user_names import user_name
from magroup.web.admin.reading import Reader
from magroup.web.admin.tabs import USERS
from magroup.web.admin.users.kind import OF, Values
from magroup.web.admin.users.lines import new_secret
from magroup.web.admin.users.pages import NOT_SAVED
from magroup.web.admin.users.passwords import new_password
from magroup.web.admin.users.phone_settings import phone_settings
from magroup.web.admin.users.phones import device_name_wrong
from magroup.web.admin.users.sections import sections
from magroup.web.admin.users.words import languages
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown
from magroup.web.phone.models import MODELS

_TEXTS = ("first_name", "last_name", "department", "email", "mobile", "language")
_FIELDS = {"lines": "number"}


async def page(visit: AdminVisit) -> Outcome:
    return _page(visit, Reader({}))


async def add(visit: AdminVisit) -> Outcome:
    """All of it in one edit, or nothing."""
    reader = Reader(visit.fields)
    user: Values = {name: reader.text(name) for name in ("name", *_TEXTS)}
    number, device_name, model = reader.text("number"), reader.text("device_name"), reader.text("model")
    wants_password = reader.is_checked("wants_password")
    if not user["name"]:
        taken = {one.key for one in visit.configuration.users}
        user["name"] = user_name(user["first_name"], user["last_name"], taken)
    if not user["name"]:
        reader.wrong["name"] = "A user name, or a first and last name of which one is made."
    if not number:
        reader.wrong["number"] = "A person needs a line: its number."
    if device_name and (wrong := device_name_wrong(device_name)):
        reader.wrong["device_name"] = wrong
    if reader.wrong:
        return _page(visit, reader)
    password = new_password() if wants_password else ""
    user["password_hash"] = await visit.parts.admission.passwords.hashed(password) if password else ""
    user["lines"] = (number,)
    line: Values = {"number": number, "secret": new_secret()}
    phone: Values = {"device_name": device_name, "model": model, "lines": (number,)}
    if device_name:
        phone["token"] = secrets.token_urlsafe(18)
    work = partial(_added, visit.parts.editing.rules, user, line, phone if device_name else None)
    try:
        saved = await visit.edit(work)
    except EditError as error:
        reader.refused(error, _FIELDS)
    except NotSavedError as reason:
        reader.wrong[""] = NOT_SAVED.format(reason=reason)
    else:
        return _made(visit, saved, user, number, password, device_name)
    return _page(visit, reader)


def _added(
    rules: Rules, user: Values, line: Values, phone: Values | None, configuration: Configuration
) -> Configuration:  # fmt: skip
    configuration = edits.add_user(edits.add_line(configuration, rules, line), user)
    return configuration if phone is None else edits.add_phone(configuration, phone)


def _made(
    visit: AdminVisit, saved: Configuration, user: Values, number: str, password: str, device_name: str
) -> Shown:  # fmt: skip
    line, phone, made = saved.line(number), saved.phone(device_name), saved.user(user["name"])
    found: dict[str, Any] = {
        "sections": sections(visit, "users"), "label": made.full_name if made else user["name"], "name": user["name"],
        "password": password, "settings": phone_settings(visit, line) if line else [],
        "token": phone.token if phone else "", "device_name": phone.device_name if phone else "",
        "another": visit.url("users/person"), "back": visit.url("users"),
        "user": visit.url("users/edit", **{OF: made.id}) if made else visit.url("users"),
    }  # fmt: skip
    return Shown("admin/users/person_made.html", found)


def _page(visit: AdminVisit, reader: Reader) -> Shown:
    names = ("name", *_TEXTS, "number", "device_name", "model")
    form = {**dict.fromkeys(names, ""), "wants_password": "on", **reader.typed}
    return Shown("admin/users/person.html", {
        "sections": sections(visit, "users"), "form": form, "models": sorted(MODELS), "languages": languages(""),
        "here": visit.url("users/person"), "back": visit.url("users"),
    }, reader.wrong)  # fmt: skip


ROUTES = (Route("users/person", USERS, page, add),)
