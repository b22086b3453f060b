"""Trial's tree reporter, which also writes ``passed failed skipped`` to the file that TRIAL_COUNTS_FILE names."""

import os
from pathlib import Path
from typing import Any

from twisted.trial.reporter import TreeReporter


class CountingReporter(TreeReporter):
    """Errors, failures and tests that pass against expectation count as failed; expected failures as passed."""

    def done(self) -> None:
        super().done()
        counts = os.environ.get("TRIAL_COUNTS_FILE")
        if counts:
            Path(counts).write_text(" ".join(map(str, counted(self))) + "\n")


def counted(result: Any) -> tuple[int, int, int]:
    """How many tests passed, failed and were skipped."""
    passed = result.successes + len(result.expectedFailures)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    return passed, failed, len(result.skips)
