"""Phones on UDP, TCP and TLS beside each other, and connections that are used again, lost and made anew (RFC 5923)."""

from tests.live.case import LiveCase
from tests.live.log_watch import LogWatch
from tests.live.pbx import hear_each_other, talking
from tests.live.phones import Caller, baresips, together
from tests.live.server import Live, company
from tests.live.stream_phone import StreamPhone
from tests.live.tls import with_tls
from tests.peers import until

LINES = company(others=("1201", "1202", "1203"))


class Mixed(LiveCase):
    """Every phone calls every other one."""

    async def test_each_to_each(self) -> None:
        """Over UDP, TCP and TLS; the server uses the connections that the phones have made, and makes none."""
        log = LogWatch(self)
        server = Live(self, LINES, sip={"options_ping_interval": 0})
        authority = with_tls(server)
        await server.start()
        (udp,), (tcp,), (tls,) = await together(
            baresips(server, "1201"),
            baresips(server, "1202", transport="tcp"),
            baresips(server, "1203", transport="tls", authority=authority.path, registrar=f"{server.address}:5061"),
        )  # fmt: skip
        counters = server.assembly.telephony.transports.counters
        for caller, called in ((udp, tcp), (tcp, tls), (tls, udp), (tcp, udp), (udp, tls), (tls, tcp)):
            await caller.dial(f"sip:{called.name}@{server.address}" + (":5061" if caller is tls else ""))
            await called.wait("CALL_INCOMING")
            await called.answer()
            await together(caller.wait("CALL_ESTABLISHED"), called.wait("CALL_ESTABLISHED"))
            await hear_each_other(caller, called)
            await called.hangup()
            await together(caller.idle(), called.idle())
        self.assertEqual((counters.accepted, counters.connected), (2, 0), counters)
        await server.quiet()
        log.check(self, most=20)


class Connections(LiveCase):
    """What becomes of them."""

    async def test_lost_between_calls(self) -> None:
        """A phone that listens is called over a new connection when its own is gone."""
        server = await self.serve(LINES)
        (udp,), (tcp,) = await together(baresips(server, "1201"), baresips(server, "1202", transport="tcp"))
        transports = server.assembly.telephony.transports
        for connection in tuple(transports._connections.all):
            connection.abort("the cable was pulled")
        await until(lambda: not transports._connections.all, what="no connection")
        await talking(server, udp, tcp)
        await hear_each_other(udp, tcp)
        self.assertEqual(transports.counters.connected, 1)
        await udp.hangup()
        await tcp.idle()
        await server.quiet()

    async def test_lost_in_a_call(self) -> None:
        """The call goes on, and either side can end it."""
        server = await self.serve(LINES)
        (udp,), (tcp,) = await together(baresips(server, "1201"), baresips(server, "1202", transport="tcp"))
        await talking(server, tcp, udp)
        transports = server.assembly.telephony.transports
        for connection in tuple(transports._connections.all):
            connection.abort("the cable was pulled")
        await hear_each_other(udp, tcp)
        await udp.hangup()
        await tcp.idle()
        await server.quiet()

    async def test_behind_a_firewall(self) -> None:
        """Reached over its own connection only: gone with it, back with the next one."""
        log = LogWatch(self)
        server = Live(self, LINES, sip={"options_ping_interval": 0})
        with_tls(server)
        await server.start()
        for number, transport in (("1201", "TCP"), ("1202", "TLS")):
            phone = await StreamPhone(server, number, transport).connect()
            for _ in range(2):
                caller = await Caller(server, "uac_refused", service=number, caller="1047").call()
                invite = await phone.invited()
                self.assertIn(f"@{phone.ip}:{phone.connection.port}", invite.first_line)
                self.assertIn(486, (await caller.finished()).statuses)
                await phone.connection.close()
                refused = await (await Caller(server, "uac_refused", service=number, caller="1047").call()).finished()
                self.assertIn(refused.statuses[-1], (480, 503))
                await phone.connect()
        await server.quiet()
        log.check(self, most=30)
