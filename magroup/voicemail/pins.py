"""PINs of mailboxes: checking one, and how often that may be tried."""

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from magroup.model.clock import Clock

TRIES = 3
"""Wrong PINs after which a call ends and the box is locked for a while."""

FIRST_LOCK = 60.0
LONGEST_LOCK = 900.0
"""Seconds; each lock without a right PIN in between is twice as long as the one before."""


def fits(pin: str, hashes: Iterable[str]) -> bool:
    """Whether it is one of these PINs; takes time, on purpose."""
    hasher = PasswordHasher()
    return any(_verified(hasher, hash, pin) for hash in hashes)


def _verified(hasher: PasswordHasher, hash: str, pin: str) -> bool:
    try:
        return hasher.verify(hash, pin)
    except (Argon2Error, InvalidHashError):
        return False


class WrongPins:
    """The wrong PINs since the last right one, by the way to a mailbox: from a line of the owner, or from elsewhere."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}

    def is_locked(self, door: str) -> bool:
        """Whether no PIN is taken now."""
        return self._clock.seconds() < self._locked_until.get(door, 0.0)

    def right(self, door: str) -> None:
        self._wrong.pop(door, None)
        self._locked_until.pop(door, None)

    def wrong(self, door: str) -> None:
        """One more; the third locks it, and so does each third after it."""
        count = self._wrong[door] = self._wrong.get(door, 0) + 1
        if count % TRIES == 0:
            seconds = min(FIRST_LOCK * 2 ** min(count // TRIES - 1, 10), LONGEST_LOCK)
            self._locked_until[door] = self._clock.seconds() + seconds
