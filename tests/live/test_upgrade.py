"""Two nodes become a newer version one after the other, while people talk and call; an older one is refused then."""

import shutil
import sys
from pathlib import Path

from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord
from magroup.store.schema import SCHEMA_VERSION
from tests.live.phones import Caller, Desk, desks, together
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import Sipp, postgresql, until
from tests.peers.redis import Redis
from tests.server_process import TREE

NEXT = f"{int(SCHEMA_VERSION) + 1:04}"
MIGRATION = f'''"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{SCHEMA_VERSION}"


def upgrade() -> None:
    """Older versions leave it empty."""
    op.add_column("groups", sa.Column("newer", sa.Text()))
'''


def newer(folder: Path) -> Path:
    """A tree of the next version, with another schema."""
    shutil.copytree(TREE / "magroup", folder / "magroup", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for name in ("resources", "sounds", "twisted"):
        (folder / name).symlink_to(TREE / name)
    store = folder / "magroup" / "store"
    (store / "migrations" / "versions" / f"v{NEXT}_newer.py").write_text(MIGRATION)
    schema = store / "schema.py"
    schema.write_text(schema.read_text().replace(f'"{SCHEMA_VERSION}"', f'"{NEXT}"'))
    version = folder / "magroup" / "version.py"
    version.write_text(version.read_text() + 'VERSION = "9.9.9"\n')
    return folder


class Upgrade(TestCase):
    """A call is up at each node when it is told to drain; callers go where OPTIONS say that they may."""

    timeout = 240

    async def nodes(self) -> list[Twistd]:
        database, name = postgresql.server(), postgresql.new_name()
        database.make(name, postgresql.EMPTY)
        self.addCleanup(database.drop, name)
        redis = await Redis(self).start()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.shared = ("--database", database.url(name), "--redis", redis.url)
        text = company("manager_timeout = 60\n", others=("1201", "1202"))
        made = [self.node(name, text if name == "a" else "") for name in ("a", "b")]
        for node in made:
            await node.start()
        await together(made[0].says("Node b is there"), made[1].says("Node a is there"))
        return made

    def node(self, name: str, text: str = "") -> Twistd:
        return Twistd(
            self, text, *self.shared, MAGROUP_CLUSTER_NODE=name, MAGROUP_KEY_FILE=str(self.folder / "key"),
            MAGROUP_SIP_OPTIONS_PING_INTERVAL="0",
        )  # fmt: skip

    async def call(self, node: Twistd) -> None:
        """One to the manager, from beginning to end."""
        await Sipp(self, "uac", node.sip, caller="1202", service="8973", stay=0.2, timeout=30.0).run()
        self.calls += 1

    async def upgrade(self, node: Twistd, other: Twistd, tree: Path) -> None:
        """As an administrator does it; what is up here ends when its people have said everything."""
        talk = await Caller(node, "uac", stay=6.0).call()
        await talk.heard(200)
        self.calls += 1
        command = ("-m", "magroup", "drain", "--data", str(node.data), "--wait", "60")
        drained = getProcessOutputAndValue(sys.executable, command, env={"PYTHONPATH": str(TREE)})
        await node.says("magroup takes no new calls")
        refused = await Sipp(self, "uac_refused", node.sip, caller="1202", service="8973").run()
        self.assertIn(503, refused.statuses)
        await self.call(other)
        await talk.finished()
        out, _, code = await drained
        self.assertEqual((code, out), (0, b"no calls are left\n"))
        self.assertEqual(await node.terminate(), -15)
        self.assertNotIn("Traceback", node.output)
        await other.says("has stopped", 3.0)
        await self.call(other)
        node._environment["PYTHONPATH"] = str(tree)
        node._company = False
        node.launch()
        await self.call(other)
        await node.says("magroup 9.9.9 is ready", 60.0)

    async def test_one_after_the_other(self) -> None:
        a, b = await self.nodes()
        tree = newer(self.folder)
        self.calls = 0
        await desks(Desk(a, "1047", "uas", calls=None))
        await self.call(b)
        await self.upgrade(a, b, tree)
        self.assertIn("the database has the schema of this version now", a.output)
        self.assertNotIn("schema", b.output)
        await a.says("Node b is there")
        # The older one edits and writes what the newer one reads.
        await self.call(a)
        away = "members/setPresence.asp?usr_Name=u1047&presenceState=1&presenceMessage=older"
        self.assertIn("OK<", await b.page(f"Applications/inbound/MAGroup/rest/{away}"))

        async def is_away() -> bool:
            found = await a.page("Applications/inbound/MAGroup/rest/members/getMembers.asp?mb_number=1047")
            return ">older<" in found

        await until(is_away, 20.0, what="presence at the newer node")
        back = away.replace("presenceState=1", "presenceState=0")
        self.assertIn("OK<", await a.page(f"Applications/inbound/MAGroup/rest/{back}"))
        await self.upgrade(b, a, tree)
        await self.call(b)

        async def all() -> list[CallRecord]:
            found: list[CallRecord] = await deferToThread(a.records)
            return found if len(found) >= self.calls else []

        records = await until(all, 30.0, what=f"{self.calls} calls in the journal", seen=a.process.report)
        self.assertEqual(len({record.id for record in records}), self.calls)
        self.assertEqual({record.cause for record in records}, {"normalClearing"})
        (line,) = await self.node("c").refuses()
        self.assertIn(f"the database has schema {NEXT}, made by a newer magroup; this one knows {SCHEMA_VERSION}", line)
