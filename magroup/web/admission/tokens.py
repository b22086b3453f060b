"""Bearer tokens (RFC 6750) of programs that act for a user: made once, shown once, kept as hashes."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from json import dumps

from magroup.model.accounts import Token, key_of
from magroup.model.audit import Change
from magroup.model.people import User
from magroup.web.admission.scopes import SCOPES
from magroup.web.admission.store import AccessWriter, Accounts
from magroup.web.admission.to_the_end import to_the_end

BEGINNING = "mag_"
"""By it tools that look for leaked secrets find ours."""

MOST_OF_USER = 100
LONGEST_NAME = 100
LONGEST_LIFE = 10 * 366 * 86400.0
MINUTE = 60.0
NO_USER = "The user is gone."


class TokenError(Exception):
    """Why a token cannot be made: ``field`` is name, scopes or expires_at, ``str`` one sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Tokens:
    """The tokens of all users. ``accounts`` stores them, ``writer`` their last use.

    ``user`` gives the user with a casefolded name. With the user the tokens are gone, also when another gets the name.
    """

    def __init__(
        self, stored: Iterable[Token], accounts: Accounts, writer: AccessWriter, seconds: Callable[[], float],
        user: Callable[[str], User | None],
    ) -> None:  # fmt: skip
        self._by_key = {token.key: token for token in stored}
        self._accounts = accounts
        self._writer = writer
        self._seconds = seconds
        self._user = user

    def of_user(self, user_key: str) -> tuple[Token, ...]:
        """The tokens of a user, the oldest first, expired ones too."""
        return tuple(token for token in self._by_key.values() if token.user_key == user_key)

    def find(self, secret: str) -> Token | None:
        """The token that is valid now; its use counts."""
        token = self.look_up(secret)
        if token is None:
            return None
        now = self._seconds()
        if now - token.used_at >= MINUTE:
            self._by_key[token.key] = token = replace(token, used_at=now)
            self._writer.token_used(token.id, now)
        return token

    def look_up(self, secret: str) -> Token | None:
        """As ``find``, but it counts as no use."""
        token = self._by_key.get(key_of(secret))
        if token is None or 0 < token.expires_at <= self._seconds() or not self._has_owner(token):
            return None
        return token

    async def create(
        self, user_key: str, name: str, scopes: Iterable[str], expires_at: float, who: str, where: str
    ) -> tuple[Token, str]:
        """A new token and its secret, which nobody can see later. Raises TokenError, Unavailable."""
        now = self._seconds()
        wanted = frozenset(scopes)
        self._check(user_key, name, wanted, expires_at, now)
        owner = self._user(user_key)
        if owner is None:
            raise TokenError("name", NO_USER)
        secret = BEGINNING + secrets.token_urlsafe(32)
        new = Token(0, key_of(secret), user_key, owner.id, name, wanted, now, expires_at)
        change = Change(now, who, where, "token", user_key, "", _told(new))
        return await to_the_end(self._add(new, change)), secret

    async def revoke(self, ids: Iterable[int], user_key: str, who: str, where: str) -> None:
        """End those of these tokens that are the user's, for ever. Raises Unavailable; they are still valid then."""
        wanted = set(ids)
        ended = [token for token in self.of_user(user_key) if token.id in wanted]
        if not ended:
            return
        now = self._seconds()
        changes = [Change(now, who, where, "token", token.user_key, _told(token), "") for token in ended]
        await to_the_end(self._delete(ended, user_key, changes))

    def end_of_lost(self) -> None:
        """End those whose user is gone, at once; they went from the database with the user, or go at the next start."""
        for token in [token for token in self._by_key.values() if not self._has_owner(token)]:
            del self._by_key[token.key]
            self._writer.record(Change(self._seconds(), "", "", "token", token.user_key, _told(token), ""))

    def _has_owner(self, token: Token) -> bool:
        user = self._user(token.user_key)
        return user is not None and user.id == token.user_id

    def take(self, token: Token) -> None:
        """One that another node has made."""
        self._by_key[token.key] = token

    def take_away(self, id: int) -> None:
        """Another node has ended it."""
        for key in [token.key for token in self._by_key.values() if token.id == id]:
            del self._by_key[key]

    async def _add(self, new: Token, change: Change) -> Token:
        token = await self._accounts.add_token(new, change)
        if token is None:
            raise TokenError("name", NO_USER)
        self._by_key[token.key] = token
        return token

    async def _delete(self, ended: list[Token], user_key: str, changes: list[Change]) -> None:
        await self._accounts.delete_tokens([token.id for token in ended], user_key, changes)
        for token in ended:
            self._by_key.pop(token.key, None)

    def _check(self, user_key: str, name: str, scopes: frozenset[str], expires_at: float, now: float) -> None:
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise TokenError("name", f"A token needs a name of 1 to {LONGEST_NAME} characters.")
        if not scopes:
            raise TokenError("scopes", "A token needs at least one scope.")
        if unknown := sorted(scopes - SCOPES):
            raise TokenError("scopes", f"{unknown[0][:50]} is no scope.")
        if expires_at and not now < expires_at <= now + LONGEST_LIFE:
            raise TokenError("expires_at", "A token's end must be in the next ten years.")
        if len(self.of_user(user_key)) >= MOST_OF_USER:
            raise TokenError("name", f"A user may have {MOST_OF_USER} tokens.")


def _told(token: Token) -> str:
    return dumps({"name": token.name, "scopes": sorted(token.scopes), "expires_at": token.expires_at})
