"""CPU and memory of the server, the line that shows how it goes, and gadgets that are told nonsense."""

import io
import os
import sys
from subprocess import PIPE, Popen
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from magroup.load.crew import Crew
from magroup.load.gadgets import Gadget
from magroup.load.measures import Measures
from magroup.load.progress import ProgressLine, line
from magroup.load.reading import read
from magroup.load.recording import Recording
from magroup.load.server_usage import of_metrics, of_process
from magroup.load.surroundings import Surroundings
from magroup.load.web import Answer, Web, WebError

METRICS = b"""\
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1.048576e+06
"""

OF_WORKERS = b"""\
process_cpu_seconds_total{worker="1"} 12.5
process_cpu_seconds_total{worker="2"} 2.5
process_resident_memory_bytes{worker="1"} 1.048576e+06
process_resident_memory_bytes{worker="2"} 2.097152e+06
"""
WORKS = """
import time
data = bytearray(64 << 20)
while time.process_time() < 0.3:
    pass
print(len(data), flush=True)
input()
"""


class Told:
    """A web server that gives the same answer always."""

    def __init__(self, answer: Answer | None) -> None:
        self._answer = answer

    async def ask(self, method: str, path: str) -> Answer:
        if self._answer is None:
            raise WebError("gone")
        return self._answer


class Usages(TestCase):
    """What the server has used."""

    def test_process(self) -> None:
        used = of_process(os.getpid())
        assert used is not None
        self.assertTrue(used.cpu > 0 and used.memory > 2**20)
        self.assertIsNone(of_process(2**22 + 1))

    def test_what_it_has_started(self) -> None:
        """Workers are most of a server; what one has used is not forgotten when it ends."""
        before = of_process(os.getpid())
        with Popen([sys.executable, "-c", WORKS], stdin=PIPE, stdout=PIPE) as process:
            assert process.stdout is not None and before is not None
            process.stdout.readline()
            beside = of_process(os.getpid())
            process.communicate(b"end\n")
        after = of_process(os.getpid())
        assert beside is not None and after is not None
        self.assertGreater(beside.memory - before.memory, 50 << 20)
        self.assertGreater(beside.cpu - before.cpu, 0.2)
        self.assertGreater(after.cpu - before.cpu, 0.2)
        self.assertLess(after.memory, beside.memory)

    async def metrics(self, answer: Answer | None) -> object:
        return await Deferred.fromCoroutine(of_metrics(cast(Web, Told(answer))))

    async def test_metrics(self) -> None:
        self.assertEqual(await self.metrics(Answer(200, METRICS, {})), (12.5, 2**20))
        self.assertEqual(await self.metrics(Answer(200, OF_WORKERS, {})), (15.0, 3 * 2**20))
        for answer in (Answer(403, METRICS, {}), Answer(200, b"", {}), None):
            self.assertIsNone(await self.metrics(answer))


class FakeCrew:
    """A run that is half over."""

    phase = "calling"
    scenario = read('[[phones]]\nnumbers = "1"\n[[callers]]\nnumbers = "2"\ndial = "1"\nrate = 1\n')

    def __init__(self) -> None:
        self.recording = Recording(1, 60)
        self.recording.measures.count("calls_offered", 12)
        self.recording.measures.record("post_dial_delay", 0.02)
        self.recording.gauges = {"phones_registered": 1, "calls_up": 3}


class Lines(TestCase):
    """The progress line."""

    def test_line(self) -> None:
        text = line(cast(Crew, FakeCrew()), 30.0)
        self.assertEqual(text, f"[{'#' * 12}{'.' * 12}] calling 30/60 s  phones 1  calls 12 served 0 failed 0 up 3  "
                         "dial p95 20.0 ms")  # fmt: skip

    def test_now_and_then(self) -> None:
        """Where nobody looks on, a line each five seconds."""
        to = io.StringIO()
        shown = ProgressLine(to)
        for number in range(41):
            shown.shown(cast(Crew, FakeCrew()), number / 2)
        shown.end()
        self.assertEqual(len(to.getvalue().splitlines()), 5)
        self.assertNotIn("\r", to.getvalue())


class Gadgets(TestCase):
    """What a gadget is told before it shows its group."""

    def told(self, *messages: bytes) -> tuple[Measures, list[bytes]]:
        """At 5 s; 3001 has sent an INVITE at 1 s, 3002 at 2 s, for which the first phone rang at 4.5 s."""
        sent: list[bytes] = []

        class Socket:
            def sendMessage(self, data: bytes) -> None:
                sent.append(data)

            def dropConnection(self, abort: bool) -> None:
                pass

        class Around:
            measures = Measures()

            class times:
                @staticmethod
                def sent_at(number: str) -> float | None:
                    return {"3001": 1.0, "3002": 2.0}.get(number)

                @staticmethod
                def rang_at(number: str) -> float | None:
                    return {"3002": 4.5}.get(number)

            def now(self) -> float:
                return 5.0

        around: Any = Around()
        gadget = Gadget(cast(Surroundings, around), None, cast(Web, None), "MAGroup", "u", "p", 0, True)
        gadget.connected(Socket())
        for message in messages:
            gadget.said(message)
        return around.measures, sent

    def test_group(self) -> None:
        measures, sent = self.told(b'{"type":"hello","groups":[{"id":7,"name":"x"}],"me":{}}', b'{"type":"beat"}',
                                 b'{"type":"snapshot"}')  # fmt: skip
        self.assertEqual(sent, [b'{"id":1,"do":"group","group":7}'])
        self.assertEqual(measures.counts, {"gadget_updates": 3, "gadgets_opened": 1})

    def test_a_call_is_measured_once_and_not_when_it_rang_before(self) -> None:
        def ringing(number: bytes) -> bytes:
            return b'{"type":"member","calls":[{"state":"ringing","number":"%b"}]}' % number

        old, new, nobody = ringing(b"3001"), ringing(b"3002"), ringing(b"3003")
        measures, _ = self.told(b'{"type":"snapshot","x":%b}' % old, old, new, nobody, new)
        told = measures.values["gadget_delay"]
        self.assertEqual((told.count, told.high), (1, 0.5))

    def test_nonsense(self) -> None:
        for message in (b"x", b"[]", b'{"type":7}', b'{"type":"hello","groups":{"a":1}}', b"\xff",
                        b'{"type":"refused","why":"no"}'):  # fmt: skip
            measures, _ = self.told(message)
            self.assertEqual(measures.counts.get("gadgets_failed"), 1, message)
