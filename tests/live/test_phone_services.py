"""Calls steered and people changed from the services of desk phones, with real SIP phones and callers."""

from magroup.model.forwarding import ForwardTo
from magroup.model.presence import Presence
from magroup.web.phone.menu import button
from tests.live.case import LiveCase
from tests.live.desk_phones import Desks, company_with_desks
from tests.live.pbx import hear_each_other
from tests.live.phones import baresips
from tests.live.server import Live
from tests.peers import Baresip, until

GROUP = "manager_timeout = 60\nassistant_timeout = 60\n"
MANAGER, ASSISTANT, OTHER = "First1047 Last", "First1175 Last", "First1068 Last"


class PhoneServices(LiveCase):
    """1047 is the manager's line, 1175 and 1068 are assistants', 1201 is nobody's in the group."""

    async def begin(self, *numbers: str) -> tuple[Live, Desks, list[Baresip]]:
        server = await self.serve(company_with_desks(GROUP))
        return server, Desks(server), await baresips(server, *numbers)

    async def talking(self, server: Live, caller: Baresip, called: Baresip) -> None:
        """The line was called, and has answered."""
        await caller.dial(server.uri(called.name))
        await called.wait("CALL_INCOMING")
        await called.answer()
        await hear_each_other(caller, called)

    async def test_consulted_and_completed(self) -> None:
        """Cancelled once, which gives the caller back."""
        server, desks, (caller, assistant, manager) = await self.begin("1201", "1175", "1047")
        await self.talking(server, caller, assistant)
        desk = desks.at(assistant)
        for end in ("Cancel", "Complete"):
            members = await desk.choose(await desk.menu(), "Transfer call")
            page = await desk.choose(members, MANAGER)
            self.assertTrue(page.text.startswith("Consultation transfer is set up."), page.text)
            await manager.wait("CALL_INCOMING")
            await manager.answer()
            await hear_each_other(assistant, manager)
            said = (await desk.press(page, end)).text
            if end == "Cancel":
                self.assertEqual(said, "You have First1201 Last back.")
                await manager.wait("CALL_CLOSED")
                await hear_each_other(caller, assistant)
                manager.mark()
        self.assertEqual(said, f"The call goes to {MANAGER}.")
        await hear_each_other(caller, manager)
        await assistant.wait("CALL_CLOSED")
        self.assertIn("not on your phone any more", (await desk.press(page, "Complete")).text)
        await caller.hangup()
        await server.quiet()

    async def test_consulted_one_declines(self) -> None:
        """Complete says so, Cancel leads back."""
        server, desks, (caller, assistant, manager) = await self.begin("1201", "1175", "1047")
        await self.talking(server, caller, assistant)
        desk = desks.at(assistant, "CP-7945G")
        page = await desk.choose(await desk.service("transferCall"), MANAGER)
        await manager.wait("CALL_INCOMING")
        await manager.hangup()
        calls = server.assembly.states.calls_at
        await until(lambda: [len(call.connections) for call in calls("1175")] == [2, 1], what="nobody consulted")
        said = await desk.press(page, "Complete")
        self.assertIn("is busy or does not answer", said.text)
        self.assertEqual((await desk.press(said, "Cancel")).text, "You have First1201 Last back.")
        await hear_each_other(caller, assistant)
        await caller.hangup()
        await server.quiet()

    async def test_status_and_redirected_call(self) -> None:
        """The manager is away: the group's call rings at the assistant, who sends it on while it rings."""
        server, desks, (caller, manager, assistant, other) = await self.begin("1201", "1047", "1175", "1068")
        desk = desks.at(manager)
        form = await desk.choose(await desk.service("changeStatus"), "Away")
        self.assertEqual((await desk.submit(form, "Zürich")).text, "Your status is now: Away - Zürich")
        state = server.assembly.application.presence.get("u1047")
        self.assertEqual((state.value, state.message, state.changed_by), (Presence.AWAY, "Zürich", "u1047"))
        await caller.dial(server.uri("8973"))
        await assistant.wait("CALL_INCOMING")
        desk = desks.at(assistant)
        said = await desk.choose(await desk.service("transferCall"), OTHER)
        self.assertEqual(said.text, f"The call goes to {OTHER}.")
        await other.wait("CALL_INCOMING")
        await assistant.wait("CALL_CLOSED")
        await other.answer()
        await hear_each_other(caller, other)
        await caller.hangup()
        await server.quiet()

    async def test_picked_up(self) -> None:
        server, desks, (caller, manager, assistant) = await self.begin("1201", "1047", "1175")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        desk = desks.at(assistant)
        calls = await desk.choose(await desk.menu(), "Pickup calls")
        self.assertEqual(list(calls.items), ["First1201 Last -> S1047"])
        said = await desk.choose(calls, "First1201 Last -> S1047")
        self.assertEqual(said.text, "The call of First1201 Last comes to your phone.")
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await manager.wait("CALL_CLOSED")
        await hear_each_other(caller, assistant)
        await caller.hangup()
        await server.quiet()

    async def test_one_button(self) -> None:
        """Pressed when nobody is in a call, when the manager's call rings, and in that call."""
        self.patch(button, "JUST", 0.0)
        server, desks, (caller, manager, assistant) = await self.begin("1201", "1047", "1175")
        desk = desks.at(assistant)
        self.assertEqual(await desk.button(), f"{MANAGER} is called.")
        await assistant.wait("CALL_INCOMING")
        self.assertEqual(await desk.button(), f"Your phone is calling {MANAGER} already.")
        await assistant.answer()
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await hear_each_other(assistant, manager)
        self.assertEqual(await desk.button(), f"You are talking to {MANAGER}.")
        await manager.hangup()
        await assistant.wait("CALL_CLOSED")
        await server.quiet()
        assistant.mark()
        manager.mark()
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        self.assertEqual(await desk.button(), "The call of First1201 Last comes to your phone.")
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await hear_each_other(caller, assistant)
        manager.mark()
        self.assertEqual(await desk.button(), f"The call goes to {MANAGER}.")
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await hear_each_other(caller, manager)
        await assistant.wait("CALL_CLOSED")
        await caller.hangup()
        await server.quiet()

    async def test_forwardings(self) -> None:
        """The manager's to the group, an assistant's line to the other; the call follows both. Then a direct call."""
        server, desks, (caller, manager, assistant, other) = await self.begin("1201", "1047", "1175", "1068")
        desk = desks.at(manager, "CP-7841")
        said = await desk.choose(await desk.service("setForwarding"), "Group")
        self.assertEqual(said.text, "Forwarding is now: Group")
        desk = desks.at(assistant)
        said = await desk.choose(await desk.service("setForwarding"), OTHER)
        self.assertEqual(said.text, f"Forwarding is now: {OTHER}")
        book = server.assembly.application.forwarding
        self.assertIs(book.of_member(server.member("1047").id).to, ForwardTo.GROUP)
        self.assertIs(book.of_line("1175").to, ForwardTo.MEMBER)
        await caller.dial(server.uri("8973"))
        await other.wait("CALL_INCOMING")
        await caller.hangup()
        await other.wait("CALL_CLOSED")
        await server.quiet()
        said = await desk.choose(await desk.service("directCall"), MANAGER)
        self.assertEqual(said.text, f"{MANAGER} is called.")
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await manager.wait("CALL_INCOMING")
        await assistant.hangup()
        await manager.wait("CALL_CLOSED")
        await server.quiet()
