"""Encrypted sound with real phones: announcements, voicemail, and calls between two of them."""

from tests.live.case import FIRST, GREETING
from tests.live.pbx import linphone, talking
from tests.live.phones import baresips, together
from tests.live.server import Live
from tests.live.voicemail import BOX, PILOT, PIN, VoicemailCase, office, part_of, speech
from tests.peers import Baresip, audio, until

TONE = 880.0
MANDATORY = "srtp-mand"


class Encrypted(VoicemailCase):
    """Phones that encrypt or do not talk, at a server with announcements and voicemail."""

    async def office(self) -> Live:
        text = f'welcome = "{GREETING}"\nmanager_timeout = 30\nannouncements = ["{FIRST}"]\n'
        return await self.voicemail(office(text))

    async def test_all_day(self) -> None:
        """One hears the greeting of a group, whose manager understands it; both talk; it leaves a message, to which
        the manager listens."""
        server = await self.office()
        (manager,), caller = await together(
            baresips(server, "1047", srtp=MANDATORY, tone=TONE), self.caller(server, srtp=MANDATORY)
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await together(manager.wait("CALL_INCOMING"), caller.hears_file(server.sound_file(GREETING)))
        self.assertEqual(server.left()["streams"], 1)
        await manager.answer()
        # The caller's phone keeps the first key that it got in a call for ever, and does not understand the manager.
        await self.understands(manager)
        await caller.hangup()
        await manager.wait("CALL_CLOSED")

        await talking(server, caller, manager)
        await together(caller.hears(TONE), self.understands(manager))
        await manager.hangup()
        await caller.wait("CALL_CLOSED")

        message = await self.leaves(server, caller, BOX)
        part_of(self, self.path(server, message), self.source, 1.9)
        await manager.dial(server.uri(PILOT))
        await manager.wait("CALL_ESTABLISHED")
        await manager.dtmf(f"{PIN}#")
        await manager.hears_file(self.path(server, message), timeout=30.0)
        await manager.hangup()
        for phone in (caller, manager):
            bodies = [message.body for message in phone.trace() if "m=audio" in message.body]
            self.assertTrue(bodies)
            for body in bodies:
                self.assertRegex(body, r"(?s)m=audio \d+ RTP/SAVP .*a=crypto:1 AES_CM_128_HMAC_SHA1_")

    async def test_on_to_the_manager(self) -> None:
        """A phone that takes the manager's key in place of ours: both ways, and it has understood our reports."""
        server = await self.office()
        caller, (manager,) = await together(
            linphone(server, "1201", srtp=True), baresips(server, "1047", srtp=MANDATORY)
        )  # fmt: skip
        self.source = speech(self)
        call = await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        (stream,) = server.assembly.telephony.media.streams
        await until(lambda: stream.describe()["round_trip"] is not None, 15.0, what="an answer to a report")
        caller.mark()
        await manager.answer()
        await caller.wait("StreamsRunning", call)
        await caller.play(self.source, call)
        await self.understands(manager)
        await caller.hangup(call)
        await manager.wait("CALL_CLOSED")
        await until(lambda: len(caller.streams()) == 2, what="counts of both streams", seen=caller.report)
        (_, from_server), (_, in_all) = caller.streams()
        self.assertGreater(from_server, 50)
        self.assertGreater(in_all, from_server + 40)

    async def understands(self, phone: Baresip) -> None:
        """Wait until the phone has heard a second of what the caller says."""
        said, said_rate = audio.read_wav(self.source)

        def heard() -> bool:
            samples, rate = phone.heard()
            if len(samples) < rate or audio.is_silent(samples[-rate:]):
                return False
            return audio.correlate(said, said_rate, samples[-rate:], rate)[1] > 0.9

        await until(heard, 15.0, what="the caller's words", seen=phone.report)
