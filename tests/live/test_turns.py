"""How several processes share the live tests: each module is run, and by one of them."""

import os
from pathlib import Path
from unittest import TestResult

from twisted.trial.unittest import SynchronousTestCase

from tests.live import turns


class Turns(SynchronousTestCase):
    def test_all_modules(self) -> None:
        files = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
        self.assertEqual(sorted(turns.names()), files)

    def test_taken_once(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        self.patch(os, "environ", {"TRIAL_TURNS_FOLDER": str(folder)})
        self.assertEqual([turns.taken(name) for name in ("a", "b", "a", "b")], [True, True, False, False])
        turn = turns.Turn("test_turns")
        (folder / "test_turns").touch()
        result = TestResult()
        turn(result)
        self.assertEqual((turn.countTestCases(), result.testsRun), (3, 0))

    def test_alone(self) -> None:
        self.patch(os, "environ", {})
        self.assertEqual([turns.taken("a"), turns.taken("a")], [True, True])
