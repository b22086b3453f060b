"""Messages left by real phones, and listened to: overflow of a group, forwarded lines, PINs, greetings, restarts."""

from dataclasses import replace

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.messages import MessagesWaiting
from tests.live.pbx import Reports, in_call, request, talking
from tests.live.phones import baresips
from tests.live.server import SECRET
from tests.live.test_message_waiting import register_slowly
from tests.live.voicemail import BOX, PILOT, PIN, VoicemailCase, office, part_of, recording
from tests.peers import Baresip, Sipp, audio, until

BEEP = 1000.0


class Lamp(VoicemailCase):
    async def test_on_and_off(self) -> None:
        """The owner's phone watches its mailbox: a new message, an old one, none (RFC 3842)."""
        server = await self.voicemail(office(pin=""))
        register_slowly(server)
        (owner,) = await baresips(server, "1047", mwi=True)
        await until(lambda: len(server.assembly.telephony.notifier) == 1, 15.0, what="a watch", seen=owner.report)
        caller = await self.caller(server)
        await self.leaves(server, caller, BOX)
        await self.told(owner, "Messages-Waiting: yes", "Voice-Message: 1/0")
        await owner.dial(server.uri(PILOT))
        await self.told(owner, "Messages-Waiting: no", "Voice-Message: 0/1")
        await owner.dtmf("3")
        await self.told(owner, "Messages-Waiting: no", "Voice-Message: 0/0")
        await owner.dtmf("#")
        await owner.wait("CALL_CLOSED", timeout=20.0)

    async def told(self, phone: Baresip, *lines: str) -> None:
        """Wait for a NOTIFY with these lines."""
        event = await phone.wait("MWI_NOTIFY", timeout=40.0)
        while not all(line in event["param"] for line in lines):
            event = await phone.wait("MWI_NOTIFY", timeout=40.0)


