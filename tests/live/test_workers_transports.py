"""Phones on UDP, TCP and TLS, over IPv4 and IPv6, at two workers: each call finds its phone, whoever has it."""

import signal

from twisted.trial.unittest import TestCase

from tests.live.phones import baresips, together
from tests.live.server import company
from tests.live.workers import Workers, number_of
from tests.peers import Authority, Baresip, address, until

LINES = ("1201", "1202", "1203", "1204")


class Transports(TestCase):
    timeout = 180

    async def test_each_to_the_next(self) -> None:
        """Calls, hold and hang-up until both workers have had some; then one is killed, and phones call again."""
        server = Workers(self, company("manager_timeout = 60\n", others=LINES), MAGROUP_SIP_OPTIONS_PING_INTERVAL="0")
        authority = Authority(server.folder)
        file = authority.certificate(str(server.address))
        port = address(self).rtp_first
        server._listen += (f"tls:{server.address}:5061:cert={file}:key={file}", f"udp:[::1]:{port}")
        await server.start()
        secure, six = f"{server.address}:5061", f"[::1]:{port}"
        own = [address(self).rtp_first for _ in range(2)]
        (udp,), (tcp,), (tls,), (one,), (other,) = await together(
            baresips(server, "1201"),  # type: ignore[arg-type]
            baresips(server, "1202", transport="tcp"),  # type: ignore[arg-type]
            baresips(server, "1203", transport="tls", authority=authority.path, registrar=secure),  # type: ignore[arg-type]
            baresips(server, "1204", registrar=six, ip="::1", port=own[0]),  # type: ignore[arg-type]
            baresips(server, "1047", registrar=six, ip="::1", port=own[1]),  # type: ignore[arg-type]
        )  # fmt: skip
        places = {udp: server.sip, tcp: server.sip, tls: secure, one: six, other: six}
        calls = ((udp, tls), (tls, tcp), (tcp, udp), (tls, udp), (one, other), (other, one))
        for caller, called in calls * 2:
            await self.talk(caller, called, places[caller])
        before = 2 * len(calls)
        await self.recorded(server, before)
        self.assertEqual({number_of(record) for record in server.records()}, {1, 2})
        await server.is_gone(server.signal(2))
        await server.ready(3)
        # Whose connection was the killed one's is reached when it has registered again; it may call at once.
        calls = ((tls, udp), (tcp, udp), (one, other), (other, one))
        for caller, called in calls:
            await self.talk(caller, called, places[caller])
        await self.recorded(server, before + len(calls))
        self.assertEqual(await server.terminate(), -signal.SIGTERM)

    async def talk(self, caller: Baresip, called: Baresip, place: str) -> None:
        await caller.dial(f"sip:{called.name}@{place}")
        await called.wait("CALL_INCOMING", 20.0)
        await called.answer()
        await together(called.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await together(caller.receives(10), called.receives(10))
        await caller.hold()
        await caller.resume()
        await called.hangup()
        await together(caller.idle(), called.idle())
        for phone in (caller, called):
            phone.mark()

    async def recorded(self, server: Workers, count: int) -> None:
        await until(lambda: len(server.records()) == count, 20.0, what=f"{count} records", seen=server.process.report)
        self.assertEqual({record.cause for record in server.records()}, {"normalClearing"})
        self.assertEqual(server.live(), [])
        self.assertNotIn("Traceback", server.output)
