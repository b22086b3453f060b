"""The waiting announcements of a group as resources."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.editing import Rules, edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement
from magroup.web.api.call import Call
from magroup.web.api.collection import Collection, Path, Values
from magroup.web.api.fields import Id, Name
from magroup.web.api.members import group_at, reaches_group


class AnnouncementFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A sound that callers of a group hear while they wait."""

    wave: Annotated[Name, Meta(description="Name of a sound for callers.")]
    priority: Annotated[
        int, Meta(ge=0, le=100, description="Place in the playing order from 1; 0: the last, or as it is.")
    ] = 0


def _listed(configuration: Configuration, path: Path) -> Sequence[Announcement]:
    return configuration.announcements_of(group_at(configuration, path))


def _found(configuration: Configuration, path: Path) -> Announcement | None:
    return next((one for one in _listed(configuration, path) if one.id == path["announcement_id"]), None)


def _add(configuration: Configuration, rules: Rules, path: Path, values: Values) -> Configuration:
    return edits.add_announcement(
        configuration, rules, path["group_id"], values["wave"], values["priority"] or None
    )  # fmt: skip


def _change(configuration: Configuration, rules: Rules, one: Announcement, values: Values) -> Configuration:
    new = edits.change_announcement(configuration, rules, one.id, values.get("wave", one.wave))
    return edits.place_announcement(new, one.id, values["priority"]) if values.get("priority") else new


def _may_edit(call: Call) -> bool:
    return call.rights.edits_group(call.configuration, call.path["group_id"])


ANNOUNCEMENTS = Collection(
    name="announcement",
    path="/groups/{group_id}/announcements",
    key="announcement_id",
    tag="groups",
    scope="groups",
    fields=AnnouncementFields,
    read_only={"id": Id},
    listed=_listed,
    found=_found,
    shown=lambda configuration, one: {"id": one.id, "wave": one.wave, "priority": one.priority},
    key_of=lambda one: one.id,
    key_type=int,
    in_order=True,
    add=_add,
    added=lambda configuration, values: configuration.last_ids.announcements,
    change=_change,
    delete=lambda configuration, one: edits.delete_announcement(configuration, one.id),
    reaches=reaches_group,
    may_add=_may_edit,
    may_change=lambda call, one, values: _may_edit(call),
    may_delete=lambda call, one: _may_edit(call),
)
