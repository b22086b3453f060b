"""Who is asking, and the tokens of programs that act for somebody."""

from collections.abc import Iterable
from typing import Annotated, cast

from msgspec import UNSET, Meta, Struct, UnsetType
from twisted.web.iweb import IRequest

from magroup.groups.editing import edits
from magroup.model.accounts import Token
from magroup.model.people import Privilege, User
from magroup.web.admission.scopes import SCOPES
from magroup.web.admission.tokens import LONGEST_NAME, MOST_OF_USER, TokenError
from magroup.web.api.call import Call
from magroup.web.api.fields import SHOWN, Id, Seconds
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page
from magroup.web.api.problem import invalid, not_found

Scope = Annotated[str, Meta(pattern=f"^({'|'.join(sorted(SCOPES))})$", description="Such as groups:read.")]


class Membership(Struct, frozen=True):
    """A group one is in."""

    group_id: Id
    group_name: str
    member_id: Id
    is_manager: bool


class Me(Struct, frozen=True):
    """Who is asking."""

    user_name: str
    user_id: Annotated[int, Meta(description="0: not a user.")]
    first_name: str
    last_name: str
    language: str
    lines: tuple[str, ...]
    privileges: tuple[str, ...]
    groups: tuple[Membership, ...]
    csrf_token: Annotated[str, Meta(description="For X-CSRF-Token with a session; empty with a token.")]


class MePatch(Struct, kw_only=True, forbid_unknown_fields=True):
    """What everybody may change of the own account."""

    language: Annotated[str, Meta(max_length=20, pattern=SHOWN)] | UnsetType = UNSET


class TokenFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A token of a program that acts for a user."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, pattern=SHOWN)]
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(SCOPES))]
    expires_at: Annotated[float, Meta(ge=0, description="UTC, seconds since 1970; 0: never.")] = 0.0


class ShownToken(Struct, frozen=True):
    """A token without its secret, which nobody can see again."""

    id: Id
    name: str
    scopes: tuple[str, ...]
    created_at: Seconds
    expires_at: Annotated[float, Meta(description="0: never.")]
    used_at: Annotated[float, Meta(description="0: never.")]


class NewToken(ShownToken, frozen=True):
    """A token that was just made."""

    secret: Annotated[str, Meta(description="Keep it: it is not shown again.")]


def _user(call: Call) -> User:
    user = call.configuration.user(call.identity.user_name)
    if user is None:
        raise not_found("This is no user.")
    return user


def read_me(call: Call) -> Answer:
    return Answer(_me(call, _user(call)))


async def change_me(call: Call) -> Answer:
    values = {} if call.body.language is UNSET else {"language": call.body.language}
    id = _user(call).id
    await call.edit(lambda configuration: edits.change_user(configuration, id, values))
    return Answer(_me(call, _user(call)))


def _me(call: Call, user: User) -> Me:
    configuration = call.configuration
    groups = [
        Membership(member.group_id, configuration.group_by_id[member.group_id].name, member.id, member.is_manager)
        for member in configuration.members_of_user(user.name)
    ]
    is_session = not call.request.requestHeaders.hasHeader("authorization")
    csrf = call.parts.admission.form_token(cast(IRequest, call.request)) if is_session else ""
    return Me(
        user.name, user.id, user.first_name, user.last_name, user.language, user.lines,
        tuple(sorted(user.privileges)), tuple(groups), csrf,
    )  # fmt: skip


def my_tokens(call: Call) -> Answer:
    return _listed(call.parts.admission.tokens.of_user(_user(call).key))


async def make_token(call: Call) -> Answer:
    body, identity = call.body, call.identity
    try:
        token, secret = await call.parts.admission.tokens.create(
            _user(call).key, body.name, body.scopes, body.expires_at, identity.user_name, identity.address
        )
    except TokenError as wrong:
        raise invalid(wrong.field, str(wrong), 409 if len(_tokens(call)) >= MOST_OF_USER else 422) from None
    shown = _shown(token)
    new = NewToken(shown.id, shown.name, shown.scopes, shown.created_at, shown.expires_at, shown.used_at, secret)
    return Answer(new, headers={"Location": f"/api/v1/me/tokens/{token.id}"})


def _tokens(call: Call) -> tuple[Token, ...]:
    return call.parts.admission.tokens.of_user(_user(call).key)


async def revoke_my_token(call: Call) -> Answer:
    return await _revoke(call, _user(call))


def tokens_of_user(call: Call) -> Answer:
    return _listed(call.parts.admission.tokens.of_user(_named(call).key))


async def revoke_token(call: Call) -> Answer:
    return await _revoke(call, _named(call))


def _named(call: Call) -> User:
    for user in call.configuration.users:
        if user.id == call.path["user_id"]:
            return user
    raise not_found("There is no such user.")


async def _revoke(call: Call, user: User) -> Answer:
    tokens, identity = call.parts.admission.tokens, call.identity
    if all(token.id != call.path["token_id"] for token in tokens.of_user(user.key)):
        raise not_found("There is no such token.")
    await tokens.revoke([call.path["token_id"]], user.key, identity.user_name, identity.address)
    return Answer()


def _listed(tokens: Iterable[Token]) -> Answer:
    return Answer(Page([_shown(token) for token in tokens]))


def _shown(token: Token) -> ShownToken:
    return ShownToken(
        token.id, token.name, tuple(sorted(token.scopes)), token.created_at, token.expires_at, token.used_at
    )  # fmt: skip


_ADMIN = (Privilege.USER_ADMINISTRATION,)

OPERATIONS = (
    Operation(method="GET", path="/me", id="getMe", summary="Who is asking.", tag="me", run=read_me, answer=Me,
              problems=(404,)),
    Operation(method="PATCH", path="/me", id="changeMe", summary="Change the own account.", tag="me", run=change_me,
              scope="users:write", body=MePatch, answer=Me, problems=(404,)),
    Operation(method="GET", path="/me/tokens", id="listMyTokens", summary="List the own tokens.", tag="me",
              run=my_tokens, answer=Page[ShownToken], sessions_only=True, problems=(404,)),
    Operation(method="POST", path="/me/tokens", id="createMyToken", summary="Make a token.", tag="me", run=make_token,
              body=TokenFields, answer=NewToken, code=201, sessions_only=True, problems=(404, 409)),
    Operation(method="DELETE", path="/me/tokens/{token_id}", id="deleteMyToken", summary="Revoke an own token.",
              tag="me", run=revoke_my_token, code=204, sessions_only=True),
    Operation(method="GET", path="/users/{user_id}/tokens", id="listTokens", summary="List the tokens of a user.",
              tag="users", run=tokens_of_user, answer=Page[ShownToken], sessions_only=True, privileges=_ADMIN),
    Operation(method="DELETE", path="/users/{user_id}/tokens/{token_id}", id="deleteToken", tag="users",
              summary="Revoke a token of a user.", run=revoke_token, code=204, sessions_only=True, privileges=_ADMIN),
)  # fmt: skip
