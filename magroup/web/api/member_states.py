"""What lines and the members of a group are doing, as resources."""

from typing import Annotated

from msgspec import Meta, Struct

from magroup.model.groups import Member
from magroup.web.api.call import Call
from magroup.web.api.members import group_at
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page
from magroup.web.api.presence import State, state_of
from magroup.web.api.problem import not_found
from magroup.web.api.words import LineWord, line_word


class ShownLine(Struct, frozen=True):
    """What a line is doing."""

    number: str
    state: LineWord


class ShownMember(Struct, frozen=True):
    """What a member of a group is doing."""

    member_id: int
    user_name: str
    short_name: str
    number: str
    is_manager: bool
    presence: State
    forwarded_to: Annotated[str, Meta(description="A number or mailbox, or `group`; empty: calls are not forwarded.")]
    line: LineWord


def read_line(call: Call) -> Answer:
    line = call.configuration.line(call.path["number"])
    if line is None or not call.rights.knows_line(call.configuration, line.number):
        raise not_found("There is no such line.")
    return Answer(ShownLine(line.number, line_word(call.parts.live.states.line_state(line.number))))


def read_group(call: Call) -> Answer:
    group_id = group_at(call.configuration, call.path)
    if not call.rights.reaches(call.configuration, group_id):
        raise not_found("There is no such group.")
    return Answer(Page([_member(call, member) for member in call.configuration.members_of(group_id)]))


def _member(call: Call, member: Member) -> ShownMember:
    state = call.parts.live.states.state(member)
    return ShownMember(
        member.id, member.user_name, member.short_name, member.number, member.is_manager, state_of(state.presence),
        state.forwarded_to, line_word(state.line),
    )  # fmt: skip


OPERATIONS = (
    Operation(method="GET", path="/lines/{number}/state", id="getLineState", summary="Read what a line is doing.",
              tag="lines", run=read_line, scope="presence:read", answer=ShownLine),
    Operation(method="GET", path="/groups/{group_id}/states", id="listMemberStates", tag="groups",
              summary="List what the members of a group are doing, the manager first.", run=read_group,
              scope="presence:read", answer=Page[ShownMember]),
)  # fmt: skip
