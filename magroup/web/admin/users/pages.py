"""The pages of a kind: its list, the form for a new one and for one that is there, and its end."""

from functools import partial
from typing import Any

from magroup.groups.editing import EditError, NotSavedError
from magroup.model.configuration import Configuration
from magroup.web.admin.listing import Listings
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader, sentence
from magroup.web.admin.tabs import USERS
from magroup.web.admin.users.kind import OF, Kind, Values, tag_of
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, PageFunction, Route, Shown

TAG = "tag"
NOT_SAVED = "It cannot be saved at the moment, try again later: {reason}."
CHANGED = "Somebody else has changed this meanwhile: nothing was saved. Load the page again to see it as it is now."
GONE = "Somebody else has deleted this meanwhile: nothing was saved."

_LISTINGS = Listings()


class _Changed(Exception):
    """Somebody else was faster; the text says what was done."""


def pages_of(kind: Kind) -> tuple[Route, ...]:
    """Where they are."""

    def at(path: str, get: Any, post: Any = None) -> Route:
        def bound(function: Any) -> PageFunction | None:
            return partial(function, kind) if function is not None else None

        return Route(kind.path + path, USERS, bound(get), bound(post), kind.privileges)

    return (
        at("", show_list), at("/new", new, add), at("/edit", edit, change), at("/delete", confirm, delete),
    )  # fmt: skip


async def show_list(kind: Kind, visit: AdminVisit) -> Outcome:
    wanted = visit.text("q").strip()
    page = visit.text("page")
    found: Any = await _LISTINGS.find(
        visit.parts.in_thread, kind.path, kind.listed(visit.configuration), kind.order, kind.text, wanted,
        int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
    )  # fmt: skip
    rows = [(kind.url(visit, "edit", thing), kind.row(visit, thing)) for thing in found.things]

    def pager(number: int) -> str:
        return visit.url(kind.path, q=wanted, page=number) if 1 <= number <= found.pages else ""

    return Shown("admin/users/list.html", {
        "sections": sections(visit, kind.path), "kind": kind, "found": found, "rows": rows, "wanted": wanted,
        "here": visit.url(kind.path), "new": visit.url(f"{kind.path}/new"), "previous": pager(found.page - 1),
        "next": pager(found.page + 1), "person": visit.url("users/person") if kind.path == USERS.name else "",
        "is_new": kind.path == USERS.name and not wanted and not visit.configuration.lines,
    })  # fmt: skip


async def new(kind: Kind, visit: AdminVisit) -> Outcome:
    return _form(kind, visit, None, None)


async def add(kind: Kind, visit: AdminVisit) -> Outcome:
    return await _save(kind, visit, None)


async def edit(kind: Kind, visit: AdminVisit) -> Outcome:
    thing = kind.asked(visit)
    if thing is None:
        raise not_there()
    return _form(kind, visit, thing, None)


async def change(kind: Kind, visit: AdminVisit) -> Outcome:
    thing = kind.asked(visit)
    if thing is None:
        raise not_there()
    return await _save(kind, visit, thing)


async def confirm(kind: Kind, visit: AdminVisit) -> Outcome:
    return _deletion(kind, visit)


async def delete(kind: Kind, visit: AdminVisit) -> Outcome:
    thing = kind.asked(visit)
    if thing is None:
        raise not_there()
    if refusal := kind.refusal(visit, thing, {"deleted": True}):
        return _deletion(kind, visit, refusal)
    tag = visit.text(TAG)

    def work(configuration: Configuration) -> Configuration:
        return kind.delete(configuration, _unchanged(kind, visit, configuration, tag))

    try:
        await visit.edit(work)
    except EditError as error:
        return _deletion(kind, visit, sentence(error.sentence))
    except NotSavedError as reason:
        return _deletion(kind, visit, NOT_SAVED.format(reason=reason))
    except _Changed as reason:
        return _deletion(kind, visit, str(reason))
    return Gone(visit.url(kind.path), "deleted")


def _deletion(kind: Kind, visit: AdminVisit, wrong: str = "") -> Shown:
    thing = kind.asked(visit)
    if thing is None:
        raise not_there()
    return Shown("admin/users/delete.html", {
        "sections": sections(visit, kind.path), "kind": kind, "label": kind.label(thing), "tag": tag_of(thing),
        "touched": kind.touched(visit, thing), "here": kind.url(visit, "delete", thing),
        "back": kind.url(visit, "edit", thing), "refusal": kind.refusal(visit, thing, {"deleted": True}),
    }, {"": wrong} if wrong else {})  # fmt: skip


async def _save(kind: Kind, visit: AdminVisit, thing: Any) -> Outcome:
    reader = Reader(visit.fields)
    values = kind.read(visit, reader, thing)
    if not reader.wrong and (refusal := kind.refusal(visit, thing, values)):
        reader.wrong[""] = refusal
    if not reader.wrong:
        values = await kind.prepared(visit, reader, values)
    if not reader.wrong:
        try:
            saved = await visit.edit(partial(_edited, kind, visit, thing, values))
        except EditError as error:
            reader.refused(error, dict(kind.fields or {}))
        except NotSavedError as reason:
            reader.wrong[""] = NOT_SAVED.format(reason=reason)
        except _Changed as reason:
            reader.wrong[""] = str(reason)
        else:
            key = kind.added(saved, values) if thing is None else str(values.get(kind.key_field, kind.key_of(thing)))
            now = kind.found(saved, key)
            if (page := await kind.made(visit, now, values)) is not None:
                return page
            return Gone(visit.url(f"{kind.path}/edit", **{OF: key}), "added" if thing is None else "saved")
    return _form(kind, visit, thing, reader)


def _edited(kind: Kind, visit: AdminVisit, thing: Any, values: Values, configuration: Configuration) -> Configuration:
    rules = visit.parts.editing.rules
    if thing is None:
        return kind.add(configuration, rules, values)
    return kind.change(configuration, rules, _unchanged(kind, visit, configuration, visit.text(TAG)), values)


def _unchanged(kind: Kind, visit: AdminVisit, configuration: Configuration, tag: str) -> Any:
    """The thing as it was when the form was shown. Raises _Changed."""
    now = kind.found(configuration, visit.text(OF))
    if now is None:
        raise _Changed(GONE)
    if tag_of(now) != tag:
        raise _Changed(CHANGED)
    return now


def _form(kind: Kind, visit: AdminVisit, thing: Any, reader: Reader | None) -> Shown:
    values = kind.shown(visit, thing)
    if reader is not None:
        values["form"] = {**values["form"], **reader.typed}
    there = thing is not None
    return Shown(kind.template, {
        "sections": sections(visit, kind.path), "kind": kind, "is_new": not there,
        "label": kind.label(thing) if there else "", "list": visit.url(kind.path),
        "here": kind.url(visit, "edit", thing) if there else visit.url(f"{kind.path}/new"),
        "delete": kind.url(visit, "delete", thing) if there else "",
        "tag": (visit.text(TAG) if reader is not None else tag_of(thing)) if there else "", **values,
    }, reader.wrong if reader is not None else {})  # fmt: skip
