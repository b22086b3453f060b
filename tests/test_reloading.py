"""Settings that change while the server runs."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers
from magroup.reloading import Reload

RUNNING = Settings()


class ReloadTests(SynchronousTestCase):
    """Takes over what it is given."""

    def setUp(self) -> None:
        self.reload = Reload(Layers, Layers())

    def take_over(self, new: Settings) -> list[str]:
        """The names of what changed."""
        return [".".join(path) for path in self.reload.take_over(Layers(defaults=new))]

    def test_nothing_changed(self) -> None:
        self.reload.takes(("log",), lambda settings: self.fail("called"))
        self.reload.takes((), lambda settings: self.fail("called"))
        self.assertEqual(self.take_over(RUNNING), [])

    def test_taken_over(self) -> None:
        taken: list[Settings] = []
        everything: list[Settings] = []
        self.reload.takes(("log",), taken.append)
        self.reload.takes((), everything.append)
        self.reload.takes(("sip",), lambda settings: self.fail("called"))
        new = replace(RUNNING, log=replace(RUNNING.log, json=True, level="warn"))
        self.assertEqual(self.take_over(new), ["log.json", "log.level"])
        self.assertEqual((taken, everything), ([new], [new]))
        self.assertEqual((self.reload.settings, self.reload.wanted), (new, new))

    def test_taken_at_the_next_start(self) -> None:
        """It is wanted but not in force, also for those who take what is changed beside it."""
        taken: list[Settings] = []
        self.reload.takes(("calls",), taken.append)
        self.reload.takes(("instance",), lambda settings: self.fail("called"))
        calls = replace(RUNNING.calls, max_calls=5)
        new = replace(RUNNING, instance="X", calls=calls, rtp=replace(RUNNING.rtp, ports="2000-3000"))
        self.assertEqual(self.take_over(new), ["instance", "rtp.ports", "calls.max_calls"])
        self.assertEqual(taken, [replace(RUNNING, calls=calls)])
        self.assertEqual((self.reload.settings, self.reload.wanted), (taken[0], new))
        self.assertEqual(self.take_over(RUNNING), ["instance", "rtp.ports", "calls.max_calls"])
        self.assertEqual((self.reload.settings, self.reload.wanted), (RUNNING, RUNNING))

    def test_before_the_start(self) -> None:
        """Everything holds."""
        taken: list[Settings] = []
        self.reload.takes(("log",), taken.append)
        new = replace(RUNNING, instance="X", log=replace(RUNNING.log, json=True))
        self.reload.begin(Layers(defaults=new))
        self.assertEqual((self.reload.settings, self.reload.wanted, taken), (new, new, [new]))

    def test_one_that_cannot(self) -> None:
        taken: list[Settings] = []
        self.reload.takes(("language",), lambda settings: 1 / 0)  # type: ignore[arg-type, return-value]
        self.reload.takes(("language",), taken.append)
        new = replace(RUNNING, language="de")
        self.reload.take_over(Layers(defaults=new))
        self.assertEqual(taken, [new])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
