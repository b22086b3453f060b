"""What the first worker hears from the others: on one switch, which both say is theirs."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from prometheus_client.core import GaugeMetricFamily
from twisted.internet.defer import Deferred

from magroup.cluster.asking import Asking
from magroup.cluster.memory import Hub, MemoryBus
from magroup.model.calls import Reason, ReasonCode, Story
from magroup.model.settings import Settings
from magroup.model.standing import Answers, of_all
from magroup.model.trace import CallTrace
from magroup.standing import Standing
from magroup.web.admin.switch.metrics import SwitchCollector
from magroup.workers import asked
from magroup.workers.asked import Asked, resident
from magroup.workers.figures import figures
from magroup.workers.others import FRESH_FOR, PATIENCE, Others
from tests.switch.bench import BenchTest, company

T = TypeVar("T")
STORY = Story(3, (Reason(ReasonCode.NO_ANSWER, "Tij", 15), Reason(ReasonCode.LINE_BUSY, "Ara")))
Asks = Coroutine[Deferred[Any], Any, T]


class OthersTest(BenchTest):
    configuration = company()
    settings = replace(Settings(), sip=replace(Settings().sip, options_ping_interval=60, session_expires=0))

    def setUp(self) -> None:
        super().setUp()
        self.nodes = {"aw2": 2}
        self.reasons: list[str] = []
        self.clock = self.bench.clock
        self.telephony = self.bench.telephony
        self.standing = Standing(self.telephony, lambda: self.bench.configuration)
        hub = Hub(self.clock)
        buses = [MemoryBus(hub, name, f"first{name}") for name in ("aw1", "aw2")]
        first, second = (Asking(bus, self.clock) for bus in buses)
        self.buses = buses
        for bus in buses:
            bus.start()
        self.bench.run(0.5)
        self.others = Others(self.clock, first, lambda: self.nodes, 2, self.worker(1, list))
        self.worker(2, lambda: self.reasons).serve(second)

    def tearDown(self) -> None:
        self.telephony.registrar.ping_every(0)
        for bus in self.buses:
            self.successResultOf(Deferred.fromCoroutine(bus.stop()))
        super().tearDown()

    def worker(self, number: int, reasons: Callable[[], list[str]]) -> Asked:
        calls = self.telephony.switch.calls_by_id

        async def at_once(work: Callable[[], T]) -> T:
            return work()

        return Asked(
            number, self.clock, self.telephony, self.standing, lambda: 7, reasons,
            lambda call_id: STORY if call_id == "b-1" else Story(),
            figures(lambda: len(calls), SwitchCollector(self.standing)), at_once,
        )  # fmt: skip

    def heard(self, asks: "Asks[T]", seconds: float = 0.1) -> T:
        answer = Deferred.fromCoroutine(asks)
        self.bench.run(seconds, 0.02)
        return self.successResultOf(answer)


class HowTheyAre(OthersTest):
    def test_all(self) -> None:
        first, second = self.heard(self.others.all())
        self.assertEqual((first.number, second.number, second.handed), (1, 2, 7))
        self.assertGreater(min(first.process, first.cpu, first.memory), 0)
        self.assertEqual((second.calls, self.others.calls, self.others.reason()), (0, 0, ""))
        self.assertGreater(resident(), 1 << 20)

    def test_not_ready(self) -> None:
        self.reasons.append("journal: cannot be written")
        self.heard(self.others.refresh())
        self.assertEqual(self.others.reason(), "2: journal: cannot be written")

    def test_missing(self) -> None:
        """It is not asked for again."""
        self.nodes.clear()
        self.assertEqual(self.others.reason(), "2 does not run")
        self.assertEqual([one.number for one in self.heard(self.others.all())], [1])

    def test_silent(self) -> None:
        """Nobody waits for long; questions are not asked more often than that they are of use."""
        self.successResultOf(Deferred.fromCoroutine(self.buses[1].stop()))
        self.buses[1].send = lambda topic, body: None  # type: ignore[method-assign]
        self.heard(self.others.refresh(), PATIENCE + 0.1)
        self.assertEqual(self.others.reason(), "2 does not answer")
        self.assertEqual(len(self.others._asking), 0)

    def test_asked_once(self) -> None:
        self.heard(self.others.refresh(), 0.1)
        self.reasons.append("log: away")
        self.heard(self.others.refresh(), 0.1)
        self.assertEqual(self.others.reason(), "")
        self.bench.run(FRESH_FOR)
        self.heard(self.others.refresh(), 0.1)
        self.assertEqual(self.others.reason(), "2: log: away")

    def test_drained(self) -> None:
        """Only when all of them drain it is known how many are left."""
        self.assertIsNone(self.heard(self.others.left()))
        self.telephony.switch.is_draining = True
        self.assertEqual(self.heard(self.others.left()), 0)


class WhatTheyHold(OthersTest):
    def test_held(self) -> None:
        self.telephony.outside.refused["hour"] += 2
        held = of_all(self.heard(self.others.held()))
        self.assertEqual((held.defence.refused["hour"], held.strain.since, dict(held.locked)), (4, 0.0, {}))
        self.assertFalse(self.heard(self.others.unlock("1047")))

    def test_layers(self) -> None:
        self.assertEqual(self.heard(self.others.layers(2)), self.standing.layers())
        self.assertEqual(self.heard(self.others.layer(2, "transports", 5)), self.standing.layer("transports", 5))
        self.assertIsNone(self.heard(self.others.layer(2, "no such", 5)))
        self.assertEqual(self.heard(self.others.layers(9)), ())

    def test_phones(self) -> None:
        """Of those that have registered there, not of those of which it has only heard."""
        self.bench.phone("1047")
        self.bench.phone("1175")
        self.bench.run(70, 0.5)
        here = {one.number: one for one in self.standing.registrations()}
        self.telephony.registrar.elsewhere["1175", here["1175"].contact] = "aw1"
        found = self.heard(self.others.phones(here.values()))
        self.assertEqual([(number, one.answers) for (number, _), one in found.items()], [("1047", Answers.YES)])
        self.assertEqual(self.heard(self.others.phones(())), {})

    def test_stories(self) -> None:
        self.assertEqual(self.heard(self.others.stories(["b-1", "b-2"])), {"b-1": STORY})

    def test_calls(self) -> None:
        """Streams, trunks and the messages of a call, in more than one piece."""
        caller, _called = self.bench.phone("1047"), self.bench.phone("1175")
        caller.dial("1175")
        self.bench.run(0.2)
        (call,) = self.telephony.switch.calls_by_id.values()
        read = self.telephony.traces.find(call.id)
        assert read is not None
        whole = read()
        self.patch(asked, "TRACE_PIECE", 1000)
        found = self.heard(self.others.trace(call.id), 1.0)
        self.assertGreater(len(whole.messages), 3)
        self.assertLess(1000, sum(len(one.data) for one in whole.messages))
        self.assertEqual(found, CallTrace(whole.legs, whole.messages, whole.lost))
        self.assertIsNone(self.heard(self.others.trace("no such call")))
        self.assertEqual((self.heard(self.others.streams(5)), self.heard(self.others.trunk_calls())), ([], {}))
        self.assertEqual(sum(one.calls for one in self.heard(self.others.all())), 2)
        self.bench.switch.end_calls()
        self.bench.run(40.0, 0.5)


class Figures(OthersTest):
    def test_exposition(self) -> None:
        """What each has stands there once with a label for each, the rest as it is."""
        site = figures(lambda: 99, SwitchCollector(self.standing))

        class Lines:
            def collect(self) -> Any:
                yield GaugeMetricFamily("magroup_lines", "Lines.", 5)

        site.register(Lines())  # type: ignore[arg-type]
        page = self.heard(self.others.exposition(site)).decode()
        lines = page.splitlines()
        for line in (
            "magroup_lines 5.0", 'magroup_calls{worker="1"} 0.0', 'magroup_calls{worker="2"} 0.0',
            'magroup_overload_refused_total{method="INVITE",worker="2"} 0.0',
            "# TYPE magroup_outside_calls_total counter",
        ):  # fmt: skip
            self.assertEqual(lines.count(line), 1, line)
        self.assertEqual(page.count("# TYPE magroup_calls gauge"), 1)
        self.assertIn('process_cpu_seconds_total{worker="2"}', page)
        self.assertNotIn("99", [line.rpartition(" ")[2] for line in lines])
