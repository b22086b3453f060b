"""The link to Asterisk: login, pings, and how it is tried again."""

from typing import Any

from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from magroup.ami.link import LONGEST_PAUSE, AmiLink
from magroup.ami.session import ANSWER_SECONDS, PING_SECONDS, Account, Answer
from tests.ami.asterisk import Asterisk
from tests.ami.driver import MemoryEndpoint
from tests.ami.server import SECRET, USER, Manager


class LinkTests(SynchronousTestCase):
    def link(self, account: Account) -> tuple[AmiLink, Manager, MemoryEndpoint, Clock]:
        manager = Manager(Asterisk())
        endpoint, clock = MemoryEndpoint(manager), Clock()
        link = AmiLink(clock, endpoint, account)
        link.start()
        while endpoint.pump():
            pass
        return link, manager, endpoint, clock

    def test_login(self) -> None:
        """By a digest of the secret, or by the secret itself."""
        for plain in (False, True):
            link, manager, _, _ = self.link(Account(USER, SECRET, plain))
            self.assertTrue(link.is_up)
            self.assertEqual(SECRET in str(manager.actions), plain)

    def test_refused(self) -> None:
        """Tried again, but seldom: Asterisk may lock out who tries often. The secret is in no log."""
        logged: list[Any] = []
        globalLogPublisher.addObserver(logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, logged.append)
        link, _, endpoint, clock = self.link(Account(USER, "a wrong secret"))
        self.assertFalse(link.is_up)
        self.assertIn("Authentication failed", link.reason)
        clock.advance(LONGEST_PAUSE - 1)
        self.assertEqual(endpoint.tries, 1)
        clock.advance(1)
        self.assertEqual(endpoint.tries, 2)
        self.assertNotIn("a wrong secret", str(logged))
        self.assertNotIn("a wrong secret", repr(Account(USER, "a wrong secret")))
        self.assertTrue(logged)

    def test_back_off(self) -> None:
        """1, 2, 4 ... 60 seconds."""
        link, _, endpoint, clock = self.link(Account(USER, SECRET))
        endpoint.is_reachable = False
        endpoint.cut()
        endpoint.pump()
        at = []
        for second in range(1, 300):
            before = endpoint.tries
            clock.advance(1)
            at += [second] * (endpoint.tries - before)
        self.assertEqual(at, [1, 3, 7, 15, 31, 63, 123, 183, 243])
        self.assertIn("cannot be reached", link.reason)

    def test_stopped(self) -> None:
        link, manager, endpoint, clock = self.link(Account(USER, SECRET))
        link.stop()
        endpoint.pump()
        clock.advance(200)
        self.assertEqual((endpoint.tries, manager.sessions, clock.getDelayedCalls()), (1, [], []))

    def test_pings(self) -> None:
        """Who answers none is cut off."""
        link, manager, endpoint, clock = self.link(Account(USER, SECRET))
        for _ in range(3):
            clock.advance(PING_SECONDS)
            while endpoint.pump():
                pass
        self.assertEqual(len(manager.named("Ping")), 3)
        manager.deaf.add("Ping")
        clock.advance(PING_SECONDS)
        endpoint.pump()
        clock.advance(ANSWER_SECONDS)
        endpoint.pump()
        self.assertFalse(link.is_up)
        self.assertIn("pings", link.reason)

    def test_no_greeting(self) -> None:
        """Something listens there, and says nothing."""
        manager = Manager(Asterisk())
        endpoint, clock = MemoryEndpoint(manager), Clock()
        link = AmiLink(clock, endpoint, Account(USER, SECRET))
        link.start()
        clock.advance(ANSWER_SECONDS)
        endpoint.pump()
        self.assertIn("does not greet", link.reason)

    def test_garbage(self) -> None:
        link, manager, endpoint, _ = self.link(Account(USER, SECRET))
        manager.sessions[0].write(b"\xff" * 20_000)
        endpoint.pump()
        endpoint.pump()
        self.assertIn("longer than", link.reason)

    def test_answers_to_nobody(self) -> None:
        """Late, repeated and made-up ones."""
        link, manager, endpoint, _ = self.link(Account(USER, SECRET))
        answers: list[Answer] = []
        link.ask("Ping").addCallback(answers.append)
        for _ in range(2):
            manager.sessions[0].send([("Response", "Success"), ("ActionID", "m3")])
        manager.sessions[0].send([("Response", "Success"), ("ActionID", "other")])
        manager.sessions[0].send([("Response", "Error")])
        while endpoint.pump():
            pass
        self.assertTrue(link.is_up)
        self.assertEqual(len(answers), 1)
