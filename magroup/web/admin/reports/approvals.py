"""Which sessions a second user has let into the reports (the manual's 4-eyes principle)."""

from collections.abc import Callable
from dataclasses import replace

from magroup.model.fixed import fixed

IDLE = 900.0
"""Seconds without a page of the reports, after which a second user is needed again."""

MOST = 1000
"""Sessions at a time; with one more the one that has been idle longest is over."""


@fixed
class Approval:
    """Who let the session in, as it was then: with another password it holds no longer."""

    second: str
    password_hash: str
    used_at: float


class Approvals:
    """By the session's form token: a new login is a new session."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._by_session: dict[str, Approval] = {}

    def begin(self, session: str, second: str, password_hash: str) -> None:
        self.end(session)
        self._by_session[session] = Approval(second, password_hash, self._seconds())
        if len(self._by_session) > MOST:
            del self._by_session[next(iter(self._by_session))]

    def use(self, session: str) -> Approval | None:
        """That of the session; its use counts. None where there is none, or no longer."""
        held = self._by_session.pop(session, None)
        if held is None or self._seconds() - held.used_at >= IDLE:
            return None
        self._by_session[session] = replace(held, used_at=self._seconds())
        return held

    def end(self, session: str) -> None:
        self._by_session.pop(session, None)
