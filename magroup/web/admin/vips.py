"""The tab VIP List: the VIP numbers of each manager that the user has to do with (the manual's "VIP List")."""

from functools import partial
from typing import Any

from magroup.groups.editing import EditError, NotSavedError, edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Member, VipEntry
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader
from magroup.web.admin.tabs import VIPS
from magroup.web.admin.users.kind import OF, tag_of
from magroup.web.admin.users.pages import CHANGED, GONE, NOT_SAVED, TAG
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown

MANAGER = "manager"
EXTERNAL = "External"


async def show(visit: AdminVisit) -> Outcome:
    return _list(visit, None)


async def add(visit: AdminVisit) -> Outcome:
    manager = _chosen(visit)
    if manager is None:
        raise not_there()
    reader, here = Reader(visit.fields), visit.url("vips", manager=manager.id)
    number, description = reader.text("number"), reader.text("description")

    def work(configuration: Configuration) -> Configuration:
        _still_reached(visit, configuration, manager.id)
        return edits.add_vip(configuration, manager.id, number, description)

    return Gone(here, "added") if await _saved(visit, reader, work) else _list(visit, reader)


async def edit(visit: AdminVisit) -> Outcome:
    return _form(visit, _entry(visit, visit.configuration), None)


async def change(visit: AdminVisit) -> Outcome:
    entry = _entry(visit, visit.configuration)
    reader = Reader(visit.fields)
    values = {"number": reader.text("number"), "description": reader.text("description")}

    def work(configuration: Configuration) -> Configuration:
        return edits.change_vip(configuration, _unchanged(visit, configuration).id, values)

    if await _saved(visit, reader, work):
        return Gone(visit.url("vips", manager=entry.member_id), "saved")
    return _form(visit, entry, reader)


async def delete(visit: AdminVisit) -> Outcome:
    entry = _entry(visit, visit.configuration)
    reader = Reader(visit.fields)

    def work(configuration: Configuration) -> Configuration:
        return edits.delete_vip(configuration, _unchanged(visit, configuration).id)

    if await _saved(visit, reader, work):
        return Gone(visit.url("vips", manager=entry.member_id), "deleted")
    return _form(visit, entry, reader)


async def _saved(visit: AdminVisit, reader: Reader, work: Any) -> bool:
    if not reader.wrong:
        try:
            await visit.edit(work)
        except EditError as error:
            reader.refused(error)
        except NotSavedError as reason:
            reader.wrong[""] = NOT_SAVED.format(reason=reason)
    return not reader.wrong


def _managers(visit: AdminVisit) -> list[Member]:
    """Those whose lists the user may edit, by name."""
    reached = (one for one in visit.configuration.members if one.is_manager)
    managers = [one for one in reached if visit.rights.edits_vips(visit.configuration, one.group_id)]
    return sorted(managers, key=lambda one: (_label(visit.configuration, one).casefold(), one.id))


def _label(configuration: Configuration, manager: Member) -> str:
    user = configuration.user(manager.user_name)
    name = user.full_name if user is not None else manager.user_name
    return f"{name} ({manager.number}), {configuration.group_by_id[manager.group_id].name}"


def _chosen(visit: AdminVisit) -> Member | None:
    """The manager that the address names, else the first. Raises NotFound for one that is not for this user."""
    managers, asked = _managers(visit), visit.text(MANAGER)
    if not asked:
        return managers[0] if managers else None
    found = next((one for one in managers if str(one.id) == asked), None)
    if found is None:
        raise not_there()
    return found


def _entry(visit: AdminVisit, configuration: Configuration) -> VipEntry:
    """The entry that the address names. Raises NotFound, also for one of a list that is not for this user."""
    asked = visit.text(OF)
    entry = next((one for one in configuration.vips if str(one.id) == asked), None)
    manager = configuration.member_by_id.get(entry.member_id) if entry is not None else None
    if entry is None or manager is None or not visit.rights.edits_vips(configuration, manager.group_id):
        raise not_there()
    return entry


def _unchanged(visit: AdminVisit, configuration: Configuration) -> VipEntry:
    """The entry as it was when the form was shown. Raises EditError."""
    asked = visit.text(OF)
    now = next((one for one in configuration.vips if str(one.id) == asked), None)
    if now is None:
        raise EditError(edits.Problem.CONFLICT, "", GONE)
    _still_reached(visit, configuration, now.member_id)
    if tag_of(now) != visit.text(TAG):
        raise EditError(edits.Problem.CONFLICT, "", CHANGED)
    return now


def _still_reached(visit: AdminVisit, configuration: Configuration, member_id: int) -> None:
    manager = configuration.member_by_id.get(member_id)
    if manager is None or not visit.rights.edits_vips(configuration, manager.group_id):
        raise EditError(edits.Problem.CONFLICT, "", GONE)


def _row(visit: AdminVisit, entry: VipEntry) -> dict[str, str]:
    user = visit.configuration.user_of_number(entry.number)
    return {
        "number": entry.number, "description": entry.description, "user": user.full_name if user else EXTERNAL,
        "edit": visit.url("vips/edit", **{OF: entry.id}), "delete": visit.url("vips/delete", **{OF: entry.id}),
        "tag": tag_of(entry),
    }  # fmt: skip


def _list(visit: AdminVisit, reader: Reader | None) -> Shown:
    manager, wanted = _chosen(visit), visit.text("q").strip()
    entries = visit.configuration.vips_of(manager.id) if manager is not None else ()
    found = map(partial(_row, visit), entries)
    words = wanted.casefold().split()
    rows = [
        row for row in found
        if all(word in f"{row['number']} {row['user']} {row['description']}".casefold() for word in words)
    ]  # fmt: skip
    return Shown("admin/vips/list.html", {
        "managers": [(one.id, _label(visit.configuration, one)) for one in _managers(visit)], "manager": manager,
        "rows": rows, "wanted": wanted, "here": visit.url("vips"),
        "form": {"number": "", "description": ""} | (reader.typed if reader is not None else {}),
        "add": visit.url("vips", manager=manager.id) if manager is not None else "",
    }, reader.wrong if reader is not None else {})  # fmt: skip


def _form(visit: AdminVisit, entry: VipEntry, reader: Reader | None) -> Shown:
    form = {"number": entry.number, "description": entry.description, TAG: tag_of(entry)}
    if reader is not None:
        form |= reader.typed | {TAG: visit.text(TAG)}
    return Shown("admin/vips/edit.html", {
        "form": form, "here": visit.url("vips/edit", **{OF: entry.id}),
        "list": visit.url("vips", manager=entry.member_id),
    }, reader.wrong if reader is not None else {})  # fmt: skip


ROUTES = (
    Route("vips", VIPS, show, add),
    Route("vips/edit", VIPS, edit, change),
    Route("vips/delete", VIPS, post=delete),
)
