"""Who may use the XML services: this machine without a login, others by Basic."""

from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import Forbidden, HTTPException, ServiceUnavailable, TooManyRequests, Unauthorized

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.settings import AccountsSettings, HttpSettings, RestSettings, Settings
from magroup.web.admission import Admission, login, passwords
from tests.web.admission.kit import HASHES, AtOnce, Kept, admission, basic, request, user

REST, GROUPS = Privilege.REST_AUTHENTICATION, Privilege.GROUPS
USERS = (user("Raf", REST, GROUPS), user("Ünï", REST, password="ünïcode"), user("Ara"), user("Leo", REST, password=""))
FAR = "198.51.100.7"


class RestCase(SynchronousTestCase):
    """Raf and Ünï may, Ara may not, Leo has no password."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.kept = Kept(Configuration(users=USERS))
        self.threads = AtOnce()
        self.admission = self.make(Settings())

    def make(self, settings: Settings, **options: Any) -> Admission:
        return admission(self.kept, self.clock, settings, threads=self.threads, **options)

    def ask(self, peer: str = FAR, **headers: Any) -> "Deferred[Any]":
        self.asked = request(peer=peer, **headers)
        return Deferred.fromCoroutine(self.admission.rest(self.asked))

    def name(self, **options: Any) -> str:
        """Who is admitted."""
        return str(self.successResultOf(self.ask(**options)).user_name)

    def refused(self, kind: type[HTTPException], **options: Any) -> Any:
        return self.failureResultOf(self.ask(**options), kind).value


class Loopback(RestCase):
    """No login is needed, or one is."""

    def test_this_machine(self) -> None:
        for peer in ("127.0.0.1", "::1"):
            for host in ("127.0.0.1:8080", "[::1]", "localhost", "a.localhost:8080"):
                identity = self.successResultOf(self.ask(peer, Host=host))
                self.assertEqual((identity.user_name, identity.address), ("", peer))
                self.assertTrue(all(map(identity.has, Privilege)))
        self.assertEqual((self.kept.audit, self.threads.works), ([], []))

    def test_needs_a_login(self) -> None:
        local: dict[str, Any] = {"peer": "127.0.0.1", "Host": "localhost"}
        for options in (
            {"peer": FAR},
            {"peer": FAR, "Host": "localhost"},
            {**local, "X_Forwarded_For": "127.0.0.1"},
            {**local, "X_Forwarded_For": ""},
            {**local, "Forwarded": "for=127.0.0.1"},
            {**local, "Via": "1.1 proxy"},
            {**local, "Host": "evil.example:8080"},
            {**local, "Host": "callisto"},
            {**local, "peer": "unix"},
        ):
            error = self.refused(Unauthorized, **options)
            self.assertIn(("WWW-Authenticate", 'Basic realm="MAGroup", charset="UTF-8"'), error.get_headers())
            self.assertEqual(self.name(**options, Authorization=basic("raf", "secret")), "Raf")

    def test_switched_off(self) -> None:
        self.admission.apply(Settings(rest=RestSettings(loopback_without_login=False)))
        self.refused(Unauthorized, peer="127.0.0.1", Host="localhost")

    def test_pages_of_other_sites(self) -> None:
        for headers in (
            {"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "null"},
            {"Referer": "http://evil.example/page"},
        ):  # fmt: skip
            self.refused(Forbidden, peer="127.0.0.1", Host="localhost", **headers)
            self.refused(Forbidden, Authorization=basic("raf", "secret"), **headers)


class Credentials(RestCase):
    """Basic."""

    def test_right(self) -> None:
        for given, word, expected in (("raf", "secret", "Raf"), ("RAF", "secret", "Raf"), ("üNÏ", "ünïcode", "Ünï")):
            self.assertEqual(self.name(Authorization=basic(given, word)), expected)
            self.assertEqual(self.asked.user_name, expected)
        identity = self.successResultOf(self.ask(Authorization=basic("raf", "secret")))
        self.assertEqual((identity.privileges, identity.address), ({REST, GROUPS}, FAR))
        self.assertFalse(identity.has(Privilege.ADMIN))

    def test_wrong(self) -> None:
        for value in (
            *(basic("raf", "Secret"), basic("raf", ""), basic("nobody", "secret"), basic("leo", ""), basic("leo", "x")),
            *("", "Basic", "Basic x", "Bearer mag_x", "Digest x", basic("x" * 300, "x")),
        ):
            self.refused(Unauthorized, Authorization=value)
            self.assertEqual(self.asked.user_name, "")

    def test_without_the_privilege(self) -> None:
        self.refused(Forbidden, Authorization=basic("ara", "secret"))

    def test_hashes_that_everybody_knows(self) -> None:
        self.admission = self.make(Settings(), barred=[HASHES["secret"]])
        self.refused(Unauthorized, Authorization=basic("raf", "secret"))
        self.assertEqual(self.name(Authorization=basic("ünï", "ünïcode")), "Ünï")

    def test_audit(self) -> None:
        self.refused(Unauthorized, Authorization=basic("raf", "typed into the wrong field"))
        self.refused(Unauthorized, Authorization=basic("my password", "x"))
        for _ in range(3):
            self.name(Authorization=basic("raf", "secret"))
            self.clock.advance(1000)
        self.assertEqual(
            self.kept.told, [("", "failed login", "Raf"), ("", "failed login", ""), ("Raf", "login", "Raf")]
        )
        self.assertEqual(self.kept.audit[0].new, '{"how": "basic"}')
        self.assertNotIn("my password", repr(self.kept.audit))
        self.clock.advance(1000)
        self.name(Authorization=basic("raf", "secret"))
        self.assertEqual(len(self.kept.audit), 4, "an hour later it is told again")

    def test_log(self) -> None:
        with capturedLogs() as events:
            self.name(Authorization=basic("raf", "secret"))
            self.refused(Unauthorized, Authorization=basic("raf", "hush-hush"))
            self.refused(Unauthorized, Authorization=basic("wrong field", "hush-hush"))
        self.assertEqual(len(events), 3)
        for word in ("secret", "hush", "wrong field"):
            self.assertNotIn(word, repr(events))

    def test_many_failures(self) -> None:
        self.patch(login, "MOST_FAILURES_TOLD", 3)
        with capturedLogs() as events:
            for _ in range(10):
                self.refused(Unauthorized, Authorization=basic("raf", "wrong"))
            self.clock.advance(60)
            self.refused(Unauthorized, Authorization=basic("raf", "wrong"))
        self.assertEqual(len(events), 5)
        told = [change.what for change in self.kept.audit]
        self.assertEqual(told, [*["failed login"] * 3, "failed logins", "failed login"])
        self.assertEqual(self.kept.audit[3].new, '{"more": 7}')

    def test_counted(self) -> None:
        self.name(Authorization=basic("raf", "secret"))
        self.refused(Unauthorized, Authorization=basic("raf", "x"))
        self.assertEqual(self.admission.log_in.outcomes, {("basic", "succeeded"): 1, ("basic", "failed"): 1})


class Remembered(RestCase):
    """What was right a moment ago takes no argon2."""

    def compared(self) -> int:
        """Comparisons since the last question."""
        count = len(self.threads.works)
        self.threads.works.clear()
        return count

    def raf(self, password: str = "secret") -> "Deferred[Any]":
        return self.ask(Authorization=basic("raf", password))

    def test_for_a_minute(self) -> None:
        for advance, expected in ((0, 1), (30, 0), (29, 0), (1, 1), (59, 0)):
            self.clock.advance(advance)
            self.successResultOf(self.raf())
            self.assertEqual(self.compared(), expected)

    def test_not_what_is_wrong(self) -> None:
        self.successResultOf(self.raf())
        for _ in range(2):
            self.compared()
            self.failureResultOf(self.raf("wrong"), Unauthorized)
            self.assertEqual(self.compared(), 1)

    def test_another_password(self) -> None:
        self.successResultOf(self.raf())
        users = (replace(USERS[0], password_hash=HASHES["other"]), *USERS[1:])
        self.kept.configuration = Configuration(users=users)
        self.failureResultOf(self.raf(), Unauthorized)
        self.successResultOf(self.raf("other"))

    def test_other_privileges(self) -> None:
        self.successResultOf(self.raf())
        self.kept.configuration = Configuration(users=(replace(USERS[0], privileges=frozenset()),))
        self.failureResultOf(self.raf(), Forbidden)

    def test_user_gone(self) -> None:
        self.successResultOf(self.raf())
        self.kept.configuration = Configuration()
        self.failureResultOf(self.raf(), Unauthorized)

    def test_switched_off(self) -> None:
        self.admission.apply(Settings(accounts=AccountsSettings(remember_basic=0)))
        self.compared()
        for _ in range(2):
            self.successResultOf(self.raf())
            self.assertEqual(self.compared(), 1)


class Throttled(RestCase):
    """429 with Retry-After."""

    def setUp(self) -> None:
        super().setUp()
        self.admission.apply(
            Settings(
                http=HttpSettings(failed_logins_per_hour=3, trusted_proxies=("10.0.0.1",)),
                accounts=AccountsSettings(failed_logins_per_hour=5),
            )
        )

    def test_address(self) -> None:
        for name in ("raf", "nobody", "ünï"):
            self.refused(Unauthorized, Authorization=basic(name, "wrong"))
        self.threads.works.clear()
        self.clock.advance(600.5)
        error = self.refused(TooManyRequests, Authorization=basic("raf", "secret"))
        self.assertIn(("Retry-After", "3000"), error.get_headers())
        self.assertEqual(self.threads.works, [], "nothing is compared")
        self.assertEqual(self.name(peer="198.51.100.8", Authorization=basic("raf", "secret")), "Raf")
        self.clock.advance(3000)
        self.assertEqual(self.name(Authorization=basic("raf", "secret")), "Raf")

    def test_account(self) -> None:
        self.name(Authorization=basic("raf", "secret"))
        for host in range(5):
            self.refused(Unauthorized, peer=f"203.0.113.{host}", Authorization=basic("RAF", "wrong"))
        self.clock.advance(100)
        self.refused(TooManyRequests, peer="203.0.113.99", Authorization=basic("raf", "secret"))
        self.assertEqual(self.name(Authorization=basic("raf", "secret")), "Raf")

    def test_accounts_that_are_none_look_the_same(self) -> None:
        for host in range(5):
            self.refused(Unauthorized, peer=f"203.0.113.{host}", Authorization=basic("nobody", "wrong"))
        self.refused(TooManyRequests, peer="203.0.113.99", Authorization=basic("nobody", "wrong"))

    def test_clients_of_a_proxy(self) -> None:
        for _ in range(3):
            self.refused(Unauthorized, peer="10.0.0.1", X_Forwarded_For=FAR, Authorization=basic("raf", "wrong"))
        self.refused(TooManyRequests, Authorization=basic("raf", "secret"))
        asked = {"peer": "10.0.0.1", "X_Forwarded_For": "203.0.113.1"}
        self.assertEqual(self.name(**asked, Authorization=basic("raf", "secret")), "Raf")

    def test_too_many_at_once(self) -> None:
        self.patch(passwords, "MOST_WAITING", 0)
        self.refused(ServiceUnavailable, Authorization=basic("raf", "secret"))


class Renewed(RestCase):
    """A hash of older parameters is replaced at the login."""

    def test_renewed(self) -> None:
        from argon2 import PasswordHasher

        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("secret")
        self.kept.configuration = Configuration(users=(replace(USERS[0], password_hash=old),))
        session = self.admission.sessions.begin(self.kept.configuration.users[0], FAR)
        self.name(Authorization=basic("raf", "secret"))
        (raf,) = self.kept.configuration.users
        self.assertNotEqual(raf.password_hash, old)
        self.assertIsNotNone(self.admission.sessions.user_of(session))
        self.assertEqual(self.name(Authorization=basic("raf", "secret")), "Raf")

    def test_without_a_database(self) -> None:
        from argon2 import PasswordHasher

        from magroup.model.unavailable import Unavailable

        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("secret")
        self.kept.configuration = Configuration(users=(replace(USERS[0], password_hash=old),))
        self.kept.error = Unavailable("gone")
        with capturedLogs() as events:
            self.assertEqual(self.name(Authorization=basic("raf", "secret")), "Raf")
        self.assertIn("a password's hash is not renewed: {reason}", [event["log_format"] for event in events])
