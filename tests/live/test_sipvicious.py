"""sipvicious against the server: it finds nothing out, and is banned while people call."""

import sys
from dataclasses import replace
from pathlib import Path

from magroup.model.settings import Settings
from magroup.model.settings_protection import ProtectionSettings
from magroup.sip.digest import MD5
from magroup.sip.known_algorithms import KnownAlgorithms
from tests.live.case import LiveCase
from tests.live.phones import Caller, Desk, desks, finished
from tests.live.server import SECRET, Live, company
from tests.peers import until
from tests.peers.process import PeerProcess

BIN = Path(sys.executable).parent
FROM = "127.0.0.1"
"""Where the tools send from, whatever address they are told."""
BY_NAME = ProtectionSettings(never_banned=())
BY_DEED = replace(BY_NAME, scanners=("no-such-scanner",))
NEVER = replace(BY_DEED, ban=0)
LINES = "1040-1050,1060-1070,1170-1180"
"""Three of them are there."""


class Sipvicious(LiveCase):
    """``tool`` runs one of its commands to the end, and gives what it says."""

    def start(self, server: Live, name: str, *arguments: str) -> PeerProcess:
        where = Path(self.mktemp()).absolute()
        where.mkdir()
        process = PeerProcess(name, [str(BIN / f"sipvicious_{name}"), *arguments, str(server.address)], where)
        self.addCleanup(process.kill)
        process.start()
        return process

    async def tool(self, server: Live, name: str, *arguments: str) -> str:
        process = self.start(server, name, *arguments)
        await process.wait_end(60.0)
        return process.text()

    def banned(self, server: Live) -> dict[str, str]:
        """Who is, and why; nobody any more."""
        guard = server.assembly.telephony.guard
        found = {ban.place: ban.why for ban in guard.bans()}
        for place in found:
            guard.lift(place)
        return found

    async def protect(self, server: Live, protection: ProtectionSettings) -> None:
        await server.read_again(replace(server.settings, protection=protection))

    async def test_found_out_and_banned(self) -> None:
        server = await self.serve(company(), settings=replace(Settings(), protection=BY_NAME))
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.2))

        said = await self.tool(server, "svmap")
        self.assertIn("found nothing", said)
        caller = await Caller(server, "uac", stay=0.5).call()
        await caller.finished()
        await finished(manager)
        self.assertEqual(self.banned(server), {FROM: "scanner"})

        await self.protect(server, BY_DEED)
        for method in ("REGISTER", "INVITE"):
            said = await self.tool(server, "svwar", "-e", LINES, "-m", method)
            self.assertIn("found nothing", said, method)
            self.assertIn("authentication request for an unknown extension", said, method)
        said = await self.tool(server, "svwar", "-e", LINES, "-m", "OPTIONS", "--force", "--maximumtime=1")
        self.assertIn("found nothing", said)
        self.assertEqual(self.banned(server), {FROM: "unknown lines"})

        await self.guess(server)

    async def guess(self, server: Live) -> None:
        """Passwords, the right one among them; the tool fails on SHA-256, which it is offered first otherwise."""
        authenticator = server.assembly.telephony.authenticator
        authenticator.algorithms, authenticator._known = (MD5,), KnownAlgorithms((MD5,))
        words = Path(self.mktemp()).absolute()
        words.write_text("".join(f"guess{at}\n" for at in range(60)) + f"{SECRET}\n")
        guess = ("-u", "1175", "-d", str(words))
        guard = server.assembly.telephony.guard
        before = guard.dropped
        tool = self.start(server, "svcrack", *guess)
        # It waits ten seconds for an answer to what was dropped.
        await until(lambda: guard.dropped > before, 30.0, what="a guess that is dropped", seen=tool.report)
        await tool.kill()
        self.assertNotIn(SECRET, tool.text())
        self.assertEqual(self.banned(server), {FROM: "wrong passwords"})
        await self.protect(server, NEVER)
        self.assertIn(SECRET, await self.tool(server, "svcrack", *guess), "the tool could not have found it at all")
