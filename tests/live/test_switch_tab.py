"""The tab Switch of a whole server, read with curl, while real phones are registered and call."""

import re
import shutil
from typing import Any
from urllib.parse import urlencode

from lxml import html
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.policy import trail_in_words
from magroup.store.journal import calls_between
from tests.live.phones import together
from tests.live.server import SECRET, company
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, until

CURL = shutil.which("curl") or "/usr/bin/curl"
HOME = "/Applications/inbound/MAGroup/"
PASSWORD = "secret words"
GROUP = "8973"
OPTIONS = 'overflow = "busy"\nmanager_timeout = 2\nassistant_timeout = 1\n'


class SwitchTab(TestCase):
    """The manager 1047 is an administrator; 1175's phone is not there, 1201 calls."""

    timeout = 120

    async def setUp(self) -> None:
        self.whole = WholeServer(self)
        admin = f'password = "{PASSWORD}"\nprivileges = ["Admin"]'
        self.server = await self.whole.start(company(OPTIONS, ("1047", "1175"), ("1201",), users={"1047": admin}))
        self.manager, self.caller = phones = [
            Baresip(self, number, registrar=self.whole.sip, secret=SECRET) for number in ("1047", "1201")
        ]
        await together(*(phone.start() for phone in phones))
        self.addCleanup(lambda: together(*(phone.stop() for phone in phones)))
        await together(*(phone.registered() for phone in phones))
        self.jar = str(self.whole.folder / "jar")
        await self.curl("-c", self.jar, "-d", "user=u1047", "--data-urlencode", f"pwd={PASSWORD}",
                        f"{self.whole.web}/LogonPage.asp")  # fmt: skip

    async def curl(self, *arguments: str) -> str:
        command = ("--silent", "--show-error", "--max-time", "30", "--noproxy", "*", *arguments)
        out, err, code = await getProcessOutputAndValue(CURL, command, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(code, 0, err)
        return out.decode()

    async def page(self, path: str) -> Any:
        return html.fromstring(await self.curl("-b", self.jar, "--fail-with-body", f"{self.whole.web}{HOME}{path}"))

    async def trail(self) -> str:
        """Of the only call of the journal, in words."""
        assembly = self.server.assembly
        await until(lambda: not len(assembly.application), what="the call's end")
        journal: Any = assembly.application.journal
        await journal._journal.flush()
        (record,) = (await assembly.database.read(calls_between, 0.0, 4e9, 10)).calls
        return trail_in_words(record.trail)

    async def test_registered_rung_and_ended(self) -> None:
        page = await self.page("switch/registrations?q=baresip")
        self.assertEqual([row.xpath("string(./th)")[:4] for row in page.xpath("//tbody/tr")], ["1047", "1201"])
        asked = urlencode({"caller": "1201", "number": GROUP})
        page = await self.page(f"switch/number?{asked}")
        (said,) = re.findall(r"In the journal: (.*)", page.text_content())
        self.assertEqual(said, "manager rang 2 s; S1175's line out of service; overflow busy")

        await self.caller.dial(f"sip:{GROUP}@{self.whole.address}")
        await self.manager.wait("CALL_INCOMING")
        overview = (await self.page("switch")).xpath("//dl[@id='figures']//dd/text()")
        self.assertEqual(overview[0].strip(), "1")
        await self.caller.wait("CALL_CLOSED", 20.0)
        await self.manager.wait("CALL_CLOSED")
        self.assertEqual(await self.trail(), said)

        page = await self.page("switch/registrations?q=1047")
        (form,) = page.xpath("//tbody//form")
        sent = [part for name, value in form.form_values() for part in ("--data-urlencode", f"{name}={value}")]
        await self.curl("-b", self.jar, *sent, f"{self.whole.web}{form.get('action')}")
        self.assertFalse(self.server.assembly.telephony.switch.in_service("1047"))
        page = await self.page(f"switch/number?{asked}")
        self.assertIn("Manager's line out of service", page.text_content())
