"""Transfers by phones: blind to all kinds of numbers, attended, and INVITE with Replaces (RFC 5589, RFC 3891)."""

import re
from pathlib import Path

from magroup.resources import sound
from tests.live.pbx import (
    PbxCase,
    Reports,
    baresip,
    changed,
    hear_each_other,
    linphone,
    talking,
    wav,
)
from tests.live.phones import Caller, baresips, together
from tests.live.server import Live
from tests.peers import Baresip, Linphone, SipText, audio, until


class Blind(PbxCase):
    """A phone sends its call elsewhere without asking (REFER)."""

    async def trio(self, server: Live) -> tuple[Baresip, Baresip, Baresip]:
        """Two lines that talk, and a third."""
        (alice,), (bob,), (carol,) = await together(
            baresips(server, "1201", tone=440.0),
            baresips(server, "1202", tone=880.0),
            baresips(server, "1203", tone=1320.0),
        )
        await talking(server, alice, bob)
        return alice, bob, carol

    async def test_by_the_called(self) -> None:
        """The caller hears the third party and the other way round; who transferred is out."""
        server = await self.plain()
        reports = Reports(server)
        alice, bob, carol = await self.trio(server)
        await bob.transfer(server.uri("1203"))
        incoming = await carol.wait("CALL_INCOMING")
        self.assertIn("sip:1201@", incoming["peeruri"])
        await carol.answer()
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        await carol.hears(440.0)
        self.assertEqual(reports.of("1202")[-1], "Transferred")
        self.assertEqual(told(bob), ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"])
        await carol.hangup()
        await alice.wait("CALL_CLOSED")

    async def test_by_the_caller(self) -> None:
        server = await self.plain()
        alice, bob, carol = await self.trio(server)
        await alice.transfer(server.uri("1203"))
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await alice.wait("CALL_CLOSED")
        await hear_each_other(bob, carol)
        await bob.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_given_back(self) -> None:
        """To a number that is unknown, unreachable or busy: who transferred has the call as before.

        A baresip would hang up when its transfer failed.
        """
        server = await self.plain()
        lin, bob, carol = await together(
            linphone(server, "1201"), baresip(server, "1202"), baresip(server, "1203")
        )  # fmt: skip
        call = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        for number, status in (("4711", "404"), ("1204", "480"), ("1203", "486")):
            await lin.transfer(call, server.uri(number))
            if number == "1203":
                await carol.wait("CALL_INCOMING")
                await carol.hangup()
            await until(lambda status=status: any(status in body for body in told(lin)), what=status, seen=lin.report)
            await bob.receives(10)
        await bob.hangup()
        await lin.wait("Released", call)

    async def test_by_linphone(self) -> None:
        server = await self.plain()
        lin, bob, carol = await together(
            linphone(server, "1201"), baresip(server, "1202", tone=880.0), baresip(server, "1203", tone=1320.0)
        )
        call = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        await lin.transfer(call, server.uri("1203"))
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await lin.wait("Released", call)
        await hear_each_other(bob, carol)
        await bob.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_of_a_linphone(self) -> None:
        """It is transferred, after it was put on hold."""
        server = await self.plain()
        lin, bob, carol = await together(
            linphone(server, "1201"), baresip(server, "1202"), baresip(server, "1203", tone=1320.0)
        )
        call = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        await bob.hold()
        await lin.wait("PausedByRemote", call)
        await bob.transfer(server.uri("1203"))
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        await carol.hears(660.0)
        await lin.hangup(call)
        await carol.wait("CALL_CLOSED")

    async def test_hung_up_at_once(self) -> None:
        """A phone that is out before the target answers; when nobody is reached it is rung again."""
        server = await self.plain()
        lin, bob, carol = await together(
            linphone(server, "1201"), baresip(server, "1202", tone=880.0), baresip(server, "1203", tone=1320.0)
        )
        for answers in (True, False):
            call = await lin.dial(server.uri("1202"))
            await bob.wait("CALL_INCOMING")
            await bob.answer()
            await lin.wait("StreamsRunning", call)
            await lin.transfer(call, server.uri("1203"))
            await carol.wait("CALL_INCOMING")
            await lin.hangup(call)
            await lin.wait("Released", call)
            if answers:
                await carol.answer()
                await carol.wait("CALL_ESTABLISHED")
                await hear_each_other(bob, carol)
                await carol.hangup()
            else:
                await carol.hangup()
                call = await lin.incoming()
                await lin.answer(call)
                await lin.wait("StreamsRunning", call)
                await lin.play(wav(self, 660.0), call)
                await bob.receives(10)
                await lin.hangup(call)
            await bob.idle()

    async def test_to_a_manager_number(self) -> None:
        """Who is transferred there hears the greeting in full, then the manager."""
        server = await self.plain(options='welcome = "Welcome.wav"\nmanager_timeout = 20')
        bob, manager = await baresips(server, "1202", "1047")
        caller = await Caller(server, service="1202").call()
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await bob.wait("CALL_ESTABLISHED")
        await bob.transfer(server.uri("8973"))
        await bob.wait("CALL_CLOSED")
        incoming = await manager.wait("CALL_INCOMING", timeout=15)
        self.assertIn("sip:1201@", incoming["peeruri"])
        greeting, rate = audio.read_wav(sound("Welcome.wav"))
        self.assertGreater(audio.correlate(caller.sink.heard(), 8000, greeting, rate)[1], 0.9)
        ringback = len(caller.sink.packets)
        await until(lambda: len(caller.sink.packets) > ringback + 10, what="ringback")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()


class Attended(PbxCase):
    """Two calls of a linphone become one (REFER with Replaces)."""

    async def consult(self, server: Live, answers: bool) -> tuple[Linphone, Baresip, Baresip, int, int]:
        """linphone, which called bob, holds him and calls carol: the three, and its two calls."""
        lin, bob, carol = await together(
            linphone(server, "1201"), baresip(server, "1202", tone=880.0), baresip(server, "1203", tone=1320.0)
        )
        first = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", first)
        await lin.hold(first)
        second = await lin.dial(server.uri("1203"))
        await carol.wait("CALL_INCOMING")
        if answers:
            await carol.answer()
            await lin.wait("StreamsRunning", second)
        else:
            await lin.wait("OutgoingRinging", second)
        return lin, bob, carol, first, second

    async def test_joined(self) -> None:
        server = await self.plain()
        reports = Reports(server)
        lin, bob, carol, first, second = await self.consult(server, True)
        await lin.transfer_attended(first, second)
        await lin.wait("Released", first)
        await lin.wait("Released", second)
        await hear_each_other(bob, carol)
        self.assertIn("Transferred", reports.of("1201"))
        self.assertEqual(told(lin)[-1], "SIP/2.0 200 OK")
        await bob.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_while_it_rings(self) -> None:
        """The target goes on ringing, and talks to the other when it answers."""
        server = await self.plain()
        lin, bob, carol, first, second = await self.consult(server, False)
        await lin.transfer_attended(first, second)
        await lin.wait("Released", second)
        await carol.answer()
        await lin.wait("Released", first)
        await hear_each_other(bob, carol)
        await carol.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_target_hangs_up(self) -> None:
        """Just before: the call is given back, and resumed."""
        server = await self.plain()
        lin, bob, carol, first, second = await self.consult(server, True)
        lin.mark()
        await together(carol.hangup(), lin.wait("Released", second))
        await lin.resume(first)
        await lin.play(wav(self, 660.0), first)
        await bob.receives(10)
        await lin.hangup(first)
        await bob.wait("CALL_CLOSED")


class Replaced(PbxCase):
    """INVITE with Replaces, from SIPp."""

    def replacing(self, invite: SipText, answer: SipText) -> Path:
        """A caller's script that replaces the dialog of an INVITE of the switch and its answer."""
        ours, theirs = (re.findall(r"tag=([^;\s]+)", text)[0] for text in (invite.header("From"), answer.header("To")))
        value = f"{invite.header('Call-ID')};to-tag={ours};from-tag={theirs}"
        old = "      User-Agent: SIPp\n      Allow:"
        return changed(self, "uac", old, f"      Replaces: {value}\n      Require: replaces\n{old}")

    async def replaces(self, server: Live, phone: Baresip, stays: Baresip) -> None:
        """1203 takes the place of ``phone`` in its newest call, with ``stays``, and hangs up."""
        invite = [m for m in phone.received() if m.first_line.startswith("INVITE")][-1]
        answer = [m for m in phone.sent() if m.status and m.header("Call-ID") == invite.header("Call-ID")][-1]
        script = self.replacing(invite, answer)
        caller = await Caller(server, str(script), service="1202", caller="1203", stay=1.0).call()
        await phone.wait("CALL_CLOSED")
        await caller.sink.receive(20)
        stays_at = await stays.media()
        self.assertEqual(stays_at.remote, (caller.sink.ip, caller.sink.port))
        await caller.finished()
        await stays.wait("CALL_CLOSED")

    async def test_established(self) -> None:
        server = await self.plain()
        alice, bob = await baresips(server, "1201", "1202")
        await talking(server, alice, bob)
        await self.replaces(server, bob, alice)

    async def test_ringing(self) -> None:
        """The call that rings there is picked up."""
        server = await self.plain()
        alice, bob = await baresips(server, "1201", "1202")
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await self.replaces(server, bob, alice)
        (cancel,) = [m for m in bob.received() if m.first_line.startswith("CANCEL")]
        self.assertIn("Call completed elsewhere", cancel.header("Reason"))


def told(phone: Baresip | Linphone) -> list[str]:
    """What it was told about its transfers."""
    return [m.body.strip() for m in phone.received() if m.first_line.startswith("NOTIFY")]
