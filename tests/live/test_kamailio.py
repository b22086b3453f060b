"""Manager numbers reached over a PBX: kamailio sends the calls, and the group's phones are behind it (spec 1.1)."""

from magroup.model.calls import LegOutcome
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.presence import Presence
from tests.live.case import FIRST, GREETING, SHORT_T1, LiveCase
from tests.live.pbx import hear_each_other, trunk
from tests.live.phones import Caller, baresips, together
from tests.live.server import Live, company
from tests.peers import Baresip, Kamailio, address, until

PEOPLE = ("1047", "1175", "1068")
LONG = f'welcome = "{GREETING}"\nannouncements = ["{FIRST}"]\nmanager_timeout = 30\nassistant_timeout = 30\n'
SHORT = f'welcome = "{GREETING}"\nannouncements = ["{FIRST}"]\nmanager_timeout = 1\nassistant_timeout = 1\n'
OUTSIDE = "0315551234"


class BehindThePbx(LiveCase):
    """All phones are the PBX's; the lines of the group are known here as being there."""

    async def pbx(
        self, options: str, *numbers: str, forwards: dict[str, str] | None = None, tells: bool = True
    ) -> tuple[Live, Kamailio, list[Baresip]]:
        """A server, its PBX that sends 89.. to it, and registered phones of the PBX."""
        place = address(self)
        pbx = await Kamailio(self, {"89": f"{place}:5060"}, forwards, tells).start()
        text = company(options, people=PEOPLE, others=(), on_pbx=PEOPLE, more=trunk(pbx.ip, "default = true"))
        server = await self.serve(text, place=place)
        phones = [Baresip(self, number, registrar=pbx.sip, tone=440.0 + 220 * at) for at, number in enumerate(numbers)]
        await together(*(phone.start() for phone in phones))

        async def stop() -> None:
            await together(*(phone.stop() for phone in phones))

        self.addCleanup(stop)
        await together(*(phone.registered() for phone in phones))
        return server, pbx, phones

    async def test_manager_answers(self) -> None:
        """Greeting, announcement, then speech both ways; the caller hangs up."""
        server, pbx, (caller, manager) = await self.pbx(LONG, OUTSIDE, "1047")
        await caller.dial(pbx.uri("8973"))
        ringing = await manager.wait("CALL_INCOMING")
        self.assertIn(f"sip:{OUTSIDE}@", ringing["peeruri"])
        await caller.hears_file(server.sound_file(GREETING))
        await caller.hears_file(server.sound_file(FIRST))
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hears(440.0)
        await hear_each_other(caller, manager)
        await caller.hangup()
        await manager.idle()
        call = await self.over(server, "greeting; answered by S1047")
        self.assertEqual((call.caller_number, call.external, call.ended_by), (OUTSIDE, True, OUTSIDE))
        self.assertEqual([(leg.number, leg.outcome) for leg in call.legs if leg.inbound], [
            ("1047", LegOutcome.ANSWERED)
        ])  # fmt: skip

    async def test_manager_hangs_up(self) -> None:
        """After hold and resume on either side."""
        server, pbx, (caller, manager) = await self.pbx(LONG, OUTSIDE, "1047")
        await caller.dial(pbx.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hears(440.0)
        for phone in (caller, manager):
            await phone.hold()
            await phone.resume()
        await together(caller.receives(10), manager.receives(10))
        await manager.hangup()
        await caller.idle()
        call = await self.over(server, "greeting; answered by S1047")
        self.assertEqual(call.ended_by, "1047")

    async def test_assistant_follows(self) -> None:
        """The manager's phone is cancelled through the PBX; the assistant, also there, has the call."""
        server, pbx, (caller, manager, assistant) = await self.pbx(SHORT, OUTSIDE, "1047", "1175")
        await caller.dial(pbx.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.wait("CALL_CLOSED")
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await assistant.wait("CALL_ESTABLISHED")
        await together(assistant.hears(440.0), caller.receives(10))
        await assistant.hangup()
        await together(caller.idle(), manager.idle())
        call = await self.over(server, "greeting; manager rang; answered by S1175")
        self.assertEqual([leg.outcome for leg in call.legs if leg.inbound], [LegOutcome.MISSED, LegOutcome.ANSWERED])

    async def test_overflow_to_a_number_of_the_pbx(self) -> None:
        """The first is busy, the others have no phone at the PBX: on at once, to a number that we do not know."""
        server, pbx, (caller, manager, target) = await self.pbx(f'{LONG}overflow = "1300"\n', OUTSIDE, "1047", "1300")
        await caller.dial(pbx.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.hangup()
        await target.wait("CALL_INCOMING")
        (invite,) = [message for message in target.received() if message.method == "INVITE" and not message.status]
        self.assertIn("sip:8973@", invite.header("Diversion"))
        await target.answer()
        await together(target.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await together(target.hears(440.0), caller.receives(10))
        await target.hangup()
        await caller.idle()
        await self.over(
            server, "greeting; S1047 busy; S1175 not reached; S1068 not reached; overflow to 1300"
        )  # fmt: skip

    async def test_parallel(self) -> None:
        """Both ring behind the PBX, one answers, the other one is silent again."""
        server, pbx, (caller, manager, assistant) = await self.pbx(
            "manager_timeout = 30\nring_parallel = true\n", OUTSIDE, "1047", "1175"
        )
        await caller.dial(pbx.uri("8973"))
        await together(manager.wait("CALL_INCOMING"), assistant.wait("CALL_INCOMING"))
        await assistant.answer()
        await together(assistant.wait("CALL_ESTABLISHED"), manager.wait("CALL_CLOSED"))
        await hear_each_other(caller, assistant)
        await caller.hangup()
        await together(assistant.idle(), manager.idle())
        call = await self.over(server, "manager rang; answered by S1175")
        self.assertEqual({leg.number: leg.outcome for leg in call.legs}["1047"], LegOutcome.ELSEWHERE)

    async def test_caller_gives_up(self) -> None:
        """While the phone rings and nothing was answered: the CANCEL goes all the way."""
        server, pbx, (caller, manager) = await self.pbx("manager_timeout = 30\n", OUTSIDE, "1047")
        await caller.dial(pbx.uri("8973"))
        await together(manager.wait("CALL_INCOMING"), caller.wait("CALL_RINGING"))
        await caller.hangup()
        await manager.wait("CALL_CLOSED")
        await together(caller.idle(), manager.idle())
        call = await self.over(server, "manager rang; caller hung up")
        self.assertEqual([leg.outcome for leg in call.legs if leg.inbound], [LegOutcome.NOT_ANSWERED])

    async def test_assistant_calls(self) -> None:
        """Known by the number though the call comes from the PBX: neither rung nor, without the option, connected."""
        server, pbx, (assistant, other) = await self.pbx(SHORT, "1175", "1068")
        server.presence("1047", Presence.AWAY)
        await assistant.dial(pbx.uri("8973"))
        await other.wait("CALL_INCOMING")
        self.assertEqual(len(await assistant.calls()), 1)
        await other.answer()
        await other.wait("CALL_ESTABLISHED")
        await assistant.hangup()
        await other.idle()
        await self.over(server, "greeting; manager Away; S1175 is calling; answered by S1068")

    async def test_connected_directly(self) -> None:
        """An assistant of the PBX goes to the manager's line there, whatever the presence."""
        server, pbx, (assistant, manager) = await self.pbx(f"{SHORT}assistant_to_manager = true\n", "1175", "1047")
        server.presence("1047", Presence.DND)
        await assistant.dial(pbx.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await together(manager.wait("CALL_ESTABLISHED"), assistant.wait("CALL_ESTABLISHED"))
        await hear_each_other(assistant, manager)
        await assistant.hangup()
        await manager.idle()
        await self.over(server, "S1175 directly to the manager")

    async def test_application_forwarding(self) -> None:
        """To a number of the PBX; not answered there, the assistants follow."""
        server, pbx, (caller, target, assistant) = await self.pbx(SHORT, OUTSIDE, "1300", "1175")
        server.forward_calls_of("1047", Forwarding(ForwardTo.NUMBER, "1300"))
        await caller.dial(pbx.uri("8973"))
        await target.wait("CALL_INCOMING")
        await target.wait("CALL_CLOSED")
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await assistant.wait("CALL_ESTABLISHED")
        await caller.hangup()
        await assistant.idle()
        await self.over(server, "greeting; manager forwards to 1300; 1300 rang; answered by S1175")

    async def test_forwarded_back(self) -> None:
        """The PBX forwards the manager's line to the manager number: refused as a loop, and the assistant rings.

        Whether the PBX says who forwarded the call, or only passes it on.
        """
        for tells in (True, False):
            server, pbx, (caller, assistant) = await self.pbx(
                LONG, OUTSIDE, "1175", forwards={"1047": "8973"}, tells=tells
            )
            await caller.dial(pbx.uri("8973"))
            await assistant.wait("CALL_INCOMING")
            self.assertEqual(server.left()["group calls"], 1)
            await assistant.answer()
            await together(assistant.wait("CALL_ESTABLISHED"), caller.receives(10))
            await caller.hangup()
            await assistant.idle()
            await self.over(server, "greeting; forwarding of S1047 goes in a circle; answered by S1175")
            await together(caller.stop(), assistant.stop())
            await pbx.stop()
            await server.stop()


class PbxGone(LiveCase):
    """The PBX is not there (any more)."""

    async def test_call_goes_on(self) -> None:
        """It ends while the manager's phone rings behind it: long before the timeout the assistant has the call."""
        pbx = await Kamailio(self, {}).start()
        manager = Baresip(self, "1047", registrar=pbx.sip)
        await manager.start()
        await manager.registered()
        text = company(
            "manager_timeout = 30\nassistant_timeout = 30\n", people=("1047", "1175"), on_pbx=("1047",),
            more=trunk(pbx.ip, "default = true", "ping_interval = 1"),
        )  # fmt: skip
        server = await self.serve(text, sip={"t1": SHORT_T1})
        (assistant,) = await baresips(server, "1175")
        trunks = server.assembly.telephony.trunks
        for _ in range(2):
            caller = await Caller(server).call()
            if trunks.hop(1) is not None:
                await manager.wait("CALL_INCOMING")
                await pbx.stop()
            await assistant.wait("CALL_INCOMING", timeout=15.0)
            await assistant.answer()
            await assistant.wait("CALL_ESTABLISHED")
            await assistant.hangup()
            await caller.finished()
            await server.quiet(15.0)
            await until(lambda: trunks.hop(1) is None, 15.0, what="the PBX counts as gone")
        self.assertEqual(await server.stories(), ["S1047 not reached; answered by S1175"] * 2)
