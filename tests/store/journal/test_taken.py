"""What the journal has taken and no file has yet."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.store.journal.lines import Kind
from magroup.store.journal.taken import Taken
from tests.store.calls import call, ended
from tests.store.test_behind import Collected


class TakenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.told = 0
        self.taken = Taken(Clock(), 3, self.come)

    def come(self) -> None:
        self.told += 1

    def waiting(self) -> list[tuple[Kind, str]]:
        found = self.taken.batch(100)
        self.taken.put_back(found)
        return [(entry.kind, entry.call.id) for entry in found]

    def test_told_once(self) -> None:
        """Until somebody collects what there is; what comes after that is told again."""
        for id in ("a", "b"):
            self.taken.begin(id, lambda id=id: call(id))  # type: ignore[misc]
            self.taken.finish(ended(call("c")))
        self.assertEqual(self.told, 1)
        self.taken.collect()
        self.taken.finish(ended(call("a")))
        self.taken.begin("b", lambda: call("b"))
        self.assertEqual(self.told, 2)

    def test_as_far_as_it_has_come(self) -> None:
        """Of a call that is over by then its end only; of one that another server has nothing."""
        for id in ("a", "b", "c", "a"):
            self.taken.begin(id, lambda id=id: call(id))  # type: ignore[misc]
        self.taken.finish(ended(call("b")))
        self.taken.leave("c")
        self.taken.collect()
        self.assertEqual(self.waiting(), [(Kind.ENDED, "b"), (Kind.LIVE, "a")])
        self.assertEqual((list(self.taken.live), len(self.taken)), (["a"], 2))
        self.taken.leave("a")
        self.assertEqual(list(self.taken.live), [])

    def test_one_that_cannot_be_told(self) -> None:
        log = Collected(self)
        self.taken.begin("a", lambda: call(1 / 0))  # type: ignore[arg-type]
        self.taken.begin("b", lambda: call("b"))
        self.taken.collect()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual((self.waiting(), log.levels), ([(Kind.LIVE, "b")], ["critical"]))

    def test_too_many(self) -> None:
        """The oldest go, those that were put back before those that have come meanwhile."""
        log = Collected(self)
        for id in "abc":
            self.taken.finish(ended(call(id)))
        batch = self.taken.batch(2)
        for id in "def":
            self.taken.finish(ended(call(id)))
        self.taken.put_back(batch)
        self.assertEqual(self.waiting(), [(Kind.ENDED, id) for id in "def"])
        self.assertEqual((self.taken.lost, log.levels), (3, ["error"]))
        for _ in range(2):
            self.taken.tell_lost()
        self.assertEqual((self.taken.lost, log.levels), (3, ["error"] * 2))

    def test_where_they_are_without_the_file(self) -> None:
        self.taken.begin("a", lambda: call("a"))
        self.taken.collect()
        for id in "bb":
            self.taken.finish(ended(call(id)))
        some = self.taken.ended(100)
        self.assertEqual([one.id for one in some], ["b"])
        self.taken.forget(some)
        self.assertEqual((self.waiting(), self.taken.waits_for_file), ([(Kind.LIVE, "a")], True))
