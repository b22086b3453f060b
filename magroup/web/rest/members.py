"""Member management functions that change members and their order."""

from collections.abc import Mapping
from typing import Any

from magroup.groups.editing import EditError, Problem, edits
from magroup.groups.presence import PresenceError
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from magroup.web.rest.announcements import MOVES
from magroup.web.rest.call import Call, Content, Function
from magroup.web.rest.groups import with_status
from magroup.web.rest.members_list import get_members
from magroup.web.rest.refusal import Refusal, error, missing

UNALTERED = -1
"""The displayedGroup that leaves the display of the line as it is."""

_NO_MEMBER = {(Problem.UNKNOWN, "member_id"): "INVALID_MEMBER_ID"}
_ADD_WORDS = {
    (Problem.UNKNOWN, "group_id"): "INVALID_GROUP_ID",
    (Problem.UNKNOWN, "user_name"): "INVALID_USERNAME",
    (Problem.SECOND_MANAGER, "is_manager"): "MANAGER_ALREADY_EXISTS",
}
_PARAMETERS = "INVALID_PARAMETERS"


def _members(call: Call, configuration: Configuration, group_id: int | None) -> list[Member]:
    """Those that ``mb_id``, or else ``usr_Name``, and the group mean."""
    id, name = call.parameters.integer("mb_id"), call.parameters.text("usr_Name")
    if id is not None:
        member = configuration.member_by_id.get(id)
        found = [member] if member else []
    elif name:
        found = list(configuration.members_of_user(name))
    else:
        raise missing("mb_id", "usr_Name")
    return [member for member in found if group_id is None or member.group_id == group_id]


def _some_members(call: Call, configuration: Configuration, group_id: int | None) -> list[Member]:
    found = _members(call, configuration, group_id)
    if not found:
        raise EditError(Problem.UNKNOWN, "member_id", "there is no such member")
    return found


async def add_member(call: Call) -> Content:
    parameters = call.parameters
    parameters.required("gr_id", "usr_Name", "mb_number")
    group_id, name, number = parameters.id("gr_id"), parameters.text("usr_Name") or "", parameters.text("mb_number")
    short, is_manager = parameters.text("gm_shortName"), bool(parameters.flag("gm_type"))
    shown = parameters.integer("displayedGroup") or 0

    def edit(configuration: Configuration) -> Configuration:
        new = edits.add_member(configuration, group_id, name, number or "", short, is_manager)
        return new if shown == UNALTERED else edits.display_group(new, [new.last_ids.members], shown)

    return with_status((await call.edit(edit, _ADD_WORDS)).last_ids.members)


async def delete_member(call: Call) -> Content:
    group_id = call.parameters.integer("gr_id")
    _members(call, call.configuration, group_id)

    def edit(configuration: Configuration) -> Configuration:
        found = _some_members(call, configuration, group_id)
        return edits.delete_members(configuration, {member.id for member in found})

    await call.edit(edit, _NO_MEMBER)
    return "OK"


async def edit_member(call: Call) -> Content:
    parameters = call.parameters
    group_id, shown = parameters.integer("gr_id"), parameters.integer("displayedGroup")
    sent = {"number": parameters.text("mb_number") or None, "short_name": parameters.text("gm_shortName")}
    values: dict[str, Any] = {field: value for field, value in sent.items() if value is not None}
    _members(call, call.configuration, group_id)

    def edit(configuration: Configuration) -> Configuration:
        if parameters.integer("mb_id") is None and configuration.user(parameters.text("usr_Name") or "") is None:
            raise EditError(Problem.UNKNOWN, "user_name", f"there is no user {parameters.text('usr_Name')}")
        ids = [member.id for member in _some_members(call, configuration, group_id)]
        for id in ids:
            configuration = edits.change_member(configuration, id, values)
        return configuration if shown in (None, UNALTERED) else edits.display_group(configuration, ids, shown or 0)

    await call.edit(edit, _NO_MEMBER | {(Problem.UNKNOWN, "user_name"): "INVALID_USERNAME"})
    return "OK"


async def order_by_user_list(call: Call) -> Content:
    call.parameters.required("gr_id", "usr_list")
    group_id, listed = call.parameters.id("gr_id"), call.parameters.text("usr_list") or ""
    names = [name.strip() for name in listed.split(",")]
    words = {
        (Problem.UNKNOWN, "group_id"): _PARAMETERS,
        (Problem.INVALID, "user_names"): _PARAMETERS,
        (Problem.MISSING, "user_names"): _PARAMETERS,
    }
    await call.edit(lambda configuration: edits.order_members(configuration, group_id, names), words)
    return "OK"


async def reorder_members(call: Call) -> Content:
    if not call.parameters.text("mb_id"):
        if not call.parameters.text("usr_Name"):
            raise missing("mb_id", "usr_Name")
    call.parameters.required("gr_id", "move")
    group_id, up = call.parameters.id("gr_id"), bool(call.parameters.choice("move", MOVES))

    def edit(configuration: Configuration) -> Configuration:
        first = _some_members(call, configuration, group_id)[0]
        return edits.move_member(configuration, first.id, up)

    await call.edit(edit, {(Problem.UNKNOWN, "member_id"): _PARAMETERS})
    return "OK"


async def set_presence(call: Call) -> Content:
    parameters = call.parameters
    id, name = parameters.integer("mb_id"), parameters.text("usr_Name")
    if id is None and not name:
        raise missing("mb_id", "usr_Name")
    parameters.required("presenceState")
    if id is not None:
        member = call.configuration.member_by_id.get(id)
        name = member.user_name if member else ""
    user = call.configuration.user(name or "")
    if user is None:
        raise Refusal("INVALID_MEMBER_ID", f"there is no member {id or name}")
    rights = Rights(call.identity.user_name, call.identity.privileges)
    call.must_be_allowed(rights.sets_state(call.configuration, user.name), "setting the presence of others")
    state = parameters.text("presenceState") or ""
    if state not in {str(presence.value) for presence in Presence}:
        raise Refusal("INVALID_STATE", f"{state} is no presence: 0, 1, 3, 4 or 6")
    try:
        call.parts.presence.set(
            user.name, int(state), parameters.text("presenceMessage") or "", call.identity.user_name
        )  # fmt: skip
    except PresenceError as wrong:
        raise error(str(wrong)) from None
    return "OK"


_PRIVILEGES = (Privilege.MEMBERS_MANAGEMENT.value, Privilege.GROUPS.value)

FUNCTIONS: Mapping[str, Function] = {
    "addMember": Function("addMember", add_member, _PRIVILEGES, with_id=lambda call: ""),
    "deleteMember": Function("deleteMember", delete_member, _PRIVILEGES),
    "editMember": Function("editMember", edit_member, _PRIVILEGES),
    "getMembers": Function("getMembers", get_members, _PRIVILEGES, depends=lambda call: call.parts.states.version),
    "orderByUserList": Function("orderByUserList", order_by_user_list, _PRIVILEGES),
    "reorderMembers": Function("reorderMembers", reorder_members, _PRIVILEGES),
    "setPresence": Function("setPresence", set_presence),
}
