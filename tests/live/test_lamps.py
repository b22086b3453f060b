"""Busy lamps on real phones: who watches a line or a manager number sees it ring, talk, and be free (RFC 4235)."""

from pathlib import Path

from lxml import etree

from tests.live.case import LiveCase
from tests.live.pbx import PbxCase, talking
from tests.live.phones import Caller, baresips, together
from tests.live.requests import request
from tests.live.server import Live, company
from tests.live.serving import Serving
from tests.live.watcher import Watcher
from tests.peers import RawUdp, Sipp, address, until
from tests.peers.sip_trace import SipText

SCHEMA = Path(__file__).parents[1] / "peers" / "dialog-info.xsd"
DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"


def states(notifies: list[bytes]) -> list[str]:
    """The dialogs in documents, which must be valid: ``recipient early``."""
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    found = []
    for version, body in enumerate(notifies):
        root = etree.fromstring(body)
        schema.assertValid(root)
        assert root.get("version") == str(version), body
        found.append(", ".join(
            f"{dialog.get('direction')} {dialog.findtext(f'{DIALOG}state')}" for dialog in root.iter(f"{DIALOG}dialog")
        ))  # fmt: skip
    return found


def bodies(messages: list[SipText]) -> list[bytes]:
    return [message.text.replace("\r\n", "\n").partition("\n\n")[2].strip().encode() for message in messages]


class OfLines(PbxCase):
    """SIPp watches a line on which a baresip is called by another."""

    async def test_life_of_a_call(self) -> None:
        await self.watched("udp")

    async def test_over_tcp(self) -> None:
        await self.watched("tcp")

    async def watched(self, transport: str) -> None:
        server = await self.plain()
        caller, called = await baresips(server, "1201", "1202")
        watcher = await Sipp(
            self, "subscribe", server.sip, caller="1047", service="1202", transport=transport, timeout=60
        ).start()  # fmt: skip
        await watcher.message("NOTIFY")
        await caller.dial(server.uri("1202"))
        await called.wait("CALL_INCOMING")
        await watcher.message("NOTIFY", count=2)
        await called.answer()
        await together(caller.wait("CALL_ESTABLISHED"), called.wait("CALL_ESTABLISHED"))
        await watcher.message("NOTIFY", count=3)
        await caller.hangup()
        result = await watcher.finished()
        notifies = [m for m in result.messages if not m.sent and m.first_line.startswith("NOTIFY ")]
        self.assertEqual(states(bodies(list(notifies))), [
            "", "recipient early", "recipient confirmed", "recipient terminated", ""
        ])  # fmt: skip
        self.assertIn("active;expires=", notifies[3].header("Subscription-State"))
        self.assertEqual(notifies[4].header("Subscription-State"), "terminated;reason=timeout")
        self.assertEqual(notifies[0].header("Content-Type"), "application/dialog-info+xml")

    async def test_caller_is_seen_by_those_in_the_group(self) -> None:
        """A member sees who calls a member; somebody outside of the group sees that it rings."""
        server = await self.plain()
        caller, called = await baresips(server, "1201", "1175")
        member, stranger = Watcher(server, "1068"), Watcher(server, "1203")
        await together(member.subscribe("dialog", "1175"), stranger.subscribe("dialog", "1175"))
        await talking(server, caller, called)
        await together(member.hears(b"confirmed"), stranger.hears(b"confirmed"))
        self.assertIn(b"sip:1201@", member.told[-1].body)
        self.assertIn(b"First1201 Last", member.told[-1].body)
        self.assertNotIn(b"1201", stranger.told[-1].body)
        await caller.hangup()
        await together(member.hears(b"terminated"), stranger.hears(b"terminated"))
        await together(member.subscribe("dialog", "1175", 0), stranger.subscribe("dialog", "1175", 0))


