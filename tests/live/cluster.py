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

    async def nodes(self, text: str, *names: str, later: int = 0) -> list[Twistd]:
        """Nodes of one company, which know each other; the first one has read the file. The last ones, as many as are
        to come ``later``, are not started.
        """
        database, name = postgresql.server(), postgresql.new_name()
        database.make(name, postgresql.EMPTY)
        self.addCleanup(database.drop, name)
        self.redis = await Redis(self).start()
        # What is encrypted in the database is read by all.
        key = str(Path(self.mktemp()).absolute())
        nodes = [
            Twistd(
                self, "" if at else text, "--database", database.url(name), "--redis", self.redis.url,
                new=True, MAGROUP_CLUSTER_NODE=node, MAGROUP_KEY_FILE=key,
            )
            for at, node in enumerate(names)
        ]  # fmt: skip
        now = len(nodes) - later
        for node in nodes[:now]:
            await node.start()
        await together(*(
            one.says(f"Node {other} is there") for one, own in zip(nodes[:now], names, strict=False)
            for other in names[:now] if other != own
        ))  # fmt: skip
        self.front = await Front(self, *(str(node.address) for node in nodes)).start()
        return nodes

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
