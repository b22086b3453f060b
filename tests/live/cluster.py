"""Real nodes behind Kamailio, on PostgreSQL and Redis, and phones that know the proxy only."""

import sys
from pathlib import Path

from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests.live.phones import together
from tests.live.server import SECRET
from tests.live.twistd import Twistd
from tests.peers import Baresip, postgresql
from tests.peers.kamailio import Front
from tests.peers.redis import Redis
from tests.server_process import TREE


class ClusterCase(TestCase):
    """``redis`` and ``front`` are there when the nodes are."""

    timeout = 240

    async def nodes(self, text: str, *names: str) -> list[Twistd]:
        """Nodes of one company, which know each other; the first one has read the file."""
        database, name = postgresql.server(), postgresql.new_name()
        database.make(name, postgresql.EMPTY)
        self.addCleanup(database.drop, name)
        self.redis = await Redis(self).start()
        # What is encrypted in the database is read by all.
        key = str(Path(self.mktemp()).absolute())
        made: list[Twistd] = []
        for node in names:
            one = Twistd(
                self, "" if made else text, "--database", database.url(name), "--redis", self.redis.url,
                MAGROUP_CLUSTER_NODE=node, MAGROUP_KEY_FILE=key,
            )  # fmt: skip
            made.append(await one.start())
        await together(*(
            one.says(f"Node {other} is there") for one, node in zip(made, names, strict=True) for other in names
            if other != node
        ))  # fmt: skip
        self.front = await Front(self, *(str(node.address) for node in made)).start()
        return made

    async def phone(self, number: str, tone: float, **options: str) -> Baresip:
        """Registered through the proxy."""
        phone = Baresip(self, number, registrar=self.front.sip, secret=SECRET, tone=tone, **options)  # type: ignore[arg-type]
        await phone.start()
        self.addCleanup(phone.stop)
        await phone.registered()
        return phone

    async def command(self, *arguments: str) -> tuple[int, str]:
        """The exit code of a command of magroup, and what it says."""
        out, err, code = await getProcessOutputAndValue(
            sys.executable, ("-m", "magroup", *arguments), env={"PYTHONPATH": str(TREE)}
        )
        return code, (out + err).decode()
