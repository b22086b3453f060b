"""Two real workers as those who look after the server see them: ready or not, metrics, draining, one that is killed,
and their calls over CSTA.
"""

import os
import re
import signal
import sys
from urllib.error import HTTPError

from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.csta.call_control_messages import ClearConnection
from magroup.csta.event_messages import OfferedEvent
from magroup.csta.routeing_messages import RouteRegister, RouteRequest
from magroup.csta.values import DeviceId
from magroup.workers.marks import home
from tests.live.csta_client import CstaClient
from tests.live.pbx import trunk
from tests.live.raw_caller import RawCaller
from tests.live.twistd import Twistd
from tests.live.voicemail import BOX, PILOT, office
from tests.peers import RawUdp, until
from tests.server_process import TREE

CALLS = re.compile(r'magroup_calls\{worker="(\d)"\} (\d+)')


class Seen(TestCase):
    timeout = 180

    async def ready(self) -> list[str]:
        """The lines of /readyz."""
        try:
            return (await self.server.page("readyz")).splitlines()
        except HTTPError as error:
            self.assertEqual(error.code, 503)
            return error.read().decode().splitlines()

    async def so(self, *lines: str) -> None:
        """Wait until /readyz says this."""
        seen: list[list[str]] = [[]]

        async def is_so() -> bool:
            seen[0] = await self.ready()
            return seen[0] == list(lines)

        await until(is_so, 60.0, what=f"/readyz: {lines}", seen=lambda: str(seen))

    async def calls(self) -> list[str]:
        """How many each worker has."""
        return [f"{number}: {calls}" for number, calls in CALLS.findall(await self.server.page("metrics"))]

    async def nothing_is_up(self) -> bool:
        return await self.calls() == ["1: 0", "2: 0"]

    async def drain(self, *arguments: str) -> tuple[int, str]:
        out, err, code = await getProcessOutputAndValue(
            sys.executable, ("-m", "magroup", "drain", "--data", str(self.server.data), *arguments),
            env={**os.environ, "PYTHONPATH": str(TREE)},
        )  # fmt: skip
        return code, (out + err).decode().strip()

    async def test_seen(self) -> None:
        peer = RawUdp(self).open()
        self.server = server = Twistd(
            self, office(more=trunk(peer.ip, name="Outside")), "--workers", "2",
            MAGROUP_VOICEMAIL_PILOT=PILOT, MAGROUP_VOICEMAIL_SILENCE="60",
            MAGROUP_CSTA_OPEN_TO="127.0.0.0/8", MAGROUP_CSTA_ROUTE_POINTS="8000",
        )  # fmt: skip
        server._environment["MAGROUP_CSTA_LISTEN"] = f"tcp:4722:interface={server.address}"
        await server.start()
        said = await server.says("Worker 2 is ready", 60.0)
        await self.so("ready")

        def at_the_second(number: str) -> RawCaller:
            while True:
                caller = RawCaller(peer, server, number)  # type: ignore[arg-type]
                if home(caller.call_id.encode(), (1, 2), 2) == 2:
                    return caller

        client = await CstaClient(self).connect(f"tcp:host={server.address}:port=4722")
        await client.monitor("8973")
        await client.request(RouteRegister(routeing_device=DeviceId("8000")))
        at_the_second("8973").ring()
        offered = await client.event(OfferedEvent)
        self.assertTrue(offered.offered_connection.call_id.startswith("aw2-"))
        await client.request(ClearConnection(connection_to_be_cleared=offered.offered_connection))
        at_the_second("8000").ring()
        await client.event(RouteRequest)
        await client.close()
        await until(self.nothing_is_up, 30.0, what="they are over")
        self.assertEqual((await at_the_second(BOX).call()).status, 200)
        self.assertEqual(await self.calls(), ["1: 0", "2: 1"])

        self.assertEqual(await self.drain("--wait", "1"), (1, "magroup: 1 call is left"))
        both = ("calls: drains: it takes no new calls", "workers: 2: calls: drains: it takes no new calls")
        await self.so(*both)
        os.kill(int(said.rpartition(" ")[2]), signal.SIGKILL)
        await self.so(both[0], "workers: 2 does not run")
        await self.so(*both)
        self.assertEqual(await self.drain("--wait", "30"), (0, "no calls are left"))
        self.assertEqual(await self.drain("--undo"), (0, "magroup takes calls again"))
        await self.so("ready")
        self.assertEqual(await self.calls(), ["1: 0", "2: 0"])
        await server.says(" worker=2: magroup takes calls again")
        await server.terminate()
        self.assertNotIn("Traceback", server.output)
