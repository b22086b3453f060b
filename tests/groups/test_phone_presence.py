"""Presence set by phones: a person's as any other, until the phone takes it back."""

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.phone_presence import PhonePresence
from magroup.groups.presence import PresenceBook
from magroup.model.configuration import Configuration
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.presence import AVAILABLE, Presence, PresenceState

CONFIGURATION = Configuration(
    users=(User(1, "Rafael", lines=("1047", "1048")), User(2, "Ara", lines=("1175",))),
    lines=tuple(Line(number) for number in ("1047", "1048", "1175", "1068")),
)
LUNCH = PresenceState(Presence.AWAY, "Lunch", 100.0, "rafael")


class PhonePresenceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(100)
        self.begin({})

    def begin(self, loaded: dict[str, PresenceState]) -> None:
        self.book = PresenceBook(self.clock, lambda name, state: None, loaded)
        self.configuration = CONFIGURATION
        self.phones = PhonePresence(self.book, lambda: self.configuration)

    def says(self, presence: int, key: str = "p", line: str = "1047", message: str = "") -> None:
        self.clock.advance(1)
        self.phones.published(line, key, presence, message)

    def starts(self, key: str = "p", line: str = "1047") -> None:
        """The phone says no more than that it is there."""
        self.says(0, key, line)

    def ends(self, key: str = "p", line: str = "1047") -> None:
        self.clock.advance(1)
        self.phones.withdrawn(line, key)

    def now(self) -> tuple[int, str, str]:
        state = self.book.get("rafael")
        return state.value, state.message, state.changed_by

    def test_set(self) -> None:
        self.says(3, message="Meeting")
        self.assertEqual(self.now(), (3, "Meeting", "line 1047"))

    def test_taken_back(self) -> None:
        self.book.set("rafael", 1, "Lunch", "rafael")
        self.says(4)
        self.ends()
        self.assertEqual(self.book.get("rafael"), LUNCH)
        self.assertEqual(len(self.phones), 0)

    def test_changed_meanwhile(self) -> None:
        self.says(4)
        self.book.set("rafael", 1, "Lunch", "admin")
        self.ends()
        self.assertEqual(self.now(), (1, "Lunch", "admin"))

    def test_set_to_the_same_elsewhere(self) -> None:
        """What was so before stays, and by whom."""
        self.book.set("rafael", 4, "", "admin")
        self.says(4)
        self.ends()
        self.assertEqual(self.now(), (4, "", "admin"))

    def test_start_of_a_phone_changes_nothing(self) -> None:
        self.book.set("rafael", 1, "Lunch", "rafael")
        self.starts()
        self.ends()
        self.assertEqual(self.book.get("rafael"), LUNCH)

    def test_back_on_the_phone(self) -> None:
        """The same publication, or a new one of the same line, undoes what the phone has said."""
        for key in ("p", "q"):
            self.says(4)
            self.starts(key)
            self.assertEqual(self.now(), (0, "", "line 1047"))
            self.ends("q")
            self.ends("p")
            self.assertEqual(self.book.get("rafael"), AVAILABLE)
            self.assertEqual(len(self.phones), 0)

    def test_other_line_starts(self) -> None:
        self.says(4)
        self.starts("q", line="1048")
        self.assertEqual(self.now()[0], 4)

    def test_two_phones(self) -> None:
        """The last word counts; when it is taken back, what the other still says."""
        self.says(1)
        self.says(4, "q", line="1048")
        self.assertEqual(self.now(), (4, "", "line 1048"))
        self.ends("q", line="1048")
        self.assertEqual(self.now(), (1, "", "line 1047"))
        self.ends()
        self.assertEqual(self.now(), (0, "", ""))

    def test_two_phones_the_first_ends(self) -> None:
        self.says(1)
        self.says(4, "q", line="1048")
        self.ends()
        self.assertEqual(self.now(), (4, "", "line 1048"))
        self.ends("q", line="1048")
        self.assertEqual(self.now(), (0, "", ""))

    def test_line_of_another_user(self) -> None:
        """What the phone says counts for whom the line has now; the former user is as before."""
        self.says(3)
        rafael, ara = CONFIGURATION.users
        self.configuration = replace(
            CONFIGURATION, users=(replace(rafael, lines=("1048",)), replace(ara, lines=("1175", "1047")))
        )
        self.says(4)
        self.assertEqual((self.book.get("rafael"), self.book.get("ara").value), (AVAILABLE, 4))
        self.phones.keep_only({"ara": None})
        self.ends()
        self.assertEqual((self.book.get("ara"), len(self.phones)), (AVAILABLE, 0))

    def test_line_of_nobody(self) -> None:
        self.says(3)
        self.configuration = replace(CONFIGURATION, users=())
        self.says(4)
        self.phones.keep_only({})
        self.assertEqual(len(self.phones), 0)

    def test_restart(self) -> None:
        """The phone publishes anew what it has said before; what was before that is not known any more."""
        self.begin({"rafael": PresenceState(Presence.DND, "", 50.0, "line 1047")})
        self.says(4, "new")
        self.ends("new")
        self.assertEqual(self.book.get("rafael"), AVAILABLE)

    def test_survives_a_restart(self) -> None:
        self.begin({"rafael": PresenceState(Presence.DND, "", 50.0, "line 1047")})
        self.starts("new")
        self.assertEqual(self.now(), (4, "", "line 1047"))

    def test_nobody_there(self) -> None:
        self.says(4, line="1068")
        self.ends(line="1068")
        self.ends("unknown")
        self.assertEqual(len(self.book), 0)

    def test_user_is_gone(self) -> None:
        self.says(4)
        self.says(4, "q", line="1175")
        self.phones.keep_only({"ara"})
        self.assertEqual(len(self.phones), 1)
        self.ends()
        self.assertEqual(self.now()[0], 4)
