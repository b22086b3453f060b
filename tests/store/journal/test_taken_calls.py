"""The journal of a node that died: calls that other nodes have taken are theirs to write."""

from collections.abc import Collection

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.store import StoreError
from magroup.store.journal import Journal, Recovered, calls_between
from magroup.store.journal.journal import FILE_INTERVAL
from magroup.store.journal.recovery import nobody
from tests.store.calls import begin, call, ended
from tests.store.databases import AtOnce, SqliteFile
from tests.store.test_behind import Collected


class TakenCalls(SynchronousTestCase):
    def setUp(self) -> None:
        self.database = SqliteFile(self, busy_timeout=0.01)
        self.start()
        for id in ("a", "b", "c"):
            begin(self.journal, call(id))
        self.journal.finish(ended(call("c")))
        self.clock.advance(FILE_INTERVAL)

    def start(self, owned: object = nobody) -> None:
        """For the first time, or after a kill -9."""
        self.clock = Clock()
        self.journal = Journal(self.database.folder / "journal", self.database, AtOnce(), self.clock)
        starting = self.journal.start(owned)  # type: ignore[arg-type]
        self.recovered = self.successResultOf(Deferred.fromCoroutine(starting))

    def stored(self) -> list[str]:
        return [record.id for record in self.database.look(calls_between, 0.0, 1e12, 1000).calls]

    def test_what_others_have(self) -> None:
        asked: list[str] = []

        async def owned(ids: Collection[str]) -> Collection[str]:
            asked.extend(ids)
            return ["b", "x"]

        self.start(owned)
        self.assertEqual((sorted(asked), self.recovered), (["a", "b"], Recovered(1, 1)))
        self.assertEqual(sorted(self.stored()), ["a", "c"])
        self.start()
        self.assertEqual((self.recovered, sorted(self.stored())), (Recovered(), ["a", "c"]))

    def test_nobody_knows(self) -> None:
        """It waits for the next start."""
        log = Collected(self)

        async def owned(ids: Collection[str]) -> Collection[str]:
            raise StoreError("Redis is away")

        self.start(owned)
        self.assertEqual((self.recovered, self.stored(), log.levels), (Recovered(), ["c"], ["error"]))
        self.start()
        self.assertEqual((self.recovered, sorted(self.stored())), (Recovered(0, 2), ["a", "b", "c"]))

    def test_let_go_of(self) -> None:
        """Another node has taken the call while this one was cut off: no new file has it."""
        self.journal.leave("a")
        self.journal.leave("x")
        self.assertEqual(list(self.journal._taken.live), ["b"])
