"""Calls that are up, as resources; for Admin only (spec 8)."""

from typing import Annotated

from msgspec import Meta, Struct

from magroup.cti.types import Call as CtiCall
from magroup.cti.types import Connection, ConnectionState
from magroup.cti.types import Party as CtiParty
from magroup.groups.application import Application, trail_in_words, words
from magroup.model.calls import Reason as ModelReason
from magroup.model.calls import ReasonCode
from magroup.model.configuration import Configuration
from magroup.model.languages import Language
from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.collection import FEW
from magroup.web.api.fields import Seconds
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page, Paged, page_of
from magroup.web.api.problem import not_found


class Party(Struct, frozen=True):
    """Somebody at an end of a call."""

    number: str
    name: Annotated[str, Meta(description="As the caller said it, else as it is known here.")]
    external: bool


class CallConnection(Struct, frozen=True):
    """A device's part in a call."""

    device: str
    party: Party
    state: Annotated[ConnectionState, Meta(description="In the words of CSTA (ECMA-269 section 6.1.5).")]
    since: Seconds
    inbound: Annotated[bool, Meta(description="It was called; else it calls.")]


class CallReason(Struct, frozen=True):
    """Why a call went where it went."""

    code: ReasonCode
    who: str
    seconds: int
    detail: str
    words: Annotated[str, Meta(description="The same in the user's language.")]


class ShownCall(Struct, frozen=True):
    """A call at one moment."""

    id: str
    calling: Party
    called: Party
    started_at: Seconds
    group_id: Annotated[int, Meta(description="The group that was called; 0: none.")]
    vip: bool
    connections: tuple[CallConnection, ...]


class CallWithTrail(ShownCall, frozen=True):
    """A call that is up, and why it is where it is."""

    trail: tuple[CallReason, ...]
    trail_in_words: Annotated[str, Meta(description="All of it in one line.")]


def shown_call(configuration: Configuration, application: Application, call: CtiCall) -> ShownCall:
    return ShownCall(
        call.id, _party(configuration, call.calling), _party(configuration, call.called), call.started_at,
        application.journal.group_id(call.id), application.vip(call.id) is not None,
        tuple(_connection(configuration, connection) for connection in call.connections),
    )  # fmt: skip


def _party(configuration: Configuration, party: CtiParty) -> Party:
    return Party(party.number, party.name or configuration.name_of_number(party.number), party.external)


def _connection(configuration: Configuration, connection: Connection) -> CallConnection:
    return CallConnection(
        connection.id.device, _party(configuration, connection.party), connection.state, connection.since,
        connection.inbound,
    )  # fmt: skip


def _with_trail(call: Call, found: CtiCall, language: Language) -> CallWithTrail:
    application = call.parts.live.application
    trail = application.trail(found.id)
    shown = shown_call(call.configuration, application, found)
    return CallWithTrail(
        shown.id, shown.calling, shown.called, shown.started_at, shown.group_id, shown.vip, shown.connections,
        tuple(_reason(reason, language) for reason in trail), trail_in_words(trail, language),
    )  # fmt: skip


def _reason(reason: ModelReason, language: Language) -> CallReason:
    return CallReason(reason.code, reason.who, reason.seconds, reason.detail, words(reason, language))


async def list_calls(call: Call) -> Answer:
    """The oldest first."""
    calls, language = call.parts.live.switch.calls(), _language(call)

    def listed() -> Answer:
        in_order = sorted(calls, key=_key)
        found, after = page_of([_key(one) for one in in_order], in_order, call.query, tuple[float, str])
        return Answer(Page([_with_trail(call, one, language) for one in found], after))

    return listed() if len(calls) <= FEW else await call.parts.in_thread(listed)


def _key(call: CtiCall) -> tuple[float, str]:
    return call.started_at, call.id


def read_call(call: Call) -> Answer:
    found = next((one for one in call.parts.live.switch.calls() if one.id == call.path["call_id"]), None)
    if found is None:
        raise not_found("There is no such call now.")
    return Answer(_with_trail(call, found, _language(call)))


def _language(call: Call) -> Language:
    user = call.configuration.user(call.identity.user_name)
    return Language.of(user.language if user is not None else "")


_ADMIN = (Privilege.ADMIN,)

OPERATIONS = (
    Operation(method="GET", path="/calls", id="listCalls", summary="List the calls that are up.", tag="calls",
              run=list_calls, scope="calls:read", privileges=_ADMIN, query=Paged, answer=Page[CallWithTrail]),
    Operation(method="GET", path="/calls/{call_id}", id="getCall", summary="Read a call that is up.", tag="calls",
              run=read_call, scope="calls:read", privileges=_ADMIN, answer=CallWithTrail),
)  # fmt: skip
