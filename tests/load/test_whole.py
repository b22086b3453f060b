"""The whole tool against a real magroup on loopback, over UDP, TCP and TLS; and against nobody."""

import os
import signal
from pathlib import Path

from lxml import etree
from twisted.trial.unittest import TestCase

from magroup.load.company import company
from magroup.load.reading import read
from tests.live.twistd import Twistd
from tests.load.kit import LoadTool
from tests.peers import Authority, Kamailio, address, until
from tests.peers.process import runs

OFFICE = """
name = "A <short> day"

[run]
seconds = 4
workers = 2

[network]
rtp_ports = "50000-50399"

[[phones]]
numbers = "2000-2001"
secret = "load{number}"
answer = { answer = 1, busy = 1 }
after = 0.3

[[phones]]
numbers = "2002-2005"
secret = "load{number}"
after = [0.2, 0.4]
calls = 4
hold = { after = 0.3, seconds = 0.3 }

[[phones]]
numbers = "2010-2019"
secret = "load{number}"
after = 0.2
calls = 9

[[callers]]
numbers = "3000-3009"
secret = "load{number}"
dial = "9000"
rate = 2
arrival = "even"
talk = 1.5

[[callers]]
numbers = "3010-3019"
secret = "load{number}"
dial = "2010-2019"
order = "random"
concurrent = 2
talk = [1.4, 1.6]
transfer = { to = "2010-2019", after = 0.3 }

[[phones]]
numbers = "2030-2031"
secret = "load{number}"
after = 0.2
calls = 9
digits = { hear = "{other}#" }

[[callers]]
numbers = "3030-3039"
secret = "load{number}"
dial = "2030-2031"
rate = 1
arrival = "even"
talk = 2.5
digits = { send = "{number}#", after = 0.2 }

[[callers]]
numbers = "3040-3049"
secret = "load{number}"
dial = "82030"
rate = 0.5
arrival = "even"
talk = 40
digits = { send = "*,,#,,#,,,#,,,#", after = 0.3, by = "info" }
expect = ["ended"]

[[callers]]
numbers = "3050-3051"
secret = "load{number}"
dial = "*97"
rate = 0.5
arrival = "even"
talk = 40
digits = { send = "{number}#,,,,#", after = 0.7 }
expect = ["ended"]

[[mailboxes]]
lines = ["2030", "3050-3051"]
number = "8{number}"
pin = "{number}"

[[callers]]
numbers = "3060-3069"
secret = "load{number}"
dial = "2010-2019"
rate = 1
arrival = "even"
talk = 6
transfer = { to = "2010-2019", after = 0.3, attended = 1, consult = 0.3 }

[[callers]]
numbers = "3020-3029"
secret = "load{number}"
dial = "2019"
rate = 1
arrival = "even"
patience = 0
expect = ["gave up"]

[[presence]]
users = "u2010-u2019"
rate = 5

[[gadgets]]
users = ["u2002", "u2003"]
password = "load {number}"

[[cisco_phones]]
devices = "SEP000000000001"
path = "/Applications/inbound/MAGroup/src/PhoneMenu.asp?device=#DEVICENAME#"
every = 1

[[rest]]
path = "/Applications/inbound/MAGroup/rest/groups/getGroups"
rate = 3
contains = "<Callisto>"

[[groups]]
number = "9000"
members = "2000-2005"
options = { announcements = ["Music.wav"], manager_timeout = 5, assistant_timeout = 5 }

[most]
calls_failed = 0
calls_not_made = 0
registrations_failed = 0
holds_failed = 0
transfers_failed = 0
digits_failed = 0
digits_wrong = 0
presence_failed = 0
gadgets_failed = 0
pages_failed = 0
rest_failed = 0

[least]
calls_answered = 8
holds = 2
transfers = 1
consultations = 1
digits_right = 1
presence_changes = 1
gadgets_opened = 2
pages = 1
rest_requests = 1
ring_delay.count = 1
server_cpu = 0
"""

