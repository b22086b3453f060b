"""The wheel of timers: when each fires, and that nothing stays on the clock."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.timers import AT_ONCE, COARSE, COARSEST, LONG, LONGEST, TICK, Timer, Timers


class Broken(Exception):
    """What a timer's work fails with."""


class TimersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.fired: list[tuple[str, float]] = []

    def note(self, name: str) -> None:
        self.fired.append((name, round(self.clock.seconds(), 6)))

    def pump(self, seconds: float) -> None:
        """Go on from one scheduled call to the next."""
        end = self.clock.seconds() + seconds
        while self.clock.calls and self.clock.calls[0].getTime() <= end + 1e-9:
            self.clock.advance(max(0.0, self.clock.calls[0].getTime() - self.clock.seconds()))
        self.clock.advance(max(0.0, end - self.clock.seconds()))

    def tearDown(self) -> None:
        self.assertEqual((self.timers.running, self.clock.getDelayedCalls()), (0, []))

    def test_many_at_the_same_time(self) -> None:
        """What else is due has its turn between two portions, and what that cancels does not fire."""

        def first() -> None:
            self.clock.callLater(0, lambda: [self.note("other"), timers[-1].cancel()])

        timers = [self.timers.after(5.0, first)]
        timers += [self.timers.after(5.0, self.note, str(number)) for number in range(1, AT_ONCE + 4)]
        self.timers.after(5.2, self.note, "later")
        self.pump(5.0)
        names = [name for name, _ in self.fired]
        numbers = [str(number) for number in range(1, AT_ONCE + 3)]
        self.assertEqual(names, [*numbers[: AT_ONCE - 1], "other", *numbers[AT_ONCE - 1 :]])
        self.assertEqual({at for _, at in self.fired}, {5.0})
        self.pump(0.3)
        self.assertEqual(self.fired[-1], ("later", 5.25))

    def test_fires_once_at_its_time(self) -> None:
        timer = self.timers.after(0.5, self.note, "a")
        self.assertTrue(timer.active)
        self.pump(0.49)
        self.assertEqual(self.fired, [])
        self.pump(10)
        self.assertEqual(self.fired, [("a", 0.5)])
        self.assertFalse(timer.active)

    def test_without_argument(self) -> None:
        self.timers.after(0.1, lambda: self.note("plain"))
        self.pump(1)
        self.assertEqual(self.fired, [("plain", 0.1)])

    def test_rounded_up_to_the_tick_never_early(self) -> None:
        self.timers.after(0.011, self.note, "a")
        self.timers.after(0.0, self.note, "now")
        self.pump(1)
        self.assertEqual(self.fired, [("now", 0.0), ("a", 0.02)])

    def test_long_ones_share_a_tenth_of_a_second(self) -> None:
        for number in range(5):
            self.timers.after(4.0, self.note, f"{number}")
            self.clock.advance(0.02)
        self.pump(10)
        self.assertEqual(self.fired, [("0", 4.0), *((f"{number}", 4.1) for number in range(1, 5))])

    def test_the_longest_share_a_beat(self) -> None:
        for number in range(5):
            self.timers.after(32.0, self.note, f"{number}")
            self.clock.advance(0.02)
        self.pump(40)
        self.assertEqual(self.fired, [("0", 32.0), *((f"{number}", 32.25) for number in range(1, 5))])

    def test_nobody_is_woken_for_those_that_were_cancelled(self) -> None:
        self.timers.after(0.1, self.note, "a")
        self.timers.after(0.2, self.note, "b").cancel()
        self.timers.after(0.3, self.note, "c")
        self.clock.advance(0.1)
        self.assertEqual([call.getTime() for call in self.clock.calls], [0.3])
        self.pump(1)
        self.assertEqual(self.fired, [("a", 0.1), ("c", 0.3)])

    def test_one_that_is_set_while_the_wheel_turns_does_not_delay_another(self) -> None:
        """A timer that fires and starts a later one, as a retransmission does, leaves those between in time."""
        self.timers.after(1.0, lambda: self.timers.after(4.0, self.note, "late"))
        self.timers.after(2.0, self.note, "between")
        self.pump(10)
        self.assertEqual(self.fired, [("between", 2.0), ("late", 5.0)])

    def test_an_earlier_one_wakes_the_wheel_earlier(self) -> None:
        self.timers.after(5.0, self.note, "b")
        self.timers.after(1.0, self.note, "a")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.pump(10)
        self.assertEqual(self.fired, [("a", 1.0), ("b", 5.0)])

    def test_same_slot_in_order(self) -> None:
        for name in "abc":
            self.timers.after(0.5, self.note, name)
        self.pump(1)
        self.assertEqual([name for name, _ in self.fired], ["a", "b", "c"])

    def test_cancel_twice_and_after_firing(self) -> None:
        cancelled = self.timers.after(0.5, self.note, "no")
        other = self.timers.after(1.0, self.note, "yes")
        cancelled.cancel()
        cancelled.cancel()
        self.assertEqual(self.timers.running, 1)
        self.pump(2)
        other.cancel()
        self.assertEqual((self.fired, self.timers.running), ([("yes", 1.0)], 0))

    def test_the_last_cancelled_leaves_nothing_on_the_clock(self) -> None:
        one, two = self.timers.after(1, self.note, "a"), self.timers.after(2, self.note, "b")
        one.cancel()
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        two.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled_ones_are_not_kept(self) -> None:
        """Most timers are cancelled, and many would wait for half a minute to be forgotten."""
        kept = self.timers.after(32, self.note, "a")
        for _ in range(100):
            self.timers.after(32, self.note, "no").cancel()
        self.assertEqual([list(slot) for slot in self.timers._slots.values()], [[kept]])
        kept.cancel()

    def test_cancelled_by_one_of_the_same_slot(self) -> None:
        timers: list[Timer] = []
        self.timers.after(1, lambda: timers[0].cancel())
        timers.append(self.timers.after(1, self.note, "no"))
        self.pump(2)
        self.assertEqual(self.fired, [])

    def test_all_cancelled_and_new_ones_set_while_it_turns(self) -> None:
        timers: list[Timer] = []

        def replace() -> None:
            timers[0].cancel()
            self.timers.after(0.5, self.note, "new")

        self.timers.after(1, replace)
        timers.append(self.timers.after(3, self.note, "old"))
        self.pump(5)
        self.assertEqual(self.fired, [("new", 1.5)])

    def test_one_set_for_now_while_it_turns(self) -> None:
        self.timers.after(1, lambda: self.timers.after(0, self.note, "now"))
        self.pump(2)
        self.assertEqual(self.fired, [("now", 1.0)])

    def test_work_that_fails_is_logged_and_the_others_go_on(self) -> None:
        def fail() -> None:
            raise Broken

        self.timers.after(1, fail)
        self.timers.after(1, self.note, "a")
        self.timers.after(2, self.note, "b")
        self.pump(3)
        self.assertEqual([name for name, _ in self.fired], ["a", "b"])
        self.assertEqual(len(self.flushLoggedErrors(Broken)), 1)

    def test_a_clock_that_jumps(self) -> None:
        """A reactor that was busy for seconds fires what is due, in order, and goes on."""
        for seconds in (3.0, 1.0, 2.0, 7.0):
            self.timers.after(seconds, self.note, str(seconds))
        self.clock.advance(5)
        self.assertEqual([name for name, _ in self.fired], ["1.0", "2.0", "3.0"])
        self.pump(5)
        self.assertEqual(self.fired[-1], ("7.0", 7.0))

    def test_a_clock_far_from_zero(self) -> None:
        """The reactor's clock counts from 1970: slots and times keep their precision."""
        self.clock.advance(1.8e9)
        self.timers.after(0.5, self.note, "a")
        start = self.clock.seconds()
        self.pump(1)
        self.assertEqual([(name, round(time - start, 2)) for name, time in self.fired], [("a", 0.5)])


