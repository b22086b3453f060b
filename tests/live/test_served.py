"""A caller dials the manager number and is served: greeting, announcements, the manager, assistants, overflow."""

from twisted.trial.unittest import TestCase

from magroup.resources import sound
from tests.live.server import Live, company
from tests.peers import Baresip

OPTIONS = """
welcome = "Welcome.wav"
manager_timeout = 4
assistant_timeout = 3
announcements = ["Waiting1.wav"]
"""


class Served(TestCase):
    """On real phones."""

    timeout = 60

    async def phone(self, server: Live, number: str, **more: object) -> Baresip:
        phone = await Baresip(self, number, registrar=server.sip, secret="secret", **more).start()  # type: ignore[arg-type]
        await phone.registered()
        return phone

    async def test_manager_answers(self) -> None:
        """The greeting is heard in full before the manager rings; then both hear each other, without the server."""
        server = await Live(self, company(OPTIONS)).start()
        caller = await self.phone(server, "1201", tone=440.0)
        manager = await self.phone(server, "1047", tone=880.0)
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING", timeout=15)
        await caller.hears_file(sound("Welcome.wav"))
        await caller.hears_file(sound("Waiting1.wav"), timeout=20)
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hears(440.0)
        await caller.receives()
        self.assertEqual(server.assembly.telephony.media.active, 0)
        await caller.hangup()
        await manager.wait("CALL_CLOSED")
        await server.quiet()
        self.assertIn("answered by S1047", await server.trail())