class Leaving(VoicemailCase):
    async def test_overflow_of_a_group(self) -> None:
        """Greeting, tone, message, goodbye; then the owner listens and deletes it."""
        server = await self.voicemail(office(f'overflow = "voicemail:{BOX}"\n', people=("1047",)))
        caller = await self.caller(server)
        await caller.dial(server.uri("8973"))
        await caller.hears_file(server.folder / "mailboxes" / BOX / "greeting.wav")
        await caller.hears(BEEP)
        await recording(server.folder)
        await caller.dtmf("*")
        await caller.wait("CALL_CLOSED", timeout=20.0)
        await server.quiet()
        self.assertEqual(
            await server.story(),
            f"manager's line out of service; overflow to voicemail of {BOX}; leaves a message for {BOX}",
        )
        (message,) = self.messages(server)
        self.assertEqual((message.caller_number, message.caller_name), ("1201", "First1201 Last"))
        self.assertEqual((message.group_id, message.heard), (1, False))
        path = self.path(server, message)
        part_of(self, path, self.source, 1.9)
        self.assertAlmostEqual(message.seconds, len(audio.read_wav(path)[0]) / 8000, delta=0.02)
        self.assertEqual(server.assembly.voicemail.mailboxes.waiting("1047"), MessagesWaiting(1, 0))

        (owner,) = await baresips(server, "1047")
        await owner.dial(server.uri(PILOT))
        await owner.wait("CALL_ESTABLISHED")
        await owner.dtmf(f"{PIN}#")
        await owner.hears_file(path, timeout=30.0)
        await self.counts(server, 0, 1)
        await owner.dtmf("3")
        await self.counts(server, 0, 0)
        await until(lambda: not path.exists(), what="the file gone")
        await owner.dtmf("#")
        await owner.wait("CALL_CLOSED", timeout=20.0)

    async def test_wide_band(self) -> None:
        """A message in G.722 keeps what telephones of old had not."""
        server = await self.voicemail(office(people=("1047",)))
        caller = await self.caller(server, codecs=("G722",))
        message = await self.leaves(server, caller, BOX)
        _, rate = audio.read_wav(self.path(server, message))
        self.assertEqual(rate, 16000)
        part_of(self, self.path(server, message), self.source, 1.0)

    async def test_forwarded_line(self) -> None:
        """Nobody's group; the standard greeting."""
        server = await self.voicemail(office(), greeting=False)
        server.assembly.application.forwarding.set_line("1047", Forwarding(ForwardTo.VOICEMAIL), "test")
        caller = await self.caller(server)
        message = await self.leaves(server, caller, "1047")
        self.assertEqual((message.caller_number, message.group_id), ("1201", 0))
        part_of(self, self.path(server, message), self.source)

    async def test_manager_forwards_to_voicemail(self) -> None:
        """Our own voicemail takes the call of the group's flow."""
        server = await self.voicemail(office(people=("1047", "1175")))
        (manager, member) = server.assembly.current.value.members
        server.assembly.application.forwarding.set_application(member.id if member.is_manager else manager.id,
                                                               Forwarding(ForwardTo.VOICEMAIL), "test")  # fmt: skip
        caller = await self.caller(server)
        message = await self.leaves(server, caller, "8973")
        self.assertEqual(message.group_id, 1)
        await server.quiet()
        self.assertEqual(
            await server.story(),
            f"manager forwards to voicemail; answered by voicemail of S1047; leaves a message for {BOX}",
        )

    async def test_transferred_to_a_mailbox(self) -> None:
        """Somebody who talked already: the recording begins with the new media."""
        server = await self.voicemail(office(others=("1201", "1202")))
        caller = await self.caller(server)
        (colleague,) = await baresips(server, "1202")
        await talking(server, caller, colleague)
        await colleague.transfer(server.uri(BOX))
        await recording(server.folder)
        await caller.dtmf("*")
        await caller.wait("CALL_CLOSED", timeout=20.0)
        await self.counts(server, 1, 0)
        (message,) = self.messages(server)
        self.assertEqual(message.caller_number, "1201")
        part_of(self, self.path(server, message), self.source, 1.9)

    async def test_digits_by_info(self) -> None:
        """A phone that knows no RTP events."""
        server = await self.voicemail(office(pin=""))
        step = request("INFO", 11, {"Content-Type": "application/dtmf-relay"}, "Signal=#\nDuration=160\n")
        reports = Reports(server)
        owner = Sipp(self, in_call(self, step), server.sip, service=PILOT, caller="1047", password=SECRET, calls=1)
        await owner.start()
        await until(lambda: "DigitsGenerated" in reports.of("1047"), 15.0, what="the digit")
        await server.quiet(15.0)

    async def test_hanging_up(self) -> None:
        """In the greeting: nothing is left. Afterwards: what was said."""
        server = await self.voicemail(office())
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        await caller.wait("CALL_ESTABLISHED")
        await caller.hangup()
        await server.quiet()
        self.assertEqual(self.messages(server), ())
        await caller.dial(server.uri(BOX))
        await recording(server.folder, seconds=1.5)
        await caller.hangup()
        await self.counts(server, 1, 0)
        part_of(self, self.path(server, self.messages(server)[0]), self.source, 1.4)

    async def test_silence_ends_it(self) -> None:
        """The caller holds the line and says nothing more: the pause is not kept."""
        server = await self.voicemail(office(), silence=2)
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        await recording(server.folder)
        await caller.hold()
        await caller.wait("CALL_CLOSED", timeout=20.0)
        await self.counts(server, 1, 0)
        (message,) = self.messages(server)
        part_of(self, self.path(server, message), self.source, 1.9)

    async def test_longest_and_full(self) -> None:
        """The longest message ends by itself; a second one finds the box full."""
        server = await self.voicemail(office(), longest_message=5, messages_per_box=1)
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        await caller.wait("CALL_CLOSED", timeout=25.0)
        (message,) = self.messages(server)
        # Sound that comes late on a busy machine is not in it.
        self.assertAlmostEqual(message.seconds, 5.0, delta=0.5)
        await caller.dial(server.uri(BOX))
        await caller.wait("CALL_ESTABLISHED")
        await caller.wait("CALL_CLOSED", timeout=20.0)
        self.assertEqual(self.messages(server), (message,))


