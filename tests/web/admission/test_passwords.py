"""Comparing passwords: the same work whoever asks, in other threads, so many at a time."""

from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import ServiceUnavailable

from magroup.web.admission import passwords
from magroup.web.admission.passwords import LONGEST, Passwords, weakness
from tests.web.admission.kit import CHEAP, HASHES, AtOnce


class Later:
    """A thread that works when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Deferred[Any], Callable[[], Any]]] = []

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        done: Deferred[Any] = Deferred()
        self.waiting.append((done, lambda: work(*arguments)))
        return await done

    def work(self) -> None:
        waiting, self.waiting = self.waiting, []
        for done, work in waiting:
            done.callback(work())


class Hasher(PasswordHasher):
    """Counts."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified.append(str(hash))
        return super().verify(hash, password)


class Comparing(SynchronousTestCase):
    """``fits``."""

    def fits(self, hash: str, password: str) -> bool:
        return bool(self.successResultOf(Deferred.fromCoroutine(Passwords(AtOnce(), CHEAP).fits(hash, password))))

    def test_table(self) -> None:
        for hash, password, expected in (
            (HASHES["secret"], "secret", True), (HASHES["secret"], "Secret", False), (HASHES["secret"], "", False),
            (HASHES["ünïcode"], "ünïcode", True), ("", "secret", False), ("", "", False),
            (CHEAP.hash(""), "", True), (CHEAP.hash(""), "x" * (LONGEST + 1), False), ("rubbish", "secret", False),
            (HASHES["secret"], "\ud800", False), ("$argon2id$v=19$m=8,t=1,p=1$x$y", "secret", False),
        ):  # fmt: skip
            self.assertEqual(self.fits(hash, password), expected, (hash, password))

    def test_the_work_is_the_same_for_nobody(self) -> None:
        hasher = Hasher()
        compare = Passwords(AtOnce(), hasher)
        secret = HASHES["secret"]
        for hash, password in ((secret, "wrong"), ("", "wrong"), ("", "x" * 5000), (secret, "x" * 5000)):
            hasher.verified.clear()
            self.assertFalse(self.successResultOf(Deferred.fromCoroutine(compare.fits(hash, password))))
            (verified,) = hasher.verified
            self.assertEqual(verified.rpartition("$")[0].rpartition("$")[0], "$argon2id$v=19$m=8,t=1,p=1")

    def test_outdated(self) -> None:
        stronger = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
        self.assertTrue(Passwords(AtOnce(), stronger).is_outdated(HASHES["secret"]))
        self.assertFalse(Passwords(AtOnce(), CHEAP).is_outdated(HASHES["secret"]))
        self.assertFalse(Passwords(AtOnce(), CHEAP).is_outdated("rubbish"))


class AtTheSameTime(SynchronousTestCase):
    """Many questions, slow threads."""

    def setUp(self) -> None:
        self.threads = Later()
        self.passwords = Passwords(self.threads, CHEAP)

    def ask(self, password: str) -> "Deferred[bool]":
        return Deferred.fromCoroutine(self.passwords.fits(HASHES["secret"], password))

    def test_the_same_question_is_answered_once(self) -> None:
        asked = [self.ask("secret") for _ in range(100)]
        self.assertEqual(len(self.threads.waiting), 1)
        self.threads.work()
        self.assertEqual([self.successResultOf(one) for one in asked], [True] * 100)
        self.ask("secret")
        self.assertEqual(len(self.threads.waiting), 1)

    def test_too_many(self) -> None:
        self.patch(passwords, "MOST_WAITING", 3)
        asked = [self.ask(str(number)) for number in range(3)]
        self.assertEqual(self.failureResultOf(self.ask("4"), ServiceUnavailable).value.retry_after, 2)
        self.threads.work()
        self.assertEqual([self.successResultOf(one) for one in asked], [False] * 3)
        self.assertNoResult(self.ask("4"))

    def test_who_goes_away_leaves_the_others_the_answer(self) -> None:
        first, second = self.ask("secret"), self.ask("secret")
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.patch(passwords, "MOST_WAITING", 1)
        self.failureResultOf(self.ask("other"), ServiceUnavailable)
        self.threads.work()
        self.assertTrue(self.successResultOf(second))
        self.assertNoResult(self.ask("other"))

    def test_a_thread_that_fails(self) -> None:
        asked = self.ask("secret")
        done, _ = self.threads.waiting.pop()
        done.errback(MemoryError())
        self.failureResultOf(asked, MemoryError)
        self.assertNoResult(self.ask("secret"))


class Weakness(SynchronousTestCase):
    """What cannot be a password."""

    def test_table(self) -> None:
        for password, words in (
            ("correct horse", ""), ("pässwörd", ""), ("short", "at least 8"), ("x" * 8, "easy"), ("abababab", "easy"),
            ("Raf.Hidalgo", "easy"), ("a\nbcdefgh", "typed"), ("ab" * LONGEST, "longer"), ("", "at least 8"),
        ):  # fmt: skip
            self.assertIn(words, weakness(password, "raf.hidalgo", 8) or "", password)
            self.assertEqual(weakness(password, "raf.hidalgo", 8) == "", words == "", password)
