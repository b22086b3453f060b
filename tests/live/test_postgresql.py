"""PostgreSQL as the database: it goes while people talk, and comes back; nobody notices, and nothing is lost."""

from magroup.model.settings import Settings
from magroup.store.journal import calls_between
from tests.live.case import GREETING, LiveCase
from tests.live.log_watch import LogWatch
from tests.live.phones import Caller, Desk, desks, finished
from tests.live.server import company
from tests.peers import postgresql, until

GROUP = f'welcome = "{GREETING}"\nmanager_timeout = 30\n'
FAILS = "does not work, it is kept and tried again"


class OnPostgresql(LiveCase):
    timeout = 150

    async def test_goes_and_comes_back(self) -> None:
        """While the greeting is played; the second call comes while it is away."""
        database, name = postgresql.server(), postgresql.new_name()
        database.make(name, postgresql.EMPTY)
        self.addCleanup(database.drop, name)
        log = LogWatch(self)
        server = await self.serve(company(GROUP), settings=Settings(database=database.url(name)))
        (manager,) = await desks(Desk(server, "1047", "uas", calls=2))
        first = await Caller(server, "uac", stay=5.0).call()
        await until(lambda: len(first.sink.packets) > 10, what="the greeting")
        database.stop()
        self.addCleanup(database.start)
        await first.finished()
        await (await Caller(server, "uac", stay=5.0).call()).finished()
        await finished(manager)
        await until(lambda: log.having(f"journal into the database {FAILS}"), 40.0, what="it is told",
                    seen=lambda: str(log.lines))  # fmt: skip
        database.start()
        await until(lambda: log.having("journal into the database works again"), 40.0, what="what is told later",
                    seen=lambda: str(log.lines))  # fmt: skip
        self.assertEqual(await server.stories(), ["greeting; answered by S1047"] * 2)
        await server.quiet()
        await server.stop()
        await server.start(take_company=False)
        page = await server.assembly.database.read(calls_between, 0.0, 4e9)
        self.assertEqual([len(call.legs) for call in page.calls], [2, 2])
        registered = server.assembly.telephony.bindings.contacts("1047")
        self.assertEqual(len(registered), 1)
