"""Picking up by code on real phones: calls of the group and to its members' lines, races, refusals, what is told."""

from dataclasses import replace

from magroup.cti.types import ConnectionState
from magroup.model.presence import Presence
from tests.live.case import FIRST, LiveCase
from tests.live.log_watch import LogWatch
from tests.live.pbx import hear_each_other, linphone, talking, wav
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import Live, company
from tests.peers import Baresip, SipText, until

ELSEWHERE = "Call completed elsewhere"
GROUP = "manager_timeout = 30\nassistant_timeout = 30\nring_parallel = true\n"


class Pickup(LiveCase):
    """A group of 1047 (manager), 1175 and 1068; 1201 and 1202 are in none."""

    async def group(self, options: str = GROUP, vips: tuple[str, ...] = ()) -> Live:
        return await self.serve(company(options, others=("1201", "1202"), vips=vips))

    def answer(self, phone: Baresip) -> SipText:
        """The 200 to the phone's INVITE."""
        (found,) = {m.text: m for m in phone.received() if m.status == 200 and "INVITE" in m.header("CSeq")}.values()
        return found

    async def test_group_call(self) -> None:
        """Two phones ring, a third one picks up: it has one call, shows the caller, and nobody missed it."""
        server = await self.group()
        manager, assistant = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"))
        (caller, other) = await baresips(server, "1201", "1068")
        await caller.dial(server.uri("8973"))
        await alerting(server, "1047", "1175")
        await other.dial(server.uri("*8"))
        await together(other.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await hear_each_other(caller, other)
        self.assertEqual(len(await other.calls()), 1)
        self.assertIn('"First1201 Last" <sip:1201@', self.answer(other).header("P-Asserted-Identity"))
        await finished(manager, assistant)
        for desk in (manager, assistant):
            self.assertIn(ELSEWHERE, (await desk.cancelled()).header("Reason"))
        await other.hangup()
        await caller.wait("CALL_CLOSED")
        record = await self.over(server, "manager rang; assistant S1175 rang; picked up by S1068")
        outcomes = {leg.number: leg.outcome.value for leg in record.legs}
        self.assertEqual(outcomes, {"1201": "answered", "1047": "elsewhere", "1175": "elsewhere", "1068": "answered"})

    async def test_while_announcements_play(self) -> None:
        """By a linphone; the caller hears it instead."""
        server = await self.group(f'{GROUP}announcements = ["{FIRST}"]\n')
        (manager,) = await desks(Desk(server, "1047", "uas_ring"))
        (caller,), lin = await together(baresips(server, "1201"), linphone(server, "1068"))
        server.presence("1175", Presence.AWAY)
        server.presence("1068", Presence.AWAY)
        await caller.dial(server.uri("8973"))
        await caller.wait("CALL_ESTABLISHED")
        await alerting(server, "1047")
        await caller.hears_file(server.sound_file(FIRST))
        call = await lin.dial(server.uri("*81047"))
        # Its second description is the caller's; what it plays before is over then.
        await lin.wait("StreamsRunning", call)
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        await finished(manager)
        await until(lambda: not server.left()["streams"], what="no announcement")
        await caller.receives(10)
        await caller.hangup()
        await lin.wait("Released", call)
        await self.over(server, "manager rang; picked up by S1068")

    async def test_call_to_a_member(self) -> None:
        """To the line itself, with the code and the number; by the manager whose line it is not."""
        server = await self.group()
        (assistant,) = await desks(Desk(server, "1175", "uas_ring"))
        caller, manager = await baresips(server, "1201", "1047")
        await caller.dial(server.uri("1175"))
        await alerting(server, "1175")
        await manager.dial(server.uri("*81175"))
        await together(manager.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await hear_each_other(caller, manager)
        await finished(assistant)
        self.assertIn(ELSEWHERE, (await assistant.cancelled()).header("Reason"))
        await caller.hangup()
        await manager.wait("CALL_CLOSED")
        record = await self.over(server, "picked up by First1047 Last")
        self.assertEqual([leg.outcome.value for leg in record.legs], ["answered", "elsewhere", "answered"])

    async def test_refused(self) -> None:
        """Nothing rings: 480; a stranger, a number of no colleague: 403. Each has its line in the log."""
        server = await self.group()
        log = LogWatch(self)
        for line, dialled, status, why in (
            ("1047", "*8", 480, "1047 picks up nothing: No call to pick up"),
            ("1047", "*81175", 480, "1047 picks up nothing at 1175: No call to pick up"),
            ("1201", "*8", 403, "1201 picks up nothing: Only members of a group pick up calls"),
            ("1047", "*81202", 403, "1047 picks up nothing at 1202: The number belongs to no member of your groups"),
        ):
            caller = await Caller(server, "uac_refused", service=dialled, caller=line).call()
            answer = await caller.heard(status)
            self.assertEqual(answer.first_line, f"SIP/2.0 {status} {why.partition(': ')[2]}")
            await caller.finished()
            self.assertEqual(len(log.having(why)), 1, log.lines)
        await server.quiet()
        self.assertEqual(await server.records(), [])

    async def test_other_code(self) -> None:
        """Another one is set while the server runs, and then none; *8 is a number like any other."""
        server = await self.serve(company(GROUP, others=("1201",)), calls={"pickup_code": "*5"})
        for code, statuses in (("*5", {"*8": 404, "*5": 480}), ("*8", {"*8": 480, "*5": 404}), ("", {"*8": 404})):
            await server.read_again(replace(server.settings, calls=replace(server.settings.calls, pickup_code=code)))
            for dialled, status in statuses.items():
                caller = await Caller(server, "uac_refused", service=dialled, caller="1047").call()
                await caller.heard(status)
                await caller.finished()

    async def test_hidden_vip(self) -> None:
        """VIP to manager only: nobody picks it up, and the manager answers."""
        server = await self.group(f'{GROUP}show_vip_calls = "manager"\n', vips=("1201",))
        (manager,) = await baresips(server, "1047")
        (assistant,) = await desks(Desk(server, "1175", "uas_ring"))
        caller = await Caller(server).call()
        await manager.wait("CALL_INCOMING")
        await alerting(server, "1047")
        for dialled in ("*8", "*81047"):
            refused = await Caller(server, "uac_refused", service=dialled, caller="1068").call()
            await refused.heard(480)
            await refused.finished()
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await finished(assistant)
        await manager.hangup()
        await caller.finished()
        await self.over(server, "VIP by list entry 1201; assistant S1175 rang; answered by S1047")

    async def test_crossed_by_the_answer(self) -> None:
        """The phone that rang answers as its CANCEL arrives: it is hung up, and the one who picked up has the call."""
        server = await self.group()
        (manager,) = await desks(Desk(server, "1047", "uas_late_200"))
        caller, other = await baresips(server, "1201", "1068")
        server.presence("1175", Presence.AWAY)
        server.presence("1068", Presence.AWAY)
        await caller.dial(server.uri("8973"))
        await alerting(server, "1047")
        await caller.wait("CALL_RINGING")
        await other.dial(server.uri("*8"))
        await together(other.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await finished(manager)
        await hear_each_other(caller, other)
        await other.hangup()
        await caller.wait("CALL_CLOSED")
        await self.over(server, "manager rang; picked up by S1068")

    async def test_at_the_same_moment(self) -> None:
        """One answers while another picks up: one of them has the call, the other none."""
        server = await self.group()
        caller, manager, other = await baresips(server, "1201", "1047", "1068")
        server.presence("1068", Presence.AWAY)
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await alerting(server, "1047")
        await together(manager.answer(), other.dial(server.uri("*8")))
        await caller.wait("CALL_ESTABLISHED")
        await until(lambda: len(server.assembly.telephony.switch.calls()) == 1, what="one call")
        winner, loser = await self.sorted(server, manager, other)
        await loser.wait("CALL_CLOSED")
        await hear_each_other(caller, winner)
        await caller.hangup()
        await winner.wait("CALL_CLOSED")
        await server.quiet()

    async def sorted(self, server: Live, one: Baresip, other: Baresip) -> tuple[Baresip, Baresip]:
        """Who of the two is in the only call, and who is not."""
        (call,) = server.assembly.telephony.switch.calls()
        self.assertEqual(len(call.connections), 2)
        return (one, other) if call.connection(one.name) else (other, one)

    async def test_transferred_call(self) -> None:
        """A call that is transferred to a member's line and rings there."""
        server = await self.group()
        (assistant,) = await desks(Desk(server, "1175", "uas_ring"))
        caller, manager, other = await baresips(server, "1201", "1047", "1068")
        await talking(server, caller, manager)
        await manager.transfer(server.uri("1175"))
        await alerting(server, "1175")
        await other.dial(server.uri("*8"))
        await together(other.wait("CALL_ESTABLISHED"), manager.wait("CALL_CLOSED"))
        await finished(assistant)
        await hear_each_other(caller, other)
        await other.hangup()
        await caller.wait("CALL_CLOSED")
        await server.quiet()


async def alerting(server: Live, *devices: str) -> None:
    """Wait until the switch knows that these ring."""

    def all_ring() -> bool:
        connections = [one for call in server.assembly.telephony.switch.calls() for one in call.connections]
        return {one.id.device for one in connections if one.state is ConnectionState.ALERTING} >= {*devices}

    await until(all_ring, what=f"ringing at {', '.join(devices)}")
