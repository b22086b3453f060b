"""Tokens of programs: made, checked, used, revoked."""

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.accounts import Token
from magroup.model.configuration import Configuration
from magroup.model.unavailable import Unavailable
from magroup.web.admission import tokens
from magroup.web.admission.scopes import RESOURCES, SCOPES, allows
from magroup.web.admission.tokens import LONGEST_LIFE, TokenError, Tokens
from tests.web.admission.kit import Kept, user

RAF, ARA = user("Raf", id=1), user("Ara", id=2)


class TokenCase(SynchronousTestCase):
    """An empty store."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1e9)
        self.kept = Kept(Configuration(users=(RAF, ARA)))
        self.tokens = self.opened()

    def opened(self) -> Tokens:
        """As after a start."""
        return Tokens(
            self.kept.tokens.values(), self.kept, self.kept, self.clock.seconds,
            lambda key: self.kept.configuration.user_by_name.get(key),
        )  # fmt: skip

    def revoke(self, *ids: int, user: str = "raf") -> "Deferred[None]":
        return Deferred.fromCoroutine(self.tokens.revoke(ids, user, "Admin", "192.0.2.9"))

    def create(self, *scopes: str, name: str = "wallboard", expires_at: float = 0.0, user: str = "raf") -> Any:
        wanted = scopes or ("groups:read",)
        return Deferred.fromCoroutine(self.tokens.create(user, name, wanted, expires_at, "Raf", "192.0.2.1"))

    def made(self, *scopes: str, **options: Any) -> tuple[Token, str]:
        return self.successResultOf(self.create(*scopes, **options))  # type: ignore[no-any-return]


class Making(TokenCase):
    """What there is afterwards, and what cannot be made."""

    def test_made(self) -> None:
        token, secret = self.made("groups:read", "presence:write", expires_at=1e9 + 10)
        self.assertRegex(secret, r"\Amag_[A-Za-z0-9_-]{43}\Z")
        self.assertEqual((token.id, token.name, token.user_key, token.expires_at), (1, "wallboard", "raf", 1e9 + 10))
        self.assertEqual(self.tokens.of_user("raf"), (token,))
        self.assertEqual(self.kept.told, [("Raf", "token", "raf")])
        for where in (self.kept.audit, self.kept.tokens, token):
            self.assertNotIn(secret, repr(where))
            self.assertNotIn(token.key, repr(where))

    def test_refused(self) -> None:
        for options, field in (
            ({"name": ""}, "name"), ({"name": "  "}, "name"), ({"name": "x" * 101}, "name"), ({"name": "a\nb"}, "name"),
            ({"expires_at": 1e9}, "expires_at"), ({"expires_at": -1.0}, "expires_at"),
            ({"expires_at": 1e9 + LONGEST_LIFE + 1}, "expires_at"), ({"expires_at": float("nan")}, "expires_at"),
        ):  # fmt: skip
            self.assertEqual(self.failureResultOf(self.create(**options), TokenError).value.field, field)
        for scopes in (("groups",), ("groups:read", "x:read"), ("*",), ("groups:READ",)):
            self.assertEqual(self.failureResultOf(self.create(*scopes), TokenError).value.field, "scopes")
        none = Deferred.fromCoroutine(self.tokens.create("raf", "x", (), 0.0, "Raf", "192.0.2.1"))
        self.assertEqual(self.failureResultOf(none, TokenError).value.field, "scopes")
        self.assertEqual((self.kept.audit, self.kept.tokens), ([], {}))

    def test_so_many(self) -> None:
        self.patch(tokens, "MOST_OF_USER", 2)
        self.made()
        self.made()
        self.failureResultOf(self.create(), TokenError)
        self.made(user="ara")

    def test_without_a_database(self) -> None:
        self.kept.error = Unavailable("gone")
        self.failureResultOf(self.create(), Unavailable)
        self.assertEqual(self.tokens.of_user("raf"), ())


class Using(TokenCase):
    """Finding and revoking."""

    def test_find(self) -> None:
        token, secret = self.made(expires_at=1e9 + 10)
        found = self.tokens.find(secret)
        self.assertEqual((found and found.id, found and found.used_at), (token.id, 1e9))
        for other in ("", secret[:-1], secret + "x", token.key, secret.upper()):
            self.assertIsNone(self.tokens.find(other))
        self.clock.advance(10)
        self.assertIsNone(self.tokens.find(secret), "expired")

    def test_last_use(self) -> None:
        token, secret = self.made()
        for advance, expected in ((0, 0), (59, 0), (1, 60), (100, 160)):
            self.clock.advance(advance)
            self.tokens.find(secret)
            self.assertEqual(self.kept.tokens[token.id].used_at, 1e9 + expected)

    def test_revoke(self) -> None:
        one, secret = self.made()
        two, other = self.made()
        self.successResultOf(self.revoke(one.id, 77))
        self.assertIsNone(self.tokens.find(secret))
        self.assertIsNotNone(self.tokens.find(other))
        self.assertEqual(list(self.kept.tokens), [two.id])
        self.assertEqual(self.kept.told[-1], ("Admin", "token", "raf"))
        self.successResultOf(self.revoke(one.id))
        self.assertEqual(len(self.kept.audit), 3)

    def test_revoke_what_is_somebody_elses(self) -> None:
        one, secret = self.made()
        self.successResultOf(self.revoke(one.id, user="ara"))
        self.assertIsNotNone(self.tokens.find(secret))
        self.assertEqual((list(self.kept.tokens), len(self.kept.audit)), ([one.id], 1))

    def test_revoke_without_a_database(self) -> None:
        one, secret = self.made()
        self.kept.error = Unavailable("gone")
        self.failureResultOf(self.revoke(one.id), Unavailable)
        self.assertIsNotNone(self.tokens.find(secret))

    def test_who_asked_goes_away(self) -> None:
        one, secret = self.made()
        deleted: Deferred[None] = Deferred()

        async def slowly(*_: object) -> None:
            await deleted

        self.patch(self.kept, "delete_tokens", slowly)
        asked = self.revoke(one.id)
        asked.cancel()
        self.failureResultOf(asked, CancelledError)
        self.assertIsNotNone(self.tokens.find(secret))
        deleted.callback(None)
        self.assertIsNone(self.tokens.find(secret))

    def test_restart(self) -> None:
        _, secret = self.made()
        self.tokens = self.opened()
        self.assertIsNotNone(self.tokens.find(secret))


class Owners(TokenCase):
    """A token goes with its user, and never to another of the same name."""

    def test_user_gone(self) -> None:
        _, secret = self.made()
        _, other = self.made(user="ara")
        self.kept.configuration = Configuration(users=(ARA,))
        self.kept.error = Unavailable("gone")
        self.assertIsNone(self.tokens.find(secret))
        self.tokens.end_of_lost()
        self.assertEqual(self.tokens.of_user("raf"), ())
        self.assertEqual(self.kept.told[-1], ("", "token", "raf"))
        self.assertIsNotNone(self.tokens.find(other))

    def test_another_of_the_same_name(self) -> None:
        """Also after a start from a database that still has the token."""
        _, secret = self.made()
        self.kept.configuration = Configuration(users=(user("RAF", id=3), ARA))
        for tokens_of_start in (self.tokens, self.opened()):
            self.tokens = tokens_of_start
            self.assertIsNone(self.tokens.find(secret))
            self.tokens.end_of_lost()
            self.assertEqual(self.tokens.of_user("raf"), ())

    def test_no_token_for_nobody(self) -> None:
        self.assertEqual(self.failureResultOf(self.create(user="tij"), TokenError).value.field, "name")

    def test_gone_while_it_is_made(self) -> None:
        self.tokens = Tokens((), self.kept, self.kept, self.clock.seconds, lambda key: RAF)
        self.kept.configuration = Configuration()
        self.failureResultOf(self.create(), TokenError)
        self.assertEqual((self.tokens.of_user("raf"), self.kept.audit), ((), []))


class Scopes(SynchronousTestCase):
    """What lies in a scope."""

    def test_table(self) -> None:
        for scopes, wanted, expected in (
            ({"groups:read"}, "groups:read", True), ({"groups:read"}, "groups:write", False),
            ({"groups:write"}, "groups:read", True), ({"groups:write"}, "users:read", False), (set(), "x:read", False),
        ):  # fmt: skip
            self.assertEqual(allows(frozenset(scopes), wanted), expected)
        self.assertEqual(len(SCOPES), 2 * len(RESOURCES))
