"""The server ends and starts again, in good order: phones, groups, presence and journal are as they were."""

from magroup.model.presence import Presence
from tests.live.case import GREETING, LiveCase
from tests.live.log_watch import LogWatch
from tests.live.pbx import hear_each_other, talking
from tests.live.phones import baresips, together
from tests.live.server import Live, company
from tests.live.stream_phone import StreamPhone
from tests.peers import Baresip, until

GROUP = f'welcome = "{GREETING}"\nmanager_timeout = 30\nassistant_timeout = 30\n'


class Restart(LiveCase):
    """In the same folder, without the company file."""

    async def again(self, server: Live) -> None:
        await server.stop()
        await server.start(take_company=False)

    async def test_everything_is_kept(self) -> None:
        """Phones on UDP and TCP can be called at once; the manager who was away still is; the call before is told."""
        log = LogWatch(self)
        server = await self.serve(company(GROUP, people=("1047", "1175")))
        (caller, manager), (assistant,) = await together(
            baresips(server, "1201", "1047"), baresips(server, "1175", transport="tcp")
        )  # fmt: skip
        await talking(server, caller, manager)
        await caller.hangup()
        await together(caller.idle(), manager.idle())
        server.presence("1047", Presence.AWAY)
        await server.quiet()
        before = await server.records()
        configuration = server.assembly.current.value
        await self.again(server)
        self.assertEqual(server.assembly.current.value, configuration)
        self.assertEqual(await server.records(), before)
        registers = [registrations(phone) for phone in (caller, manager, assistant)]
        await caller.dial(server.uri("8973"))
        await caller.hears_file(server.sound_file(GREETING))
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await assistant.wait("CALL_ESTABLISHED")
        await together(caller.receives(), assistant.hears(440.0))
        await assistant.hangup()
        await caller.idle()
        await talking(server, assistant, manager)
        await hear_each_other(assistant, manager)
        await manager.hangup()
        await assistant.idle()
        self.assertEqual([registrations(phone) for phone in (caller, manager, assistant)], registers)
        await server.quiet()
        after = await server.records()
        self.assertEqual(after[:1], before)
        self.assertEqual((await server.stories())[1:], ["greeting; manager Away; answered by S1175", ""])
        log.check(self, most=25)

    async def test_do_not_disturb(self) -> None:
        """What was set by service holds, until it is set otherwise."""
        server = await self.serve(company())
        alice, bob = await baresips(server, "1201", "1047")
        await server.assembly.telephony.switch.set_do_not_disturb("1047", True)
        await self.again(server)
        for is_on in (True, False):
            switch = server.assembly.telephony.switch
            self.assertIs(await switch.get_do_not_disturb("1047"), is_on)
            await alice.dial(server.uri("1047"))
            if is_on:
                self.assertIn("480", (await alice.wait("CALL_CLOSED"))["param"])
                await switch.set_do_not_disturb("1047", False)
                await self.again(server)
        await bob.wait("CALL_INCOMING")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_a_phone_that_unregistered(self) -> None:
        """It is not called any more."""
        server = await self.serve(company())
        (one, other) = await baresips(server, "1201", "1047")
        await other.stop()
        await self.again(server)
        switch = server.assembly.telephony.switch
        self.assertEqual([switch.in_service(number) for number in ("1201", "1047")], [True, False])
        await one.dial(server.uri("1047"))
        self.assertIn("480", (await one.wait("CALL_CLOSED"))["param"])

    async def test_a_phone_behind_a_firewall(self) -> None:
        """Its connection went with the server: it is reached as soon as it is back, and no call hangs before."""
        server = await self.serve(company())
        (caller,) = await baresips(server, "1201")
        phone = await StreamPhone(server, "1047").connect()
        await self.again(server)
        await phone.connection.wait_closed()
        await caller.dial(server.uri("1047"))
        self.assertRegex((await caller.wait("CALL_CLOSED"))["param"], "480|503")
        await phone.connect()
        await caller.dial(server.uri("1047"))
        await phone.invited()
        await caller.wait("CALL_CLOSED")
        await server.quiet()

    async def test_with_calls(self) -> None:
        """Those that talk and those that listen are hung up, and their records have the reason."""
        server = await self.serve(company(GROUP + "announcements = ['First.wav']\n", others=("1201", "1202")))
        phones = await baresips(server, "1201", "1202", "1047", "1175")
        await talking(server, phones[0], phones[1])
        await phones[2].dial(server.uri("8973"))
        await phones[2].wait("CALL_ESTABLISHED")
        await phones[3].wait("CALL_INCOMING")
        await self.again(server)
        await together(*(phone.idle() for phone in phones))
        records = await server.records()
        self.assertEqual({record.ended_by for record in records}, {"switch"})
        self.assertEqual([record.ended_at > record.started_at for record in records], [True, True])
        self.assertEqual([bool(record.answered_at) for record in records], [True, False])
        self.assertEqual([leg.ended_at > 0 for record in records for leg in record.legs], [True] * 4)
        await talking(server, phones[0], phones[1])
        await phones[0].hangup()
        await until(lambda: not server.left()["calls"], what="no call")
        await server.quiet()


def registrations(phone: Baresip) -> int:
    """How often it has registered."""
    return len([message for message in phone.sent() if message.first_line.startswith("REGISTER ")])
