"""What is told after the start."""

from dataclasses import dataclass

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from magroup.announcement import Announcement, web_address


@dataclass
class Case:
    """A listening port and its URL."""

    host: object
    kind: str
    url: str


CASES = (
    Case(IPv4Address("TCP", "127.0.0.1", 8080), "tcp", "http://127.0.0.1:8080/"),
    Case(IPv4Address("TCP", "0.0.0.0", 80), "tcp", "http://localhost/"),
    Case(IPv4Address("TCP", "10.1.2.3", 443), "ssl", "https://10.1.2.3/"),
    Case(IPv4Address("TCP", "10.1.2.3", 80), "ssl", "https://10.1.2.3:80/"),
    Case(IPv6Address("TCP", "::1", 8080), "tcp6", "http://[::1]:8080/"),
    Case(IPv6Address("TCP", "::", 8080), "tcp6", "http://localhost:8080/"),
    Case(UNIXAddress(b"/run/x"), "unix", "unix socket /run/x"),
)


class AnnouncementTests(SynchronousTestCase):
    """Plain lines, or an event."""

    def announcement(self) -> Announcement:
        return Announcement(["http://a/", "http://b/"], ["udp 127.0.0.1:5060"], ["Log in as x, password y"])

    def test_addresses(self) -> None:
        for case in CASES:
            self.assertEqual(web_address(case.host, case.kind), case.url)

    def test_text(self) -> None:
        lines = self.announcement().text().splitlines()
        self.assertEqual(lines[2:5], ["  Web  http://a/", "       http://b/", "  SIP  udp 127.0.0.1:5060"])
        self.assertIn("  Log in as x, password y", lines)

    def test_logged_without_passwords(self) -> None:
        with capturedLogs() as events:
            self.announcement().tell(for_people=False)
        self.assertEqual(
            [formatEvent(event) for event in events], ["ready; web http://a/, http://b/; SIP udp 127.0.0.1:5060"]
        )
