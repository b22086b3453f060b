"""Settings that change while the server runs."""

from dataclasses import replace

from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.settings import Settings
from magroup.model.settings_reading import Problem, SettingsError
from magroup.reloading import Reload


class ReloadTests(SynchronousTestCase):
    """Reads what ``self.next`` gives."""

    def setUp(self) -> None:
        self.next: Settings | SettingsError = Settings()
        self.reload = Reload(self.load, Settings())

    def load(self) -> Settings:
        if isinstance(self.next, SettingsError):
            raise self.next
        return self.next

    def said(self) -> list[str]:
        with capturedLogs() as events:
            self.reload.reload()
        return [formatEvent(event) for event in events]

    def test_nothing_changed(self) -> None:
        self.reload.takes(("log",), lambda settings: self.fail("called"))
        self.assertEqual(self.said(), ["configuration reloaded: 0 settings changed"])

    def test_taken_over(self) -> None:
        taken: list[Settings] = []
        self.reload.takes(("log",), taken.append)
        self.reload.takes(("sip",), lambda settings: self.fail("called"))
        self.next = replace(Settings(), log=replace(Settings().log, json=True, level="warn"))
        self.assertEqual(self.said(), ["configuration reloaded: 2 settings changed"])
        self.assertEqual(taken, [self.next])
        self.assertIs(self.reload.settings, self.next)

    def test_taken_at_the_next_start(self) -> None:
        self.reload.takes(("calls", "early_media"), lambda settings: None)
        calls = replace(Settings().calls, early_media=True, max_calls=5)
        self.next = replace(Settings(), instance="X", calls=calls)
        self.assertEqual(
            self.said(),
            ["configuration reloaded: 3 settings changed", "at the next start only: instance, calls.max_calls"],
        )

    def test_wrong(self) -> None:
        before = self.reload.settings
        self.next = SettingsError([Problem("f, line 1", "x is wrong"), Problem("f, line 2", "y is wrong")])
        self.assertEqual(
            self.said(),
            [
                "configuration not reloaded: f, line 1: x is wrong",
                "configuration not reloaded: f, line 2: y is wrong",
            ],
        )
        self.assertIs(self.reload.settings, before)

    def test_one_that_cannot(self) -> None:
        taken: list[Settings] = []
        self.reload.takes(("language",), lambda settings: 1 / 0)  # type: ignore[arg-type, return-value]
        self.reload.takes(("language",), taken.append)
        self.next = replace(Settings(), language="de")
        self.reload.reload()
        self.assertEqual(taken, [self.next])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
