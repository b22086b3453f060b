"""A worker is killed while a caller waits at a manager number, or hears ringing: at the other one it rings anew."""

import os
from time import monotonic

from magroup.keeping import RINGS_FOR
from magroup.model.calls import ReasonCode
from tests.live.pbx import hear_each_other
from tests.live.phones import baresips, together
from tests.live.stream_phone import StreamPhone
from tests.live.test_takeover_stream import answer, response
from tests.live.test_workers import GROUP, LINES, WorkersCase
from tests.live.voicemail import BOX, PILOT, office, own_greeting, part_of, recording, speech
from tests.live.workers import Workers, number_of
from tests.peers import until


class Waiting(WorkersCase):
    async def test_killed(self) -> None:
        server = await self.serve(GROUP)
        (caller,) = await baresips(server, "1201", tone=440.0)  # type: ignore[arg-type]
        (manager,) = await baresips(server, "1047", tone=660.0)  # type: ignore[arg-type]
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING", 20.0)
        manager.mark()
        await caller.receives(10)
        (call,) = await until(server.live, 20.0, what="a call in the files", seen=server.process.report)
        process = server.signal(number_of(call))
        await server.is_gone(process)
        await manager.wait("CALL_CLOSED", 10.0)
        await manager.wait("CALL_INCOMING", 20.0)
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await hear_each_other(caller, manager)
        await server.ready(3)
        await manager.hangup()
        await caller.idle()
        await self.over(server, 1)
        (record,) = server.records()
        self.assertEqual((record.id, record.cause, record.ended_by), (call.id, "normalClearing", "1047"))
        codes = [reason.code for reason in record.trail]
        self.assertEqual(codes.count(ReasonCode.MANAGER_RINGS), 2, codes)
        self.assertEqual(codes.count(ReasonCode.TAKEN_OVER), 1, codes)


class AtTheVoicemail(WorkersCase):
    async def test_killed(self) -> None:
        """The caller hears the greeting again, and what is said then is a message; the call has one record."""
        company = office(GROUP, others=LINES)
        server = Workers(self, company, MAGROUP_SIP_OPTIONS_PING_INTERVAL="0", MAGROUP_VOICEMAIL_PILOT=PILOT)
        own_greeting(server.data)
        await server.start()
        source = speech(self)
        (caller,) = await baresips(server, "1201", source=source)  # type: ignore[arg-type]
        await caller.dial(server.uri(BOX))
        first = await recording(server.data)
        (call,) = await until(server.live, 20.0, what="a call in the files", seen=server.process.report)
        await server.is_gone(server.signal(number_of(call)))
        first.rename(first.with_suffix(".seen"))
        second = await recording(server.data)
        await caller.hangup()
        await until(second.with_suffix("").exists, 20.0, what="the message")
        part_of(self, second.with_suffix(""), source, 1.9)
        await server.ready(3)
        await self.over(server, 1)
        (record,) = server.records()
        codes = [reason.code for reason in record.trail]
        message, taken = ReasonCode.LEAVES_MESSAGE, ReasonCode.TAKEN_OVER
        self.assertEqual((record.id, codes), (call.id, [message, taken, message]))


class Ringing(WorkersCase):
    async def test_killed(self) -> None:
        """A phone is called; it stops and rings anew, twice. Then it is answered; the next caller gives up."""
        server = await self.serve()
        (caller,) = await baresips(server, "1201", tone=440.0)  # type: ignore[arg-type]
        (called,) = await baresips(server, "1202", tone=660.0)  # type: ignore[arg-type]
        for gives_up in (False, True):
            await caller.dial(server.uri("1202"))
            await called.wait("CALL_INCOMING", 20.0)
            for lives in (3, 4):
                began = monotonic()
                await until(lambda began=began: monotonic() - began > RINGS_FOR + 0.5, what="it has rung")
                (call,) = await until(server.live, 20.0, what="a call in the files", seen=server.process.report)
                called.mark()
                process = server.signal(number_of(call))
                await server.is_gone(process)
                await called.wait("CALL_CLOSED", 10.0)
                await called.wait("CALL_INCOMING", 20.0)
                await server.ready(lives + 2 * gives_up)
            if gives_up:
                await caller.hangup()
            else:
                await called.answer()
                await together(called.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
                await hear_each_other(caller, called)
                await called.hangup()
            await together(caller.idle(), called.idle())
            for phone in (caller, called):
                phone.mark()
            await until(lambda: not server.live(), what="over", seen=server.process.report)
        self.assertNotIn("Traceback", server.output)
        answered = [record for record in server.records() if record.answered_at]
        self.assertEqual([(record.cause, record.ended_by) for record in answered], [("normalClearing", "1202")])


class RingingByAConnection(WorkersCase):
    async def test_killed(self) -> None:
        """The phone's connection is gone with its call's worker: by the next one it stops and rings anew."""
        server = await self.serve()
        (caller,) = await baresips(server, "1201", tone=440.0)  # type: ignore[arg-type]
        phone = await StreamPhone(server, "1068").connect()  # type: ignore[arg-type]
        stays = server.connected(os.getpid())
        while True:
            await caller.dial(server.uri("1068"))
            invite = await phone.receive("INVITE")
            phone.connection.send(response(invite, status="180 Ringing"))
            (call,) = await until(server.live, 20.0, what="a call in the files", seen=server.process.report)
            if number_of(call) == stays:
                break
            await caller.hangup()
            phone.connection.send(response(await phone.receive("CANCEL")))
            phone.connection.send(response(invite, status="487 Request Terminated"))
            await phone.receive("ACK")
            await until(lambda: not server.live(), what="over")
            caller.mark()
        began = monotonic()
        await until(lambda: monotonic() - began > RINGS_FOR + 0.5, what="it has rung")
        await server.is_gone(server.signal(stays))
        await phone.connection.close()
        await phone.connect()
        cancel = await phone.receive("CANCEL")
        self.assertEqual(*({(one.header("Via"), one.header("Call-ID"))} for one in (invite, cancel)))
        phone.connection.send(response(cancel))
        await answer(phone)
        await caller.wait("CALL_ESTABLISHED")
        await caller.hangup()
        phone.connection.send(response(await phone.receive("BYE")))
        await until(lambda: not server.live(), what="over")
        await server.ready(3)
        self.assertNotIn("Traceback", server.output)
