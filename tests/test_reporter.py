"""The counts that tests/run prints."""

import os
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.server_process import TREE, environment

CASES = """
from twisted.trial.unittest import SynchronousTestCase

class Cases(SynchronousTestCase):
    def test_good(self): pass
    def test_good_too(self): pass
    def test_wrong(self): self.fail()
    def test_broken(self): 1 / 0
    def test_skipped(self): pass
    test_skipped.skip = "no reason"
    def test_expected(self): self.fail()
    test_expected.todo = "known"
    def test_unexpected(self): pass
    test_unexpected.todo = "known"
"""


class ReporterTests(SynchronousTestCase):
    """Trial as tests/run calls it."""

    def counts(self, *arguments: str, source: str = CASES) -> tuple[int, str]:
        self.folder = folder = Path(self.mktemp()).resolve()
        folder.mkdir()
        (folder / "made_up_cases.py").write_text(source)
        counts = folder / "counts"
        path = os.pathsep.join(map(str, (TREE, TREE / "tests/plugins", folder)))
        done = subprocess.run(
            [sys.executable, "-m", "twisted.trial", "--reporter=counting", *arguments],
            cwd=folder,
            env=environment(PYTHONPATH=path, TRIAL_COUNTS_FILE=str(counts)),
            capture_output=True,
            timeout=60,
        )
        return done.returncode, counts.read_text() if counts.exists() else ""

    def test_all_kinds(self) -> None:
        self.assertEqual(self.counts("made_up_cases"), (1, "3 3 1\n"))

    def test_what_went_wrong(self) -> None:
        """Named once more, with the reason."""
        self.counts("made_up_cases")
        text = (self.folder / "counts.wrong").read_text()
        names = [line.removeprefix("FAILED made_up_cases.Cases.") for line in text.splitlines() if "FAILED" in line]
        self.assertEqual(sorted(names), ["test_broken", "test_unexpected: it was to fail, and passed", "test_wrong"])
        self.assertIn("    builtins.ZeroDivisionError: division by zero\n", text)

    def test_good(self) -> None:
        names = ["made_up_cases.Cases.test_good", "made_up_cases.Cases.test_good_too"]
        self.assertEqual(self.counts(*names), (0, "2 0 0\n"))

    def test_several_processes(self) -> None:
        names = [f"made_up_cases.Cases.test_{name}" for name in ("good", "wrong", "broken", "skipped")]
        self.assertEqual(self.counts("-j", "2", *names), (1, "1 2 1\n"))

    def test_module_that_cannot_be_imported(self) -> None:
        self.assertEqual(self.counts("made_up_cases", source="import nothing_of_that_name"), (1, "0 1 0\n"))

    def test_nothing(self) -> None:
        self.assertEqual(self.counts("made_up_cases", source=""), (0, "0 0 0\n"))

    def test_torn_off(self) -> None:
        self.assertEqual(self.counts("made_up_cases", source="import os\nos._exit(3)"), (3, ""))
