"""The VIP list of a group's manager as resources."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.editing import EditError, Problem, Rules, edits
from magroup.model.checks import LONGEST_TEXT
from magroup.model.configuration import Configuration
from magroup.model.groups import VipEntry
from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.collection import Collection, Path, Values
from magroup.web.api.fields import SHOWN, Id, Text
from magroup.web.api.members import group_at, reaches_group


class VipFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number, or a pattern of numbers, whose calls reach the manager whatever the presence."""

    number: Annotated[
        str,
        Meta(
            min_length=1, max_length=LONGEST_TEXT, pattern=SHOWN,
            description="Digits, X for any digit, ! at the end for any rest.",
        ),
    ]  # fmt: skip
    description: Text = ""


def _listed(configuration: Configuration, path: Path) -> Sequence[VipEntry]:
    manager = configuration.manager_of(group_at(configuration, path))
    return configuration.vips_of(manager.id) if manager is not None else ()


def _found(configuration: Configuration, path: Path) -> VipEntry | None:
    return next((one for one in _listed(configuration, path) if one.id == path["vip_id"]), None)


def _add(configuration: Configuration, rules: Rules, path: Path, values: Values) -> Configuration:
    manager = configuration.manager_of(path["group_id"])
    if manager is None:
        raise EditError(Problem.IN_USE, "group_id", "the group has no manager, whose list this is")
    return edits.add_vip(configuration, manager.id, values["number"], values["description"])


def _may_edit(call: Call) -> bool:
    return call.rights.edits_vips(call.configuration, call.path["group_id"])


VIPS = Collection(
    name="VIP",
    path="/groups/{group_id}/vips",
    key="vip_id",
    tag="groups",
    scope="groups",
    fields=VipFields,
    read_only={"id": Id},
    listed=_listed,
    found=_found,
    shown=lambda configuration, one: {"id": one.id, "number": one.number, "description": one.description},
    key_of=lambda one: one.id,
    key_type=int,
    add=_add,
    added=lambda configuration, values: configuration.last_ids.vips,
    change=lambda configuration, rules, one, values: edits.change_vip(configuration, one.id, values),
    delete=lambda configuration, one: edits.delete_vip(configuration, one.id),
    readers=(Privilege.VIP_LIST, Privilege.ADMIN),
    writers=(Privilege.VIP_LIST, Privilege.ADMIN),
    reaches=reaches_group,
    may_add=_may_edit,
    may_change=lambda call, one, values: _may_edit(call),
    may_delete=lambda call, one: _may_edit(call),
    text=lambda one: f"{one.number} {one.description}".casefold(),
)
