"""Sessions, tokens and passwords in the tables."""

from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.accounts import Session, StoredAccess, Token
from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.numbers import NumberPlan
from magroup.model.people import User
from magroup.store import CurrentConfiguration, StoreError, load, replace_all
from magroup.store import tables as t
from magroup.store.access import load_access
from magroup.store.access_writer import AccessWriter
from magroup.store.accounts import Accounts
from magroup.store.audit import page
from tests.store.databases import new_database

ANN, BEN = User(1, "Ann", password_hash="old"), User(2, "Straße")
NOW = 1e9
LONG = (3600.0, 86400.0)
CHANGE = Change(NOW, "Ann", "192.0.2.1", "login", "Ann")


def session(key: str, user_key: str = "ann", created: float = 0.0, used: float = 0.0) -> Session:
    return Session(key, user_key, "fingerprint", "192.0.2.1", NOW + created, NOW + used)


def token(name: str = "wallboard", user_key: str = "ann", expires_at: float = 0.0) -> Token:
    owner = {"ann": 1, "strasse": 2}[user_key]
    scopes = frozenset({"groups:read", "users:write"})
    return Token(0, f"key of {name!r}", user_key, owner, name, scopes, NOW, expires_at)


class AccessCase(SynchronousTestCase):
    """Two users."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.database = new_database(self)
        self.current = CurrentConfiguration(self.database.do(replace_all, Configuration(users=(ANN, BEN))))
        self.writer = AccessWriter(self.database, self.clock)
        self.accounts = Accounts(self.database, self.current)  # type: ignore[arg-type]

    def done(self, coroutine: Any) -> Any:
        return self.successResultOf(Deferred.fromCoroutine(coroutine))

    def failed(self, coroutine: Any, kind: type[Exception]) -> None:
        self.failureResultOf(Deferred.fromCoroutine(coroutine), kind)

    def stored(self, now: float = NOW) -> StoredAccess:
        return self.database.do(load_access, now, *LONG)

    def rows(self, table: Any) -> int:
        return len(self.database.rows(table.select()))

    def audit(self) -> list[Change]:
        return [entry.change for entry in self.database.do(page).entries]


class Behind(AccessCase):
    """``AccessWriter``."""

    def test_it_comes_back(self) -> None:
        one, two = session("a" * 64), session("b" * 64, "strasse", 1)
        for kept in (one, two):
            self.writer.save_session(kept)
        self.writer.record(CHANGE)
        self.writer.record(replace(CHANGE, what="logout"))
        self.assertEqual(self.stored(), StoredAccess())
        self.clock.advance(1)
        self.assertEqual(self.stored().sessions, (one, two))
        self.assertEqual([change.what for change in self.audit()], ["logout", "login"])
        self.assertEqual(self.database.runs, 1)

    def test_the_last_word_counts(self) -> None:
        self.writer.save_session(session("a"))
        self.writer.save_session(session("a", used=9))
        self.writer.save_session(session("b"))
        self.writer.end_session("b")
        self.clock.advance(1)
        self.assertEqual(self.stored().sessions, (session("a", used=9),))
        self.writer.end_session("a")
        self.writer.end_session("never")
        self.clock.advance(1)
        self.assertEqual(self.stored().sessions, ())

    def test_last_use_of_tokens(self) -> None:
        made = self.done(self.accounts.add_token(token(), CHANGE))
        self.writer.token_used(made.id, NOW + 5)
        self.writer.token_used(77, NOW)
        self.clock.advance(1)
        self.assertEqual(self.stored().tokens, (replace(made, used_at=NOW + 5),))

    def test_while_the_database_is_away(self) -> None:
        self.database.failures = [StoreError("away")] * 3
        self.writer.save_session(session("a"))
        self.writer.record(CHANGE)
        self.clock.advance(1)
        self.assertTrue(self.writer.failing)
        self.writer.save_session(session("a", used=9))
        self.writer.save_session(session("b"))
        self.writer.record(replace(CHANGE, what="logout"))
        for _ in range(10):
            self.clock.advance(10)
        self.assertFalse(self.writer.failing)
        self.assertEqual(set(self.stored().sessions), {session("a", used=9), session("b")})
        self.assertEqual([change.what for change in self.audit()], ["logout", "login"])
        self.flushLoggedErrors()

    def test_memory_is_bounded(self) -> None:
        writer = AccessWriter(self.database, self.clock, limit=2)
        self.database.failures = [StoreError("away")] * 99
        for number in range(5):
            writer.save_session(session(str(number)))
            writer.record(CHANGE)
        writer.save_session(session("0", used=1))
        self.assertEqual(writer.lost, 6)

    def test_stop_writes(self) -> None:
        self.writer.record(CHANGE)
        self.assertTrue(self.done(self.writer.stop()))
        self.assertEqual(self.audit(), [CHANGE])

    def test_hostile_text(self) -> None:
        self.writer.record(replace(CHANGE, who="a\0b\ud800", where="\ud800"))
        self.writer.save_session(replace(session("a"), address="\0"))
        self.clock.advance(1)
        self.assertEqual((self.audit()[0].who, self.audit()[0].where), ("ab?", "?"))


class Start(AccessCase):
    """What is valid at the start, and deleted where it is not."""

    def test_old_sessions(self) -> None:
        ages = (("good", 0, 0), ("idle", -3600, -3600), ("long", -86400, 0), ("later", -3601, -3599))
        for key, created, used in ages:
            self.writer.save_session(session(key, created=created, used=used))
        self.clock.advance(1)
        self.assertEqual([one.key for one in self.stored().sessions], ["later", "good"])
        self.assertEqual(self.rows(t.sessions), 2)

    def test_expired_tokens(self) -> None:
        for name, expires_at in (("never", 0.0), ("later", NOW + 1), ("now", NOW), ("before", 1.0)):
            self.done(self.accounts.add_token(token(name, expires_at=expires_at), CHANGE))
        self.assertEqual([one.name for one in self.stored().tokens], ["never", "later"])
        self.assertEqual(self.rows(t.tokens), 2)

    def test_users_who_are_gone(self) -> None:
        for key in ("ann", "strasse", "nobody"):
            self.writer.save_session(session(key, key))
        for key in ("ann", "strasse"):
            self.done(self.accounts.add_token(token(key, key), CHANGE))
        self.clock.advance(1)
        self.database.do(lambda c: c.execute(t.tokens.update().where(t.tokens.c.id == 1).values(user_id=7)).close())
        self.assertEqual([one.key for one in self.stored().sessions], ["ann", "strasse"])
        self.assertEqual([one.name for one in self.stored().tokens], ["strasse"])
        self.assertEqual(self.rows(t.tokens), 1)

    def test_an_import_with_another_user_of_the_same_name(self) -> None:
        self.done(self.accounts.add_token(token(), CHANGE))
        self.database.do(replace_all, Configuration(users=(replace(ANN, id=7), BEN)))
        self.assertEqual(self.rows(t.tokens), 0)

    def test_a_user_who_goes_takes_the_tokens_along(self) -> None:
        self.done(self.accounts.add_token(token(), CHANGE))
        without = self.current.edit(
            self.database, lambda configuration: configuration.changed(users=(BEN,)), lambda connection, change: None
        )  # fmt: skip
        self.done(without)
        self.assertEqual(self.rows(t.tokens), 0)

    def test_an_import_ends_those_of_users_who_go(self) -> None:
        for key in ("ann", "strasse"):
            self.writer.save_session(session(key, key))
            self.done(self.accounts.add_token(token(key, key), CHANGE))
        self.clock.advance(1)
        self.database.do(replace_all, Configuration(users=(BEN,)))
        self.assertEqual((self.rows(t.sessions), self.rows(t.tokens)), (1, 1))
        self.database.do(replace_all, Configuration(users=(ANN, BEN)))
        self.assertEqual([one.key for one in self.stored().sessions], ["strasse"])


class Changes(AccessCase):
    """Passwords, users and tokens: with their audit, or not at all."""

    def test_password(self) -> None:
        self.assertTrue(self.done(self.accounts.set_password("ann", "old", "new", CHANGE)))
        self.assertEqual(self.current.value.user_by_name["ann"].password_hash, "new")
        self.assertEqual(self.current.value, self.database.do(load, NumberPlan()))
        self.assertEqual((self.current.value.version, self.audit()), (2, [CHANGE]))

    def test_another_password_meanwhile(self) -> None:
        for key, old in (("ann", "older"), ("nobody", "old"), ("ann", "")):
            self.assertFalse(self.done(self.accounts.set_password(key, old, "new", CHANGE)))
        self.assertEqual((self.current.value.version, self.audit()), (1, []))

    def test_without_audit(self) -> None:
        self.assertTrue(self.done(self.accounts.set_password("ann", "old", "new", None)))
        self.assertEqual(self.audit(), [])

    def test_tokens(self) -> None:
        one = self.done(self.accounts.add_token(token(), CHANGE))
        two = self.done(self.accounts.add_token(token("x\0y"), CHANGE))
        self.assertEqual((one, two.id), (replace(token(), id=1), 2))
        self.assertEqual([kept.name for kept in self.stored().tokens], ["wallboard", "xy"])
        self.done(self.accounts.delete_tokens([one.id], "ann", [CHANGE]))
        self.assertEqual([kept.id for kept in self.stored().tokens], [2])
        self.assertEqual(len(self.audit()), 3)

    def test_ids_of_tokens_are_never_given_twice(self) -> None:
        for expected in (1, 2, 3):
            made = self.done(self.accounts.add_token(token(), CHANGE))
            self.assertEqual(made.id, expected)
            self.done(self.accounts.delete_tokens([made.id], "ann", []))
        self.database.do(replace_all, Configuration(users=(ANN, BEN)))
        self.assertEqual(self.done(self.accounts.add_token(token(), CHANGE)).id, 4)

    def test_tokens_of_somebody_else_stay(self) -> None:
        made = self.done(self.accounts.add_token(token(), CHANGE))
        self.done(self.accounts.delete_tokens([made.id], "strasse", []))
        self.assertEqual(self.rows(t.tokens), 1)

    def test_no_token_for_nobody(self) -> None:
        self.assertIsNone(self.done(self.accounts.add_token(replace(token(), user_id=7), CHANGE)))
        self.assertEqual((self.rows(t.tokens), self.audit()), (0, []))

    def test_without_a_database(self) -> None:
        self.database.failures = [StoreError("away")]
        self.failed(self.accounts.set_password("ann", "old", "new", CHANGE), StoreError)
        self.assertEqual(self.current.value.user_by_name["ann"].password_hash, "old")
