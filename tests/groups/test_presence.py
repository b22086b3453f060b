"""The presence book: what may be set, who hears of it, what is saved."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups import PresenceBook, PresenceError
from magroup.model.presence import AVAILABLE, Presence, PresenceState


class PresenceBookTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(100)
        self.saved: list[tuple[str, PresenceState]] = []
        self.book = PresenceBook(self.clock, lambda *change: self.saved.append(change))

    def test_nothing_said_is_available(self) -> None:
        self.assertEqual(self.book.get("rafael"), AVAILABLE)
        self.assertEqual(len(self.book), 0)

    def test_set(self) -> None:
        state = self.book.set("Rafael", 1, "Lunch", "admin")
        self.assertEqual(state, PresenceState(Presence.AWAY, "Lunch", 100.0, "admin"))
        self.assertEqual(self.book.get("RAFAEL"), state)
        self.assertEqual(self.saved, [("rafael", state)])
        self.assertEqual(self.book.states["rafael"], state)

    def test_values(self) -> None:
        for value in (0, 1, 3, 4, 6):
            self.assertEqual(self.book.set("rafael", value).value, value)
        for value in (-1, 2, 5, 7, 99):
            with self.assertRaises(PresenceError) as caught:
                self.book.set("rafael", value)
            self.assertEqual(str(caught.exception), f"{value} is no presence: 0, 1, 3, 4 or 6")
        self.assertEqual(self.book.get("rafael").value, 6)

    def test_message_with_away_busy_dnd_only(self) -> None:
        for value, message in ((1, "hello"), (3, "hello"), (4, "hello"), (6, ""), (0, "")):
            self.assertEqual(self.book.set("rafael", value, "hello").message, message)

    def test_message_is_cleared(self) -> None:
        self.book.set("rafael", 1, "Lunch")
        self.assertEqual(self.book.set("rafael", 0).message, "")

    def test_message_in_one_line(self) -> None:
        self.assertEqual(self.book.set("rafael", 1, "  back\r\nat\tnoon ").message, "back at noon")

    def test_bad_messages(self) -> None:
        for message in ("x" * 256, "bell\x07"):
            with self.assertRaises(PresenceError):
                self.book.set("rafael", 1, message)
        self.assertEqual(self.saved, [])

    def test_the_same_again_is_no_change(self) -> None:
        first = self.book.set("rafael", 1, "Lunch", "rafael")
        self.clock.advance(10)
        self.assertEqual(self.book.set("rafael", 1, "Lunch", "admin"), first)
        self.assertEqual(len(self.saved), 1)
        self.assertEqual(self.book.set("rafael", 1, "Dinner", "admin").since, 110.0)

    def test_subscribers(self) -> None:
        heard: list[tuple[str, int]] = []
        stop = self.book.subscribe(lambda name, state: heard.append((name, state.value)))
        self.book.set("Rafael", 3)
        stop()
        stop()
        self.book.set("Rafael", 0)
        self.assertEqual(heard, [("rafael", 3)])

    def test_failing_subscriber(self) -> None:
        heard: list[str] = []

        def fail(name: str, state: PresenceState) -> None:
            raise ValueError("on purpose")

        self.book.subscribe(fail)
        self.book.subscribe(lambda name, state: heard.append(name))
        self.book.set("rafael", 3)
        self.assertEqual(heard, ["rafael"])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_loaded(self) -> None:
        away = PresenceState(Presence.AWAY, "Lunch", 5.0, "rafael")
        book = PresenceBook(self.clock, lambda *change: self.saved.append(change), {"Rafael": away})
        self.assertEqual(book.get("rafael"), away)
        self.assertEqual(self.saved, [])

    def test_states_are_a_snapshot(self) -> None:
        before = self.book.states
        self.book.set("rafael", 3)
        self.assertEqual(dict(before), {})

    def test_users_that_are_gone(self) -> None:
        self.book.set("rafael", 3)
        self.book.set("aradhana", 3)
        self.book.keep_only({"aradhana": 1})
        self.assertEqual(self.book.get("rafael"), AVAILABLE)
        self.assertEqual(len(self.book), 1)
