"""The reactor's short way to readers that ask for it."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import SynchronousTestCase

from magroup.short_ways import ShortWays, install

TREE = Path(__file__).parents[1]
SHOWS = "import {first}; from magroup import short_ways; short_ways.install(); from twisted.internet import reactor; \
print(type(reactor).__name__)"


class Reader:
    """Reads bytes from its end of a pair of sockets, then does what it is made for."""

    def __init__(self, test: SynchronousTestCase, is_plain: bool, then: Callable[["Reader"], Any]) -> None:
        self.end, self.other = socket.socketpair()
        for one in (self.end, self.other):
            test.addCleanup(one.close)
        self.is_plain = is_plain
        self.read = b""
        self.lost = False
        self._then = then

    def fileno(self) -> int:
        return self.end.fileno()

    def logPrefix(self) -> str:
        return "reader"

    def doRead(self) -> Any:
        self.read += self.end.recv(10)
        return self._then(self)

    def connectionLost(self, reason: object) -> None:
        self.lost = True


class ReactorTestCase(SynchronousTestCase):
    """A reactor of its own, that turns when the test says so."""

    def setUp(self) -> None:
        made: Any = ShortWays()  # type: ignore[no-untyped-call]
        self.reactor = made
        self.addCleanup(made._poller.close)
        self.addCleanup(made.waker.connectionLost, None)

    def reader(self, is_plain: bool, then: Callable[[Reader], Any] = lambda reader: None) -> Reader:
        made = Reader(self, is_plain, then)
        self.reactor.addReader(made)
        return made


class Ways(ReactorTestCase):
    """One turn of the reactor at a time."""

    def test_both_ways(self) -> None:
        plain, other = self.reader(True), self.reader(False)
        for one in (plain, other):
            one.other.send(b"a")
        self.reactor.doIteration(1)
        self.assertEqual((plain.read, other.read), (b"a", b"a"))

    def test_what_it_returns_is_nothing(self) -> None:
        """As datagrams' readers do, it goes on; others are disconnected."""
        plain = self.reader(True, lambda reader: ValueError())
        other = self.reader(False, lambda reader: ValueError())
        for _ in range(2):
            for one in (plain, other):
                one.other.send(b"a")
            self.reactor.doIteration(1)
        self.assertEqual((plain.read, plain.lost), (b"aa", False))
        self.assertEqual((other.read, other.lost), (b"a", True))

    def test_one_that_fails(self) -> None:
        def fail(reader: Reader) -> None:
            raise ValueError("broken")

        plain = self.reader(True, fail)
        for _ in range(2):
            plain.other.send(b"a")
            self.reactor.doIteration(1)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 2)
        self.assertEqual((plain.read, plain.lost), (b"aa", False))

    def test_one_that_is_taken_away_meanwhile(self) -> None:
        both: list[Reader] = []

        def take_the_other(reader: Reader) -> None:
            self.reactor.removeReader(next(one for one in both if one is not reader))

        both += [self.reader(True, take_the_other), self.reader(True, take_the_other)]
        for one in both:
            one.other.send(b"a")
        self.reactor.doIteration(1)
        self.assertEqual(sorted(one.read for one in both), [b"", b"a"])


class GoingOn(ReactorTestCase):
    """While the reactor runs it waits again, as long as it has nothing else to do."""

    def setUp(self) -> None:
        super().setUp()
        self.reactor.running = True
        self.addCleanup(setattr, self.reactor, "running", False)

    def chain(self, then: Callable[[Reader], Any], most: int = 1000, is_plain: bool = True) -> Reader:
        """A reader that sends to itself until it has done so often enough, and then does something."""

        def go_on(reader: Reader) -> None:
            reader.other.send(b"a")
            if len(reader.read) == most:
                then(reader)

        made = self.reader(is_plain, go_on)
        made.other.send(b"a")
        return made

    def turn(self) -> None:
        """As the reactor's main loop does."""
        self.reactor.runUntilCurrent()
        self.reactor.doIteration(self.reactor.timeout())

    def test_something_to_be_done_later(self) -> None:
        done: list[str] = []
        plain = self.chain(lambda reader: self.reactor.callLater(0, done.append, "done"), 5)
        self.turn()
        self.assertEqual((plain.read, done), (b"aaaaa", []))
        self.reactor.runUntilCurrent()
        self.assertEqual(done, ["done"])

    def test_something_of_a_thread(self) -> None:
        plain = self.chain(lambda reader: self.reactor.callFromThread(lambda: None), 5)
        self.turn()
        self.assertEqual(plain.read, b"aaaaa")

    def test_to_be_stopped(self) -> None:
        def stop(reader: Reader) -> None:
            self.reactor._stopped = False
            self.reactor.stop()

        plain = self.chain(stop, 5)
        self.turn()
        self.assertEqual(plain.read, b"aaaaa")

    def test_to_crash(self) -> None:
        plain = self.chain(lambda reader: self.reactor.crash(), 5)
        self.turn()
        self.assertEqual(plain.read, b"aaaaa")

    def test_somebody_else(self) -> None:
        """Who is told in Twisted's way may want anything."""
        other = self.chain(lambda reader: None, is_plain=False)
        self.turn()
        self.assertEqual(other.read, b"a")

    def test_a_timer(self) -> None:
        """What is due comes in between, whatever else there is; and sooner, where it was put forward meanwhile."""
        now = [0.0]
        self.reactor.seconds = lambda: now[0]

        def time_goes_by(reader: Reader) -> None:
            reader.other.send(b"a")
            now[0] += 1.0
            if now[0] == 40.0:
                later.reset(7.0)

        done: list[float] = []
        self.reactor.callLater(10.0, lambda: done.append(now[0]))
        later = self.reactor.callLater(100.0, lambda: done.append(now[0]))
        plain = self.reader(True, time_goes_by)
        plain.other.send(b"a")
        for _ in range(2):
            self.turn()
        self.reactor.runUntilCurrent()
        self.assertEqual(done, [10.0, 47.0])
        self.assertEqual(len(plain.read), 47)

    def test_nothing_more(self) -> None:
        """It waits no longer than it was to at first."""
        self.reactor.callLater(0.02, lambda: None)
        plain = self.reader(True)
        plain.other.send(b"a")
        self.turn()
        self.assertEqual(plain.read, b"a")


class Installed(SynchronousTestCase):
    """Where it is the reactor of the process."""

    def shown(self, first: str) -> str:
        command = [sys.executable, "-c", SHOWS.format(first=first)]
        return run(command, cwd=TREE, capture_output=True, text=True, timeout=60).stdout.strip()

    def test_chosen_by_nobody(self) -> None:
        self.assertEqual(self.shown("sys"), "ShortWays")

    def test_chosen_before(self) -> None:
        self.assertEqual(self.shown("twisted.internet.reactor"), "EPollReactor")
        before = sys.modules["twisted.internet.reactor"]
        install()
        self.assertIs(sys.modules["twisted.internet.reactor"], before)
        self.assertIs(before, reactor)
