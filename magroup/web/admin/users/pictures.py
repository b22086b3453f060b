"""Pictures of users and contacts: a small one is made of what is uploaded."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from magroup.groups.editing import EditError, NotSavedError, edits
from magroup.model.configuration import Configuration
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import sentence
from magroup.web.admin.tabs import USERS
from magroup.web.admin.users.contacts import CONTACTS
from magroup.web.admin.users.kind import Kind
from magroup.web.admin.users.pages import NOT_SAVED
from magroup.web.admin.users.people import PEOPLE
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown
from magroup.web.admission.to_the_end import to_the_end
from magroup.web.file_urls import picture_url
from magroup.web.uploads import TooLarge, uploaded

LARGEST = 16 << 20
"""Bytes of an upload."""

FIELD = "picture"


@dataclass(frozen=True)
class _Pictured:
    """A kind whose things have pictures; ``change`` gives one with this id other values."""

    kind: Kind
    change: Callable[[Configuration, int, dict[str, Any]], Configuration]


async def page(of: _Pictured, visit: AdminVisit) -> Outcome:
    return _page(of, visit, "")


async def put(of: _Pictured, visit: AdminVisit) -> Outcome:
    thing = _thing(of, visit)
    if wrong := of.kind.refusal(visit, thing, {}):
        return _page(of, visit, wrong)
    try:
        upload = await uploaded(visit.request, visit.parts.in_thread, FIELD, LARGEST)
    except TooLarge:
        return _page(of, visit, f"The file is larger than {LARGEST >> 20} MiB.")
    if upload is None:
        return _page(of, visit, "Choose a file.")
    return await to_the_end(_taken(of, visit, thing, upload.content))


async def _taken(of: _Pictured, visit: AdminVisit, thing: Any, content: Any) -> Outcome:
    pictures = visit.parts.pictures
    try:
        name = await pictures.take(f"{of.kind.name}-{thing.id}", content)
    except ValueError as wrong:
        return _page(of, visit, f"The file {wrong}.")
    except OSError as gone:
        return _page(of, visit, f"The picture cannot be stored: {gone.strerror}.")
    finally:
        content.close()
    refused = await _changed(of, visit, thing, name)
    if refused:
        await pictures.discard([name])
        return _page(of, visit, refused)
    return Gone(of.kind.url(visit, "edit", thing), "uploaded")


async def remove(of: _Pictured, visit: AdminVisit) -> Outcome:
    thing = _thing(of, visit)
    wrong = of.kind.refusal(visit, thing, {}) or await _changed(of, visit, thing, "")
    return _page(of, visit, wrong) if wrong else Gone(of.kind.url(visit, "edit", thing), "saved")


async def _changed(of: _Pictured, visit: AdminVisit, thing: Any, name: str) -> str:
    """Put it in its place; why that cannot be."""
    try:
        await visit.edit(lambda configuration: of.change(configuration, thing.id, {"picture": name}))
    except EditError as error:
        return sentence(error.sentence)
    except NotSavedError as reason:
        return NOT_SAVED.format(reason=reason)
    return ""


def _thing(of: _Pictured, visit: AdminVisit) -> Any:
    thing = of.kind.asked(visit)
    if thing is None:
        raise not_there()
    return thing


def _page(of: _Pictured, visit: AdminVisit, wrong: str) -> Shown:
    thing = _thing(of, visit)
    return Shown("admin/users/picture.html", {
        "sections": sections(visit, of.kind.path), "label": of.kind.label(thing), "picture": picture_url(thing.picture),
        "here": of.kind.url(visit, "picture", thing), "back": of.kind.url(visit, "edit", thing),
        "remove": of.kind.url(visit, "picture/remove", thing) if thing.picture else "", "most": LARGEST >> 20,
    }, {FIELD: wrong} if wrong else {})  # fmt: skip


def _routes(of: _Pictured) -> tuple[Route, ...]:
    path = f"{of.kind.path}/picture"
    return (
        Route(path, USERS, partial(page, of), partial(put, of), body_limit=LARGEST + (1 << 16)),
        Route(f"{path}/remove", USERS, post=partial(remove, of)),
    )


ROUTES = (*_routes(_Pictured(PEOPLE, edits.change_user)), *_routes(_Pictured(CONTACTS, edits.change_contact)))
