"""Inputs one after another."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.turns import Turns


class TurnsTests(SynchronousTestCase):
    """``Turns``."""

    def test_order(self) -> None:
        """What is caused meanwhile comes afterwards, in its order."""
        done: list[str] = []
        turn = Turns("test")

        def outer() -> None:
            turn(done.append, "second")
            turn(done.append, "third")
            done.append("first")

        turn(outer)
        self.assertEqual(done, ["first", "second", "third"])

    def test_failure(self) -> None:
        """It is logged, and is nobody else's."""
        done: list[str] = []
        turn = Turns("test")

        def fails() -> None:
            turn(done.append, "after")
            raise LookupError

        turn(fails)
        turn(done.append, "later")
        self.assertEqual(done, ["after", "later"])
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)

    def test_order_with_one_argument(self) -> None:
        done: list[str] = []
        turn = Turns("test")

        def outer(name: str) -> None:
            turn.take(done.append, "second")
            turn(done.append, "third")
            done.append(name)

        turn.take(outer, "first")
        turn(outer, "again")
        self.assertEqual(done, ["first", "second", "third", "again", "second", "third"])

    def test_failure_with_one_argument(self) -> None:
        done: list[str] = []
        turn = Turns("test")

        def fails(name: str) -> None:
            turn.take(done.append, name)
            raise LookupError

        turn.take(fails, "after")
        turn.take(done.append, "later")
        self.assertEqual(done, ["after", "later"])
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)