steps = st.lists(
    st.tuples(st.sampled_from(["set", "cancel", "chain", "pass"]), st.floats(0, 40), st.integers(0, 99)),
    max_size=60,
)


class TimersProperties(SynchronousTestCase):
    @settings(max_examples=200, deadline=None)
    @given(steps)
    def test_each_fires_once_in_time_or_never(self, program: list[tuple[str, float, int]]) -> None:
        """Whatever is set, cancelled and set anew inside a firing: in time (late by its ticks), and nothing left."""
        clock = Clock()
        timers = Timers(clock)
        due: dict[int, float] = {}
        known: list[tuple[int, Timer]] = []
        late: list[tuple[float, float]] = []

        def start(seconds: float, more: float | None) -> None:
            number = len(known)
            due[number] = clock.seconds() + seconds
            known.append((number, timers.after(seconds, fire(number, seconds, more))))

        def fire(number: int, seconds: float, more: float | None) -> Callable[[], None]:
            def fired() -> None:
                late.append((seconds, clock.seconds() - due.pop(number)))
                if more is not None:
                    start(more, None)

            return fired

        def run(seconds: float) -> None:
            end = clock.seconds() + seconds
            while clock.calls and clock.calls[0].getTime() <= end:
                clock.advance(max(0.0, clock.calls[0].getTime() - clock.seconds()))
            clock.advance(max(0.0, end - clock.seconds()))

        for verb, seconds, pick in program:
            if verb == "set":
                start(seconds, None)
            elif verb == "chain":
                start(seconds, pick / 10)
            elif verb == "cancel" and known:
                number, timer = known[pick % len(known)]
                timer.cancel()
                due.pop(number, None)
            else:
                run(seconds)
            self.assertEqual(timers.running, len(due))
        run(100)
        self.assertEqual((due, timers.running, clock.getDelayedCalls()), ({}, 0, []))
        for seconds, by in late:
            most = (COARSEST if seconds >= LONGEST else COARSE if seconds >= LONG else 1) * TICK
            self.assertTrue(-1e-4 < by < most + 1e-4, (seconds, by))
