"""Who rings, in which order and for how long, and what becomes of the call when a phone does not take it (spec 1.2)."""

import re
from pathlib import Path

from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.presence import Presence
from tests.live.case import FIRST, SHORT_T1, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group
from tests.peers import until
from tests.peers.sipp import SCENARIOS

SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
GREETED = f'manager_timeout = 30\nassistant_timeout = 30\nannouncements = ["{FIRST}"]\n'
DESCRIPTION = re.compile(r" *Content-Type: application/sdp\n.*?a=sendrecv\n\n", re.S)
FIVE = ("1047", "1175", "1068", "1118", "1072")


def outcomes(call: CallRecord) -> dict[str, LegOutcome]:
    """What came of the call at each number called."""
    return {leg.number: leg.outcome for leg in call.legs if leg.inbound}


class Order(LiveCase):
    """Scripted phones, real ones where sound matters."""

    async def test_manager_then_assistants(self) -> None:
        """Each rings for the own timeout, one after another; the caller's identity is as received at the manager's."""
        server = await self.serve(company(SHORT))
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"), Desk(server, "1068", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(manager, first, second)
        for desk in (manager, first):
            self.assertEqual(desk.requests(), ["INVITE", "CANCEL", "ACK"])
        call = await self.over(server, "manager rang; assistant S1175 rang; answered by S1068")
        self.assertIn("manager rang 1 s; assistant S1175 rang 1 s", await server.trail())
        self.assertEqual(
            outcomes(call), {"1047": LegOutcome.MISSED, "1175": LegOutcome.MISSED, "1068": LegOutcome.ANSWERED}
        )  # fmt: skip
        legs = [leg for leg in call.legs if leg.inbound]
        self.assertLessEqual(legs[0].ended_at, legs[1].ringing_at)
        self.assertLessEqual(legs[1].ended_at, legs[2].ringing_at)

    async def test_presence(self) -> None:
        """The manager Away: the assistants at once; who is Busy, DND, Unavailable or has no phone is passed over."""
        server = await self.serve(company(SHORT, people=(*FIVE, "1033")))
        phones = await desks(*(Desk(server, number, "uas", ring=0.1) for number in (*FIVE[:4], "1033")))
        absent = (Presence.AWAY, Presence.BUSY, Presence.DND, Presence.UNAVAILABLE)
        for number, presence in zip(FIVE, absent, strict=False):
            server.presence(number, presence)
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(phones[-1])
        self.assertEqual([phone.requests() for phone in phones[:-1]], [[]] * 4)
        await self.over(
            server,
            "manager Away; S1175 status Busy; S1068 Do Not Disturb; S1118 Unavailable;"
            " S1072's line out of service; answered by S1033",
        )

    async def test_no_limit(self) -> None:
        """A timeout of 0: no timer runs; when the only phone goes away, the call is not stuck with it."""
        server = await self.serve(company(f'announcements = ["{FIRST}"]\n'))
        manager, assistant = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac", stay=3.0).call()
        await manager.invited()
        await until(lambda: len(caller.sink.packets) > 60, what="announcements")
        self.assertEqual(server.assembly.application.describe()["timers"], 0)
        self.assertEqual(assistant.requests(), [])
        await manager.unregister()
        await manager.cancelled()
        await finished(manager, assistant)
        await caller.finished()
        await self.over(server, "S1047 not reached; answered by S1175")

    async def test_parallel(self) -> None:
        """Manager and first assistant ring together; who loses is told that the call was completed elsewhere."""
        server = await self.serve(company("manager_timeout = 30\nring_parallel = true\n"))
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas", ring=0.3), Desk(server, "1068", "uas_ring")
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        reason = (await manager.cancelled()).header("Reason")
        self.assertEqual(reason, 'SIP;cause=200;text="Call completed elsewhere"')
        await caller.finished()
        await finished(manager, first)
        self.assertEqual(second.requests(), [])
        call = await self.over(server, "manager rang; answered by S1175")
        self.assertEqual(outcomes(call), {"1047": LegOutcome.ELSEWHERE, "1175": LegOutcome.ANSWERED})

    async def test_parallel_ends_with_the_manager(self) -> None:
        """Nobody answers: both are cancelled without that reason; the next assistant rings alone."""
        server = await self.serve(company(f"{SHORT}ring_parallel = true\n"))
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"), Desk(server, "1068", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        for desk in (manager, first):
            self.assertNotIn("elsewhere", (await desk.cancelled()).header("Reason"))
        await caller.finished()
        await finished(manager, first, second)
        await self.over(server, "manager rang; assistant S1175 rang; answered by S1068")

    async def test_two_phones_of_the_manager(self) -> None:
        """Both phones of the line ring; one answers, the other learns that it was answered elsewhere."""
        server = await self.serve(company("manager_timeout = 30\n"))
        desk, mobile = await desks(Desk(server, "1047", "uas", ring=0.3), Desk(server, "1047", "uas_ring"))
        caller = await Caller(server, "uac").call()
        reason = (await mobile.cancelled()).header("Reason")
        self.assertEqual(reason, 'SIP;cause=200;text="Call completed elsewhere"')
        await caller.finished()
        await finished(desk, mobile)
        await self.over(server, "answered by S1047")

    async def test_members_who_call(self) -> None:
        """The manager reaches the first assistant; an assistant the manager, or with the option at once."""
        server = await self.serve(company(
            "manager_timeout = 30\nassistant_timeout = 30\n", people=("1047", "1175"),
            more=group("Direct", "8974", f'welcome = "{FIRST}"\nassistant_to_manager = true\n', ("1047", "1175")),
        ))  # fmt: skip
        manager, assistant = await desks(Desk(server, "1047", "uas", calls=2), Desk(server, "1175", "uas"))
        for caller, number in (("1047", "8973"), ("1175", "8973"), ("1175", "8974")):
            await (await Caller(server, "uac", number, caller).call()).finished()
        await finished(manager, assistant)
        await server.quiet()
        told = ["S1047 is calling; answered by S1175", "answered by S1047", "S1175 directly to the manager"]
        self.assertEqual(await server.stories(), told)


