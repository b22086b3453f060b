"""Members who call their own group on real phones: connected directly, and in the flow (spec 1.2 step 1)."""

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.presence import Presence
from tests.live.case import GREETING, LiveCase
from tests.live.pbx import hear_each_other, linphone
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company
from tests.peers import until

FLOW = f'welcome = "{GREETING}"\nmanager_timeout = 1\nassistant_timeout = 30\n'
DIRECT = f"{FLOW}assistant_to_manager = true\n"


class On(LiveCase):
    """Assistants go to the manager's line, and nothing of the group applies."""

    async def test_connected(self) -> None:
        """No greeting, whatever the presence and the application forwarding, for longer than the manager's timeout."""
        server = await self.serve(company(DIRECT))
        server.presence("1047", Presence.DND)
        server.forward_calls_of("1047", Forwarding(ForwardTo.GROUP))
        manager, assistant, other = await baresips(server, "1047", "1175", "1068")
        await assistant.dial(server.uri("8973"))
        await together(manager.wait("CALL_INCOMING"), assistant.wait("CALL_RINGING"))
        clock, begun = server.assembly.reactor, server.assembly.reactor.seconds()
        await until(lambda: clock.seconds() > begun + 2.0, what="twice the manager's timeout")
        self.assertEqual((len(await manager.calls()), await other.calls()), (1, []))
        await manager.answer()
        await together(manager.wait("CALL_ESTABLISHED"), assistant.wait("CALL_ESTABLISHED"))
        await hear_each_other(manager, assistant)
        await manager.hangup()
        await assistant.idle()
        await self.over(server, "S1175 directly to the manager")

    async def test_another_make(self) -> None:
        """From a linphone."""
        server = await self.serve(company(DIRECT, people=("1047", "1175")))
        (manager,), assistant = await together(baresips(server, "1047"), linphone(server, "1175"))
        call = await assistant.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await assistant.wait("StreamsRunning", call)
        await assistant.hangup(call)
        await manager.idle()
        await self.over(server, "S1175 directly to the manager")

    async def test_manager_busy(self) -> None:
        """As if the line had been dialled: the assistant is told, nobody else rings."""
        server = await self.serve(company(DIRECT))
        manager, other = await desks(Desk(server, "1047", "uas_busy"), Desk(server, "1068", "uas"))
        caller = await Caller(server, "uac_refused", caller="1175").call()
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await finished(manager)
        self.assertEqual(other.requests(), [])
        await self.over(server, "S1175 directly to the manager")

    async def test_others(self) -> None:
        """Who is no member goes through the flow."""
        server = await self.serve(company(DIRECT))
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.1))
        caller = await Caller(server, "uac", stay=2.5).call()
        await caller.finished()
        await finished(manager)
        await self.over(server, "greeting; answered by S1047")


class Off(LiveCase):
    """The normal flow, in which the caller's own line never rings."""

    async def test_assistant(self) -> None:
        """Greeted; the manager does not answer, and the other assistant has the call."""
        server = await self.serve(company(FLOW))
        (assistant,), (manager, other) = await together(
            baresips(server, "1175"), desks(Desk(server, "1047", "uas_ring"), Desk(server, "1068", "uas", ring=0.3))
        )  # fmt: skip
        await assistant.dial(server.uri("8973"))
        await assistant.hears_file(server.sound_file(GREETING))
        await finished(manager)
        await until(lambda: "ACK" in other.requests(), what="an answer")
        self.assertEqual(len(await assistant.calls()), 1)
        await assistant.hangup()
        await finished(other)
        await assistant.idle()
        await self.over(server, "greeting; manager rang; S1175 is calling; answered by S1068")


class Manager(LiveCase):
    """The manager calls the own number: the flow without the manager, however the option is set."""

    async def test_reaches_an_assistant(self) -> None:
        for options in (FLOW, DIRECT):
            server = await self.serve(company(f"{options}vip_threshold = 0\nring_parallel = true\n"))
            manager, assistant, other = await baresips(server, "1047", "1175", "1068")
            await manager.dial(server.uri("8973"))
            await manager.hears_file(server.sound_file(GREETING))
            await assistant.wait("CALL_INCOMING")
            self.assertEqual((len(await manager.calls()), await other.calls()), (1, []))
            await assistant.answer()
            await assistant.wait("CALL_ESTABLISHED")
            await assistant.receives(10)
            await manager.hangup()
            await assistant.idle()
            await self.over(server, "greeting; S1047 is calling; answered by S1175")
            await together(*(phone.stop() for phone in (manager, assistant, other)))
            await server.stop()
