"""The turns of pushes on a clock: one at a time, the last status, back-off, none waits for the dead."""

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.phone.push.answer import DONE, Answer, Outcome
from magroup.web.phone.push.figures import PushCollector
from magroup.web.phone.push.pusher import Pusher

SILENT = Answer(Outcome.SILENT, "it does not answer")


class Job:
    """Something to push; ``heard`` is what the phones said."""

    def __init__(self, name: str, wanted: bool = True) -> None:
        self.name = name
        self.wanted = wanted
        self.heard: list[Answer] = []

    async def document(self) -> bytes:
        return self.name.encode() if self.wanted else b""

    def answered(self, answer: Answer) -> None:
        self.heard.append(answer)


class Desk:
    """Phones by name: what was sent to them, at which second, and their answers, which a test gives."""

    def __init__(self, most: int = 8) -> None:
        self.clock = Clock()
        self.sent: list[tuple[float, str, str]] = []
        self.open: dict[str, Deferred[Answer]] = {}
        self.unknown: set[str] = set()
        self.pusher = Pusher(self.clock, self.way, lambda: most)

    def way(self, device: str) -> Callable[[bytes], Awaitable[Answer]] | None:
        if device in self.unknown:
            return None

        async def send(document: bytes) -> Answer:
            self.sent.append((self.clock.seconds(), device, document.decode()))
            assert device not in self.open, "two at a time"
            waiting = self.open[device] = Deferred()
            try:
                return await waiting
            finally:
                self.open.pop(device, None)

        return send

    def run(self, seconds: float = 0.0, step: float = 0.25) -> None:
        for _ in range(20):
            self.clock.advance(0)
        while seconds > 0:
            self.clock.advance(step)
            seconds -= step

    def answer(self, device: str, answer: Answer = DONE) -> None:
        self.open.pop(device).callback(answer)
        self.run()

    @property
    def names(self) -> list[str]:
        return [name for _, _, name in self.sent]


class Turns(SynchronousTestCase):
    def setUp(self) -> None:
        self.desk = Desk()
        self.pusher = self.desk.pusher

    def show(self, name: str, device: str = "sep1") -> Job:
        job = Job(name)
        self.pusher.show(device, job)
        self.desk.run()
        return job

    def test_one_a_second_and_the_last(self) -> None:
        """While one is under way, and within a second, only the last state waits."""
        first = self.show("a")
        self.show("b")
        last = self.show("c")
        self.assertEqual(self.desk.names, ["a"])
        self.desk.answer("sep1")
        self.assertEqual(first.heard, [DONE])
        self.assertEqual(self.desk.names, ["a"])
        self.desk.run(1.0)
        self.assertEqual(self.desk.sent[1:], [(1.0, "sep1", "c")])
        self.desk.answer("sep1")
        self.desk.run(10)
        self.assertEqual(self.desk.names, ["a", "c"])
        self.assertEqual(last.heard, [DONE])
        self.assertEqual(len(self.pusher), 0)

    def test_at_once_after_a_while(self) -> None:
        self.show("a")
        self.desk.answer("sep1")
        self.desk.run(5)
        self.show("b")
        self.assertEqual(self.desk.sent[-1], (5.0, "sep1", "b"))
        self.desk.answer("sep1")

    def test_tones_go_before_and_are_not_kept(self) -> None:
        self.show("a")
        tone, late = Job("tone"), Job("late")
        self.show("b")
        self.pusher.push("sep1", tone)
        self.desk.answer("sep1")
        self.assertEqual(self.desk.names, ["a", "tone"])
        self.pusher.push("sep1", late)
        self.desk.run(4)
        self.desk.answer("sep1")
        self.assertEqual(self.desk.names, ["a", "tone", "b"])
        self.assertEqual(late.heard, [])
        self.desk.answer("sep1")

    def test_at_most_so_many_wait(self) -> None:
        self.show("a")
        for n in range(20):
            self.pusher.push("sep1", Job(str(n)))
        for _ in range(5):
            self.desk.answer("sep1")
        self.assertEqual(self.desk.names, ["a", "16", "17", "18", "19"])

    def test_wanted_no_more(self) -> None:
        self.pusher.push("sep1", Job("tone", wanted=False))
        self.pusher.show("sep1", Job("a", wanted=False))
        self.desk.run(2)
        self.assertEqual(self.desk.sent, [])
        self.assertEqual(len(self.pusher), 0)

    def test_back_off(self) -> None:
        """Each time twice as long, ten minutes at most; the last state arrives in the end; one line in the log."""
        self.show("a")
        pauses = []
        for n in range(10):
            at = self.desk.clock.seconds()
            self.desk.answer("sep1", SILENT)
            self.assertEqual(self.pusher.left_alone, 1)
            self.pusher.push("sep1", Job("tone"))
            self.show(f"b{n}")
            while len(self.desk.sent) == n + 1:
                self.desk.run(0.25)
            pauses.append(self.desk.clock.seconds() - at)
        self.assertEqual(pauses, [5, 10, 20, 40, 80, 160, 320, 600, 600, 600])
        self.assertEqual(self.desk.names[-1], "b9")
        self.desk.answer("sep1")
        self.assertEqual(self.pusher.left_alone, 0)
        self.assertEqual(len(self.pusher), 0)

    def test_appeared(self) -> None:
        """A phone that registers anew is not left alone any more."""
        self.show("a")
        self.desk.answer("sep1", SILENT)
        self.desk.run(2)
        self.pusher.appeared("sep1")
        self.desk.run()
        self.assertEqual(self.desk.sent[-1], (2.0, "sep1", "a"))
        self.desk.answer("sep1")

    def test_no_way(self) -> None:
        """A phone of which nobody knows where it is gets the status when it is there."""
        self.desk.unknown.add("sep1")
        self.show("a")
        self.pusher.push("sep1", Job("tone"))
        self.desk.run(60)
        self.assertEqual(self.desk.sent, [])
        self.desk.unknown.clear()
        self.pusher.appeared("sep1")
        self.desk.run()
        self.assertEqual(self.desk.names, ["a"])
        self.desk.answer("sep1")

    def test_an_error_of_ours(self) -> None:
        job = self.show("a")
        self.desk.open.pop("sep1").errback(ZeroDivisionError())
        self.desk.run()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(job.heard[0].outcome, Outcome.FAILED)
        self.desk.run(6)
        self.assertEqual(self.desk.names, ["a", "a"])
        self.desk.answer("sep1")

    def test_gone(self) -> None:
        self.show("a")
        self.show("b", "sep2")
        self.pusher.keep_only(["sep2"])
        self.assertEqual(list(self.desk.open), ["sep2"])
        self.desk.answer("sep2")
        self.assertEqual(len(self.pusher), 0)

    def test_stop(self) -> None:
        self.show("a")
        self.show("b")
        self.show("c", "sep2")
        self.desk.answer("sep2", SILENT)
        self.pusher.show("sep3", Job("d"))
        self.pusher.stop()
        self.assertEqual(self.desk.open, {})
        self.assertEqual(self.desk.clock.getDelayedCalls(), [])
        self.show("e")
        self.assertEqual(self.desk.names, ["a", "c"])

    def test_logged_once(self) -> None:
        lines: list[Any] = []
        self.patch(Pusher, "log", _Log(lines))
        self.show("a")
        for answer in (SILENT, SILENT, Answer(Outcome.REFUSED, "no"), DONE):
            self.desk.answer("sep1", answer)
            if answer is not DONE:
                self.desk.run(30)
        self.assertEqual(lines, ["warn it does not answer", "warn no", "info"])


