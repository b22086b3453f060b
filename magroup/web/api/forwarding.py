"""Forwarding of lines and of managers as resources: seen and set by the rights of spec 2."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from magroup.groups.forwarding import ForwardingError, Refused, target_of
from magroup.groups.viewers import Viewer
from magroup.model.checks import LARGEST_ID, LONGEST_TEXT
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, ForwardTo
from magroup.model.forwarding import Forwarding as ModelForwarding
from magroup.model.groups import Member
from magroup.model.lines import Line
from magroup.web.api.call import Call
from magroup.web.api.fields import SHOWN
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page, Paged, page_of
from magroup.web.api.problem import ApiError, FieldError, forbidden, invalid, not_found
from magroup.web.api.tags import tag_of


class Kind(StrEnum):
    """Application forwarding, which VIPs pass, or that of a line, which nobody passes."""

    MEMBER = "member"
    LINE = "line"


class ForwardingFields(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Where calls go instead."""

    to: ForwardTo
    number: Annotated[
        str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="Where `to` is number; else left out.")
    ] = ""
    member_id: Annotated[
        int, Meta(ge=0, le=LARGEST_ID, description="Where `to` is member, in any group; else left out.")
    ] = 0


class ShownForwarding(Struct, frozen=True):
    """A forwarding: whose, where to, since when and by whom."""

    kind: Kind
    of_line: Annotated[str, Meta(description="Number of the line that is forwarded; empty for those of members.")]
    of_member: Annotated[int, Meta(description="Id of the manager's membership; 0 for those of lines.")]
    user_name: Annotated[str, Meta(description="Whose it is; empty: of a line that nobody has.")]
    to: ForwardTo
    number: str
    member_id: int
    target: Annotated[str, Meta(description="The number or mailbox that this means now; empty: none.")]
    since: Annotated[float, Meta(description="UTC, seconds since 1970; 0: it was never set.")]
    changed_by: str


_FIELDS = {
    Refused.NO_NUMBER: ("number", 422),
    Refused.NO_MEMBER: ("member_id", 422),
    Refused.NOT_FOR_LINES: ("to", 422),
    Refused.NOT_MANAGER: ("to", 409),
    Refused.NO_MOBILE: ("to", 409),
    Refused.NO_VOICEMAIL: ("to", 409),
    Refused.LOOP: ("to", 409),
}
"""What is to blame for each refusal: 409 where the same would be possible if other things were otherwise."""


def shown_forwarding(
    configuration: Configuration, forwarding: ModelForwarding, *, member_id: int = 0, number: str = ""
) -> ShownForwarding:
    """The application forwarding of a member, or the forwarding of a line."""
    member = configuration.member_by_id.get(member_id)
    user = configuration.user(member.user_name) if member else configuration.user_of_number(number)
    return ShownForwarding(
        Kind.MEMBER if member_id else Kind.LINE, number, member_id, user.name if user else "", forwarding.to,
        forwarding.number, forwarding.member_id, target_of(configuration, forwarding, user), forwarding.since,
        forwarding.changed_by,
    )  # fmt: skip


async def list_forwarding(call: Call) -> Answer:
    """Those of members by their ids, then those of lines by their numbers."""
    viewer, configuration = call.viewer, call.configuration
    book = call.parts.live.application.forwarding
    members, lines = dict(book.application), dict(book.lines)

    def all_set() -> Iterator[tuple[int, str]]:
        yield from ((id, "") for id in sorted(members) if members[id] and _knows(viewer, configuration, id))
        yield from ((0, number) for number in sorted(lines) if lines[number] and viewer.knows_line(number))

    def listed() -> Answer:
        keys = [(not id, id, number) for id, number in all_set()]
        found, after = page_of(keys, keys, call.query, tuple[bool, int, str])
        shown = [
            shown_forwarding(configuration, members[id] if id else lines[number], member_id=id, number=number)
            for _, id, number in found
        ]
        return Answer(Page(shown, after))

    return await call.parts.in_thread(listed)


def _knows(viewer: Viewer, configuration: Configuration, member_id: int) -> bool:
    member = configuration.member_by_id.get(member_id)
    return member is not None and viewer.knows(member.user_name.casefold())


def read_line(call: Call) -> Answer:
    return _of_line(call, _line(call))


def read_member(call: Call) -> Answer:
    return _of_member(call, _member(call))


def set_line(call: Call) -> Answer:
    line = _line(call)
    _change_line(call, line, _sent(call.body))
    return _of_line(call, line)


def set_member(call: Call) -> Answer:
    member = _member(call)
    _change_member(call, member, _sent(call.body))
    return _of_member(call, member)