class Refusals(LiveCase):
    """Phones that do not take the call, each in its own way."""

    async def test_left_at_once(self) -> None:
        """486, 603, 480 and 503: the next rings at once, whatever the timeout."""
        server = await self.serve(company("manager_timeout = 60\nassistant_timeout = 60\n", people=FIVE))
        phones = await desks(
            Desk(server, "1047", "uas_busy"),
            Desk(server, "1175", "uas_code", keys={"code": "603", "reason": "Decline"}),
            Desk(server, "1068", "uas_code"),
            Desk(server, "1118", "uas_code", keys={"code": "503", "reason": "Service Unavailable"}),
            Desk(server, "1072", "uas"),
        )
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(*phones)
        call = await self.over(
            server, "S1047 busy; S1175 declined; S1068 not reached; S1118 not reached; answered by S1072"
        )  # fmt: skip
        self.assertEqual(outcomes(call), {
            "1047": LegOutcome.BUSY, "1175": LegOutcome.DECLINED, "1068": LegOutcome.FAILED,
            "1118": LegOutcome.FAILED, "1072": LegOutcome.ANSWERED,
        })  # fmt: skip

    async def test_redirected(self) -> None:
        """302 to another line: that one rings for the member; to a number nobody has: the next member."""
        server = await self.serve(company("manager_timeout = 60\nassistant_timeout = 60\n", others=("1201", "1202")))
        nowhere, moved, elsewhere = await desks(
            Desk(server, "1047", "uas_redirect", keys={"contact": "sip:9999@example.invalid"}),
            Desk(server, "1175", "uas_redirect", keys={"contact": f"sip:1202@{server.address}"}),
            Desk(server, "1202", "uas"),
        )
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(nowhere, moved, elsewhere)
        self.assertIn("sip:1175@", (await elsewhere.invited()).header("Diversion"))
        await self.over(server, "S1047 not reached; answered by S1175")

    async def test_answer_without_a_description(self) -> None:
        """With whom nothing can be heard is hung up, and the next one rings."""
        server = await self.serve(company(GREETED))
        script = (SCENARIOS / "uas.xml").read_text()
        mute = Path(self.mktemp()).absolute().with_suffix(".xml")
        mute.write_text(DESCRIPTION.sub("      Content-Length: 0\n\n\n", script))
        manager, assistant = await desks(Desk(server, "1047", str(mute)), Desk(server, "1175", "uas"))
        caller = await Caller(server, "uac", stay=1.0).call()
        await caller.finished()
        await finished(manager, assistant)
        self.assertEqual(manager.requests(), ["INVITE", "ACK", "BYE"])
        await self.over(server, "S1047 not reached; answered by S1175")

    async def test_silent(self) -> None:
        """A phone that says nothing at all is left when its time is over; in the end nothing is owed to it."""
        server = await self.serve(company(SHORT), sip={"t1": SHORT_T1})
        silent, assistant = await desks(
            Desk(server, "1047", "uas_silent", stay=1.5), Desk(server, "1175", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(silent, assistant)
        self.assertGreater(silent.requests().count("INVITE"), 2)
        call = await self.over(server, "manager rang; answered by S1175")
        self.assertEqual(outcomes(call)["1175"], LegOutcome.ANSWERED)
        await self.forgotten(server)

    async def test_answer_crosses_cancel(self) -> None:
        """A 200 that comes after the CANCEL is acknowledged and hung up; the assistant has the call."""
        server = await self.serve(company(SHORT))
        late, assistant = await desks(Desk(server, "1047", "uas_late_200"), Desk(server, "1175", "uas", ring=0.3))
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(late, assistant)
        self.assertEqual(late.requests(), ["INVITE", "CANCEL", "ACK", "BYE"])
        await self.over(server, "manager rang; answered by S1175")


class Vanished(LiveCase):
    """Phones whose cable is pulled. T1 is short, so that what is sent into the void is given up within seconds."""

    async def test_manager_while_ringing(self) -> None:
        server = await self.serve(company("manager_timeout = 2\nassistant_timeout = 30\n"), sip={"t1": SHORT_T1})
        (manager,), (assistant,) = await together(
            baresips(server, "1047"), desks(Desk(server, "1175", "uas", ring=0.1))
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await manager.wait("CALL_INCOMING")
        await manager.unplug()
        await caller.finished()
        await finished(assistant)
        await self.over(server, "manager rang; answered by S1175")

    async def test_manager_while_talking(self) -> None:
        """The caller hangs up on nobody: the BYE without an answer keeps nothing alive."""
        server = await self.serve(company("manager_timeout = 30\n"), sip={"t1": SHORT_T1})
        (manager,), (caller,) = await together(baresips(server, "1047"), baresips(server, "1201"))
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await manager.unplug()
        await caller.hangup()
        await caller.idle()
        await self.over(server, "answered by S1047")

    async def test_caller_while_talking(self) -> None:
        server = await self.serve(company("manager_timeout = 30\n"), sip={"t1": SHORT_T1})
        (manager,), (caller,) = await together(baresips(server, "1047"), baresips(server, "1201"))
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await caller.unplug()
        await manager.hangup()
        await manager.idle()
        await self.over(server, "answered by S1047")

    async def test_caller_while_waiting(self) -> None:
        """The manager answers somebody who is not there any more: the call ends as soon as that is known."""
        server = await self.serve(company(GREETED), sip={"t1": SHORT_T1})
        (manager,), (caller,) = await together(baresips(server, "1047"), baresips(server, "1201"))
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.receives()
        await caller.unplug()
        await manager.answer()
        await manager.wait("CALL_CLOSED")
        await self.over(server, "answered by S1047")
        await self.forgotten(server)

    async def test_tcp_caller_while_waiting(self) -> None:
        """The same over a connection, which is closed: known sooner."""
        server = await self.serve(company(GREETED))
        (manager,), (caller,) = await together(baresips(server, "1047"), baresips(server, "1201", transport="tcp"))
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.receives()
        await caller.unplug()
        await manager.answer()
        await manager.wait("CALL_CLOSED")
        await self.over(server, "answered by S1047")
