"""Two nodes that change the same configuration: nothing of what either stores is lost, and nobody must start anew."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from magroup.model.configuration import Configuration
from magroup.model.numbers import NumberPlan
from magroup.policy.editing import add_user
from magroup.store import CurrentConfiguration, Database, load, replace_all
from magroup.store.meta import company_id
from tests.store.databases import new_database

EACH = 5


class Node:
    """A node's end of the database."""

    def __init__(self, test: TestCase, url: str) -> None:
        self.database = Database(url, reactor)
        self.current = CurrentConfiguration(Configuration())
        self.current.is_shared = True
        test.addCleanup(self.database.stop)

    async def start(self) -> "Node":
        await self.database.start()
        await self.current.read_again(self.database)
        return self

    async def add(self, *names: str) -> None:
        for name in names:
            await self.current.edit(
                self.database, lambda configuration, name=name: add_user(configuration, {"name": name}),  # type: ignore[misc]
                lambda connection, change: None,
            )  # fmt: skip

    @property
    def names(self) -> set[str]:
        return {user.name for user in self.current.value.users}


class TwoNodes(TestCase):
    timeout = 60

    async def nodes(self) -> list[Node]:
        stored = new_database(self)
        stored.do(replace_all, Configuration())
        return [await Node(self, stored.url).start() for _ in range(2)]

    async def test_both_at_once(self) -> None:
        """Each edit is made on what the other one has stored meanwhile."""
        a, b = await self.nodes()
        wanted = [[f"{node}{number}" for number in range(EACH)] for node in "ab"]
        await gatherResults([
            Deferred.fromCoroutine(node.add(*names)) for node, names in zip((a, b), wanted, strict=True)
        ])  # fmt: skip
        for node in (a, b):
            await node.current.read_again(node.database)
            self.assertEqual(node.names, {*wanted[0], *wanted[1]})
            stored = await node.database.read(load, NumberPlan())
            self.assertEqual((stored, stored.version), (node.current.value, 2 * EACH + 1))

    async def test_nothing_new(self) -> None:
        """What is in force stays the very same."""
        a, _ = await self.nodes()
        before = a.current.value
        await a.current.read_again(a.database)
        self.assertIs(a.current.value, before)

    async def test_one_company(self) -> None:
        """Whoever asks is told the same id; another database has another one."""
        a, b = await self.nodes()
        ids = {await node.database.run(company_id) for node in (a, b, a)}
        (other, _) = await self.nodes()
        self.assertEqual((len(ids), ids & {await other.database.run(company_id)}), (1, set()))
