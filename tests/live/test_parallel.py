"""Parallel ringing on real phones: each winner, both at once, neither; nobody is left in a call (spec 1.2 step 4)."""

from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.presence import Presence
from tests.live.case import LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company
from tests.peers import Baresip, until

PARALLEL = "manager_timeout = 30\nassistant_timeout = 30\nring_parallel = true\n"
TWO = ("1047", "1175")
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


def outcomes(call: CallRecord) -> dict[str, LegOutcome]:
    return {leg.number: leg.outcome for leg in call.legs if leg.inbound}


class OneAnswers(LiveCase):
    """Real phones: speech with the one who answers, the other is silent again."""

    async def won_by(self, winner: Baresip, loser: Baresip, caller: Baresip, uri: str) -> None:
        await caller.dial(uri)
        await together(winner.wait("CALL_INCOMING"), loser.wait("CALL_INCOMING"))
        await winner.answer()
        await together(winner.wait("CALL_ESTABLISHED"), loser.wait("CALL_CLOSED"), caller.wait("CALL_ESTABLISHED"))
        await loser.idle()
        await together(winner.receives(10), caller.receives(10))
        (cancel,) = [message for message in loser.received() if message.method == "CANCEL" and not message.status]
        self.assertEqual(cancel.header("Reason"), ELSEWHERE)

    async def test_manager(self) -> None:
        server = await self.serve(company(PARALLEL, people=TWO))
        manager, assistant, caller = await baresips(server, *TWO, "1201")
        await self.won_by(manager, assistant, caller, server.uri("8973"))
        await caller.hangup()
        await together(manager.idle(), caller.idle())
        call = await self.over(server, "assistant S1175 rang; answered by S1047")
        self.assertEqual(outcomes(call), {"1047": LegOutcome.ANSWERED, "1175": LegOutcome.ELSEWHERE})

    async def test_assistant(self) -> None:
        server = await self.serve(company(PARALLEL, people=TWO))
        manager, assistant, caller = await baresips(server, *TWO, "1201")
        await self.won_by(assistant, manager, caller, server.uri("8973"))
        await assistant.hangup()
        await together(assistant.idle(), caller.idle())
        call = await self.over(server, "manager rang; answered by S1175")
        self.assertEqual(outcomes(call), {"1047": LegOutcome.ELSEWHERE, "1175": LegOutcome.ANSWERED})


class BothAnswer(LiveCase):
    """Exactly one has the call; the other one's answer is acknowledged and hung up."""

    async def test_real_phones_at_once(self) -> None:
        """Phones that answer by themselves, three times over."""
        server = await self.serve(company(PARALLEL, people=TWO))
        phones, (caller,) = await together(baresips(server, *TWO, answer="auto"), baresips(server, "1201"))
        for count in range(1, 4):
            await caller.dial(server.uri("8973"))
            await caller.wait("CALL_ESTABLISHED")

            async def one_is_up() -> bool:
                return sorted([len(await phone.calls()) for phone in phones]) == [0, 1]

            await until(one_is_up, what="one of the two has the call")
            await caller.receives(10)
            await caller.hangup()
            await together(caller.idle(), *(phone.idle() for phone in phones))
            await server.quiet()
            self.assertEqual(len(await server.records()), count)
        for call in await server.records():
            self.assertEqual(sorted(outcomes(call).values()).count(LegOutcome.ANSWERED), 1)
            # Who is cancelled before it has said that it rings has no part in the call.
            self.assertLessEqual(set(outcomes(call).values()), {LegOutcome.ANSWERED, LegOutcome.ELSEWHERE})

    async def test_answer_crosses_the_cancel(self) -> None:
        """Both winners: the one who loses had sent its 200 when it was cancelled."""
        for manager, assistant, story in (
            ("uas_late_200", "uas", "manager rang; answered by S1175"),
            ("uas", "uas_late_200", "assistant S1175 rang; answered by S1047"),
        ):
            server = await self.serve(company(PARALLEL, people=TWO))
            phones = await desks(
                Desk(server, "1047", manager, ring=0.3), Desk(server, "1175", assistant, ring=0.3)
            )  # fmt: skip
            caller = await Caller(server, "uac", stay=0.5).call()
            await caller.finished()
            await finished(*phones)
            late = phones[0] if manager == "uas_late_200" else phones[1]
            self.assertEqual(late.requests(), ["INVITE", "CANCEL", "ACK", "BYE"])
            call = await self.over(server, story)
            self.assertEqual(sorted(outcomes(call).values()), sorted([LegOutcome.ANSWERED, LegOutcome.ELSEWHERE]))
            await server.stop()

    async def test_without_ringing(self) -> None:
        """Both answer before anything can be cancelled."""
        server = await self.serve(company(PARALLEL, people=TWO))
        phones = await desks(Desk(server, "1047", "uas_at_once"), Desk(server, "1175", "uas_at_once"))
        caller = await Caller(server, "uac", stay=0.5).call()
        result = await caller.finished()
        await finished(*phones)
        self.assertEqual(result.statuses.count(200), 2)
        for phone in phones:
            self.assertEqual(phone.requests(), ["INVITE", "ACK", "BYE"])
        await server.quiet()
        (call,) = await server.records()
        self.assertEqual(list(outcomes(call).values()).count(LegOutcome.ANSWERED), 1)
        self.assertNotIn(LegOutcome.MISSED, outcomes(call).values())


class OneIsOut(LiveCase):
    """One of the two does not take it, or is not rung at all."""

    async def test_manager_declines(self) -> None:
        """The assistant rings on, and answers."""
        server = await self.serve(company(PARALLEL, people=TWO))
        manager, assistant = await baresips(server, *TWO)
        caller = await Caller(server).call()
        await together(manager.wait("CALL_INCOMING"), assistant.wait("CALL_INCOMING"))
        await manager.hangup()
        await manager.idle()
        self.assertEqual(len(await assistant.calls()), 1)
        await assistant.answer()
        await assistant.wait("CALL_ESTABLISHED")
        await assistant.hangup()
        await caller.finished()
        await self.over(server, "S1047 busy; answered by S1175")

    async def test_first_available(self) -> None:
        """The second assistant rings beside the manager where the first is away."""
        server = await self.serve(company(PARALLEL))
        server.presence("1175", Presence.AWAY)
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas", ring=0.2)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(manager, second)
        self.assertEqual(first.requests(), [])
        await self.over(server, "S1175 Away; manager rang; answered by S1068")

    async def test_assistant_forwarded(self) -> None:
        """The call rings with the manager where the assistant's line is forwarded to."""
        server = await self.serve(company(PARALLEL, people=TWO, others=("1201", "1202")))
        server.forward("1175", Forwarding(ForwardTo.NUMBER, "1202"))
        manager, assistant, target = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"), Desk(server, "1202", "uas", ring=0.2)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(manager, target)
        self.assertEqual(assistant.requests(), [])
        await self.over(server, "manager rang; S1175's line forwarded to 1202; answered by S1175")
