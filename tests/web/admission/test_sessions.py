"""Sessions: begun, used, ended by time, by hand and by a change of the user; kept over a restart."""

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.accounts import key_of
from magroup.model.people import User
from magroup.web.admission import sessions
from magroup.web.admission.sessions import Sessions
from tests.web.admission.kit import HASHES, Kept, user

IDLE, LIFETIME = 3600.0, 86400.0


class SessionCase(SynchronousTestCase):
    """Two users."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1e9)
        self.kept = Kept()
        self.users = {"raf": user("Raf"), "ara": user("Ara", password="other")}
        self.sessions = self.start()

    def start(self) -> Sessions:
        return Sessions(
            list(self.kept.sessions.values()), self.kept, self.clock.seconds, self.users.get, IDLE, LIFETIME
        )

    def name(self, id: str) -> str:
        found = self.sessions.user_of(id)
        return found.name if found else ""


class Ends(SessionCase):
    """How long a session lasts."""

    def test_begin(self) -> None:
        one, two = (self.sessions.begin(self.users[name], "192.0.2.1") for name in ("raf", "ara"))
        self.assertEqual((self.name(one), self.name(two), len(self.sessions)), ("Raf", "Ara", 2))
        for id in ("", "x", one[:-1], key_of(one)):
            self.assertEqual(self.name(id), "")

    def test_another_node(self) -> None:
        """A login there holds here, and ends with it; nothing of it is written here."""
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        (session,) = self.kept.sessions.values()
        kept, self.kept = self.kept, Kept()
        self.sessions = self.start()
        self.sessions.take(session)
        self.assertEqual((self.name(id), self.kept.sessions), ("Raf", {}))
        self.sessions.take_away(session.key)
        self.sessions.take_away(session.key)
        self.assertEqual((self.name(id), len(kept.sessions)), ("", 1))

    def test_the_store_cannot_log_in(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.assertNotIn(id, repr(self.kept.sessions))
        self.assertEqual(list(self.kept.sessions), [key_of(id)])
        self.assertNotIn(key_of(id), repr(next(iter(self.kept.sessions.values()))))

    def test_idle(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        for _ in range(3):
            self.clock.advance(IDLE - 1)
            self.assertEqual(self.name(id), "Raf")
        self.clock.advance(IDLE)
        self.assertEqual(self.name(id), "")
        self.assertEqual(self.kept.sessions, {})

    def test_lifetime(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        for _ in range(int(LIFETIME / 3000)):
            self.assertEqual(self.name(id), "Raf")
            self.clock.advance(3000)
        self.clock.advance(1000)
        self.assertEqual(self.name(id), "")

    def test_old_ones_are_not_counted(self) -> None:
        self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.clock.advance(IDLE)
        self.assertEqual((len(self.sessions), self.kept.sessions), (0, {}))

    def test_by_hand(self) -> None:
        one, two, three = (self.sessions.begin(self.users[name], "192.0.2.1") for name in ("raf", "raf", "ara"))
        self.sessions.end(one)
        self.sessions.end(one)
        self.sessions.end("nonsense")
        self.assertEqual((self.name(one), self.name(two)), ("", "Raf"))
        self.sessions.end_of_user("raf")
        self.assertEqual((self.name(two), self.name(three), len(self.kept.sessions)), ("", "Ara", 1))

    def test_a_new_one_instead(self) -> None:
        one = self.sessions.begin(self.users["raf"], "192.0.2.1")
        two = self.sessions.begin(self.users["ara"], "192.0.2.1", instead=one)
        self.assertEqual((self.name(one), self.name(two)), ("", "Ara"))

    def test_so_many_of_a_user(self) -> None:
        self.patch(sessions, "MOST_OF_USER", 3)
        ids = [self.sessions.begin(self.users["raf"], "192.0.2.1") for _ in range(5)]
        other = self.sessions.begin(self.users["ara"], "192.0.2.1")
        self.assertEqual([self.name(id) for id in ids], ["", "", "Raf", "Raf", "Raf"])
        self.assertEqual(self.name(other), "Ara")

    def test_limits_that_change(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.clock.advance(100)
        self.sessions.idle = 100
        self.assertEqual(self.name(id), "")


class Users(SessionCase):
    """What becomes of the user."""

    def change(self, **what: object) -> None:
        self.users["raf"] = replace(self.users["raf"], **what)  # type: ignore[arg-type]

    def test_gone(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        before: User = self.users.pop("raf")
        self.assertEqual(self.name(id), "")
        self.users["raf"] = before
        self.assertEqual(self.name(id), "", "it does not come back")

    def test_another_password(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.change(password_hash=HASHES["other"])
        self.assertEqual(self.name(id), "")

    def test_other_changes(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.change(first_name="Rafael")
        self.assertEqual(self.name(id), "Raf")

    def test_the_same_password_hashed_anew(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.change(password_hash=HASHES["other"])
        self.sessions.renewed("raf", HASHES["secret"], HASHES["other"])
        self.sessions.renewed("nobody", "", "")
        self.assertEqual(self.name(id), "Raf")
        self.sessions = self.start()
        self.assertEqual(self.name(id), "Raf")


class Restart(SessionCase):
    """From what the store has."""

    def test_it_goes_on(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.clock.advance(IDLE - 1)
        self.name(id)
        self.sessions = self.start()
        self.clock.advance(IDLE - 1)
        self.assertEqual(self.name(id), "Raf")

    def test_the_last_use_is_kept_by_the_minute(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        for advance, expected in ((59, 0), (1, 60), (30, 60), (30, 120)):
            self.clock.advance(advance)
            self.name(id)
            self.assertEqual(self.kept.sessions[key_of(id)].used_at, 1e9 + expected)

    def test_other_password_meanwhile(self) -> None:
        id = self.sessions.begin(self.users["raf"], "192.0.2.1")
        self.users["raf"] = replace(self.users["raf"], password_hash=HASHES["other"])
        self.sessions = self.start()
        self.assertEqual(self.name(id), "")
