"""What the server logs during a test: as the lines of its log, and as events."""

import io
from collections.abc import Callable
from typing import Any

from twisted.logger import LogEvent, LogLevel, globalLogPublisher
from twisted.trial.unittest import TestCase

from magroup.log import LineObserver
from magroup.model.settings import LogSettings
from tests.live.server import SECRET

SECRETS = (f'"{SECRET}"', f"'{SECRET}'", f"={SECRET}", "nonce=", "cnonce", "response=", "Digest ")


class LogWatch:
    """Watches from its making to the end of the test: `log = LogWatch(self)`, then `log.check(self, most=5)`."""

    def __init__(self, test: TestCase) -> None:
        self.events: list[LogEvent] = []
        self._written: list[str] = []
        self._observer = LineObserver(_Stream(self._written.append), LogSettings(level="info"))
        globalLogPublisher.addObserver(self._observe)
        test.addCleanup(globalLogPublisher.removeObserver, self._observe)

    def _observe(self, event: LogEvent) -> None:
        if str(event.get("log_namespace", "")).startswith("tests."):
            return
        self.events.append(event)
        self._observer(event)

    @property
    def lines(self) -> list[str]:
        """What stands in the log at level info, without the line ends."""
        return [line.removesuffix("\n") for line in self._written]

    def having(self, words: str) -> list[str]:
        """The lines with these words."""
        return [line for line in self.lines if words in line]

    def check(self, test: TestCase, most: int) -> None:
        """At most so many events, a line each; no failure, no secret, no line that a peer made up."""
        failures = [event for event in self.events if "log_failure" in event]
        test.assertEqual([repr(event["log_failure"].getTraceback()) for event in failures], [])
        serious = [line for line in self.lines if " critical " in line]
        test.assertEqual(serious, [])
        for line in self.lines:
            test.assertTrue(line.isprintable(), line)
            for secret in SECRETS:
                test.assertNotIn(secret, line)
        test.assertLessEqual(len(self.lines), most, "\n".join(self.lines[:50]))
        test.assertEqual([level for event in self.events if (level := event.get("log_level")) is LogLevel.critical], [])


class _Stream(io.TextIOBase):
    def __init__(self, keep: Callable[[str], Any]) -> None:
        self._keep = keep

    def write(self, text: str) -> int:
        self._keep(text)
        return len(text)
