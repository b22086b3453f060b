"""Lines for a pipe that nobody reads, and for a disk that is full: nobody waits, and they come later."""

import io
import os
from collections.abc import Callable
from pathlib import Path

from twisted.python.logfile import LogFile
from twisted.trial.unittest import SynchronousTestCase

from magroup import log_stream
from magroup.log_stream import AGAIN, PatientStream, to_descriptor, to_file

FULL = OSError(28, "No space left on device")


class Kept(SynchronousTestCase):
    """``fails`` is what the place of the lines does."""

    def setUp(self) -> None:
        self.fails: OSError | None = None
        self.takes = 1000
        self.written = io.BytesIO()
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.stream = PatientStream(self.put, lambda seconds, work: self.due.append((seconds, work)))

    def put(self, data: bytes) -> int:
        if self.fails is not None:
            raise self.fails
        return self.written.write(data[: self.takes])

    def again(self) -> None:
        ((seconds, work),) = self.due
        self.due.clear()
        self.assertEqual(seconds, AGAIN)
        work()

    @property
    def text(self) -> str:
        return self.written.getvalue().decode()

    def test_at_once(self) -> None:
        self.takes = 3
        self.stream.write("Zürich\nBern \ud800\n")
        self.assertEqual(self.text, "Zürich\nBern \\ud800\n")
        self.assertEqual(self.due, [])

    def test_slow(self) -> None:
        """Not told to anybody, as long as nothing is lost."""
        self.fails = BlockingIOError()
        self.stream.write("one\n")
        self.stream.write("two\n")
        self.assertEqual((self.text, self.stream.reason), ("", ""))
        self.again()
        self.fails = None
        self.again()
        self.assertEqual((self.text, self.due), ("one\ntwo\n", []))

    def test_full(self) -> None:
        self.fails = FULL
        self.stream.write("one\n")
        self.assertEqual(self.stream.reason, "No space left on device")
        self.fails = None
        self.again()
        self.assertEqual((self.text, self.stream.reason), ("one\n", ""))

    def test_too_many(self) -> None:
        """The oldest go, but for one of which half is written; how many is told once."""
        self.patch(log_stream, "MOST_KEPT", 3)
        self.takes = 2
        self.fails = None
        taken = self.put

        def once(data: bytes) -> int:
            count = taken(data)
            self.fails = FULL
            return count

        self.stream._put = once
        self.stream.write("line 0\n")
        for number in range(1, 6):
            self.stream.write(f"line {number}\n")
        self.assertEqual(self.text, "li")
        self.takes, self.stream._put, self.fails = 1000, taken, None
        self.again()
        self.stream.write("line 6\n")
        expected = ["line 0", "line 4", "line 5", "3 lines of the log could not be written", "line 6", ""]
        self.assertEqual(self.text.split("\n"), expected)

    def test_the_end(self) -> None:
        """What is left is written if that is possible soon."""
        self.fails = FULL
        self.patch(log_stream, "LAST_WORDS", 0.01)
        self.stream.write("one\n")
        self.stream.close()
        self.assertEqual(self.text, "")
        self.fails = None
        self.stream.close()
        self.assertEqual(self.text, "one\n")


class Places(SynchronousTestCase):
    def test_pipe(self) -> None:
        """One that is full takes nothing, and nobody waits for it; it is read, and takes the rest in order."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        due: list[Callable[[], None]] = []
        stream = PatientStream(to_descriptor(writer), lambda seconds, work: due.append(work))
        lines = [f"{number:04} {'x' * 5000}\n" for number in range(40)]
        for line in lines:
            stream.write(line)
        got = b""
        while len(got) < len("".join(lines)):
            got += os.read(reader, 1 << 20)
            if due:
                due.pop()()
        self.assertEqual(got.decode(), "".join(lines))

    def test_full_device(self) -> None:
        device = os.open("/dev/full", os.O_WRONLY)
        self.addCleanup(os.close, device)
        stream = PatientStream(to_descriptor(device))
        stream.write("one\n")
        self.assertEqual(stream.reason, "No space left on device")

    def test_file(self) -> None:
        """A log file of twistd's, also when it was closed by a rotation that failed."""
        path = Path(self.mktemp())
        file = LogFile.fromFullPath(str(path))
        stream = PatientStream(to_file(file))
        stream.write("one\n")
        file._file.close()
        stream.write("two\n")
        self.addCleanup(file.close)
        self.assertEqual(path.read_text(), "one\ntwo\n")
