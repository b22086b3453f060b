"""Wrong passwords in the log."""

from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.timers import Timers
from magroup.switch.few_lines import MINUTE, MOST_LINES
from magroup.switch.wrong_passwords import WrongPasswords


class Told(SynchronousTestCase):
    """On a clock."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.passwords = WrongPasswords(self.timers)

    def lines(self, *wrong: tuple[str, str], seconds: float = 0.0) -> list[str]:
        with capturedLogs() as events:
            for address, user in wrong:
                self.passwords.note(address, user)
            self.clock.advance(seconds)
        return [formatEvent(event) for event in events]

    def test_first_at_once_and_the_rest_counted(self) -> None:
        guesses = [("192.0.2.1", "1047")] * 1000 + [("192.0.2.1", "1175"), ("192.0.2.2", "1047")]
        self.assertEqual(
            self.lines(*guesses),
            [
                "Wrong SIP password for 1047 from 192.0.2.1",
                "Wrong SIP password for 1175 from 192.0.2.1",
                "Wrong SIP password for 1047 from 192.0.2.2",
            ],
        )
        self.assertEqual(self.lines(seconds=MINUTE), ["999 more wrong SIP passwords in a minute"])
        self.assertEqual(self.timers.running, 0)
        self.assertEqual(len(self.lines(("192.0.2.1", "1047"), seconds=MINUTE)), 1)
        self.assertEqual(self.timers.running, 0)

    def test_many_users(self) -> None:
        """Another user each time, as who tries all numbers does."""
        found = self.lines(*(("192.0.2.1", str(number)) for number in range(1000)), seconds=MINUTE)
        self.assertEqual(len(found), MOST_LINES + 1)
        self.assertEqual(found[-1], f"{1000 - MOST_LINES} more wrong SIP passwords in a minute")

    def test_octets_that_are_no_text(self) -> None:
        self.assertEqual(self.lines(("192.0.2.1", "a\udcff")), ["Wrong SIP password for a\ufffd from 192.0.2.1"])
