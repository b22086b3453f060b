"""Messages and the disk: full in the middle of one, killed in the middle of one; mailboxes behind trunks."""

import os
import re
from time import time

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup.cluster.memory import Hub, MemoryBus
from magroup.mailroom import STILL_FOR
from magroup.model.settings import Settings, VoicemailSettings
from magroup.rtp.wav import header
from tests.live.case import LiveCase
from tests.live.nodes import nodes
from tests.live.pbx import changed, trunk
from tests.live.phones import Caller
from tests.live.server import SECRET, Live, company
from tests.live.test_takeover_stream import die
from tests.live.twistd import Twistd
from tests.live.voicemail import BOX, PILOT, VoicemailCase, office, own_greeting, part_of, recording, speech
from tests.peers import Baresip, Sipp, address, until


class Storage(TestCase):
    """A real process."""

    timeout = 90

    async def server(self) -> Twistd:
        server = Twistd(self, office(), MAGROUP_VOICEMAIL_PILOT=PILOT)
        own_greeting(server.data)
        return await server.start()

    async def caller(self, server: Twistd) -> Baresip:
        self.source = speech(self)
        phone = Baresip(self, "1201", registrar=server.sip, secret=SECRET, source=self.source)
        await phone.start()
        await phone.registered()
        return phone

    def files(self, server: Twistd) -> list[str]:
        return sorted(path.name for path in (server.data / "mailboxes" / BOX).iterdir())

    async def test_full_disk(self) -> None:
        """The caller is told, one line is in the log, nothing half is left; the next message is kept again."""
        server = await self.server()
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        await recording(server.data)
        server.full_disk(True)
        await server.says("A message cannot be recorded")
        await caller.wait("CALL_CLOSED", timeout=20.0)
        self.assertEqual(self.files(server), ["greeting.wav"])
        server.full_disk(False)
        await caller.dial(server.uri(BOX))
        await recording(server.data)
        await caller.dtmf("*")
        await server.says(f"s is in mailbox {BOX}")
        await caller.hangup()
        self.assertEqual(len([line for line in server.lines if "cannot be recorded" in line]), 1, server.output)
        self.assertNotIn("Traceback", server.output)
        self.assertEqual(await server.terminate(), -15)

    async def test_killed(self) -> None:
        """kill -9 while somebody speaks: what was said is a message, and can be played."""
        server = await self.server()
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        part = await recording(server.data)
        await server.kill()
        await server.start(take_company=False)
        await server.says("was cut off by the end of the last run, it is kept")
        message = part.with_suffix("")
        self.assertEqual(self.files(server), sorted([message.name, "greeting.wav"]))
        part_of(self, message, self.source, 1.9)
        self.assertEqual(await server.terminate(), -15)

    async def test_ended(self) -> None:
        """SIGTERM while somebody speaks: the same, in order."""
        server = await self.server()
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        part = await recording(server.data)
        self.assertEqual(await server.terminate(), -15)
        self.assertNotIn("Traceback", server.output)
        part_of(self, part.with_suffix(""), self.source, 1.9)
        await server.start(take_company=False)
        self.assertNotIn("was cut off", server.output)
        self.assertNotIn("no file any more", server.output)


class CutOff(VoicemailCase):
    async def test_at_another_server(self) -> None:
        """With others at the same mailboxes: what one that was killed has left is a message a while after a start."""
        given = Settings(voicemail=VoicemailSettings(pilot=PILOT))
        server = Live(self, office(), settings=given, bus=MemoryBus(Hub(reactor), "a", "firsta", "a"))  # type: ignore[arg-type]
        self.speak(server)
        folder = server.folder / "mailboxes" / BOX
        folder.mkdir(parents=True)
        data = header(8000, "") + b"\1\1" * 16000
        (folder / "written.wav.part").write_bytes(data)
        await server.start()
        self.assertEqual(self.messages(server), ())
        part = folder / "left.wav.part"
        part.write_bytes(data)
        os.utime(part, (time() - 2 * STILL_FOR, time() - 2 * STILL_FOR))
        (again,) = (one for one in reactor.getDelayedCalls() if one.func == server.assembly.mailroom._look_again)  # type: ignore[attr-defined]
        again.reset(0.0)
        await self.counts(server, 1, 0)
        self.assertEqual([message.id for message in self.messages(server)], ["left"])
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["left.wav", "written.wav.part"])


class TakenOver(VoicemailCase):
    async def test_by_another_node(self) -> None:
        """Who was leaving a message hears the greeting again, and what is said then is a message."""
        given = Settings(voicemail=VoicemailSettings(pilot=PILOT))
        hub, (a, b) = await nodes(self, office(), "a", "b", given=given)
        caller = await self.caller(a)
        await caller.dial(a.uri(BOX))
        await recording(a.folder)
        await until(lambda: any(hub.kept.get("a.firsta", {}).values()), what="the call is kept")
        await die(a, hub)
        part = await recording(b.folder)
        await caller.hangup()
        await self.counts(b, 1, 0)
        part_of(self, part.with_suffix(""), self.source, 1.9)
        taken = f"taken over by node {b.bus.node}"
        self.assertEqual(await b.stories(), [f"leaves a message for {BOX}; {taken}; leaves a message for {BOX}"])
        await b.quiet()


class Trunks(VoicemailCase):
    async def test_diverted_by_a_pbx(self) -> None:
        """The call comes to the pilot, and its headers say for whom."""
        pbx = str(address(self))
        server = await self.voicemail(office(more=trunk(pbx)))
        old = "      User-Agent: SIPp\n      Allow:"
        for headers in (f"Diversion: <sip:{BOX}@{pbx}>;reason=no-answer", f"History-Info: <sip:1047@{pbx}>;index=1"):
            script = changed(self, "uac_wait_bye", old, f"      {headers}\n{old}")
            caller = await Caller(server, str(script), service=PILOT, caller="0315551234", ip=pbx).call()
            described = server.assembly.voicemail.describe
            await until(lambda described=described: "Leaving" in str(described()), 15.0, what="the greeting")
            await caller.sink.receive(10)
            server.assembly.telephony.switch.end_calls()
            await caller.finished()
            await server.quiet()


class Outside(LiveCase):
    async def test_voicemail_of_a_pbx(self) -> None:
        """Without a pilot the mailbox's number is called; both headers say where the call comes from."""
        pbx = str(address(self))
        more = trunk(pbx, "default = true")
        server = await self.serve(company('overflow = "voicemail:80047"\n', people=("1047",), more=more))
        voicemail = await Sipp(self, "uas", ip=pbx, calls=1).start()
        await (await Caller(server, "uac", stay=0.5).call()).finished()
        await voicemail.finished()
        invite = await voicemail.message("INVITE")
        self.assertIn("sip:80047@", invite.first_line)
        self.assertRegex(invite.header("Diversion"), r"^<sip:8973@[0-9.]+>;reason=\w+$")
        history = re.findall(r"sip:(\d+)@[^>]+>;index=([0-9.]+)", invite.text)
        self.assertEqual(history, [("8973", "1"), ("80047", "1.1")])
        await self.over(server, "manager's line out of service; overflow to voicemail of 80047")
