"""Limits: kept, missed, and those of which nothing was measured."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.load.limits import Verdict, verdicts
from magroup.load.measures import COUNTS, VALUES, Measures
from magroup.load.reading import read

PHONES = '[[phones]]\nnumbers = "1"\n'


class Limits(SynchronousTestCase):
    """``most`` and ``least``."""

    def setUp(self) -> None:
        self.measures = Measures()
        self.measures.count("calls_offered", 200)
        self.measures.count("calls_failed", 3)
        for number in range(1, 101):
            self.measures.record("post_dial_delay", number / 1000)
        self.measures.record("rtp_loss", 0.02)

    def kept(self, text: str) -> bool:
        (verdict,) = verdicts(read(PHONES + text), self.measures, {"server_cpu": 40.0})
        return verdict.is_kept

    def test_table(self) -> None:
        for text, is_kept in (
            ("[most]\ncalls_failed = 3", True),
            ("[most]\ncalls_failed = 2", False),
            ("[least]\ncalls_offered = 200", True),
            ("[least]\ncalls_offered = 201", False),
            ("[most]\ncalls_failed_share = 1.5", True),
            ("[most]\ncalls_failed_share = 1.4", False),
            ("[most]\npost_dial_delay.p95 = 97", True),
            ("[most]\npost_dial_delay.p95 = 93", False),
            ("[most]\npost_dial_delay.max = 100", True),
            ("[most]\npost_dial_delay.mean = 51", True),
            ("[least]\npost_dial_delay.count = 100", True),
            ("[most]\nrtp_loss.max = 2", True),
            ("[most]\nrtp_loss.max = 1.9", False),
            ("[most]\nserver_cpu = 40", True),
            ("[most]\nserver_memory = 4000", False),
            ("[most]\nring_delay.p99 = 1000", False),
            ("[most]\nring_delay.count = 0", True),
            ("[most]\nholds_failed = 0", True),
        ):
            self.assertEqual(self.kept(text), is_kept, text)

    def test_words(self) -> None:
        self.assertEqual(str(Verdict("calls_failed", True, 0, 2.0)), "calls_failed at most 0: 2")
        self.assertEqual(str(Verdict("rtp_gap.p95", True, 5, None)), "rtp_gap.p95 at most 5: nothing was measured")
        self.assertEqual(str(Verdict("calls_served", False, 9, 9.0)), "calls_served at least 9: 9")

    def test_every_measure_can_have_one(self) -> None:
        text = "".join(f"{name} = 1\n" for name in COUNTS) + "".join(f"{name}.p99 = 1\n" for name in VALUES)
        self.assertEqual(len(verdicts(read(f"{PHONES}[most]\n{text}"), self.measures, {})), len(COUNTS) + len(VALUES))


class Gathering(SynchronousTestCase):
    """What workers measure comes together."""

    def test_taken_and_added(self) -> None:
        worker, all_of_them = Measures(), Measures()
        for _ in range(3):
            worker.count("calls_offered", 2)
            worker.record("register_time", 0.5)
            worker.reason("calls", "486 Busy Here")
            all_of_them.add(worker.take())
        self.assertEqual((worker.counts, worker.values, worker.reasons), ({}, {}, {}))
        self.assertEqual(all_of_them.number("calls_offered"), 6)
        self.assertEqual(all_of_them.values["register_time"].count, 3)
        self.assertEqual(all_of_them.reasons, {"calls": {"486 Busy Here": 3}})

    def test_reasons_are_bounded(self) -> None:
        """A server may give another reason each time, and control characters in it."""
        measures = Measures()
        for number in range(1000):
            measures.reason("calls", f"499 \x1b[31m{number} " + "x" * 1000)
        self.assertEqual(len(measures.reasons["calls"]), 101)
        self.assertTrue(all(text.isprintable() and len(text) <= 160 for text in measures.reasons["calls"]))
        self.assertEqual(sum(measures.reasons["calls"].values()), 1000)
