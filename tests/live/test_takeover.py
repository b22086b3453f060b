"""A node is killed in mid-call: who talks goes on talking, another node steers the calls within two seconds."""

from datetime import UTC, datetime

from twisted.internet.threads import deferToThread

from magroup.cluster.bus import SETTLES
from magroup.model.calls import CallRecord, Reason, ReasonCode
from tests.live.cluster import ClusterCase
from tests.live.pbx import hear_each_other
from tests.live.phones import together
from tests.live.server import company
from tests.peers import Baresip, until

TAKEN = "is dead: the call goes on here"
WITHIN = 2.0
MACHINE = 1.5
"""Seconds that a loaded machine may take for itself; by a clock it is WITHIN (tests.takeover)."""


class KilledInMidCall(ClusterCase):
    """Three nodes; two calls are at one of them when it is killed."""

    async def call(self, caller: Baresip, number: str, called: Baresip) -> None:
        await caller.dial(self.front.uri(number))
        await called.wait("CALL_INCOMING", 20.0)
        await called.answer()
        await together(called.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await hear_each_other(caller, called)

    async def test_hang_up_hold_and_transfer(self) -> None:
        """One hangs up at once, before anybody has taken the call; the others hold, transfer and hang up later. Some
        are connected to the proxy by TCP.
        """
        text = company("manager_timeout = 60\n", people=("1047", "1175"), others=("1201", "1202", "1118"))
        nodes = await self.nodes(text, "a", "b", "c", later=2)
        dying, *others = nodes
        manager, assistant, one, two, target = await together(*(
            self.phone(number, tone, transport=transport) for number, tone, transport in (
                ("1047", 440.0, "tcp"), ("1175", 660.0, "udp"), ("1201", 880.0, "udp"), ("1202", 550.0, "udp"),
                ("1118", 770.0, "tcp"),
            )
        ))  # fmt: skip
        await self.call(one, "8973", manager)
        await self.call(two, "1175", assistant)
        await together(*(node.start() for node in others))
        await together(*(dying.says(f"Node {name} is there") for name in ("b", "c")))
        await until(lambda: len(dying.live()) == 2, 20.0, what="both calls are in the files")
        # Who has come a moment ago takes nothing yet.
        there = datetime.now(UTC)
        await until(lambda: (datetime.now(UTC) - there).total_seconds() > SETTLES, what="the nodes have settled")
        killed = datetime.now(UTC)
        await dying.kill()
        await two.hangup()

        def taken() -> list[float]:
            """In how many seconds each call is another node's, as that one says."""
            lines = [line for node in others for line in node.output.splitlines() if TAKEN in line]
            return [(datetime.strptime(line[:28], "%Y-%m-%d %H:%M:%S.%f%z") - killed).total_seconds() for line in lines]

        await until(lambda: len(taken()) == 2, 20.0, what="both calls are taken",
                    seen=lambda: "\n".join(node.process.report() for node in others))  # fmt: skip
        self.assertLess(max(taken()), WITHIN + MACHINE)
        await together(assistant.idle(), two.idle(), one.receives(10), manager.receives(10))
        await one.hold()
        await one.resume()
        await manager.hold()
        await manager.resume()
        await hear_each_other(one, manager)
        # The dead node starts again: its calls are others' now.
        await dying.start(take_company=False)
        await manager.transfer(self.front.uri("1118"))
        await target.wait("CALL_INCOMING", 20.0)
        await target.answer()
        await target.wait("CALL_ESTABLISHED")
        await hear_each_other(one, target)
        await manager.idle()
        await target.hangup()
        await one.idle()

        async def both() -> list[CallRecord]:
            found: list[CallRecord] = await deferToThread(others[0].records)
            return found if len(found) == 2 else []

        first, second = await until(both, 20.0, what="both calls in the journal")
        self.assertEqual((first.called_number, first.ended_by, first.cause), ("8973", "1118", "normalClearing"))
        self.assertEqual([leg.number for leg in first.legs], ["1201", "1047", "1118"])
        self.assertEqual((second.called_number, second.ended_by), ("1175", "1202"))
        for record in (first, second):
            self.assertTrue(record.id.startswith("a-"))
            self.assertLess(record.started_at, killed.timestamp())
            self.assertGreater(record.ended_at, killed.timestamp())
            self.assertEqual(record.trail[-1].code, ReasonCode.TAKEN_OVER)
            self.assertIn(record.trail[-1].who, ("b", "c"))
        self.assertEqual(first.trail[-2], Reason(ReasonCode.ANSWERED, "S1047", first.trail[-2].seconds))
        for node in nodes:
            self.assertNotIn("Traceback", node.output)
        self.assertNotIn("calls cut by its end closed", dying.output)


class KilledWhileOneWaits(ClusterCase):
    """Behind a proxy, to which the manager's phone is connected by TCP."""

    async def test_served_from_the_top(self) -> None:
        """The phone stops and rings anew; there is one record of it all."""
        text = company('welcome = "Welcome.wav"\nmanager_timeout = 60\n', others=("1201",))
        dying, other = await self.nodes(text, "a", "b", later=1)
        (manager, caller) = await together(self.phone("1047", 440.0, transport="tcp"), self.phone("1201", 660.0))
        await caller.dial(self.front.uri("8973"))
        await manager.wait("CALL_INCOMING", 20.0)
        # Later than the call, which would be either's.
        await other.start()
        await dying.says("Node b is there")
        there = datetime.now(UTC)
        await until(lambda: (datetime.now(UTC) - there).total_seconds() > SETTLES, what="the nodes have settled")
        await caller.receives(10)
        manager.mark()
        await dying.kill()
        await other.says(TAKEN)
        await manager.wait("CALL_CLOSED", 20.0)
        await manager.wait("CALL_INCOMING", 20.0)
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await hear_each_other(caller, manager)
        await caller.hangup()
        await manager.idle()

        async def recorded() -> list[CallRecord]:
            return await deferToThread(other.records)  # type: ignore[no-any-return]

        (record,) = await until(recorded, 20.0, what="the call in the journal")
        self.assertTrue(record.id.startswith("a-"))
        codes = [reason.code for reason in record.trail]
        self.assertEqual((codes.count(ReasonCode.MANAGER_RINGS), codes.count(ReasonCode.TAKEN_OVER)), (2, 1), codes)
        self.assertEqual((record.called_number, record.ended_by, record.cause), ("8973", "1201", "normalClearing"))
        for node in (dying, other):
            self.assertNotIn("Traceback", node.output)