PLAIN = """
[run]
seconds = 2
workers = 1
[network]
rtp_ports = "50400-50599"
[[phones]]
numbers = "2000-2004"
secret = "load{number}"
after = 0.1
calls = 9
[[callers]]
numbers = "3000-3004"
secret = "load{number}"
dial = "2000-2004"
concurrent = 2
talk = 1.2
"""
DEAD = PLAIN.replace("[network]", '[network]\naddresses = ["127.0.0.1"]') + "[server]\nanswers_within = 0.5\n"


class Whole(TestCase):
    """Each run leaves no registration behind."""

    timeout = 240

    async def server(self, scenario: str, *listen: str) -> Twistd:
        server = Twistd(self, company(read(scenario)), listen=listen, MAGROUP_VOICEMAIL_PILOT="*97")
        server.launch()
        await server.says("is ready", 60.0)
        return server

    async def nothing_left(self, server: Twistd) -> None:
        await server.terminate()
        self.assertEqual(server.registrations(), [])
        self.assertNotIn("Traceback", server.output)

    async def test_office(self) -> None:
        """All there is, at once, in two workers."""
        server = await self.server(OFFICE.replace("[run]", '[server]\nweb = "http://127.0.0.1"\n[run]'))
        tool = LoadTool(self, OFFICE, "--against", f"sip:{server.sip}", "--web", server.url, "--pid", str(server.pid))
        self.assertEqual(await tool.run(), 0, tool.output)
        report, counts = tool.report, tool.report["counts"]
        self.assertEqual((report["name"], report["workers"], report["problem"]), ("A <short> day", 2, ""))
        self.assertEqual(counts["calls_offered"], counts["calls_served"], tool.output)
        self.assertEqual(counts["registrations"], 18, tool.output)
        self.assertTrue(all(limit["kept"] for limit in report["limits"]))
        for name in ("rtp_jitter", "answer_to_audio", "phone_audio", "hold_time", "transfer_time", "gadget_login"):
            self.assertGreater(report["values"][name]["count"], 0, name)
        self.assertGreater(len(report["points"]), 2)
        self.assertGreater(report["server_usage"]["server_memory"], 10)
        page = etree.fromstring(tool.page.encode(), etree.HTMLParser())
        self.assertEqual(page.findtext(".//h1"), f"A <short> day: udp:{server.sip}")
        self.assertGreaterEqual(len(page.findall(".//svg")), 4)
        self.assertEqual(page.xpath("//script|//*[@src]|//link"), [])
        self.assertTrue(list(server.data.glob("mailboxes/82030/*.wav")), "messages that callers have left")
        await self.nothing_left(server)

    async def test_streams(self) -> None:
        """TCP, then TLS with a certificate that is checked; a limit that is missed is exit code 1."""
        at = address(self)
        authority = Authority(Path(self.mktemp()).absolute())
        file = authority.certificate(str(at))
        server = await self.server(PLAIN, f"tcp:{at}:5060", f"tls:{at}:5061:cert={file}:key={file}")
        missed = f"{PLAIN}[most]\nanswer_delay.p50 = 50\n"
        tool = LoadTool(self, missed, "--against", f"sip:{at}:5060;transport=tcp")
        self.assertEqual(await tool.run(), 1, tool.output)
        self.assertIn("MISSED  answer_delay.p50 at most 50: ", tool.output)
        self.assertEqual(tool.report["counts"].get("calls_failed", 0), 0, tool.output)
        self.assertGreater(tool.report["counts"]["rtp_packets"], 100, tool.output)
        trusting = f'{PLAIN}[server]\ntls_authorities = "{authority.path}"\n[least]\ncalls_served = 2\n'
        tool = LoadTool(self, trusting, "--against", f"sips:{at}:5061")
        self.assertEqual(await tool.run(), 0, tool.output)
        self.assertEqual(tool.report["counts"].get("calls_failed", 0), 0, tool.output)
        self.assertGreater(tool.report["counts"]["rtp_packets"], 100, tool.output)
        tool = LoadTool(self, PLAIN, "--against", f"sips:{at}:5061")
        self.assertEqual(await tool.run(), 2, tool.output)
        self.assertIn("certificate verify failed", tool.output)
        await self.nothing_left(server)

    async def test_interrupted(self) -> None:
        """Wrong passwords are told. Ctrl-C: calls are hung up, phones unregister, and there is a report."""
        server = await self.server(PLAIN)
        tool = LoadTool(self, PLAIN.replace("load{number}", "other"), "--against", f"sip:{server.sip}")
        self.assertEqual(await tool.run(), 2, tool.output)
        self.assertIn("none of 5 phones could register: 401 User name or password refused", tool.output)
        tool = await self.talking(server)
        tool.process.send_signal(signal.SIGINT)
        self.assertEqual(await tool.ended(), 0, tool.output)
        self.assertIn("cut short", tool.output)
        self.assertTrue(tool.report["cut_short"])
        self.assertGreaterEqual(tool.report["counts"]["calls_served"], 2)
        await self.nothing_left(server)

    async def talking(self, server: Twistd, *arguments: str) -> LoadTool:
        """A load that goes on for long, with two calls."""
        scenario = PLAIN.replace("seconds = 2", "seconds = 600").replace("talk = 1.2", "talk = 500")
        tool = LoadTool(self, scenario, "--against", f"sip:{server.sip}", *arguments)
        tool.process.start()
        await until(
            lambda: " up 2" in tool.output or tool.process.ended, 60.0, what="two calls", seen=lambda: tool.output
        )  # fmt: skip
        return tool

    async def test_deaths(self) -> None:
        """When a worker dies the others end well, and there is a report that says so; workers whose load tool is gone
        hang up, unregister and end."""
        server = await self.server(PLAIN)
        tool = await self.talking(server, "--workers", "2")
        first, *_ = tool.workers()
        os.kill(first, signal.SIGKILL)
        self.assertEqual(await tool.ended(), 2, tool.output)
        self.assertIn("ended before its time", tool.report["problem"])
        before = server.output.count(" unregistered ")
        tool = await self.talking(server)
        workers = tool.workers()
        self.assertTrue(workers and all(map(runs, workers)))
        os.kill(tool.pid, signal.SIGKILL)
        await until(lambda: not any(map(runs, workers)), 60.0, what="no workers")
        await until(lambda: server.output.count(" unregistered ") - before >= 5, 20.0, what="unregistered",
                    seen=lambda: server.output)  # fmt: skip
        await server.terminate()
        left = {contact.rpartition(":")[2] for _, contact in server.registrations()}
        self.assertEqual(len(left), 1, "those of the worker that was killed, which had one socket")

    async def test_other_server(self) -> None:
        """Plain calls through a stateful proxy that is not ours."""
        kamailio = await Kamailio(self, {}).start()
        tool = LoadTool(self, PLAIN + "[least]\ncalls_served = 2\n", "--against", f"sip:{kamailio.sip}")
        self.assertEqual(await tool.run(), 0, tool.output)
        self.assertEqual(tool.report["counts"].get("calls_failed", 0), 0, tool.output)
        self.assertEqual(tool.report["counts"]["phone_answers"], tool.report["counts"]["calls_offered"])

    async def test_nobody_there(self) -> None:
        """A server that is dead is told plainly: one that is silent, and one that refuses connections."""
        at = str(address(self))
        tool = LoadTool(self, DEAD, "--against", f"sip:{at}")
        self.assertEqual(await tool.run(), 2, tool.output)
        self.assertIn(f"magroup: scenario.toml: no SIP server answers at udp:{at}:5060: no answer", tool.output)
        self.assertEqual(tool.report["exit_code"], 2)
        self.assertIn("Not done", tool.page)
        tool = LoadTool(self, DEAD, "--against", f"sip:{at};transport=tcp")
        self.assertEqual(await tool.run(), 2, tool.output)
        self.assertIn("Connection was refused", tool.output)
