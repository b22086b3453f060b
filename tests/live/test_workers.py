"""Two workers at the same ports, as real processes: people notice neither that they are two, nor that one is killed."""

import os
import signal

from twisted.trial.unittest import TestCase

from magroup.model.calls import ReasonCode
from magroup.workers.marks import home
from tests.live.pbx import hear_each_other, talking
from tests.live.phones import Desk, baresips, desks, together
from tests.live.server import SECRET, company
from tests.live.stream_phone import StreamPhone
from tests.live.test_takeover_stream import answer, response
from tests.live.workers import Workers, number_of
from tests.peers import Linphone, Sipp, until
from tests.peers.process import runs

GROUP = 'welcome = "Welcome.wav"\nmanager_timeout = 60\n'
LINES = ("1201", "1202", "1203", "1204")


class WorkersCase(TestCase):
    timeout = 180

    async def serve(self, options: str = "manager_timeout = 60\n") -> Workers:
        return await Workers(self, company(options, others=LINES), MAGROUP_SIP_OPTIONS_PING_INTERVAL="0").start()

    async def over(self, server: Workers, count: int) -> None:
        """So many records, and nothing went wrong."""
        await until(lambda: len(server.records()) == count, 20.0, what=f"{count} records", seen=server.process.report)
        self.assertEqual(server.live(), [])
        self.assertNotIn("Traceback", server.output)
        self.assertNotIn(" critical ", server.output)


