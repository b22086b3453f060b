"""Groups, their members, announcements and VIP lists as resources."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.editing import Rules, edits
from magroup.model.checks import LONGEST_TEXT, LONGEST_TIMEOUT
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, OverflowTo, ShowVipCalls, VipRouting
from magroup.model.groups import Overflow as ModelOverflow
from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.collection import Collection, Path, Values
from magroup.web.api.fields import SHOWN, Id, Name, OptionalPhoneNumber, Text

Timeout = Annotated[int, Meta(ge=0, le=LONGEST_TIMEOUT, description="Seconds; 0: no limit.")]
Sound = Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="Name of a sound; empty: none.")]
Shown = Annotated[
    str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="What phones show, with %variables%; empty: all.")
]


class ShowVip(StrEnum):
    """Who sees a VIP call."""

    MANAGER = "manager"
    ALL = "all"
    MARKED = "marked"


class Routing(StrEnum):
    """Who is rung when the manager does not answer a VIP call."""

    ALL = "all"
    MANAGER_ONLY = "manager_only"
    AVAILABLE = "available"


class Overflow(Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to a call that nobody answered."""

    to: OverflowTo = OverflowTo.NONE
    target: Annotated[
        str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="The number, the mailbox or the id of the group.")
    ] = ""


class GroupFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A group: how its calls are served."""

    name: Name
    number: OptionalPhoneNumber = ""
    welcome: Sound = ""
    ring_parallel: bool = False
    manager_timeout: Timeout = 0
    assistant_timeout: Timeout = 0
    overflow: Overflow = Overflow()
    show_calls: bool = True
    show_vip_calls: ShowVip = ShowVip.ALL
    vip_routing: Routing = Routing.ALL
    vip_threshold: Annotated[int, Meta(ge=0, le=6, description="Callers with so many stars are VIPs; 6: none.")] = 5
    assistant_to_manager: bool = False
    caller_name: Shown = ""
    caller_number: Shown = ""
    manager_alarm: Text = ""
    assistant_alarm: Text = ""
    manager_alarm_gadget: Sound = ""
    assistant_alarm_gadget: Sound = ""


def _groups(configuration: Configuration, path: Path) -> Sequence[Group]:
    return configuration.groups


def _group(configuration: Configuration, path: Path) -> Group | None:
    return configuration.group_by_id.get(path["group_id"])


def _shown(configuration: Configuration, group: Group) -> Values:
    shown: Values = {name: getattr(group, name) for name in _PLAIN}
    shown["overflow"] = Overflow(group.overflow.to, group.overflow.target)
    shown["show_vip_calls"] = ShowVip[group.show_vip_calls.name]
    shown["vip_routing"] = Routing[group.vip_routing.name]
    manager = configuration.manager_of(group.id)
    members = configuration.members_of(group.id)
    return shown | {"id": group.id, "manager": manager.user_name if manager else "", "member_count": len(members)}


_CONVERTED = ("overflow", "show_vip_calls", "vip_routing")
_PLAIN = tuple(name for name in GroupFields.__struct_fields__ if name not in _CONVERTED)


def _values(sent: Values) -> Values:
    values = dict(sent)
    if "overflow" in sent:
        values["overflow"] = _overflow(sent["overflow"])
    if "show_vip_calls" in sent:
        values["show_vip_calls"] = ShowVipCalls[sent["show_vip_calls"].name]
    if "vip_routing" in sent:
        values["vip_routing"] = VipRouting[sent["vip_routing"].name]
    return values


def _overflow(sent: Overflow) -> ModelOverflow:
    """Raises EditError for a target that the kind cannot have."""
    target = sent.target.strip()
    match sent.to:
        case OverflowTo.NONE | OverflowTo.BUSY:
            return ModelOverflow(sent.to)
        case OverflowTo.GROUP if not (target.isascii() and target.isdigit() and len(target) <= 10):
            raise edits.EditError(edits.Problem.INVALID, "overflow", "overflow to a group needs the id of the group")
        case OverflowTo.GROUP:
            return ModelOverflow(sent.to, str(int(target)))
    return ModelOverflow(sent.to, target)


def _added(configuration: Configuration, values: Values) -> int:
    return configuration.last_ids.groups


def _may_change(call: Call, group: Group, values: Values) -> bool:
    if values.get("name", group.name) != group.name and not call.rights.deletes_group(call.configuration, group.id):
        return False
    return call.rights.edits_group(call.configuration, group.id)


def _add(configuration: Configuration, rules: Rules, path: Path, values: Values) -> Configuration:
    return edits.add_group(configuration, rules, values)


GROUPS = Collection(
    name="group",
    path="/groups",
    key="group_id",
    tag="groups",
    scope="groups",
    fields=GroupFields,
    read_only={"id": Id, "manager": str, "member_count": int},
    listed=_groups,
    found=_group,
    shown=_shown,
    key_of=lambda group: group.id,
    key_type=int,
    add=_add,
    added=_added,
    change=lambda configuration, rules, group, values: edits.change_group(configuration, rules, group.id, values),
    delete=lambda configuration, group: edits.delete_group(configuration, group.id),
    values=_values,
    may_read=lambda call, group: call.rights.reaches(call.configuration, group.id),
    may_add=lambda call: call.rights.has(Privilege.GROUPS),
    may_change=_may_change,
    may_delete=lambda call, group: call.rights.deletes_group(call.configuration, group.id),
    text=lambda group: f"{group.name} {group.number}".casefold(),
    tag_of=lambda configuration, group: edits.group_tag(configuration, group.id),
)
