"""Group management functions."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from magroup.groups.editing import Problem, edits
from magroup.model.groups import Group, Overflow, ShowVipCalls, VipRouting
from magroup.model.people import Privilege
from magroup.web.rest.call import Call, Content, Function, Listed
from magroup.web.rest.parameters import Parameters
from magroup.web.rest.refusal import error
from magroup.web.rest.xml import leaf, leaves

_TEXTS = {
    "gr_name": "name",
    "gr_welcome": "welcome",
    "gr_number": "number",
    "gr_callerName": "caller_name",
    "gr_callerNumber": "caller_number",
    "gr_mngCallAlarm": "manager_alarm",
    "gr_assistCallAlarm": "assistant_alarm",
    "gr_mngCallAlarmJ": "manager_alarm_gadget",
    "gr_assistCallAlarmJ": "assistant_alarm_gadget",
}
_INTEGERS = {
    "gr_managerTimeout": "manager_timeout",
    "gr_assistantTimeout": "assistant_timeout",
    "gr_VIPThreshold": "vip_threshold",
}
_FLAGS = {
    "gr_ringParallel": "ring_parallel",
    "gr_assistantToMng": "assistant_to_manager",
    "gr_showCalls": "show_calls",
}
_SHOW_VIP_CALLS = {str(show.value): show for show in ShowVipCalls} | {show.name.lower(): show for show in ShowVipCalls}
_VIP_ROUTING = {str(routing.value): routing for routing in VipRouting}
MOST_TO_COMPARE = 99
"""A VIP threshold above this is any above 5."""

NO_GROUP = {(Problem.UNKNOWN, "group_id"): "INVALID_GROUP_ID"}


def values_of(parameters: Parameters) -> dict[str, Any]:
    """The fields of a group that were sent."""
    read: dict[str, Any] = {field: parameters.text(name) for name, field in _TEXTS.items()}
    read |= {field: parameters.integer(name) for name, field in _INTEGERS.items()}
    read |= {field: parameters.flag(name) for name, field in _FLAGS.items()}
    read["show_vip_calls"] = parameters.choice("gr_showVIPCall", _SHOW_VIP_CALLS)
    read["vip_routing"] = parameters.choice("gr_VIPCallsRouting", _VIP_ROUTING)
    if overflow := parameters.text("gr_overflow"):
        try:
            read["overflow"] = Overflow.parse(overflow)
        except ValueError as wrong:
            raise error(str(wrong)) from None
    sent = {field: value for field, value in read.items() if value is not None}
    if sent.get("vip_threshold", 0) > MOST_TO_COMPARE:
        sent["vip_threshold"] = MOST_TO_COMPARE
    return sent


async def add_group(call: Call) -> Content:
    call.parameters.required("gr_name")
    values = values_of(call.parameters)
    words = {(Problem.MISSING, "name"): "PARAMETER_MISSING", (Problem.TAKEN, "name"): "ALREADY_EXISTS"}
    rules = call.parts.editing.rules
    new = await call.edit(lambda configuration: edits.add_group(configuration, rules, values), words)
    return with_status(new.last_ids.groups)


async def edit_group(call: Call) -> Content:
    id = call.parameters.id("gr_id")
    values = values_of(call.parameters)
    if "name" in values:
        call.parameters.required("gr_name")
    rules = call.parts.editing.rules
    await call.edit(lambda configuration: edits.change_group(configuration, rules, id, values), NO_GROUP)
    return with_status(id)


async def delete_group(call: Call) -> Content:
    id = call.parameters.id("gr_id")
    await call.edit(lambda configuration: edits.delete_group(configuration, id), NO_GROUP)
    return with_status(id)


async def get_groups(call: Call) -> Content:
    name, id = call.parameters.filter("gr_name"), call.parameters.integer("gr_id")
    groups = call.configuration.groups
    if id is not None:
        groups = tuple(group for group in groups if group.id == id)
    return Listed([group for group in groups if name in group.name.casefold()], shown)


def with_status(id: int) -> list[etree._Element]:
    """What stands in <Response> when it went well."""
    return [leaf("id", id), leaf("status", "OK")]


def id_of_group(call: Call) -> str:
    """The id beside a word of failure: that of the group, where there is one."""
    text = call.parameters.text("gr_id") or ""
    known = text.isascii() and text.isdigit() and len(text) < 20 and int(text) in call.configuration.group_by_id
    return str(int(text)) if known else ""


def shown(group: Group) -> etree._Element:
    return leaves(
        "group",
        id=group.id,
        name=group.name,
        welcome=group.welcome,
        ringParallel=group.ring_parallel,
        number=group.number,
        managerTimeout=group.manager_timeout,
        assistantTimeout=group.assistant_timeout,
        overflow=group.overflow,
        showVIPCall=group.show_vip_calls.value,
        VIPCallsRouting=group.vip_routing.value,
        assistantToMng=group.assistant_to_manager,
        showCalls=group.show_calls,
        callerName=group.caller_name,
        callerNumber=group.caller_number,
        mngCallAlarm=group.manager_alarm,
        assistCallAlarm=group.assistant_alarm,
        VIPThreshold=group.vip_threshold,
        mngCallAlarmJ=group.manager_alarm_gadget,
        assistCallAlarmJ=group.assistant_alarm_gadget,
    )


_PRIVILEGES = (Privilege.GROUPS.value,)

FUNCTIONS: Mapping[str, Function] = {
    "addGroup": Function("addGroup", add_group, _PRIVILEGES, (b"POST",), lambda call: ""),
    "deleteGroup": Function("deleteGroup", delete_group, _PRIVILEGES, with_id=id_of_group),
    "editGroup": Function("editGroup", edit_group, _PRIVILEGES, (b"POST",), id_of_group),
    "getGroups": Function("getGroups", get_groups, _PRIVILEGES, depends=lambda call: None),
}
