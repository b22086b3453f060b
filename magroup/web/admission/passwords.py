"""Passwords: hashed and compared by argon2 (RFC 9106), in threads of their own, a bounded number at a time."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from werkzeug.exceptions import ServiceUnavailable

P = ParamSpec("P")
R = TypeVar("R")

MOST_WAITING = 64
"""Comparisons that wait for a thread or are made; further ones are refused with 503."""

LONGEST = 1024
"""Bytes of a password."""


class Runs(Protocol):
    """Whoever does blocking work elsewhere."""

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Coroutine[Deferred[Any], Any, R]: ...


class Passwords:
    """Compares in ``threads``. The same question asked at the same time is answered once for all who asked."""

    log = Logger()

    def __init__(self, threads: Runs, hasher: PasswordHasher | None = None) -> None:
        self._threads = threads
        self._hasher = hasher or PasswordHasher()
        self._nobodys = _nobodys(self._hasher)
        self._mark = secrets.token_bytes(32)
        self._asked: dict[bytes, list[Deferred[bool]]] = {}

    async def fits(self, hash: str, password: str) -> bool:
        """Whether ``hash`` ("" of nobody) is of ``password``. The work is the same for nobody's. Raises 503."""
        question = self.mark(hash, password)
        waiting: Deferred[bool] = Deferred()
        if question in self._asked:
            self._asked[question].append(waiting)
            return await waiting
        if len(self._asked) >= MOST_WAITING:
            raise ServiceUnavailable("Too many logins at once. Try again in a moment.", retry_after=2)
        self._asked[question] = [waiting]
        # Not within the request: one that goes away leaves the others their answer, and its work counts till its end.
        Deferred.fromCoroutine(self._compare(hash, password)).addBoth(self._answer, question)
        return await waiting

    async def hashed(self, password: str) -> str:
        """A new hash."""
        return await self._threads.run(self._hasher.hash, password)

    def is_outdated(self, hash: str) -> bool:
        """Whether a new hash of the same password would be a better one."""
        try:
            return self._hasher.check_needs_rehash(hash)
        except InvalidHashError:
            return False

    def mark(self, *texts: str) -> bytes:
        """A hash that only this process can make."""
        whole = b"\0".join(text.encode("utf-8", "surrogatepass") for text in texts)
        return hmac.digest(self._mark, whole, "sha256")

    async def _compare(self, hash: str, password: str) -> bool:
        return await self._threads.run(self._in_thread, hash, password)

    def _in_thread(self, hash: str, password: str) -> bool:
        too_long = len(password.encode("utf-8", "surrogatepass")) > LONGEST
        try:
            fits = self._hasher.verify(hash or self._nobodys, "" if too_long else password)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False
        return bool(hash) and fits and not too_long

    def _answer(self, result: bool | Failure, question: bytes) -> None:
        for waiting in self._asked.pop(question):
            if isinstance(result, Failure):
                waiting.errback(result)
            else:
                waiting.callback(result)


def _nobodys(hasher: PasswordHasher) -> str:
    """A hash that fits no password, and is compared as slowly as those that ``hasher`` makes."""
    salt, hash = (
        b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )  # fmt: skip
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${cost}${salt}${hash}"


def weakness(password: str, user_name: str, shortest: int) -> str:
    """Why this cannot become somebody's password, "" where it can."""
    if len(password) < shortest:
        return f"The new password needs at least {shortest} characters."
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST:
        return f"The new password is longer than {LONGEST} bytes."
    if not password.isprintable():
        return "The new password has characters that cannot be typed."
    if password.casefold() == user_name.casefold() or len(set(password)) < 3:
        return "The new password is too easy to guess."
    return ""
