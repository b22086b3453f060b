"""Two real nodes behind Kamailio, on PostgreSQL and Redis: phones know the proxy and notice nothing of the rest."""

import re
from pathlib import Path

from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue

from magroup.model.calls import CallRecord
from tests.live.cluster import ClusterCase
from tests.live.pbx import hear_each_other
from tests.live.phones import together
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import until
from tests.web.rest.server import CURL

GROUP = "manager_timeout = 60\n"
REST = "Applications/inbound/MAGroup/rest"
IDLE, RINGING, BUSY = "0", "1", "2"


class BehindKamailio(ClusterCase):
    """``here`` is the node that the manager's phone has registered at, ``there`` the other one."""

    async def member(self, node: Twistd, number: str, field: str) -> str:
        """What a node's getMembers says of a member."""
        answer = await node.page(f"{REST}/members/getMembers.asp?mb_number={number}")
        found = re.search(f"<{field}>(.*?)</{field}>", answer)
        return found[1] if found else answer

    async def so(self, nodes: list[Twistd], number: str, field: str, value: str) -> None:
        """Wait until all nodes say so."""
        for node in nodes:
            seen = [""]

            async def is_so(node: Twistd = node, seen: list[str] = seen) -> bool:
                seen[0] = await self.member(node, number, field)
                return seen[0] == value

            await until(is_so, 20.0, what=f"{field} of {number} is {value}", seen=lambda seen=seen: seen[0])

    async def curl(self, node: Twistd, *arguments: str) -> str:
        """The login page of a node, with the cookies of a browser that knows all nodes by one name."""
        command = ("-sS", "-m", "30", "-b", self.jar, "-c", self.jar, *arguments, f"{node.url}LogonPage.asp")
        out, err, code = await getProcessOutputAndValue(CURL, command, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual((code, err), (0, b""))
        return out.decode()

    async def log_in(self, first: Twistd, other: Twistd) -> None:
        """At the first node: it holds at the other."""
        password = (first.data / "initial-admin-password").read_text().strip()
        self.assertNotIn("<strong>admin</strong>", await self.curl(other))
        await self.curl(first, "--data-urlencode", "user=admin", "--data-urlencode", f"pwd={password}")

        async def is_in() -> bool:
            return "<strong>admin</strong>" in await self.curl(other)

        await until(is_in, 20.0, what="logged in at the other node")

    async def test_registered_here_called_there(self) -> None:
        """The node of the manager's phone drains, so that the call comes to the other; then Redis goes and comes. At
        last that node dies, and its phone is called all the same.
        """
        nodes = await self.nodes(company(GROUP), "a", "b")
        self.jar = str(Path(self.mktemp()).absolute())
        manager = await self.phone("1047", 440.0)
        here, there = sorted(nodes, key=lambda node: "Line 1047 registered" not in node.output)
        caller = await self.phone("1201", 660.0)
        await self.so(nodes, "1047", "lineState", IDLE)
        away = f"{REST}/members/setPresence.asp?usr_Name=u1047&presenceState=1&presenceMessage=lunch"
        self.assertIn(">OK<", await here.page(away))
        await self.so(nodes, "1047", "statusMessage", "lunch")
        await there.page(f"{REST}/members/setPresence.asp?usr_Name=u1047&presenceState=0")
        await self.so(nodes, "1047", "userState", "0")

        await self.log_in(*nodes)
        self.assertEqual(await self.command("drain", "--data", str(here.data)), (0, "magroup takes no new calls\n"))
        await here.says("draining: no calls are left")
        await caller.dial(self.front.uri("8973"))
        await manager.wait("CALL_INCOMING", 20.0)
        await self.so(nodes, "1047", "lineState", RINGING)
        await manager.answer()
        await together(manager.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await hear_each_other(caller, manager)
        await self.so(nodes, "1047", "lineState", BUSY)
        waited = await self.command("drain", "--data", str(here.data), "--wait", "5")
        self.assertEqual(waited, (0, "no calls are left\n"))

        await self.redis.stop()
        await there.says("Redis at")
        await until(lambda: all("is not linked" in node.output for node in nodes), 20.0, what="Redis is missed")
        await manager.hold()
        await manager.resume()
        await together(caller.receives(10), manager.receives(10))
        await caller.hangup()
        await together(manager.idle(), caller.idle())
        await self.so([there], "1047", "lineState", IDLE)
        await self.redis.start()
        await until(lambda: all(node.output.count("is there") == 2 for node in nodes), 30.0, what="together again",
                    seen=here.process.report)  # fmt: skip
        await self.so(nodes, "1047", "lineState", IDLE)

        self.assertEqual((await self.command("drain", "--undo", "--data", str(here.data)))[0], 0)
        await here.says("takes calls again")
        await caller.dial(self.front.uri("8973"))
        await manager.wait("CALL_INCOMING", 20.0)
        await caller.hangup()
        await together(manager.idle(), caller.idle())

        async def both() -> list[CallRecord]:
            found: list[CallRecord] = await deferToThread(there.records)
            return found if len(found) == 2 else []

        records = await until(both, 20.0, what="both calls in the journal")
        self.assertEqual(len({record.id for record in records}), 2)
        self.assertTrue(records[0].id.startswith("a-" if there is nodes[0] else "b-"))
        for node in nodes:
            self.assertNotIn("Traceback", node.output)

        await here.kill()
        await there.says(f"Node {'b' if there is nodes[0] else 'a'} is not heard of any more")
        await caller.dial(self.front.uri("8973"))
        await manager.wait("CALL_INCOMING", 20.0)
        await manager.answer()
        await together(manager.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await caller.hangup()
        await together(manager.idle(), caller.idle())
