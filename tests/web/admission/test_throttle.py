"""Who fails too often waits; nobody is locked out by strangers."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.admission import throttle
from magroup.web.admission.throttle import SOON, WINDOW, Throttle, network_of


class Throttling(SynchronousTestCase):
    """Three failures of an address, five of an account."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.throttle = Throttle(self.clock.seconds, 3, 5)

    def fail(self, address: str, account: str, times: int = 1) -> None:  # type: ignore[override]
        for _ in range(times):
            self.throttle.begin(address, account)
            self.throttle.ended(address, account)

    def test_address(self) -> None:
        self.fail("192.0.2.1", "raf", 2)
        self.assertEqual(self.throttle.wait("192.0.2.1", "raf"), 0)
        self.clock.advance(600)
        self.fail("192.0.2.1", "ara")
        self.assertEqual(self.throttle.wait("192.0.2.1", "tij"), WINDOW - 600)
        self.assertEqual(self.throttle.wait("192.0.2.2", "tij"), 0)
        self.clock.advance(WINDOW - 600)
        self.assertEqual(self.throttle.wait("192.0.2.1", "tij"), 0)
        self.fail("192.0.2.1", "tij")
        self.assertEqual(self.throttle.wait("192.0.2.1", "tij"), 0)

    def test_account(self) -> None:
        for host in range(5):
            self.fail(f"192.0.2.{host}", "raf")
        self.assertEqual(self.throttle.wait("198.51.100.1", "raf"), WINDOW)
        self.assertEqual(self.throttle.wait("198.51.100.1", "ara"), 0)

    def test_friends_of_an_account(self) -> None:
        self.fail("198.51.100.1", "raf")
        self.throttle.succeeded("198.51.100.1", "raf")
        for host in range(5):
            self.fail(f"192.0.2.{host}", "raf")
        self.assertEqual(self.throttle.wait("198.51.100.1", "raf"), 0)
        self.assertEqual(self.throttle.wait("198.51.100.2", "raf"), WINDOW)
        self.fail("198.51.100.1", "raf", 3)
        self.assertEqual(self.throttle.wait("198.51.100.1", "raf"), WINDOW)

    def test_a_success_is_no_failure(self) -> None:
        for _ in range(20):
            self.fail("192.0.2.1", "raf")
            self.assertEqual(self.throttle.wait("192.0.2.1", "raf"), 0)
            self.throttle.succeeded("192.0.2.1", "raf")
        self.fail("192.0.2.1", "raf", 2)
        self.throttle.begin("192.0.2.1", "raf")
        self.throttle.ended("192.0.2.1", "raf")
        self.throttle.succeeded("192.0.2.1", "raf")
        self.fail("192.0.2.1", "raf")
        self.assertEqual(self.throttle.wait("192.0.2.1", "raf"), WINDOW)

    def test_many_at_once(self) -> None:
        """Whoever comes while too many are under way waits a moment; those nobody has looked at do not count."""
        for _ in range(4):
            self.throttle.begin("192.0.2.1", "raf")
        self.assertEqual(self.throttle.wait("192.0.2.1", "raf"), SOON)
        for _ in range(3):
            self.throttle.undone("192.0.2.1", "raf")
            self.throttle.ended("192.0.2.1", "raf")
        self.assertEqual(self.throttle.wait("192.0.2.1", "raf"), 0)
        self.fail("192.0.2.1", "raf", 2)
        self.assertEqual(self.throttle.wait("192.0.2.1", "tij"), SOON)
        self.throttle.ended("192.0.2.1", "raf")
        self.assertEqual(self.throttle.wait("192.0.2.1", "tij"), WINDOW)

    def test_one_network(self) -> None:
        for address, expected in (
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("unix", "unix"),
        ):
            self.assertEqual(network_of(address), expected)
        for host in range(3):
            self.fail(f"2001:db8::{host}", "raf")
        self.assertEqual(self.throttle.wait("2001:db8::ffff", "x"), WINDOW)

    def test_memory_is_bounded(self) -> None:
        self.patch(throttle, "MOST", 10)
        for number in range(50):
            self.fail(f"192.0.2.{number}", f"user{number}")
            self.throttle.succeeded(f"198.51.100.{number}", f"user{number}")
        for counts in (self.throttle._addresses, self.throttle._accounts):
            self.assertLessEqual(len(counts._windows), 10)
        self.assertLessEqual(len(self.throttle._friends), 10)
        self.assertEqual(self.throttle.wait("192.0.2.49", "x"), 0)
        self.fail("192.0.2.49", "x", 2)
        self.assertEqual(self.throttle.wait("192.0.2.49", "x"), WINDOW)
