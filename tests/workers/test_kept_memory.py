"""Calls in memory that outlives who writes it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from resource import RLIMIT_FSIZE, getrlimit

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.kept_calls import LONGEST_FORM
from magroup.workers import kept_memory
from magroup.workers.kept_memory import CHUNK, LONGEST_ID, SIZE, KeptMemory
from tests.workers.writes_until_killed import A_TIME, ALWAYS, is_whole

IDS = st.sampled_from(["a-1", "a-2", "b-1", "\u00e9" * 100, "x" * LONGEST_ID])
LENGTHS = st.sampled_from([1, 980, 1010, 2040, 4000, 9000, 40_000, LONGEST_FORM])
FORMS = st.tuples(LENGTHS, st.binary(min_size=1, max_size=4))
TREE = Path(__file__).parents[2]


class Memory(SynchronousTestCase):
    """``writer`` has the same memory as ``reader``."""

    def setUp(self) -> None:
        self.reader, self.writer = self.two()

    def two(self) -> tuple[KeptMemory, KeptMemory]:
        reader, file = KeptMemory.made()
        return reader, KeptMemory(file)

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(IDS, st.none() | FORMS), max_size=40))
    def test_what_is_put_is_read(self, steps: list[tuple[str, tuple[int, bytes] | None]]) -> None:
        """As a dictionary, after each step."""
        reader, writer = self.two()
        expected: dict[str, bytes] = {}
        for id, what in steps:
            if what is None:
                writer.remove(id)
                expected.pop(id, None)
            else:
                length, word = what
                expected[id] = (word * length)[:length]
                writer.put(id, expected[id])
            self.assertEqual(reader.read(), expected)
        self.assertEqual((len(writer), set(writer.ids())), (len(expected), set(expected)))
        writer.clear()
        self.assertEqual((reader.read(), writer.ids()), ({}, []))
        reader.close()
        writer.close()

    def test_what_does_not_fit(self) -> None:
        """What is too long is left as it was."""
        self.writer.put("a", b"before")
        self.assertFalse(self.writer.put("a", b"x" * (LONGEST_FORM + 1)))
        self.assertFalse(self.writer.put("i" * (LONGEST_ID + 1), b"x"))
        self.assertEqual(self.reader.read(), {"a": b"before"})

    def test_too_many(self) -> None:
        """No further calls; those that are kept can change, and room is found again."""
        self.patch(kept_memory, "MOST_CALLS", 3)
        self.assertEqual([self.writer.put(id, b"1") for id in "abcd"], [True, True, True, False])
        self.writer.put("a", b"2")
        self.assertEqual(self.reader.read(), {"a": b"2", "b": b"1", "c": b"1"})
        self.writer.remove("b")
        self.writer.put("d", b"3")
        self.assertEqual(self.reader.read(), {"a": b"2", "c": b"1", "d": b"3"})

    def test_no_more_chunks(self) -> None:
        """The call stays as it was."""
        self.patch(kept_memory, "SIZE", 4096 + 2 * CHUNK)
        self.reader, self.writer = self.two()
        self.writer.put("a", b"x" * 50_000)
        self.writer.put("a", b"y" * 50_000)
        self.assertFalse(self.writer.put("b", b"small"))
        self.assertEqual(self.reader.read(), {"a": b"y" * 50_000})
        self.writer.put("a", b"z" * 50_000)
        self.assertEqual(self.reader.read(), {"a": b"z" * 50_000})

    def test_limits_for_files(self) -> None:
        """They make it smaller; what stands for a full disk does not."""
        before = getrlimit(RLIMIT_FSIZE)
        child = "import sys; from magroup.workers.kept_memory import KeptMemory as K; m, f = K.made(); w = K(f);"
        child += "w.put('a', b'x' * 60_000); w.put('b', b'y' * 60_000); print({i: len(f) for i, f in m.read().items()})"
        for soft, hard, found in (
            (1, 4096 + 2 * CHUNK, b"{'a': 60000, 'b': 60000}"), (9, 4096 + CHUNK, b"{'a': 60000}"),
        ):  # fmt: skip
            told = subprocess.run(
                ["prlimit", f"--fsize={soft}:{hard}", sys.executable, "-B", "-c", child], cwd=TREE, check=True,
                stdout=subprocess.PIPE,
            )  # fmt: skip
            self.assertEqual(told.stdout.strip(), found)
        KeptMemory.made()
        self.assertEqual(getrlimit(RLIMIT_FSIZE), before)

    def test_slots_are_used_again(self) -> None:
        """However often calls change, the memory does not grow."""
        for number in range(1000):
            for id in "abc":
                self.writer.put(id, b"%d" % number * 100)
        self.assertEqual(self.writer._chunks, 1)

    def test_rubbish(self) -> None:
        """Whatever is in it, reading ends."""
        random = Random(7)
        for _ in range(30):
            reader, writer = self.two()
            for number in range(40):
                writer.put(f"a-{number}", bytes(100))
            for _ in range(200):
                at = random.randrange(SIZE // 1000) if random.random() < 0.25 else random.randrange(CHUNK)
                writer._map[at] = random.randrange(256)
            for id, form in reader.read().items():
                self.assertLessEqual((len(id.encode()) <= 3 * LONGEST_ID, len(form)), (True, LONGEST_FORM))
            reader.close()
            writer.close()

    def test_taken(self) -> None:
        """Who writes sees that others have taken some."""
        self.assertEqual(self.writer.taken, 0)
        self.reader.tell_taken()
        self.reader.tell_taken()
        self.writer.put("a", b"1")
        self.assertEqual((self.writer.taken, self.reader.read()), (2, {"a": b"1"}))

    def test_killed(self) -> None:
        """At any place: no call is torn, none that was there is lost, none that was over is there."""
        for round in range(6):
            reader, file = KeptMemory.made()
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.workers.writes_until_killed", str(file)], pass_fds=[file], cwd=TREE
            )  # fmt: skip
            os.close(file)
            try:
                until = time.monotonic() + 30
                while len(reader.read()) < A_TIME and time.monotonic() < until:
                    pass
                # A moment that is another one in each round.
                for _ in range(round * 15):
                    reader.read()
            finally:
                child.kill()
                child.wait()
            found = reader.read()
            self.assertIn(ALWAYS, found)
            self.assertEqual([id for id, form in found.items() if not is_whole(id, form)], [])
            numbers = sorted(int(id[2:]) for id in found if id != ALWAYS)
            self.assertEqual(numbers, list(range(numbers[0], numbers[-1] + 1)))
            self.assertIn(len(numbers), (A_TIME, A_TIME + 1))
            reader.close()
