"""Two real processes, one as the PBX of the other: what people see of calls, and what is left when either is killed."""

import re
from pathlib import Path
from shutil import which
from time import strftime
from typing import Any

from lxml import html
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.cti.call_control import UNSEEN
from magroup.model.calls import LegOutcome
from magroup.store.journal import CLOSED_BY_RESTART
from tests.live.pbx import trunk
from tests.live.phones import together
from tests.live.server import SECRET, company
from tests.live.twistd import Twistd
from tests.peers import Baresip, address, until
from tests.peers.addresses import Address
from tests.web.gadget.server import Browser, browse

CURL = which("curl") or "/usr/bin/curl"
PEOPLE = MANAGER, ASSISTANT, OTHER = ("1047", "1175", "1068")
PASSWORD = "secret words"
USER = f'password = "{PASSWORD}"\nprivileges = ["Admin", "Reports"]'
HOME = "Applications/inbound/MAGroup/"


class Placed(Twistd):
    """At an address that is known before; ``file`` is its configuration."""

    def __init__(self, test: TestCase, text: str, file: str, place: Address, *arguments: str) -> None:
        super().__init__(test, text, *arguments, listen=(f"udp:{place}:5060", f"tcp:{place}:5060"))
        self.address = place
        config = self.folder / "magroup.toml"
        config.write_text(file)
        self._arguments = (*arguments, "--config", str(config))


