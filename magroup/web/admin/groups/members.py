"""Members of a group: added, changed, put in another order, removed."""

from magroup.groups.editing import EditError, Problem, edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.web.admin.groups.chosen import CHANGED, NO_MORE, TAG, Edit, chosen, number_in, page_of, saved
from magroup.web.admin.groups.pages import group_page
from magroup.web.admin.groups.seen import seen
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader
from magroup.web.admin.visit import AdminVisit, Gone, Outcome


async def join(visit: AdminVisit) -> Outcome:
    """The form of somebody who was found."""
    group, reader = _opened(visit), Reader(visit.fields)
    user, number, short = reader.text("user"), reader.text("number"), reader.text("short_name")
    is_manager = reader.text("type") == "manager"

    def work(configuration: Configuration) -> Configuration:
        return edits.add_member(configuration, group.id, user, number, short or None, is_manager)

    return await _done(visit, group, reader, work, "added", 0)


async def change(visit: AdminVisit) -> Outcome:
    """The form of a row: what its button says."""
    group, reader = _opened(visit), Reader(visit.fields)
    id = number_in(visit.text("member"))
    number, short, shows = reader.text("number"), reader.text("short_name"), reader.is_checked("shows")
    what = visit.text("do")

    def work(configuration: Configuration) -> Configuration:
        member = edits.member_of(configuration, id)
        if member.group_id != group.id:
            raise NO_MORE
        if what == "remove":
            return edits.delete_members(configuration, {id})
        if what in ("up", "down"):
            return edits.move_member(configuration, id, up=what == "up")
        new = edits.change_member(configuration, id, {"number": number, "short_name": short})
        line = new.line(new.member_by_id[id].number)
        is_shown = line is not None and line.displayed_group == group.id
        if shows == is_shown:
            return new
        return edits.display_group(new, [id], group.id if shows else 0)

    return await _done(visit, group, reader, work, "deleted" if what == "remove" else "saved", id)


async def order(visit: AdminVisit) -> Outcome:
    """The whole list, as it was dragged; ``order`` are ids with commas between them."""
    group, reader = _opened(visit), Reader(visit.fields)
    ids = [number_in(id) for id in visit.text("order", 6000).split(",")]

    def work(configuration: Configuration) -> Configuration:
        members = {member.id: member for member in configuration.members_of(group.id)}
        if sorted(ids) != sorted(members):
            raise NO_MORE
        for place, id in enumerate(ids, 1):
            configuration = edits.place_member(configuration, id, place)
        return configuration

    return await _done(visit, group, reader, work, "saved", 0)


def _opened(visit: AdminVisit) -> Group:
    group = chosen(visit)
    if not seen(visit.rights, visit.configuration, group.id).members:
        raise not_there()
    return group


async def _done(visit: AdminVisit, group: Group, reader: Reader, work: Edit, note: str, member: int) -> Outcome:
    """``member`` is whose row has the form, 0 for none."""
    tag = visit.text(TAG)

    def edit(configuration: Configuration) -> Configuration:
        if not seen(visit.rights, configuration, group.id).members:
            raise NO_MORE
        edits.expect_group(configuration, group.id, tag)
        return work(configuration)

    refused: EditError | None = None
    if not reader.wrong:
        new, refused, reason = await saved(visit, edit)
        if new is not None:
            return Gone(page_of(visit, group.id), note)
        if reason:
            reader.wrong[""] = reason
    if refused is not None:
        if refused.problem is Problem.CONFLICT:
            reader.wrong[""] = CHANGED
        else:
            reader.refused(refused, {"is_manager": "type"})
    if group.id not in visit.parts.editing.configuration.group_by_id:
        raise not_there()
    wrong = dict(reader.wrong)
    sentences = " ".join(wrong.values())
    return await group_page(visit, group, reader, wrong={"": sentences}, member=member)
