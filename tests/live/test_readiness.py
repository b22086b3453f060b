"""What /readyz says of a real server whose disk is full."""

from urllib.error import HTTPError
from urllib.parse import urlencode

from twisted.trial.unittest import TestCase

from tests.live.phones import Desk, desks, finished
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import Sipp, until

LOGIN = {"user": "u1047", "pwd": "Correct Horse", "page": "/Applications/inbound/MAGroup/status"}


class FullDisk(TestCase):
    """Calls go on and people can log in, but nothing of it is kept: the server is not ready."""

    timeout = 60

    async def reasons(self, server: Twistd) -> str:
        try:
            return await server.page("readyz")
        except HTTPError as error:
            self.assertEqual(error.code, 503)
            return str(error.read().decode())

    async def says(self, server: Twistd, *words: str) -> None:
        """Wait until /readyz has these words."""

        async def so() -> bool:
            found = await self.reasons(server)
            return all(word in found for word in words)

        await until(so, 20.0, what=f"/readyz: {words}")

    async def test_not_ready(self) -> None:
        text = company(others=("1201",)).replace('name = "u1047"', 'name = "u1047"\npassword = "Correct Horse"')
        server = await Twistd(self, text).start()
        await self.says(server, "ready\n")
        server.full_disk(True)
        (phone,) = await desks(Desk(server, "1201", "uas"))
        await Sipp(self, "uac", server.sip, caller="1175", service="1201", calls=1).run()
        await finished(phone)
        login = await server.page("LogonPage.asp?" + urlencode(LOGIN))
        self.assertIn("<h1>Status</h1>", login)
        await self.says(server, "journal: cannot be written", "logins: cannot be written", "state: cannot be written")
        self.assertEqual(await server.page("healthz"), "ok\n")
        server.full_disk(False)
        await self.says(server, "ready\n")
        self.assertEqual(await server.terminate(), -15)
        self.assertNotIn("Traceback", server.output)
