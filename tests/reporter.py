"""Trial's tree reporter, which also writes ``passed failed skipped`` to the file that TRIAL_COUNTS_FILE names.

What went wrong goes to the file beside it that ends in ``.wrong``, each test with the end of what it said.
"""

import os
from collections.abc import Iterator
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
            Path(counts).with_suffix(".wrong").write_text("".join(wrong(self)))


LINES = 12  # of each failure that are shown once more


def wrong(result: Any) -> Iterator[str]:
    """Each failure: the test's name and its last lines."""
    for test, failure in (*result.errors, *result.failures):
        lines = failure.getTraceback().rstrip().splitlines()[-LINES:]
        name = test.id() if hasattr(test, "id") else test
        yield "".join((f"FAILED {name}\n", *(f"    {line}\n" for line in lines)))
    for test, _ in result.unexpectedSuccesses:
        yield f"FAILED {test.id()}: it was to fail, and passed\n"


def counted(result: Any) -> tuple[int, int, int]:
    """How many tests passed, failed and were skipped."""
    passed = result.successes + len(result.expectedFailures)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    return passed, failed, len(result.skips)
