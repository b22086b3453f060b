"""Basic credentials that were right a moment ago: programs send them with each request, argon2 takes its time."""

from collections.abc import Callable

from magroup.model.people import User
from magroup.web.admission.authorization import Basic
from magroup.web.admission.passwords import Passwords

MOST = 10_000


class Remembered:
    """Keeps a keyed hash for ``lifetime`` seconds, and the password's hash that it fitted: another one, and it is gone.

    Privileges are not kept: they are those of the moment.
    """

    def __init__(self, passwords: Passwords, seconds: Callable[[], float], lifetime: float) -> None:
        self.lifetime = lifetime
        self._passwords = passwords
        self._seconds = seconds
        self._right: dict[bytes, tuple[str, float]] = {}

    def fits(self, user: User, credentials: Basic) -> bool:
        """Whether these were right for ``user``, as it is now, a moment ago."""
        hash, until = self._right.get(self._mark(credentials), ("", 0.0))
        return hash != "" and hash == user.password_hash and self._seconds() < until

    def keep(self, user: User, credentials: Basic) -> None:
        """These are right now."""
        if self.lifetime <= 0:
            return
        mark = self._mark(credentials)
        self._right.pop(mark, None)
        self._right[mark] = (user.password_hash, self._seconds() + self.lifetime)
        if len(self._right) > MOST:
            del self._right[next(iter(self._right))]

    def _mark(self, credentials: Basic) -> bytes:
        return self._passwords.mark(credentials.user.casefold(), credentials.password)