class TwoProcesses(TestCase):
    """All phones register at ``pbx``; ``server`` is beside it."""

    timeout = 180

    async def setUp(self) -> None:
        there, here = address(self), address(self)
        text = company(
            people=("1999",), others=(*PEOPLE, "1201"), users={"1201": f'password = "{PASSWORD}"'},
            more=trunk(str(here), "default = true"),
        ).replace('number = "8973"', 'number = "8999"')  # fmt: skip
        offered = f'[csta]\nlisten = ["tcp:4721:interface={there}"]\nusers = ["u1201"]\n'
        self.pbx = Placed(self, text, offered, there)
        password = Path(self.mktemp()).absolute()
        password.write_text(PASSWORD)
        desks = "".join(f'[[phones]]\ndevice_name = "Desk{number}"\nlines = ["{number}"]\n' for number in PEOPLE)
        text = company(
            "manager_timeout = 30\n", people=PEOPLE, others=(), on_pbx=PEOPLE,
            users=dict.fromkeys(PEOPLE, USER), more=trunk(str(there), "default = true") + desks,
        )  # fmt: skip
        file = f'[csta_link]\nuser = "u1201"\npassword_file = "{password}"\n[phones]\ntrust_device_name = true\n'
        self.server = Placed(self, text, file, here, "--cti", f"csta:tcp:host={there}:port=4721")
        # One after the other: a link that was refused says so for ever.
        await self.pbx.start()
        await self.server.start()
        await self.server.says("The CSTA link is up")
        await self.log_in()
        phones = [Baresip(self, number, registrar=self.pbx.sip, secret=SECRET) for number in PEOPLE]
        await together(*(phone.start() for phone in phones))
        self.addCleanup(lambda: together(*(phone.stop() for phone in phones)))
        await together(*(phone.registered() for phone in phones))
        await until(lambda: len(self.pbx.registrations()) == len(PEOPLE), what="registrations in the database")
        self.manager, self.assistant, self.other = phones

    async def log_in(self) -> None:
        self.jar = self.server.folder / "jar"
        login = ("-d", f"user=u{MANAGER}", "--data-urlencode", f"pwd={PASSWORD}")
        await self.curl("-c", str(self.jar), *login, f"{self.server.url}LogonPage.asp")

    async def curl(self, *arguments: str) -> str:
        command = ("--silent", "--show-error", "--max-time", "30", "--noproxy", "*", *arguments)
        out, err, code = await getProcessOutputAndValue(CURL, command, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(code, 0, err)
        return out.decode()

    async def text(self, path: str) -> str:
        """What a page of the administration says."""
        page = await self.curl("-b", str(self.jar), "--fail", f"{self.server.url}{HOME}{path}")
        return " ".join(html.fromstring(page).text_content().split())

    async def desk(self, number: str, path: str = "src/PhoneMenu.asp?a=") -> str:
        """A page on a desk phone: its title, entries and text."""
        model = "x-CiscoIPPhoneModelName: CP-8845"
        page = await self.curl("-H", model, f"{self.server.url}{HOME}{path}&device=Desk{number}")
        return " | ".join(re.findall(r"<(?:Title|Name|Text)>([^<]+)<", page))

    async def gadget(self) -> tuple[Browser, dict[str, int]]:
        """The manager's, and the ids of the members by number."""
        name, value = self.jar.read_text().split()[-2:]
        gadget = await browse(self.server.url.split("/")[2], f"{name}={value}")
        await gadget.opened
        await gadget.next("hello")
        await gadget.done("group", group=1)
        gadget.snapshot = await gadget.next("snapshot")
        return gadget, {member["number"]: member["id"] for member in gadget.snapshot["members"]}

    async def link(self, name: str) -> str:
        """What the tab Switch says of the link."""
        page = html.fromstring(await self.curl("-b", str(self.jar), f"{self.server.url}{HOME}switch"))
        (found,) = page.xpath(f"//div[@id='link']//dt[text()='{name}']/following-sibling::dd[1]")
        return " ".join(found.text_content().split())

    async def is_linked(self, wanted: bool = True) -> None:
        async def found() -> bool:
            return (await self.link("State")).startswith("up") is wanted

        await until(found, 60.0, what=f"linked: {wanted}", seen=self.server.process.report)

    async def recorded(self, count: int) -> list[Any]:
        await until(lambda: len(self.server.records()) == count, 20.0, what=f"{count} records",
                    seen=lambda: str(self.server.records()))  # fmt: skip
        return self.server.records()

    async def test_seen(self) -> None:
        """A call between two phones of the PBX; then the manager's number, over the trunk."""
        gadget, ids = await self.gadget()
        await self.assistant.dial(f"sip:{OTHER}@{self.pbx.address}")
        await self.other.wait("CALL_INCOMING")
        await gadget.until(ids[OTHER], line="ringing")
        self.assertIn("Pickup calls", await self.desk(MANAGER))
        self.assertIn("Transfer call", await self.desk(OTHER))
        self.assertIn("First1175 Last 1175 First1068 Last 1068 Ringing", await self.text("calls"))
        await self.other.answer()
        await gadget.until(ids[OTHER], line="busy")
        self.assertIn("Talking", await self.text("calls"))
        members = await self.curl(f"{self.server.url}{HOME}rest/members/getMembers.asp")
        self.assertEqual(re.findall("<lineState>(.)<", members), ["0", "2", "2"])
        api = await self.curl("-b", str(self.jar), f"{self.server.url}api/v1/calls")
        self.assertEqual(re.findall(r'"state":"(\w+)"', api), ["connected", "connected"])
        self.assertTrue((await self.link("State")).startswith("up for"), await self.link("State"))
        self.assertEqual(await self.link("PBX"), f"CSTA III at {self.pbx.address}:4721")
        self.assertEqual(await self.link("Lines on the PBX"), "3 of 3 in service")
        self.assertEqual(await self.link("Monitors"), "3 of 3 lines")
        self.assertEqual(await self.link("Calls"), "1 of the PBX, 0 more over the trunk to magroup")
        self.assertIn("holdCall", await self.link("Services"))
        self.assertEqual(await self.link("Last trouble"), "none since the start")
        await self.assistant.hangup()
        await self.other.idle()
        await gadget.until(ids[OTHER], line="idle")
        (record,) = await self.recorded(1)
        self.assertEqual((record.caller_number, record.called_number, record.ended_by), (ASSISTANT, OTHER, ASSISTANT))
        self.assertEqual([leg.outcome for leg in record.legs], [LegOutcome.ANSWERED] * 2)
        self.assertIn("Answered by First1068 Last", await self.text("calls/journal"))

        await self.assistant.dial(f"sip:8973@{self.pbx.address}")
        await self.manager.wait("CALL_INCOMING")
        await gadget.until(ids[MANAGER], line="ringing")
        self.assertEqual(await self.link("Calls"), "0 of the PBX, 2 more over the trunk to magroup")
        await self.manager.answer()
        await gadget.until(ids[MANAGER], line="busy")
        self.assertIn("MA Group", await self.text("calls"))
        await self.assistant.hangup()
        await self.manager.idle()
        _, record = await self.recorded(2)
        self.assertEqual((record.called_number, record.group_id), ("8973", 1))
        month = strftime("%Y-%m")
        counts = await self.text(f"reports/show?kind=count&output=screen&outbound=on&month={month}")
        self.assertIn("1047First1047 Last01101", counts)
        self.assertIn("1068First1068 Last01101", counts)
        self.assertIn("1175First1175 Last00022", counts)
        details = await self.text(f"reports/show?kind=details&output=screen&month={month}")
        self.assertIn("1175 First1175 Last1068 First1068 Last", details)

    async def test_killed(self) -> None:
        """kill -9 in a call, first of the PBX, then of the server: people are told, and all is right again."""
        await self.assistant.dial(f"sip:{MANAGER}@{self.pbx.address}")
        await self.manager.wait("CALL_INCOMING")
        await self.manager.answer()
        gadget, _ = await self.gadget()
        self.assertTrue(gadget.snapshot["group"]["linked"])
        await self.pbx.kill()
        while "group" not in (change := await gadget.skip_to("change")):
            pass
        self.assertFalse(change["group"]["linked"])
        self.assertTrue((await self.link("State")).startswith("down"))
        self.assertIn("Connection was closed", await self.link("Last trouble"))
        self.assertTrue((await self.desk(MANAGER)).startswith("PBX link down: Main menu"))
        transfer = await self.desk(MANAGER, "src/IndependentServices.asp?action=transferCall")
        self.assertIn("The link to the PBX is down.", transfer)
        self.assertIn("Talking", await self.text("calls"))
        self.assertEqual(await self.link("Monitors"), "0 of 3 lines without one: 1047, 1068, 1175")
        await self.pbx.start(take_company=False)
        await self.is_linked()
        self.assertIn("0 calls", await self.text("calls"))
        self.assertTrue((await self.desk(MANAGER)).startswith("Main menu"))
        (record,) = await self.recorded(1)
        self.assertEqual((record.cause, record.ended_by), (UNSEEN, "switch"))
        self.assertEqual([leg.outcome for leg in record.legs], [LegOutcome.ANSWERED] * 2)
        # The PBX is no more what the phones were connected by: they end their call by themselves.
        await together(self.assistant.hangup(), self.manager.hangup())
        await together(self.assistant.idle(), self.manager.idle())
        await together(*(phone.registered() for phone in (self.assistant, self.manager)))
        self.manager.mark()
        await self.assistant.dial(f"sip:{MANAGER}@{self.pbx.address}")
        await self.manager.wait("CALL_INCOMING")
        await self.manager.answer()
        await until(lambda: any(call.answered_at for call in self.server.live()), what="the call in the file")
        await self.server.kill()
        await self.server.start(take_company=False)
        await self.log_in()
        await self.is_linked()
        self.assertIn("Talking", await self.text("calls"))
        self.assertIn("Transfer call", await self.desk(MANAGER))
        await self.assistant.hangup()
        await self.manager.idle()
        records = await self.recorded(3)
        self.assertEqual([record.cause for record in records], [UNSEEN, CLOSED_BY_RESTART, "normalClearing"])
        self.assertEqual(len({record.id for record in records}), 3)
        self.assertIn("0 calls", await self.text("calls"))
