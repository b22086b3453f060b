"""Records of real calls: who answered and who missed, transfers linked, groups and reasons of each (spec 1.6, 1.7)."""

from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.presence import Presence
from tests.live.case import GREETING, LiveCase
from tests.live.pbx import linphone
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group
from tests.peers import until

LONG = "manager_timeout = 30\nassistant_timeout = 30\n"
SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
TWO = ("1047", "1175")
ANSWERED, ELSEWHERE, MISSED, NOT_ANSWERED = (
    LegOutcome.ANSWERED, LegOutcome.ELSEWHERE, LegOutcome.MISSED, LegOutcome.NOT_ANSWERED,
)  # fmt: skip


def outcomes(call: CallRecord) -> list[tuple[str, LegOutcome]]:
    """What came of the call at each phone, in the order in which they rang."""
    return [(leg.number, leg.outcome) for leg in call.legs if leg.inbound]


class Missed(LiveCase):
    """Whose call it was that nobody took."""

    async def hung_up_after(self, seconds: float) -> CallRecord:
        """Two phones ring in parallel for so long."""
        server = await self.serve(company(f"{LONG}ring_parallel = true\n", people=TWO))
        manager, assistant, caller = await baresips(server, *TWO, "1201")
        await caller.dial(server.uri("8973"))
        await together(manager.wait("CALL_INCOMING"), assistant.wait("CALL_INCOMING"))
        clock = server.assembly.reactor
        begun = clock.seconds()
        await until(lambda: clock.seconds() - begun > seconds, what="patience")
        await caller.hangup()
        await together(manager.idle(), assistant.idle())
        call = await self.over(server, "manager rang; assistant S1175 rang; caller hung up")
        self.assertEqual((call.ended_by, call.answered_at), ("1201", 0.0))
        return call

    async def test_caller_gives_up_at_once(self) -> None:
        """Within three seconds: nobody missed it."""
        call = await self.hung_up_after(0.2)
        self.assertEqual(sorted(outcomes(call)), [("1047", NOT_ANSWERED), ("1175", NOT_ANSWERED)])

    async def test_caller_gives_up_later(self) -> None:
        """After them: both did."""
        call = await self.hung_up_after(3.3)
        self.assertEqual(sorted(outcomes(call)), [("1047", MISSED), ("1175", MISSED)])

    async def test_who_rang_until_the_timeout(self) -> None:
        """However short that is; in the second round the one who answers, and who rang beside, did not miss it."""
        server = await self.serve(company(f"{SHORT}ring_parallel = true\n", people=TWO))
        (manager,), (assistant,) = await together(
            baresips(server, "1047"), desks(Desk(server, "1175", "uas_ring", calls=2))
        )  # fmt: skip
        caller = await Caller(server).call()
        await manager.wait("CALL_INCOMING")
        await manager.wait("CALL_CLOSED")
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()
        await finished(assistant)
        call = await self.over(
            server,
            "manager rang; assistant S1175 rang; again from the top; assistant S1175 rang; answered by S1047",
        )  # fmt: skip
        first, second = outcomes(call)[:2], outcomes(call)[2:]
        self.assertEqual(sorted(first), [("1047", MISSED), ("1175", MISSED)])
        self.assertEqual(sorted(second), [("1047", ANSWERED), ("1175", ELSEWHERE)])
        self.assertLess(call.started_at, call.legs[1].ringing_at)
        self.assertLess(call.answered_at, call.ended_at)


class Transferred(LiveCase):
    """Calls that people send on are linked, and each belongs to the group it was made to."""

    async def test_blind_to_another_group(self) -> None:
        """The manager sends the caller to a second group's number: a second call, from its greeting on."""
        second = group("Second", "8974", f'{LONG}welcome = "{GREETING}"\n', ("1202",))
        server = await self.serve(company(LONG, people=("1047",), others=("1201", "1202"), more=second))
        manager, caller, other = await baresips(server, "1047", "1201", "1202")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await manager.transfer(server.uri("8974"))
        await other.wait("CALL_INCOMING")
        await other.answer()
        await other.wait("CALL_ESTABLISHED")
        await other.receives(10)
        await other.hangup()
        await together(caller.idle(), manager.idle())
        await server.quiet()
        first, then = await server.records()
        self.assertEqual((first.transferred_to, then.transferred_from), (then.id, first.id))
        self.assertEqual((first.group_id, then.group_id), (1, 2))
        self.assertEqual((first.caller_number, then.caller_number), ("1201", "1201"))
        self.assertEqual((outcomes(first), outcomes(then)), ([("1047", ANSWERED)], [("1202", ANSWERED)]))
        self.assertEqual(await server.stories(), ["answered by S1047", "greeting; answered by S1202"])

    async def test_attended_to_the_manager(self) -> None:
        """An assistant asks the manager first, on the manager's own line: no second call of the group."""
        server = await self.serve(company(LONG, people=TWO))
        (manager, caller), assistant = await together(baresips(server, "1047", "1201"), linphone(server, "1175"))
        server.presence("1047", Presence.AWAY)
        await caller.dial(server.uri("8973"))
        call = await assistant.incoming()
        await assistant.answer(call)
        await caller.wait("CALL_ESTABLISHED")
        consultation = await assistant.dial(server.uri("1047"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await assistant.wait("StreamsRunning", consultation)
        await assistant.transfer_attended(call, consultation)
        await assistant.wait("End", call)
        await together(manager.receives(10), caller.receives(10))
        await caller.hangup()
        await manager.idle()
        await server.quiet()
        records = {record.called_number: record for record in await server.records()}
        of_group, consulted = records["8973"], records["1047"]
        self.assertEqual((of_group.transferred_from, consulted.transferred_to), (consulted.id, of_group.id))
        self.assertEqual((of_group.group_id, consulted.group_id), (1, 0))
        self.assertEqual(outcomes(of_group), [("1175", ANSWERED), ("1047", ANSWERED)])
        self.assertEqual([leg.group_id for leg in of_group.legs if leg.inbound], [1, 0])
