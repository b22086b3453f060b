"""Real phones call, and an administrator reads their SIP messages: as a picture, as text, as a capture."""

import json
import shutil
from typing import Any

from lxml import html
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from magroup.model.trace import CallTrace
from magroup.service import Server
from tests.live.phones import together
from tests.live.server import SECRET, company
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, until
from tests.web.admin.calls.captures import packets

CURL = shutil.which("curl") or "/usr/bin/curl"
PASSWORD = "secret words"
MANAGER, ASSISTANT, CALLER = "1047", "1175", "1201"
HOME = "/Applications/inbound/MAGroup/"
CALLER_TITLES = [
    "INVITE", "407 Proxy Authentication Required", "ACK", "INVITE", "180 Ringing", "200 OK", "ACK", "BYE", "200 OK",
]  # fmt: skip
WINNER = ["INVITE", "180 Ringing", "200 Answering", "ACK", "BYE", "200 OK"]
LOSER = ["INVITE", "180 Ringing", "CANCEL", "200 OK", "487 Request Terminated", "ACK"]


def titles(trace: CallTrace, number: str) -> list[str]:
    """Of the messages with a number; what tells of a slow machine only is left out."""
    legs = {place for place, leg in enumerate(trace.legs) if leg.number == number}
    return [message.title for message in trace.messages
            if message.leg in legs and not message.is_again and message.title != "100 Trying"]  # fmt: skip


class RealCall(TestCase):
    """A call to a group whose manager and assistant ring at once."""

    timeout = 120

    async def setUp(self) -> None:
        self.whole = WholeServer(self)
        admin = f'password = "{PASSWORD}"\nprivileges = ["Admin"]'
        options = "manager_timeout = 60\nring_parallel = true\n"
        self.server: Server = await self.whole.start(
            company(options, (MANAGER, ASSISTANT), (CALLER,), users={MANAGER: admin})
        )  # fmt: skip
        numbers = (MANAGER, ASSISTANT, CALLER)
        phones = [Baresip(self, number, registrar=self.whole.sip, secret=SECRET) for number in numbers]
        await together(*(phone.start() for phone in phones))
        await together(*(phone.registered() for phone in phones))
        self.manager, self.assistant, self.caller = phones
        self.jar = self.whole.folder / "jar"
        await self.curl("/LogonPage.asp", "-c", str(self.jar), "-d", f"user=u{MANAGER}&pwd={PASSWORD}")

    async def curl(self, path: str, *arguments: str) -> bytes:
        command = ("-s", "-S", "--max-time", "30", "--noproxy", "*", "-b", str(self.jar), *arguments)
        command = (*command, self.whole.web + path)
        out, err, code = await getProcessOutputAndValue(CURL, command, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(code, 0, err)
        return out

    async def page(self, path: str) -> Any:
        return html.fromstring((await self.curl(HOME + path)).decode())

    def traced(self, call_id: str) -> CallTrace:
        read = self.server.assembly.telephony.traces.find(call_id)
        assert read is not None
        return read()

    async def test_ladder(self) -> None:
        await self.caller.dial(f"sip:8973@{self.whole.address}")
        await together(self.manager.wait("CALL_INCOMING"), self.assistant.wait("CALL_INCOMING"))
        switch = self.server.assembly.telephony.switch
        await until(lambda: len(switch.calls()) == 1, what="one call")
        (call,) = switch.calls()
        page = await self.page("calls")
        (row,) = page.xpath("//tbody/tr")
        words = " ".join(row.text_content().split())
        for word in ("First1201 Last 1201", "MA Group 8973", "Ringing", "First1047 Last", "First1175 Last"):
            self.assertIn(word, words)
        page = await self.page(f"calls/call?id={call.id}")
        self.assertEqual(len(page.xpath("//*[@data-arrow]")), len(self.traced(call.id).messages))
        await self.manager.answer()
        await together(self.manager.wait("CALL_ESTABLISHED"), self.assistant.wait("CALL_CLOSED"))
        await self.caller.wait("CALL_ESTABLISHED")
        await self.caller.hangup()
        await self.manager.wait("CALL_CLOSED")
        await until(lambda: not switch.calls() and titles(self.traced(call.id), MANAGER) == WINNER, what="the end")
        trace = self.traced(call.id)
        self.assertEqual(titles(trace, CALLER), CALLER_TITLES)
        self.assertEqual(titles(trace, MANAGER), WINNER)
        self.assertEqual(sorted(titles(trace, ASSISTANT)), sorted(LOSER))
        for phone in (self.manager, self.assistant, self.caller):
            of = [one for one in trace.messages if trace.legs[one.leg].address[0] == phone.ip]
            theirs = {one.target if one.is_sent else one.source for one in of}
            ours = {one.source if one.is_sent else one.target for one in of}
            self.assertEqual((theirs, ours), ({(phone.ip, phone.port)}, {(str(self.whole.address), 5060)}))
        await self.server.assembly.application.journal._journal.flush()
        await self.files(call.id, trace)
        await self.told(call.id)

    async def files(self, call_id: str, trace: CallTrace) -> None:
        """The picture, the text and the capture are of the same messages, without the answers to challenges."""
        page = await self.page(f"calls/call?id={call_id}")
        arrows = page.xpath("//*[@data-arrow]")
        self.assertEqual(len(arrows), len(trace.messages))
        names = page.xpath("//*[local-name()='text'][@class='name']/text()")
        self.assertEqual([names[0], names[1], *sorted(names[2:])],
                         ["First1201 Last", "magroup", "First1047 Last", "First1175 Last"])  # fmt: skip
        page = await self.page(f"calls/call?id={call_id}&message={trace.messages[3].number}")
        self.assertIn("Proxy-Authorization: ***", page.xpath("//section[@id='message']/pre")[0].text_content())
        text = (await self.curl(f"{HOME}calls/text?id={call_id}")).decode()
        self.assertNotIn("Digest username", text)
        self.assertEqual(text.count(" UTC  UDP "), len(trace.messages))
        found = packets(await self.curl(f"{HOME}calls/pcap?id={call_id}"))
        self.assertEqual([one.data for one in found], [one.data for one in trace.messages])
        ends = {(one.source, one.target) for one in trace.messages}
        self.assertEqual({(one.source, one.target) for one in found}, ends)

    async def told(self, call_id: str) -> None:
        """The journal has it, the audit trail who looked, the metrics how much is kept."""
        page = await self.page("calls/journal?number=1201")
        (row,) = page.xpath("//tbody/tr")
        self.assertIn("answered by S1047", row.text_content())
        metrics = (await self.curl("/metrics")).decode()
        self.assertIn("magroup_sip_trace_messages ", metrics)

        async def entries() -> list[tuple[str, str, Any]]:
            found = json.loads(await self.curl("/api/v1/audit?what=sip%20trace"))["items"]
            return [(one["who"], one["key"], one["new"]) for one in found]

        async def is_told() -> bool:
            return len(await entries()) == 3

        await until(is_told, what="three entries of the audit trail")
        looks: list[Any] = [{"saved": "pcap"}, {"saved": "txt"}, None]
        self.assertEqual(await entries(), [(f"u{MANAGER}", call_id, look) for look in looks])