class Calls(WorkersCase):
    async def test_calls(self) -> None:
        server = await self.serve(GROUP)
        await self.all_kinds(server)
        await self.consultation(server)
        self.assertEqual(await server.terminate(), -signal.SIGTERM)

    async def all_kinds(self, server: Workers) -> None:
        """Many calls at once are served by both; a group's call; phones that are connected to different workers."""
        await desks(Desk(server, "1203", "uas", calls=None, ring=0.1))
        many = Sipp(self, "uac", server.sip, service="1203", caller="1204", calls=20, rate=20, stay=0.2, timeout=60.0)
        result = await many.run()
        self.assertEqual((result.successful, result.failed), (20, 0))
        one, other = await server.phone_at("1201", 1, tone=440.0), await server.phone_at("1202", 2, tone=880.0)
        (manager,) = await baresips(server, "1047", tone=660.0)
        for caller, called, number in ((one, manager, "8973"), (one, other, "1202"), (other, one, "1201")):
            await caller.dial(server.uri(number))
            incoming = await called.wait("CALL_INCOMING", 20.0)
            self.assertEqual(incoming["peeruri"], server.uri(caller.name))
            await called.answer()
            await together(called.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
            await hear_each_other(caller, called)
            for phone in (caller, called):
                await phone.hold()
                await phone.resume()
            if number == "1202":
                await called.transfer(server.uri("1047"))
                await manager.wait("CALL_INCOMING")
                await manager.answer()
                await called.idle()
                await hear_each_other(caller, manager)
                called = manager
            await called.hangup()
            await together(caller.idle(), called.idle())
        await self.over(server, 23)
        self.assertEqual({number_of(record) for record in server.records()}, {1, 2})
        self.assertEqual({record.cause for record in server.records()}, {"normalClearing"})
        await together(one.stop(), other.stop())

    async def consultation(self, server: Workers) -> None:
        """Its Call-ID is the other worker's: it is where the first call is nevertheless, and both become one."""
        bob, carol = await baresips(server, "1175", "1068", tone=880.0)
        lin = await Linphone(self, "1204", registrar=server.sip, secret=SECRET).start()
        await lin.registered()
        first = await lin.dial(server.uri("1175"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", first)
        (call,) = await server.answered()
        await lin.hold(first)
        for _ in range(20):
            second = await lin.dial(server.uri("1068"))
            await carol.wait("CALL_INCOMING")
            id = [m.header("Call-ID") for m in lin.sent() if m.first_line.startswith("INVITE")][-1]
            if home(id.encode(), (1, 2), 2) != number_of(call):
                break
            await lin.hangup(second)
            await carol.idle()
        await carol.answer()
        await lin.wait("StreamsRunning", second)
        self.assertEqual({number_of(call) for call in await server.answered(2)}, {number_of(call)})
        await lin.transfer_attended(first, second)
        await lin.wait("Released", first)
        await hear_each_other(bob, carol)
        await bob.hangup()
        await carol.idle()
        await until(lambda: not server.live(), what="over")
        self.assertNotIn("Traceback", server.output)


class Killed(WorkersCase):
    async def test_killed(self) -> None:
        server = await self.serve()
        await self.each_in_turn(server)
        await self.by_a_connection(server)
        await self.a_connection_lost(server)

    async def each_in_turn(self, server: Workers) -> None:
        """The worker that has the call is killed, then the one that has taken it: one of them has the web pages. The
        call goes on, is hung up, and there is one record of it.
        """
        one, other = await baresips(server, "1201", "1202")
        await talking(server, one, other)
        (call,) = await server.answered()
        number = number_of(call)
        await server.page("healthz")
        await hear_each_other(one, other)
        for lives in (3, 4):
            process = server.signal(number)
            await server.says(f"Worker {number}, process {process}, has ended by signal 9")
            await until(lambda lives=lives: server.output.count("is dead: the call goes on here") == lives - 2, 20.0,
                        what="the call is taken", seen=server.process.report)  # fmt: skip
            for phone in (one, other):
                await phone.hold()
                await phone.resume()
            await server.ready(lives)
            number = 3 - number
        await server.page("healthz")
        await hear_each_other(one, other)
        await other.hangup()
        await one.idle()
        await self.over(server, 1)
        (record,) = server.records()
        self.assertEqual((record.id, record.cause, record.ended_by), (call.id, "normalClearing", "1202"))
        self.assertEqual([reason.code for reason in record.trail if reason.code is ReasonCode.TAKEN_OVER],
                         [ReasonCode.TAKEN_OVER] * 2)  # fmt: skip
        # Phones did not notice: nobody was asked anything.
        asked = [m.first_line for m in one.received() if m.first_line.startswith(("INVITE", "UPDATE"))]
        self.assertEqual(len(asked), 4, asked)

    async def by_a_connection(self, server: Workers) -> None:
        """A phone is connected to the worker that stays, and hangs up at once: that waits until the call is taken."""
        (one,) = await baresips(server, "1203")
        (other,) = await baresips(server, "1204", transport="tcp")
        stays = server.connected(other.process._process.pid)
        await talking(server, one, other)
        while (number := number_of((await server.answered())[0])) == stays:
            await one.hangup()
            await other.idle()
            one.mark()
            other.mark()
            await talking(server, one, other)
        # What was answered a moment ago is not kept yet.
        await hear_each_other(one, other)
        process = server.signal(number)
        await other.hangup()
        await together(one.idle(), other.idle())
        await server.is_gone(process)
        await server.ready(5)
        await until(lambda: not server.live(), what="over")
        await until(lambda: [record.ended_by for record in server.records()][-1:] == ["1204"], what="recorded")
        self.assertNotIn("Traceback", server.output)


    async def a_connection_lost(self, server: Workers) -> None:
        """The call is at one worker, the phone connected to the other, which ends: by its next connection the phone
        hears that the call is over.
        """
        (one,) = await baresips(server, "1175")
        phone = await StreamPhone(server, "1068").connect()  # type: ignore[arg-type]
        stays = server.connected(os.getpid())
        while True:
            await one.dial(server.uri("1068"))
            await answer(phone)
            await one.wait("CALL_ESTABLISHED")
            (call,) = await server.answered()
            if number_of(call) != stays:
                break
            await one.hangup()
            phone.connection.send(response(await phone.receive("BYE")))
            await until(lambda: not server.live(), what="over")
            one.mark()
        await server.is_gone(server.signal(stays))
        await phone.connection.close()
        await phone.connect()
        await one.hangup()
        bye = await phone.receive("BYE")
        self.assertEqual(bye.header("Call-ID").partition(".")[0], f"w{number_of(call)}")
        phone.connection.send(response(bye))
        await until(lambda: not server.live(), what="over")
        await server.ready(6)
        self.assertNotIn("Traceback", server.output)


class Ended(WorkersCase):
    async def test_who_has_started_them_is_killed(self) -> None:
        """The workers end by themselves, with their calls; a new start waits for that. Nobody else gets the ports, and
        the end is in order.
        """
        server = await self.serve()
        one, other = await baresips(server, "1201", "1202")
        await talking(server, one, other)
        await server.answered()
        old = [server.worker(number) for number in (1, 2)]
        os.kill(server.pid, signal.SIGKILL)
        await server.ended()
        await server.start(take_company=False)
        for process in old:
            self.assertFalse(runs(process))
        await together(one.idle(), other.idle())
        (record,) = server.records()
        self.assertEqual((record.ended_by, bool(record.answered_at)), ("switch", True))

        beside = Workers(self, company(others=LINES), listen=server._listen)  # type: ignore[arg-type]
        self.assertEqual(
            [line.rpartition(": cannot")[2] for line in await beside.refuses()],
            [f" listen on {server.address} port 5060: Address already in use"],
        )

        server.process.send_signal(signal.SIGHUP)
        await until(lambda: server.output.count("configuration reloaded") == 2, what="both have read it",
                    seen=server.process.report)  # fmt: skip
        await talking(server, one, other)
        await server.answered()
        processes = [server.worker(number) for number in (1, 2)]
        self.assertEqual(await server.terminate(), -signal.SIGTERM)
        for process in processes:
            self.assertFalse(runs(process))
        await together(one.idle(), other.idle())
        self.assertEqual([record.ended_by for record in server.records()], ["switch", "switch"])
        self.assertEqual([list(path.iterdir()) for path in sorted(server.data.glob("journal*"))], [[], []])
        self.assertNotIn("Traceback", server.output)
