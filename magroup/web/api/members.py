"""The members of a group as resources."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.editing import EditError, Problem, Rules, edits
from magroup.model.checks import LONGEST_TEXT
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.web.api.call import Call
from magroup.web.api.collection import Collection, Path, Values
from magroup.web.api.fields import SHOWN, Id, Name
from magroup.web.api.problem import not_found


class MemberFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A membership: somebody in a group with the line that rings."""

    user_name: Name
    number: Annotated[
        str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="A line; empty: the first one of the user.")
    ] = ""
    short_name: Annotated[
        str, Meta(max_length=8, pattern=SHOWN, description="1 to 8 characters; empty: made from the first name.")
    ] = ""
    is_manager: bool = False
    position: Annotated[
        int, Meta(ge=0, le=500, description="Place in the list from 1; 0: the last, or as it is.")
    ] = 0


def group_at(configuration: Configuration, path: Path) -> int:
    """The id of the group in a path. Raises ApiError where there is no such group."""
    id: int = path["group_id"]
    if id not in configuration.group_by_id:
        raise not_found("There is no such group.")
    return id


def reaches_group(call: Call) -> bool:
    """Whether the user has to do with the group in the path."""
    return call.rights.reaches(call.configuration, call.path["group_id"])


def _listed(configuration: Configuration, path: Path) -> Sequence[Member]:
    return configuration.members_of(group_at(configuration, path))


def _found(configuration: Configuration, path: Path) -> Member | None:
    member = configuration.member_by_id.get(path["member_id"])
    return member if member is not None and member.group_id == group_at(configuration, path) else None


def _shown(configuration: Configuration, member: Member) -> Values:
    return {
        "id": member.id,
        "user_name": member.user_name,
        "number": member.number,
        "short_name": member.short_name,
        "is_manager": member.is_manager,
        "position": member.position,
    }


def _add(configuration: Configuration, rules: Rules, path: Path, values: Values) -> Configuration:
    name = values["user_name"]
    number = values["number"] or _first_line(configuration, name)
    short = values["short_name"] or None
    new = edits.add_member(configuration, path["group_id"], name, number, short, values["is_manager"])
    return edits.place_member(new, new.last_ids.members, values["position"]) if values["position"] else new


def _first_line(configuration: Configuration, user_name: str) -> str:
    user = configuration.user(user_name)
    return user.lines[0] if user is not None and user.lines else ""


def _change(configuration: Configuration, rules: Rules, member: Member, values: Values) -> Configuration:
    changed = dict(values)
    if changed.pop("user_name", member.user_name).casefold() != member.user_name.casefold():
        raise EditError(Problem.INVALID, "user_name", "user_name of a member cannot be changed")
    position = changed.pop("position", 0)
    if changed.get("number") == "":
        changed["number"] = _first_line(configuration, member.user_name)
    if changed.get("short_name") == "":
        changed["short_name"] = member.short_name
    new = edits.change_member(configuration, member.id, changed)
    return edits.place_member(new, member.id, position) if position else new


def _may_edit(call: Call) -> bool:
    return call.rights.edits_members(call.configuration, call.path["group_id"])


MEMBERS = Collection(
    name="member",
    path="/groups/{group_id}/members",
    key="member_id",
    tag="groups",
    scope="groups",
    fields=MemberFields,
    read_only={"id": Id},
    listed=_listed,
    found=_found,
    shown=_shown,
    key_of=lambda member: member.id,
    key_type=int,
    in_order=True,
    add=_add,
    added=lambda configuration, values: configuration.last_ids.members,
    change=_change,
    delete=lambda configuration, member: edits.delete_members(configuration, {member.id}),
    reaches=reaches_group,
    may_add=_may_edit,
    may_change=lambda call, member, values: _may_edit(call),
    may_delete=lambda call, member: _may_edit(call),
)