class Listening(VoicemailCase):
    async def test_wrong_pin(self) -> None:
        """Three times, then the call ends, and the box is shut for a while."""
        server = await self.voicemail(office())
        (owner,) = await baresips(server, "1047")
        await owner.dial(server.uri(PILOT))
        await owner.wait("CALL_ESTABLISHED")
        wrong = server.assembly.voicemail._service.wrong_pins
        for count in (1, 2, 3):
            await owner.dtmf("0000#")
            await until(lambda count=count: count in wrong._wrong.values(), 15.0, what=f"{count} wrong")
        await owner.wait("CALL_CLOSED", timeout=20.0)
        await owner.dial(server.uri(PILOT))
        await owner.wait("CALL_ESTABLISHED")
        await owner.wait("CALL_CLOSED", timeout=20.0)
        self.assertEqual([words for words in await server.trails() if "listens" in words], [])

    async def test_from_another_phone(self) -> None:
        """The number of the mailbox, then its PIN."""
        server = await self.voicemail(office())
        (other,) = await baresips(server, "1201")
        await other.dial(server.uri(PILOT))
        await other.wait("CALL_ESTABLISHED")
        await other.dtmf(f"{BOX}#")
        await until(lambda: "PIN" in str(server.assembly.voicemail.describe()), 15.0, what="the PIN asked")
        await other.dtmf(f"{PIN}#")
        await until(lambda: "Menu" in str(server.assembly.voicemail.describe()), 15.0, what="the menu",
                    seen=lambda: str(server.assembly.voicemail.describe()))  # fmt: skip
        await other.dtmf("#")
        await other.wait("CALL_CLOSED", timeout=20.0)
        self.assertIn(f"listens to the messages for {BOX}", await server.trails())

    async def test_own_greeting(self) -> None:
        """Recorded by phone, heard by the next caller."""
        server = await self.voicemail(office(pin=""), greeting=False)
        owner = await self.caller(server, "1047")
        said = self.source
        await owner.dial(server.uri(PILOT))
        await owner.wait("CALL_ESTABLISHED")
        await owner.dtmf("9")
        await recording(server.folder, seconds=2.0)
        await owner.dtmf("*")
        mailboxes = server.assembly.voicemail.mailboxes
        greeting = await until(lambda: mailboxes.greeting(BOX), 15.0, what="the greeting")
        await owner.dtmf("#")
        await owner.wait("CALL_CLOSED", timeout=20.0)
        part_of(self, greeting, said, 1.5)
        caller = await self.caller(server)
        await caller.dial(server.uri(BOX))
        await caller.hears_file(greeting)
        await caller.hangup()

    async def test_restart(self) -> None:
        """Messages, what has been heard of them, and PINs are still there."""
        server = await self.voicemail(office())
        caller = await self.caller(server)
        first = await self.leaves(server, caller, BOX)
        server.assembly.voicemail.mailboxes.heard(BOX, first.id)
        second = await self.leaves(server, caller, BOX)
        await server.stop()
        await server.start(take_company=False)
        self.assertEqual([(m.id, m.heard) for m in self.messages(server)], [(first.id, True), (second.id, False)])
        self.assertIsNotNone(server.assembly.voicemail.mailboxes.greeting(BOX))
        self.assertTrue(server.assembly.current.value.users[0].voicemail_pin_hash)

    async def test_another_pilot(self) -> None:
        """Set while the server runs, and taken away again."""
        server = await self.voicemail(office())
        switch = server.assembly.telephony.switch
        for pilot, points in (("8900", {"8900", BOX}), ("", set()), (PILOT, {PILOT, BOX})):
            voicemail = replace(server.settings.voicemail, pilot=pilot)
            await server.read_again(replace(server.settings, voicemail=voicemail))
            self.assertEqual({number for number in (PILOT, "8900", BOX) if switch.is_route_point(number)}, points)
            self.assertEqual(server.assembly.application.settings.voicemail, pilot)
