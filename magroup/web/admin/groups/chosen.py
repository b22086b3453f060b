"""The group that an address names, where the user has to do with it."""

from collections.abc import Callable
from typing import Any

from magroup.groups.editing import EditError, NotSavedError, Problem
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.people import Privilege
from magroup.web.admin.groups.seen import choosable
from magroup.web.admin.pages import not_there
from magroup.web.admin.visit import AdminVisit

OF = "of"
TAG = "tag"
NOT_SAVED = "It cannot be saved at the moment, try again later: {reason}."
CHANGED = "Somebody else has changed the group meanwhile: nothing was saved. Below is how it is now."
NO_MORE = EditError(Problem.UNKNOWN, "", "this is not possible any more: the group or your rights were changed")

Edit = Callable[[Configuration], Configuration]


def number_in(text: str) -> int:
    """An id out of an address or a form, 0 where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0


def chosen(visit: AdminVisit) -> Group:
    """Raises NotFound where it is none of the user's."""
    group = visit.configuration.group_by_id.get(number_in(visit.text(OF)))
    if group is None or not visit.rights.reaches(visit.configuration, group.id):
        raise not_there()
    return group


def page_of(visit: AdminVisit, group_id: int, path: str = "groups") -> str:
    return visit.url(path, **{OF: group_id})


def around(visit: AdminVisit, group: Group | None) -> dict[str, Any]:
    """What the pages have above: the list Choose..., and the buttons."""
    return {
        "groups": [("", "Choose..."), *((one.id, one.name) for one in choosable(visit.rights, visit.configuration))],
        "group": group, "chooser": visit.url("groups"), "of": group.id if group else "",
        "add": visit.url("groups/new") if visit.rights.has(Privilege.GROUPS) else "",
        "here": {
            path: page_of(visit, group.id, f"groups/{path}")
            for path in ("options", "rename", "delete", "announcements", "sounds", "member", "order", "join")
        } if group else {},
        "back": page_of(visit, group.id) if group else visit.url("groups"),
    }  # fmt: skip


async def saved(visit: AdminVisit, edit: Edit) -> tuple[Configuration | None, EditError | None, str]:
    """What is in force with the edit, or why it was refused: by the edit itself, or because it cannot be saved."""
    try:
        return await visit.edit(edit), None, ""
    except EditError as error:
        return None, error, ""
    except NotSavedError as reason:
        return None, None, NOT_SAVED.format(reason=reason)
