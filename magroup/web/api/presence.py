"""What people say of themselves, as resources: seen and set by the rights of spec 2."""

from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.presence import LONGEST_MESSAGE, PresenceBook, PresenceError
from magroup.model.people import User
from magroup.model.presence import PresenceState
from magroup.web.api.call import Call
from magroup.web.api.collection import FEW
from magroup.web.api.fields import SHOWN
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Ordered, Page, Paged
from magroup.web.api.problem import forbidden, invalid, not_found
from magroup.web.api.tags import tag_of
from magroup.web.api.words import PresenceWord, presence_of, presence_word

_ORDERED = Ordered()


class State(Struct, frozen=True):
    """A presence, since when and by whom."""

    value: PresenceWord
    message: str
    since: Annotated[float, Meta(description="UTC, seconds since 1970; 0: it was never set.")]
    changed_by: Annotated[str, Meta(description="A user name, or the line whose last phone went; empty: nobody.")]


class ShownPresence(State, frozen=True):
    """What is shown of somebody."""

    user_name: str
    said: Annotated[
        State | None,
        Meta(description="What the user has set, where something else is shown: all phones are out of service."),
    ]


class NewPresence(Struct, kw_only=True, forbid_unknown_fields=True):
    """A presence to be set."""

    value: PresenceWord
    message: Annotated[
        str,
        Meta(max_length=LONGEST_MESSAGE, pattern=SHOWN, description="Goes with away, busy and dnd; else left out."),
    ] = ""


def state_of(state: PresenceState) -> State:
    return State(presence_word(state.value), state.message, state.since, state.changed_by)


def shown_presence(user_name: str, state: PresenceState, said: PresenceState) -> ShownPresence:
    return ShownPresence(
        presence_word(state.value), state.message, state.since, state.changed_by, user_name,
        None if said is state else state_of(said),
    )  # fmt: skip


async def list_presence(call: Call) -> Answer:
    viewer, users = call.viewer, call.configuration.users

    def listed() -> Answer:
        found, after = _ORDERED.page(
            "users", users, lambda user: user.key, call.query, str, lambda user: viewer.knows(user.key)
        )  # fmt: skip
        return Answer(Page([_shown(call, user) for user in found], after))

    return listed() if len(users) <= FEW else await call.parts.in_thread(listed)


def read_presence(call: Call) -> Answer:
    return _answer(call, _user(call))


def set_presence(call: Call) -> Answer:
    user, book = _user(call), call.parts.live.application.presence
    if not call.rights.sets_state(call.configuration, user.name):
        raise forbidden("This user may not set the presence of others.")
    call.expect(_tag(book, user), book.get(user.name))
    try:
        book.set(user.name, presence_of(call.body.value), call.body.message, call.identity.user_name)
    except PresenceError as wrong:
        raise invalid("message", str(wrong)) from None
    return _answer(call, user)


def _user(call: Call) -> User:
    user = call.configuration.user(call.path["user_name"])
    if user is None or not call.rights.knows(call.configuration, user.name):
        raise not_found("There is no such user.")
    return user


def _answer(call: Call, user: User) -> Answer:
    return Answer(_shown(call, user), _tag(call.parts.live.application.presence, user))


def _shown(call: Call, user: User) -> ShownPresence:
    book = call.parts.live.application.presence
    return shown_presence(user.name, book.get(user.name), book.get_said(user.name))


def _tag(book: PresenceBook, user: User) -> str:
    return tag_of((user.name, book.get(user.name), book.get_said(user.name)))


OPERATIONS = (
    Operation(method="GET", path="/presence", id="listPresence", summary="List the presence of people.", tag="presence",
              run=list_presence, scope="presence:read", query=Paged, answer=Page[ShownPresence]),
    Operation(method="GET", path="/presence/{user_name}", id="getPresence", summary="Read somebody's presence.",
              tag="presence", run=read_presence, scope="presence:read", answer=ShownPresence, is_tagged=True),
    Operation(method="PUT", path="/presence/{user_name}", id="setPresence", summary="Set somebody's presence.",
              tag="presence", run=set_presence, scope="presence:write", body=NewPresence, answer=ShownPresence,
              problems=(412,), is_tagged=True),
)  # fmt: skip
