"""Several nodes as one: what is set, registered or rings at one is so at the other, and can be steered from there."""

from typing import Any

from magroup.cti.call_control import Service
from magroup.cti.errors import ServiceError
from magroup.cti.types import Call
from magroup.groups.steering import CallSteering
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.policy.editing import change_user
from tests.live.case import GREETING, LiveCase
from tests.live.nodes import nodes
from tests.live.pbx import hear_each_other
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import Live, company
from tests.peers import until

GROUP = f'welcome = "{GREETING}"\nmanager_timeout = 30\n'


def calls(server: Live) -> list[Call]:
    """All that are seen there."""
    return list(server.assembly.switch.calls())


def steering(server: Live) -> CallSteering:
    """As the gadgets of that node steer."""
    assembly = server.assembly
    return CallSteering(
        assembly.switch, assembly.application, assembly.states, lambda: assembly.current.value, assembly.reactor
    )  # fmt: skip


def nothing(*what: Any) -> None:
    """Is told of calls that were sent on."""


class TwoNodes(LiveCase):
    """a and b."""

    async def test_a_call_at_the_other_node(self) -> None:
        """It rings the manager who is registered at a; both boards show it; it is written once, by b."""
        _hub, (a, b) = await nodes(self, company(GROUP), "a", "b")
        (manager,) = await desks(Desk(a, "1047", "uas", ring=1.0))
        await b.registered("1047")
        caller = await Caller(b, "uac", stay=3.0).call()
        await manager.invited()
        await until(lambda: [len(calls(one)) for one in (a, b)] == [1, 1], what="both see it")
        (call,) = calls(a)
        self.assertTrue(call.id.startswith("b-"))
        await until(lambda: calls(a) == calls(b), what="both see the same")
        await until(lambda: a.assembly.states.line_state("1047") is LineState.BUSY, what="answered, as a sees it")
        await until(lambda: calls(a) == calls(b), what="both see the same, answered")
        await caller.finished()
        await finished(manager)
        await until(lambda: not calls(a), what="over, as a sees it")
        self.assertEqual(await b.stories(), ["greeting; answered by S1047"])
        await a.journal.flush()
        self.assertEqual([record.id for record in await a.records()], [call.id])
        await a.quiet()
        await b.quiet()

    async def test_steered_from_the_other_node(self) -> None:
        """What a may do it is told by b, which does it; what b refuses is refused at a for the same reason."""
        _hub, (a, b) = await nodes(self, company("manager_timeout = 30\n"), "a", "b")
        (manager,) = await desks(Desk(a, "1047", "uas", ring=0.2))
        await b.registered("1047")
        caller = await Caller(b, "uac_wait_bye").call()
        states = a.assembly.states
        await until(lambda: states.line_state("1047") is LineState.BUSY, what="answered")
        (call,) = calls(a)
        connection = call.connection("1047")
        assert connection is not None
        self.assertEqual(a.assembly.switch.can(Service.CLEAR_CONNECTION, connection.id), "")
        self.assertNotEqual(a.assembly.switch.can(Service.ANSWER_CALL, connection.id), "")
        user = a.configuration.user("u1047")
        assert user is not None
        with self.assertRaises(ServiceError):
            await a.assembly.switch.answer_call(connection.id)
        await steering(a).end(user, call.id, "1047")
        await until(lambda: not calls(a) and not calls(b), what="over")
        await caller.finished()
        await finished(manager)
        await b.quiet()

    async def test_a_phone_with_a_connection(self) -> None:
        """It has registered at a over TCP: b's call reaches it by that connection, and so does all that follows."""
        _hub, (a, b) = await nodes(self, company("manager_timeout = 30\n"), "a", "b")
        (manager,) = await baresips(a, "1047", transport="tcp", tone=440.0)
        (caller,) = await baresips(b, "1201", tone=660.0)
        await b.registered("1047")
        (route,) = b.assembly.telephony.registrar.routes("1047")
        self.assertEqual(str(route.hop), f"udp:{a.address}:5060")
        await caller.dial(b.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await until(lambda: a.assembly.states.line_state("1047") is LineState.RINGING, what="rings, as a sees it")
        await manager.answer()
        await together(manager.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await hear_each_other(caller, manager)
        await manager.hold()
        await manager.resume()
        await caller.hold()
        await caller.resume()
        await manager.hangup()
        await together(manager.idle(), caller.idle())
        self.assertEqual(await b.stories(), ["answered by S1047"])
        await caller.dial(b.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.hangup()
        await together(manager.wait("CALL_CLOSED"), caller.idle())
        self.assertEqual(a.assembly.telephony.endpoint.dialogs, {})
        await b.quiet()

    async def test_what_is_set_is_so_everywhere(self) -> None:
        """Presence, forwardings, do not disturb, the configuration and the settings; a registration that ends."""
        _hub, (a, b) = await nodes(self, company(GROUP), "a", "b")
        books = [one.assembly.application for one in (a, b)]
        books[0].presence.set("u1047", Presence.AWAY, "lunch")
        books[1].forwarding.set_line("1175", Forwarding(ForwardTo.NUMBER, "1068"), "u1175")
        books[0].forwarding.set_application(a.member("1047").id, Forwarding(ForwardTo.GROUP), "u1047")
        await a.assembly.switch.set_do_not_disturb("1068", True)
        await until(lambda: books[1].presence.get_said("u1047") == books[0].presence.get_said("u1047"), what="presence")
        self.assertEqual(books[1].presence.get_said("u1047").message, "lunch")
        await until(lambda: books[0].forwarding.of_line("1175").number == "1068", what="forwarding")
        await until(lambda: books[1].forwarding.of_member(a.member("1047").id), what="application forwarding")
        await until(lambda: "1068" in b.assembly.telephony.switch.undisturbed, what="do not disturb")
        for one, name in ((a, "Anna"), (b, "Bea")):
            user = one.configuration.user("u1047")
            assert user is not None
            await one.reconfigure(lambda configuration, id=user.id, name=name: change_user(  # type: ignore[misc]
                configuration, id, {"first_name": name}
            ))  # fmt: skip
        await until(lambda: [one.configuration.user("u1047").first_name for one in (a, b)] == ["Bea"] * 2,  # type: ignore[union-attr]
                    what="the newest name")  # fmt: skip
        await a.assembly.settings_book.change({"calls.max_calls": 7}, "u1047", "here")
        await until(lambda: b.assembly.settings.calls.max_calls == 7, what="the setting")
        self.assertEqual(b.assembly.telephony.switch.limits.calls, 7)
        (phone,) = await desks(Desk(a, "1047", "uas"))
        await b.registered("1047")
        await phone.unregister()
        await until(lambda: not b.assembly.switch.in_service("1047"), what="gone at b too")

    async def test_alone_and_together_again(self) -> None:
        """The bus goes in the middle of a call: it goes on; what happened meanwhile is known afterwards."""
        hub, (a, b) = await nodes(self, company(GROUP), "a", "b")
        (manager,) = await desks(Desk(a, "1047", "uas"))
        await b.registered("1047")
        caller = await Caller(b, "uac", stay=4.0).call()
        await until(lambda: a.assembly.states.line_state("1047") is LineState.BUSY, what="answered")
        hub.cut()
        self.assertEqual((calls(a), len(calls(b))), ([], 1))
        a.assembly.application.presence.set("u1047", Presence.BUSY)
        await desks(Desk(a, "1175", "uas"))
        user = a.configuration.user("u1175")
        assert user is not None
        await a.reconfigure(lambda configuration: change_user(configuration, user.id, {"first_name": "Cut"}))
        hub.mend()
        await until(lambda: calls(a) == calls(b), what="a sees the call again")
        await b.registered("1175")
        await until(lambda: b.assembly.application.presence.get_said("u1047").value is Presence.BUSY, what="presence")
        await until(lambda: b.configuration.user("u1175").first_name == "Cut", what="the configuration")  # type: ignore[union-attr]
        await caller.finished()
        await finished(manager)
        self.assertEqual(await b.stories(), ["greeting; answered by S1047"])
