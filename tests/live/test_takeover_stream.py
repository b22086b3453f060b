"""A node dies, and with it the connection of a phone that talks: it connects to another node, and is in its call."""

from base64 import b64encode
from typing import Any

from magroup.groups.steering import CallSteering
from magroup.model.lines import LineState
from tests.live.case import LiveCase
from tests.live.nodes import nodes
from tests.live.phones import baresips, together
from tests.live.requests import OFFER
from tests.live.server import Live, company
from tests.live.stream_phone import StreamPhone
from tests.peers import Baresip, SipText, until

CANCEL = b64encode(b"CANCEL")
GREETED = 'welcome = "Welcome.wav"\nmanager_timeout = 30\n'


def response(request: SipText, body: bytes = b"", status: str = "200 OK") -> bytes:
    """With a tag and a Contact."""
    kept = ("Via:", "Record-Route:", "From:", "Call-ID:", "CSeq:")
    lines = [f"SIP/2.0 {status}", *(line for line in request.text.splitlines() if line.startswith(kept))]
    to = request.header("To")
    lines += [f"To: {to}" if "tag=" in to else f"To: {to};tag=phone", "Contact: <sip:peer@127.0.0.1;transport=tcp>"]
    lines += ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def answer(phone: StreamPhone) -> SipText:
    """The next INVITE, answered."""
    invite = await phone.receive("INVITE")
    phone.connection.send(response(invite, OFFER))
    await phone.receive("ACK")
    return invite


async def die(server: Live, hub: Any) -> None:
    """As after a kill -9, in this process."""
    end = server.bus
    hub.ends.remove(end)
    end.lose()
    await server.assembly.telephony.transports.stop()


class Reconnected(LiveCase):
    transport = "TCP"

    async def dead(self) -> tuple[Live, Live, Baresip, StreamPhone, str]:
        """The node that has the call which was at a, and another one; 1201, 1047, which has no connection any more, and
        the call's id.
        """
        tls = self.transport == "TLS"
        hub, (a, *others) = await nodes(self, company("manager_timeout = 30\n"), "a", "b", "c", tls=tls)
        phone = await StreamPhone(a, "1047", self.transport).connect()
        await together(*(node.registered("1047") for node in others))
        (caller,) = await baresips(a, "1201")
        await caller.dial(a.uri("8973"))
        await answer(phone)
        await caller.wait("CALL_ESTABLISHED")
        (id,) = a.assembly.telephony.switch.calls_by_id
        await until(lambda: hub.kept.get("a.firsta"), what="the call is kept")
        await die(a, hub)

        def order() -> list[Live]:
            """Who has the call comes first."""
            return sorted(others, key=lambda node: id not in node.assembly.telephony.switch.calls_by_id)

        await until(lambda: order()[0].assembly.telephony.switch.calls_by_id, 5.0, what="one of them has the call")
        taker, other = order()
        for node in others:
            await until(lambda node=node: node.assembly.states.line_state("1047") is LineState.BUSY, what="seen")
        await phone.connection.close()
        return taker, other, caller, phone, id

    async def test_in_its_call(self) -> None:
        """By the new connection, to the other node, it is told where its call is, and later that it is over; the other
        phone, over UDP and without any proxy, needs nothing.
        """
        taker, other, caller, phone, id = await self.dead()
        phone.server = other
        await phone.connect()
        self.assertIn(f"@{taker.address}", (await answer(phone)).header("Contact"))
        user = other.configuration.user("u1047")
        assert user is not None
        steering = CallSteering(
            other.assembly.switch, other.assembly.application, other.assembly.states, lambda: other.configuration,
            other.assembly.reactor,
        )  # fmt: skip
        await steering.end(user, id, "1047")
        phone.connection.send(response(await phone.receive("BYE")))
        await caller.idle()
        self.assertEqual(await taker.stories(), [f"answered by S1047; taken over by node {taker.bus.node}"])
        await taker.quiet()

    async def test_its_call_is_over(self) -> None:
        """The other one has hung up meanwhile: it is told when it comes."""
        taker, _, caller, phone, _ = await self.dead()
        phone.server = taker
        await caller.hangup()
        await until(lambda: not taker.assembly.telephony.switch.calls_by_id, what="over")
        await phone.connect()
        phone.connection.send(response(await phone.receive("BYE")))
        await taker.quiet()

    async def test_its_connection_is_to_who_takes_the_call(self) -> None:
        """The dead node called it by that one: it has the call and the connection now, and goes by itself."""
        hub, (a, b) = await nodes(self, company("manager_timeout = 30\n"), "a", "b")
        phone = await StreamPhone(b, "1047").connect()
        await a.registered("1047")
        (caller,) = await baresips(a, "1201")
        await caller.dial(a.uri("8973"))
        await answer(phone)
        await caller.wait("CALL_ESTABLISHED")
        await until(lambda: hub.kept.get("a.firsta"), what="the call is kept")
        await die(a, hub)
        self.assertIn(f"@{b.address}", (await answer(phone)).header("Contact"))
        await caller.hangup()
        phone.connection.send(response(await phone.receive("BYE")))
        await b.quiet()


class ReconnectedByTls(LiveCase):
    """The same over TLS."""

    transport = "TLS"
    dead = Reconnected.dead
    test_in_its_call = Reconnected.test_in_its_call


class Rung(LiveCase):
    """The manager's phone rings by a connection that is gone with its node: by the next it stops, and rings anew."""

    transport = "TCP"

    async def dead(self) -> tuple[Live, Live, Baresip, StreamPhone, SipText]:
        """As that of Reconnected, with the INVITE in place of the call's id."""
        tls = self.transport == "TLS"
        hub, (a, *others) = await nodes(self, company(GREETED), "a", "b", "c", tls=tls)
        phone = await StreamPhone(a, "1047", self.transport).connect()
        await together(*(node.registered("1047") for node in others))
        (caller,) = await baresips(a, "1201")
        await caller.dial(a.uri("8973"))
        invite = await phone.receive("INVITE")
        phone.connection.send(response(invite, status="180 Ringing"))
        await until(lambda: any(CANCEL in form for form in hub.kept.get("a.firsta", {}).values()), what="it is kept")
        await die(a, hub)

        def order() -> list[Live]:
            return sorted(others, key=lambda node: not node.assembly.telephony.switch.calls_by_id)

        await until(lambda: order()[0].assembly.telephony.switch.calls_by_id, 5.0, what="one of them has the call")
        await phone.connection.close()
        return (*order(), caller, phone, invite)  # type: ignore[return-value]

    async def rings_anew(self, at: int) -> None:
        *nodes, caller, phone, invite = await self.dead()
        phone.server = nodes[at]
        await phone.connect()
        cancel = await phone.receive("CANCEL")
        self.assertEqual(*({(one.header("Via"), one.header("Call-ID"), one.header("CSeq").split()[0])}
                           for one in (invite, cancel)))  # fmt: skip
        phone.connection.send(response(cancel))
        again = await answer(phone)
        self.assertNotEqual(again.header("Call-ID"), invite.header("Call-ID"))
        await caller.wait("CALL_ESTABLISHED")
        await caller.hangup()
        phone.connection.send(response(await phone.receive("BYE")))
        for node in nodes:
            await node.quiet()

    async def test_by_who_has_the_call(self) -> None:
        await self.rings_anew(0)

    async def test_by_another_node(self) -> None:
        await self.rings_anew(1)


class RungByTls(LiveCase):
    """The same over TLS."""

    transport = "TLS"
    dead = Rung.dead
    rings_anew = Rung.rings_anew
    test_by_another_node = Rung.test_by_another_node
