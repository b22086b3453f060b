"""Reports of results that were made up."""

from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from magroup.load.graph import graph
from magroup.load.limits import Verdict
from magroup.load.measures import VALUES, Measures
from magroup.load.messages import Progress
from magroup.load.recording import Recording
from magroup.load.report_html import as_html
from magroup.load.report_text import as_text
from magroup.load.result import MOST_POINTS, Result
from magroup.load.server_usage import Usage


class Reports(SynchronousTestCase):
    """Text and page."""

    def result(self, **more: object) -> Result:
        measures = Measures()
        measures.count("calls_offered", 7)
        measures.reason("calls", "486 <b>Busy</b>", 2)
        for name in VALUES:
            measures.record(name, 0.25)
        return Result(name="x", server="udp:h:1", version="1", started_at="now", measures=measures, **more)  # type: ignore[arg-type]

    def test_exit_codes(self) -> None:
        kept, missed = Verdict("a", True, 1, 1), Verdict("a", True, 1, 2)
        self.assertEqual(self.result().exit_code, 0)
        self.assertEqual(self.result(verdicts=[kept]).exit_code, 0)
        self.assertEqual(self.result(verdicts=[kept, missed]).exit_code, 1)
        self.assertEqual(self.result(verdicts=[missed], problem="dead").exit_code, 2)

    def test_text(self) -> None:
        text = as_text(self.result(notes=["look"], verdicts=[Verdict("a", True, 1, 2)]))
        self.assertIn("           7  calls that were made\n", text)
        self.assertIn("           2  calls: 486 <b>Busy</b>\n", text)
        self.assertRegex(text, r"post-dial delay +ms +250\.00")
        self.assertRegex(text, r"RTP loss +% +25\.00")
        self.assertIn("Note: look\n", text)
        self.assertIn("MISSED  a at most 1: 2\n", text)

    def test_page(self) -> None:
        page = as_html(self.result())
        self.assertNotIn("<b>", page)
        self.assertIn("486 &lt;b&gt;Busy", page)
        self.assertNotIn("//", page.replace("http://www.w3.org/2000/svg", ""))

    def test_problem(self) -> None:
        self.assertEqual(as_text(self.result(problem="dead")), "x against udp:h:1, now\nNot done: dead\n")


class Graphs(SynchronousTestCase):
    """SVG."""

    def test_broken_lines(self) -> None:
        svg = etree.fromstring(graph("T & T", "ms", [0, 1, 2, 3], [("a", [1, None, 2, 3]), ("b", [None] * 4)]))
        lines = svg.findall("{*}polyline")
        self.assertEqual([len(line.get("points").split()) for line in lines], [2])
        self.assertEqual(len(svg.findall("{*}circle")), 1, "what stands alone is a point")

    def test_nothing(self) -> None:
        for times, values in (([], []), ([0.0], [0.0]), ([0.0, 0.0], [1e-9, 1e9])):
            etree.fromstring(graph("", "", times, [("a", values)]))


class Recordings(SynchronousTestCase):
    """What workers tell over time."""

    def told(self, recording: Recording, worker: int, offered: int, up: int) -> None:
        measures = Measures()
        measures.count("calls_offered", offered)
        measures.record("post_dial_delay", 0.01)
        recording.add(worker, Progress(measures.take(), {"calls_up": up}, 0.5))

    def test_points(self) -> None:
        recording = Recording(2, 60)
        self.told(recording, 0, 10, 3)
        self.told(recording, 1, 20, 4)
        recording.point(2.0, Usage(1.0, 2**20))
        self.told(recording, 1, 6, 5)
        recording.point(4.0, Usage(2.0, 3 * 2**20))
        first, second = recording.points
        self.assertEqual((first.offered, first.calls_up, first.server_cpu), (15, 7, None))
        self.assertEqual((second.offered, second.calls_up, second.server_cpu), (3, 8, 50))
        self.assertAlmostEqual(second.delay_p95 or 0, 10, 0)
        self.assertEqual(recording.usage(), {
            "server_cpu": 50, "server_cpu_most": 50, "server_memory": 3, "server_memory_growth": 2,
            "cpu_per_call": 1000 / 36,
        })  # fmt: skip

    def test_memory_is_bounded(self) -> None:
        recording = Recording(1, 86_400)
        self.assertEqual(recording.interval, 144)
        for number in range(10_000):
            recording.point(float(number), None)
        self.assertEqual(len(recording.points), 2 * MOST_POINTS)
        self.assertEqual(recording.usage(), {})
