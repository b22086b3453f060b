"""What the admission wants kept: it is handed in, and answers as the store's parts of these names do."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from magroup.model.accounts import Session, Token
from magroup.model.audit import Change


class AccessWriter(Protocol):
    """Keeps at once, and writes soon."""

    def save_session(self, session: Session) -> None: ...

    def end_session(self, key: str) -> None: ...

    def token_used(self, id: int, at: float) -> None: ...

    def record(self, change: Change) -> None: ...


class Accounts(Protocol):
    """Done when it comes back. Raises Unavailable, nothing is changed then."""

    def set_password(
        self, user_key: str, old: str, new: str, change: Change | None
    ) -> Coroutine[Deferred[Any], Any, bool]: ...

    def add_token(self, token: Token, change: Change) -> Coroutine[Deferred[Any], Any, Token | None]: ...

    def delete_tokens(
        self, ids: Sequence[int], user_key: str, changes: Sequence[Change]
    ) -> Coroutine[Deferred[Any], Any, None]: ...
