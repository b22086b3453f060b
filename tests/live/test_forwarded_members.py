"""Lines of members that are forwarded: the calls of their group follow, with the way in the headers (spec 1.2, 2)."""

from magroup.groups import ForwardingError
from magroup.model.calls import LegOutcome
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.presence import Presence
from tests.live.case import LiveCase
from tests.live.pbx import trunk
from tests.live.phones import Caller, Desk, baresips, desks, finished
from tests.live.server import company
from tests.live.test_application_forwarding import numbers
from tests.peers import Sipp, address

LONG = "manager_timeout = 30\nassistant_timeout = 30\n"
SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
OUTSIDE = ("1201", "1202", "1203")
MOBILE = "0791234567"


def to(number: str) -> Forwarding:
    return Forwarding(ForwardTo.NUMBER, number)


class Assistants(LiveCase):
    """The manager is away."""

    async def test_to_the_mobile(self) -> None:
        """Over a trunk, whatever the assistant's presence; diverted from the assistant's line."""
        pbx = str(address(self))
        gateway = await Sipp(self, "uas", ip=pbx, ring=0.2, timeout=60.0).start()
        server = await self.serve(company(
            f'{LONG}caller_name = "%managerShortName%"\n', users={"1175": f'mobile = "{MOBILE}"'},
            more=trunk(pbx, "default = true"),
        ))  # fmt: skip
        server.presence("1047", Presence.AWAY)
        server.presence("1175", Presence.UNAVAILABLE)
        server.forward("1175", Forwarding(ForwardTo.MOBILE))
        caller = await Caller(server, "uac", stay=0.3).call()
        invite = await gateway.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:{MOBILE}@"), invite.first_line)
        self.assertEqual(numbers(invite, "Diversion"), ["1175"])
        self.assertEqual(numbers(invite, "History-Info"), ["1175", MOBILE])
        self.assertTrue(invite.header("From").startswith('"S1047" <sip:1201@'), invite.header("From"))
        await caller.finished()
        await gateway.finished()
        call = await self.over(server, "manager Away; S1175's line forwarded to mobile; answered by S1175")
        leg = call.legs[-1]
        self.assertEqual((leg.number, leg.member_id, leg.outcome), (MOBILE, 2, LegOutcome.ANSWERED))

    async def test_chain(self) -> None:
        """Two lines on the way: the last that sent the call on is the first in the header. Not answered: the next."""
        server = await self.serve(company(SHORT, others=OUTSIDE))
        server.presence("1047", Presence.AWAY)
        server.forward("1175", to("1202"))
        server.forward("1202", to("1203"))
        forwarded, between, rings, assistant = await desks(
            Desk(server, "1175", "uas"), Desk(server, "1202", "uas"), Desk(server, "1203", "uas_ring"),
            Desk(server, "1068", "uas", ring=0.1),
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        invite = await rings.invited()
        self.assertEqual(numbers(invite, "Diversion"), ["1202", "1175"])
        self.assertEqual(numbers(invite, "History-Info"), ["1175", "1202", "1203"])
        await caller.finished()
        await finished(rings, assistant)
        self.assertEqual((forwarded.requests(), between.requests()), ([], []))
        await self.over(
            server,
            "manager Away; S1175's line forwarded to 1203; assistant S1175 rang; answered by S1068",
        )  # fmt: skip

    async def test_to_a_member(self) -> None:
        """Who has a call for another one is not rung again for the own turn."""
        server = await self.serve(company(f'{SHORT}overflow = "busy"\n'))
        server.presence("1047", Presence.AWAY)
        server.forward("1175", Forwarding(ForwardTo.MEMBER, member_id=server.member("1068").id))
        (other,) = await desks(Desk(server, "1068", "uas_ring"))
        caller = await Caller(server, "uac_refused").call()
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await finished(other)
        await self.over(
            server, "manager Away; S1175's line forwarded to S1068; assistant S1175 rang; overflow busy"
        )  # fmt: skip


class Circles(LiveCase):
    """Refused when set; never rung."""

    async def test_refused(self) -> None:
        server = await self.serve(company(LONG, others=OUTSIDE))
        server.forward("1175", to("1068"))
        for number, forwarding in (("1068", to("1175")), ("1047", to("8973")), ("1202", to("12-02"))):
            with self.assertRaises(ForwardingError):
                server.forward(number, forwarding)
        (assistant,) = await desks(Desk(server, "1068", "uas", ring=0.1))
        server.presence("1047", Presence.AWAY)
        await (await Caller(server, "uac").call()).finished()
        await finished(assistant)
        await self.over(server, "manager Away; S1175's line forwarded to 1068; answered by S1175")

    async def test_to_the_caller(self) -> None:
        """The caller's own phone does not ring; the call waits, and whoever takes the forwarding back is rung."""
        server = await self.serve(company(LONG, people=("1047",)))
        server.forward("1047", to("1201"))
        manager, caller = await baresips(server, "1047", "1201")
        await caller.dial(server.uri("8973"))
        await caller.wait("CALL_RINGING")
        self.assertEqual(len(await caller.calls()), 1)
        server.forward("1047", NO_FORWARDING)
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.idle()
        await self.over(
            server, "forwarding of S1047 leads to the caller; nobody available, waiting; answered by S1047"
        )  # fmt: skip