class OfManagerNumbers(LiveCase):
    async def test_greeting_to_end(self) -> None:
        """The lamp of the manager number is on from the greeting to the end of the call."""
        server = await self.serve(company('manager_timeout = 30\nwelcome = "Hello.wav"\n'))
        (manager,) = await baresips(server, "1047")
        watcher = Watcher(server, "1175")
        await watcher.subscribe("dialog", "8973")
        caller = await Caller(server).call()
        await watcher.hears(b"<state>early</state>")
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await watcher.hears(b"<state>confirmed</state>")
        await manager.hangup()
        await watcher.hears(b"<state>terminated</state>")
        await caller.finished()
        await watcher.subscribe("dialog", "8973", 0)
        await server.quiet()
        self.assertEqual(states([one.body for one in watcher.told])[-1], "")

    async def test_vip_of_the_manager_only(self) -> None:
        """Others see that the manager's line rings, and not for whom."""
        options = 'manager_timeout = 30\nshow_vip_calls = "manager"\n'
        server = await self.serve(company(options, people=("1047", "1175"), vips=("1201",)))
        (manager,) = await baresips(server, "1047")
        assistant, boss = Watcher(server, "1175"), Watcher(server, "1047")
        await together(assistant.subscribe("dialog", "1047"), boss.subscribe("dialog", "8973"))
        caller = await Caller(server, "uac_cancel", stay=1.5).call()
        await manager.wait("CALL_INCOMING")
        await together(assistant.hears(b"early"), boss.hears(b"early"))
        self.assertNotIn(b"1201", assistant.told[-1].body)
        self.assertIn(b"sip:1201@", boss.told[-1].body)
        await caller.finished()
        await together(assistant.hears(b"terminated"), boss.hears(b"terminated"))
        await together(assistant.subscribe("dialog", "1047", 0), boss.subscribe("dialog", "8973", 0))
        await server.quiet()


class Restart(LiveCase):
    async def test_restart(self) -> None:
        """Who watches is told that the server goes away for a moment, and watches again afterwards."""
        server = await self.serve(company())
        watcher = Watcher(server, "1175")
        await watcher.subscribe("dialog", "1047")
        await watcher.hears(b"dialog-info")
        await server.stop()
        await watcher.hears(b"terminated;reason=probation;retry-after=5")
        await server.start(take_company=False)
        self.assertEqual((await watcher.subscribe("dialog", "1047")).status, 481)
        self.assertEqual((await watcher.subscribe("dialog", "1047")).status, 200)
        await watcher.hears(b"active;expires=")
        await watcher.subscribe("dialog", "1047", 0)
        await server.quiet()


class Floods(Serving):
    async def test_subscribes_over_and_over(self) -> None:
        """A phone that has gone mad costs others nothing: it is refused, and a call goes through meanwhile."""
        server = await Live(self, company(), sip={"options_ping_interval": 0}).start()
        watcher = Watcher(server, "1175")
        await watcher.subscribe("message-summary", "1175")
        peer = RawUdp(self, address(self).ip).open()
        sent_by = f"{peer.ip}:{peer.port}"
        extra = "Event: message-summary\r\nExpires: 600\r\n"
        for portion in range(1, 21):
            for _ in range(50):
                data = request("SUBSCRIBE", server.uri("1175"), sent_by, caller=f"<sip:1175@{sent_by}>", extra=extra)
                peer.send(data, (str(server.address), 5060))
            await self.answered(peer, 50 * portion)
        challenged = sum(b" 401 " in one.data for one in peer.received)
        refused = [one for one in peer.received if b" 503 " in one.data]
        self.assertEqual((challenged, len(refused)), (550, 450))
        self.assertIn(b"Retry-After: 10", refused[0].data)
        self.assertLess(server.transactions(), 700)
        self.assertEqual(len(server.assembly.telephony.notifier), 1)
        await watcher.subscribe("message-summary", "1175", 0)
        await self.serves(server)

    async def answered(self, peer: RawUdp, number: int) -> None:
        await until(lambda: len(peer.received) >= number, what=f"{number} answers", seen=peer.report)
