"""The sessions of browsers: in memory, written behind, so that they survive a restart."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace

from magroup.model.accounts import Session, fingerprint, key_of
from magroup.model.people import User
from magroup.web.admission.store import AccessWriter

MOST_OF_USER = 50
"""Sessions of one user; with one more the oldest ends."""

NEW = 5.0
"""Seconds for which a session may be ahead of the password that is known here."""

MINUTE = 60.0
"""How exactly the last use is kept, and how often old sessions are looked for."""


class Sessions:
    """A session ends after ``idle`` seconds without a request, and ``lifetime`` seconds after the login at the latest.

    ``user`` gives the user with a casefolded name; a session is over when its user is gone or has another password.
    """

    def __init__(
        self, stored: Iterable[Session], writer: AccessWriter, seconds: Callable[[], float],
        user: Callable[[str], User | None], idle: float, lifetime: float,
    ) -> None:  # fmt: skip
        self.idle = idle
        self.lifetime = lifetime
        self._writer = writer
        self._seconds = seconds
        self._user = user
        self._by_key: dict[str, Session] = {}
        self._of_user: dict[str, dict[str, None]] = {}
        self._looked = seconds()
        for session in stored:
            self._put(session)

    def __len__(self) -> int:
        """How many are open."""
        self._end_old()
        return len(self._by_key)

    def begin(self, user: User, address: str, instead: str = "") -> str:
        """A new session; its id, for the browser alone. The one with the id ``instead`` ends."""
        self._end_old()
        self.end(instead)
        own = self._of_user.get(user.key, {})
        while len(own) >= MOST_OF_USER:
            self._drop(next(iter(own)))
        id = secrets.token_urlsafe(32)
        now = self._seconds()
        session = Session(key_of(id), user.key, fingerprint(user.password_hash), address, now, now)
        self._put(session)
        self._writer.save_session(session)
        return id

    def user_of(self, id: str) -> User | None:
        """The user of the session with this id; its use counts."""
        user = self.look_up(id)
        if user is None:
            return None
        session = self._by_key[key_of(id)]
        now = self._seconds()
        if now - session.used_at >= MINUTE:
            self._put(used := replace(session, used_at=now))
            self._writer.save_session(used)
        return user

    def look_up(self, id: str) -> User | None:
        """As ``user_of``, but it counts as no use."""
        session = self._by_key.get(key_of(id)) if id else None
        if session is None:
            return None
        user = self._user(session.user_key)
        if user is None or self._is_old(session):
            self._drop(session.key)
            return None
        if fingerprint(user.password_hash) != session.password:
            # What another node has begun with a new password is known here before that password is.
            if self._seconds() - session.created_at > NEW:
                self._drop(session.key)
            return None
        return user

    def end(self, id: str) -> None:
        """End the session with this id, if there is one."""
        if id and (key := key_of(id)) in self._by_key:
            self._drop(key)

    def end_of_user(self, user_key: str) -> None:
        """End all sessions of a user."""
        for key in tuple(self._of_user.get(user_key, ())):
            self._drop(key)

    def count_of_user(self, user_key: str) -> int:
        """How many of a user are open."""
        self._end_old()
        return len(self._of_user.get(user_key, ()))

    def renewed(self, user_key: str, old: str, new: str) -> None:
        """The same password has another hash now: the sessions stay."""
        for key in self._of_user.get(user_key, ()):
            session = self._by_key[key]
            if session.password == fingerprint(old):
                self._by_key[key] = session = replace(session, password=fingerprint(new))
                self._writer.save_session(session)

    def take(self, session: Session) -> None:
        """One that another node has begun, or has seen used, and saved."""
        self._put(session)

    def take_away(self, key: str) -> None:
        """Another node has ended it."""
        if key in self._by_key:
            self._remove(key)

    def _is_old(self, session: Session) -> bool:
        now = self._seconds()
        return now - session.used_at >= self.idle or now - session.created_at >= self.lifetime

    def _end_old(self) -> None:
        now = self._seconds()
        if now - self._looked >= MINUTE:
            self._looked = now
            for session in tuple(self._by_key.values()):
                if self._is_old(session):
                    self._drop(session.key)

    def _put(self, session: Session) -> None:
        self._by_key[session.key] = session
        self._of_user.setdefault(session.user_key, {})[session.key] = None

    def _drop(self, key: str) -> None:
        self._remove(key)
        self._writer.end_session(key)

    def _remove(self, key: str) -> None:
        session = self._by_key.pop(key)
        own = self._of_user[session.user_key]
        del own[key]
        if not own:
            del self._of_user[session.user_key]