def end_line(call: Call) -> Answer:
    _change_line(call, _line(call), NO_FORWARDING)
    return Answer()


def end_member(call: Call) -> Answer:
    _change_member(call, _member(call), NO_FORWARDING)
    return Answer()


def _sent(body: ForwardingFields) -> ModelForwarding:
    return ModelForwarding(body.to, body.number, body.member_id)


def _line(call: Call) -> Line:
    line = call.configuration.line(call.path["number"])
    if line is None or not call.rights.knows_line(call.configuration, line.number):
        raise not_found("There is no such line.")
    return line


def _member(call: Call) -> Member:
    member = call.configuration.member_by_id.get(call.path["member_id"])
    if member is None or not call.rights.knows(call.configuration, member.user_name):
        raise not_found("There is no such member.")
    return member


def _change_line(call: Call, line: Line, forwarding: ModelForwarding) -> None:
    book = call.parts.live.application.forwarding
    if not call.rights.sets_line(call.configuration, line.number):
        raise forbidden("This user may not forward the lines of others.")
    call.expect(tag_of((line.number, book.of_line(line.number))), book.of_line(line.number))
    try:
        book.set_line(line.number, forwarding, call.identity.user_name)
    except ForwardingError as refused:
        raise _refused(refused) from None


def _change_member(call: Call, member: Member, forwarding: ModelForwarding) -> None:
    book = call.parts.live.application.forwarding
    if not call.rights.sets_state(call.configuration, member.user_name):
        raise forbidden("This user may not forward the calls of others.")
    call.expect(tag_of((member.id, book.of_member(member.id))), book.of_member(member.id))
    try:
        book.set_application(member.id, forwarding, call.identity.user_name)
    except ForwardingError as refused:
        raise _refused(refused) from None


def _refused(refused: ForwardingError) -> ApiError:
    if refused.refusal is None:
        return not_found(str(refused))
    field, status = _FIELDS[refused.refusal.code]
    if refused.refusal.code is Refused.NO_NUMBER and not refused.refusal.detail:
        return invalid(field, "is missing", status)
    return ApiError(status, str(refused), (FieldError(field, str(refused)),))


def _of_line(call: Call, line: Line) -> Answer:
    forwarding = call.parts.live.application.forwarding.of_line(line.number)
    return Answer(
        shown_forwarding(call.configuration, forwarding, number=line.number), tag_of((line.number, forwarding))
    )  # fmt: skip


def _of_member(call: Call, member: Member) -> Answer:
    forwarding = call.parts.live.application.forwarding.of_member(member.id)
    return Answer(
        shown_forwarding(call.configuration, forwarding, member_id=member.id), tag_of((member.id, forwarding))
    )  # fmt: skip


_READS: dict[str, Any] = {"tag": "forwarding", "scope": "forwarding:read"}
_WRITES: dict[str, Any] = {"tag": "forwarding", "scope": "forwarding:write"}
_LINE, _MEMBER = "/forwarding/lines/{number}", "/forwarding/members/{member_id}"

OPERATIONS = (
    Operation(method="GET", path="/forwarding", id="listForwarding", summary="List the forwardings that are set.",
              run=list_forwarding, query=Paged, answer=Page[ShownForwarding], **_READS),
    Operation(method="GET", path=_LINE, id="getLineForwarding", summary="Read the forwarding of a line.",
              run=read_line, answer=ShownForwarding, is_tagged=True, **_READS),
    Operation(method="PUT", path=_LINE, id="setLineForwarding", summary="Forward a line.", run=set_line,
              body=ForwardingFields, answer=ShownForwarding, problems=(409, 412), is_tagged=True, **_WRITES),
    Operation(method="DELETE", path=_LINE, id="deleteLineForwarding", summary="End the forwarding of a line.",
              run=end_line, code=204, problems=(412,), is_tagged=True, **_WRITES),
    Operation(method="GET", path=_MEMBER, id="getMemberForwarding", run=read_member, answer=ShownForwarding,
              summary="Read the application forwarding of a manager.", is_tagged=True, **_READS),
    Operation(method="PUT", path=_MEMBER, id="setMemberForwarding", run=set_member, body=ForwardingFields,
              summary="Forward calls for a manager.", answer=ShownForwarding, problems=(409, 412), is_tagged=True,
              **_WRITES),
    Operation(method="DELETE", path=_MEMBER, id="deleteMemberForwarding", run=end_member, code=204,
              summary="End the application forwarding of a manager.", problems=(412,), is_tagged=True, **_WRITES),
)  # fmt: skip
