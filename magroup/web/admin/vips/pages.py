"""The VIP lists of the managers whom somebody may edit: shown, searched, added to, described, shortened."""

from collections.abc import Callable
from typing import NamedTuple

from magroup.groups.editing import EditError, NotSavedError, Problem, edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Member, VipEntry
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader
from magroup.web.admin.tabs import VIPS
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown

MOST_SHOWN = 200
"""Entries on a page; the search finds the others."""

OF, FIND = "of", "q"
NOT_SAVED = "It cannot be saved at the moment, try again later: {reason}."
CHANGED = "Somebody else has changed this entry meanwhile: nothing was saved. Below is how it is now."
EXTERNAL = "External"

Edit = Callable[[Configuration], Configuration]


class Row(NamedTuple):
    """``was`` is the description as it is stored."""

    id: int
    number: str
    description: str
    user: str
    was: str
    is_wrong: bool


def managers(visit: AdminVisit, configuration: Configuration) -> list[tuple[Member, str]]:
    """With what they are called in the list, sorted by that."""
    found = []
    for member in configuration.members:
        if member.is_manager and visit.rights.edits_vips(configuration, member.group_id):
            user = configuration.user(member.user_name)
            name = user.full_name if user is not None else member.user_name
            found.append((member, f"{name} ({member.number}), {configuration.group_by_id[member.group_id].name}"))
    return sorted(found, key=lambda one: (one[1].casefold(), one[0].id))


async def show(visit: AdminVisit) -> Outcome:
    return _page(visit, Reader({}), 0)


async def add(visit: AdminVisit) -> Outcome:
    reader = Reader(visit.fields)
    number, description = reader.text("number"), reader.text("description")
    member = _manager(visit)

    def edit(configuration: Configuration) -> Configuration:
        _check(visit, configuration, member)
        if any(entry.number == number for entry in configuration.vips_of(member)):
            raise EditError(Problem.TAKEN, "number", f"{number} is on this list already")
        return edits.add_vip(configuration, member, number, description)

    return await _done(visit, reader, edit, member, "added", 0)


async def change(visit: AdminVisit) -> Outcome:
    """The row of an entry: its description is saved, or it is removed."""
    reader = Reader(visit.fields)
    description, was = reader.text("text"), visit.text("was")
    id = _id(visit.text("id"))
    member = _manager(visit)
    is_removal = visit.text("do") == "remove"

    def edit(configuration: Configuration) -> Configuration:
        _check(visit, configuration, member)
        entry = edits.vip_of(configuration, id)
        if entry.member_id != member:
            raise EditError(Problem.UNKNOWN, "id", f"there is no VIP entry {id} on this list")
        if entry.description != was:
            raise EditError(Problem.CONFLICT, "text", "")
        if is_removal:
            return edits.delete_vip(configuration, id)
        return edits.change_vip(configuration, id, {"description": description})

    return await _done(visit, reader, edit, member, "deleted" if is_removal else "saved", id)


async def _done(visit: AdminVisit, reader: Reader, edit: Edit, member: int, note: str, id: int) -> Outcome:
    if not reader.wrong:
        try:
            await visit.edit(edit)
        except EditError as error:
            if error.problem is Problem.CONFLICT:
                reader.wrong[""] = CHANGED
            else:
                reader.refused(error)
        except NotSavedError as reason:
            reader.wrong[""] = NOT_SAVED.format(reason=reason)
        else:
            return Gone(visit.url("vips", **{OF: member, FIND: visit.text(FIND, 200)}), note)
    if id:
        reader.wrong = {"": " ".join(reader.wrong.values())}
    return _page(visit, reader, id)


def _page(visit: AdminVisit, reader: Reader, id: int) -> Shown:
    """``id`` is the entry in whose row something was typed."""
    configuration = visit.parts.editing.configuration
    listed = managers(visit, configuration)
    asked = visit.text(OF)
    member = _id(asked) if asked else (listed[0][0].id if listed else 0)
    if asked and member not in [one.id for one, _ in listed]:
        raise not_there()
    wanted = visit.text(FIND, 200).strip()
    entries = configuration.vips_of(member)
    rows = [_row(configuration, entry, reader, id) for entry in entries]
    words = wanted.casefold()
    found = [row for row in rows if not words or words in f"{row.number} {row.user} {row.was}".casefold()]
    typed = {"number": "", "description": "", **({} if id else reader.typed)}
    return Shown("admin/vips/list.html", {
        "managers": [(one.id, name) for one, name in listed], "member": member, "wanted": wanted,
        "rows": found[:MOST_SHOWN], "total": len(found), "most": MOST_SHOWN, "form": typed, "all": len(entries),
        "chooser": visit.url("vips"), "here": visit.url("vips", **{OF: member, FIND: wanted}),
        "entry": visit.url("vips/entry", **{OF: member, FIND: wanted}),
    }, reader.wrong)  # fmt: skip


def _row(configuration: Configuration, entry: VipEntry, reader: Reader, id: int) -> Row:
    is_typed = entry.id == id
    user = configuration.user_of_number(entry.number)
    text = reader.typed.get("text", entry.description) if is_typed else entry.description
    name = user.full_name if user is not None else EXTERNAL
    return Row(entry.id, entry.number, text, name, entry.description, is_typed)


def _manager(visit: AdminVisit) -> int:
    """The member whose list the address names. Raises NotFound where it is none that the user may edit."""
    member = visit.configuration.member_by_id.get(_id(visit.text(OF)))
    if member is None or not member.is_manager:
        raise not_there()
    if not visit.rights.edits_vips(visit.configuration, member.group_id):
        raise not_there()
    return member.id


def _check(visit: AdminVisit, configuration: Configuration, member: int) -> None:
    """Rights may have changed since. Raises EditError."""
    found = configuration.member_by_id.get(member)
    if found is None or not visit.rights.edits_vips(configuration, found.group_id):
        raise EditError(Problem.UNKNOWN, "", "this is not possible any more: the group or your rights were changed")


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0


ROUTES = (Route("vips", VIPS, show, add), Route("vips/entry", VIPS, show, change))