class _Log:
    def __init__(self, lines: list[Any]) -> None:
        self.warn = lambda text, phone, why: lines.append(f"warn {why}")
        self.info = lambda text, phone: lines.append("info")


class Crowds(SynchronousTestCase):
    def test_bounded(self) -> None:
        desk = Desk(most=8)
        for n in range(50):
            desk.pusher.show(f"sep{n}", Job("a"))
        desk.run()
        self.assertEqual(len(desk.open), 8)
        while desk.open:
            desk.answer(next(iter(desk.open)))
        self.assertEqual(len(desk.sent), 50)
        self.assertEqual(len(desk.pusher), 0)

    def test_few_in_a_turn(self) -> None:
        desk = Desk(most=100)
        for n in range(50):
            desk.pusher.show(f"sep{n}", Job("a"))
        begun: list[int] = []

        def look() -> None:
            begun.append(len(desk.open))
            if begun[-1] < 50:
                desk.clock.callLater(0, look)

        desk.clock.callLater(0, look)
        desk.run()
        self.assertEqual(begun[:3], [2, 4, 6])
        self.assertEqual(len(desk.open), 50)

    def test_the_dead_slow_nobody(self) -> None:
        """Once they did not answer, they get a quarter of the places, and only while nobody else waits."""
        desk = Desk(most=8)
        for n in range(40):
            desk.pusher.show(f"dead{n}", Job("a"))
        desk.run()
        while desk.open:
            desk.answer(next(iter(desk.open)), SILENT)
        desk.run(6)
        self.assertEqual(len(desk.open), 2)
        for n in range(10):
            desk.pusher.show(f"sep{n}", Job("b"))
        desk.run()
        self.assertEqual(len(desk.open), 8)
        self.assertEqual(sum(name.startswith("sep") for name in desk.open), 6)
        while alive := [name for name in desk.open if name.startswith("sep")]:
            desk.answer(alive[0])
        self.assertEqual(desk.names.count("b"), 10)
        desk.pusher.stop()
        self.assertEqual(desk.clock.getDelayedCalls(), [])

    def test_figures(self) -> None:
        desk = Desk()
        desk.pusher.show("sep1", Job("a"))
        desk.pusher.show("sep2", Job("a"))
        desk.run()
        desk.answer("sep1")
        desk.answer("sep2", SILENT)
        samples = {
            (sample.name, *sample.labels.values()): sample.value
            for metric in PushCollector(desk.pusher.figures, lambda: desk.pusher.left_alone).collect()
            for sample in metric.samples
        }
        self.assertEqual(samples["magroup_phone_pushes_total", "done"], 1)
        self.assertEqual(samples["magroup_phone_pushes_total", "silent"], 1)
        self.assertEqual(samples["magroup_phones_left_alone",], 1)
        self.assertEqual(samples["magroup_phone_push_delay_seconds_count",], 2)
        desk.pusher.stop()
