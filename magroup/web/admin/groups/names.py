"""Groups are made, renamed and deleted."""

from magroup.groups.editing import EditError, Problem, edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.web.admin.groups.chosen import CHANGED, NO_MORE, TAG, Edit, around, chosen, page_of, saved
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import Reader
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Shown

TYPES = (("none", "None"), ("member", "Member"), ("manager", "Manager"))


async def new(visit: AdminVisit) -> Outcome:
    return _new(visit, Reader({}))


async def add(visit: AdminVisit) -> Outcome:
    """With the own account in it, where it has a line and the type says so."""
    reader = Reader(visit.fields)
    name = reader.text("name")
    type = (reader.text("type") or "none") if visit.user.lines else "none"
    if type not in dict(TYPES):
        reader.wrong["type"] = "Choose one of the list."

    def work(configuration: Configuration) -> Configuration:
        made = edits.add_group(configuration, visit.parts.editing.rules, {"name": name})
        if type == "none":
            return made
        group_id, user = made.last_ids.groups, made.user(visit.user.name)
        if user is None or not user.lines:
            raise EditError(Problem.INVALID, "type", "your account has no phone line any more")
        return edits.add_member(made, group_id, user.name, user.lines[0], None, type == "manager")

    if not reader.wrong:
        made, refused, reason = await saved(visit, work)
        if made is not None:
            group_id = made.last_ids.groups
            reaches = visit.rights.reaches(made, group_id)
            return Gone(page_of(visit, group_id) if reaches else visit.url("groups"), "added")
        _tell(reader, refused, reason)
    return _new(visit, reader)


async def rename_page(visit: AdminVisit) -> Outcome:
    return _named(visit, "rename", _own(visit), {})


async def rename(visit: AdminVisit) -> Outcome:
    group, reader = _own(visit), Reader(visit.fields)
    name = reader.text("name")
    before = visit.text("was")

    def work(configuration: Configuration) -> Configuration:
        if edits.group_of(configuration, group.id).name != before:
            raise EditError(Problem.CONFLICT, "group_id", "")
        return edits.change_group(configuration, visit.parts.editing.rules, group.id, {"name": name})

    return await _done(visit, "rename", group, reader, work, Gone(page_of(visit, group.id), "renamed"))


async def delete_page(visit: AdminVisit) -> Outcome:
    return _named(visit, "delete", _own(visit), {})


async def delete(visit: AdminVisit) -> Outcome:
    group, reader = _own(visit), Reader(visit.fields)
    tag = visit.text(TAG)

    def work(configuration: Configuration) -> Configuration:
        edits.expect_group(configuration, group.id, tag)
        return edits.delete_group(configuration, group.id)

    return await _done(visit, "delete", group, reader, work, Gone(visit.url("groups"), "deleted"))


async def _done(visit: AdminVisit, what: str, group: Group, reader: Reader, work: Edit, gone: Gone) -> Outcome:
    def edit(configuration: Configuration) -> Configuration:
        if not visit.rights.deletes_group(configuration, group.id):
            raise NO_MORE
        return work(configuration)

    if not reader.wrong:
        done, refused, reason = await saved(visit, edit)
        if done is not None:
            return gone
        _tell(reader, refused, reason)
    return _named(visit, what, group, reader.wrong, reader.typed)


def _tell(reader: Reader, refused: EditError | None, reason: str) -> None:
    if refused is None:
        reader.wrong[""] = reason
    elif refused.problem is Problem.CONFLICT:
        reader.wrong[""] = CHANGED
    else:
        reader.refused(refused)


def _own(visit: AdminVisit) -> Group:
    group = chosen(visit)
    if not visit.rights.deletes_group(visit.configuration, group.id):
        raise not_there()
    return group


def _new(visit: AdminVisit, reader: Reader) -> Shown:
    typed = {"name": "", "type": "none", **reader.typed}
    return Shown("admin/groups/new.html", {
        **around(visit, None), "form": typed, "types": TYPES if visit.user.lines else (),
    }, reader.wrong)  # fmt: skip


def _named(
    visit: AdminVisit, what: str, group: Group, wrong: dict[str, str], typed: dict[str, str] | None = None
) -> Shown:  # fmt: skip
    configuration = visit.parts.editing.configuration
    group = configuration.group_by_id.get(group.id, group)
    is_there = group.id in configuration.group_by_id
    return Shown(f"admin/groups/{what}.html", {
        **around(visit, group), "form": {"name": group.name, **(typed or {})},
        "members": len(configuration.members_of(group.id)),
        "tag": edits.group_tag(configuration, group.id) if is_there else "",
    }, wrong)  # fmt: skip
