"""What each of several processes has of its own: ports for sound, tokens, a journal."""

from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.journals import bring_in_others, journal_of
from magroup.model.listen import PortRange
from magroup.model.settings import Settings
from magroup.process import ALONE, Process
from magroup.store import StoreError
from magroup.store.journal import Journal, calls_between
from magroup.store.journal.journal import FILE_INTERVAL
from tests.store.calls import begin, call, ended
from tests.store.databases import AtOnce, SqliteFile


class Parts(SynchronousTestCase):
    def test_ports(self) -> None:
        """Even numbers of ports, as many for each, none twice."""
        for first, last, count in ((16384, 32767, 2), (20000, 20999, 3), (20000, 20063, 16), (20002, 20013, 3)):
            whole = PortRange(first, last)
            parts = [Process(number, count).part_of(whole) for number in range(1, count + 1)]
            self.assertEqual(len({part.last - part.first for part in parts}), 1)
            for part, following in zip(parts, (*parts[1:], None), strict=True):
                self.assertEqual((part.first % 2, part.last % 2), (first % 2, 1 - first % 2))
                self.assertTrue(first <= part.first < part.last <= last)
                if following is not None:
                    self.assertEqual(following.first, part.last + 1)

    def test_too_few_ports(self) -> None:
        for last in (20000, 20003, 20006):
            error = self.assertRaises(ValueError, Process(1, 2).part_of, PortRange(20000, last))
            self.assertEqual(str(error), "rtp.ports must hold at least 8 ports for 2 workers")

    def test_alone(self) -> None:
        ports = PortRange(20000, 20001)
        self.assertEqual((ALONE.part_of(ports), ALONE.network, ALONE.is_first), (ports, None, True))
        self.assertEqual(ALONE.token(str)(), "")

    def test_tokens(self) -> None:
        self.assertEqual(Process(2, 2, "w2.").token(lambda: "ab")(), "w2.ab")


class Journals(TestCase):
    """Of processes that ended before the database had everything."""

    def setUp(self) -> None:
        self.database = SqliteFile(self)
        self.folder = self.database.folder

    async def left_by(self, name: str) -> None:
        clock = Clock()
        journal = Journal(self.folder / name, self.database, AtOnce(), clock)
        await journal.start()
        journal.finish(ended(call(f"{name} over")))
        begin(journal, call(f"{name} cut"))
        clock.advance(FILE_INTERVAL)

    def stored(self) -> list[str]:
        return sorted(record.id for record in self.database.look(calls_between, 0.0, 1e12, 1000).calls)

    async def bring_in(self, process: Process) -> list[str]:
        await bring_in_others(reactor, self.folder, self.database, process)
        return self.stored()

    def test_names(self) -> None:
        """A single one, and the first of several, have the same."""
        names = [
            journal_of(reactor, self.folder, self.database, Settings(), process)._folder.name
            for process in (ALONE, Process(1, 2), Process(2, 2))
        ]
        self.assertEqual(names, ["journal", "journal", "journal-2"])

    async def test_fewer_than_before(self) -> None:
        """What is left of those that are not started any more is brought in by the first one."""
        for name in ("journal-2", "journal-3", "journal-16", "journal-x", "journal-\u0663"):
            await self.left_by(name)
        self.assertEqual(await self.bring_in(Process(2, 2)), [])
        expected = [f"journal-{number} {how}" for number in (16, 3) for how in ("cut", "over")]
        self.assertEqual(await self.bring_in(Process(1, 2)), expected)
        self.assertEqual({path.name for path in self.folder.glob("journal-[0-9]*")}, {"journal-2"})
        self.assertEqual(len(await self.bring_in(ALONE)), 6)
        self.assertEqual(list(self.folder.glob("journal-[0-9]*")), [])
        self.assertEqual(len(await self.bring_in(ALONE)), 6)

    async def test_what_cannot_be_brought_in(self) -> None:
        """It stays for the next start."""
        await self.left_by("journal-3")
        self.database.failures = [StoreError("away")]
        self.assertEqual(await self.bring_in(Process(1, 2)), [])
        self.assertEqual(len(await self.bring_in(Process(1, 2))), 2)
