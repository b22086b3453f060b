"""All live tests for several processes that share them: each takes a module in turn that none has taken.

``python -m twisted.trial tests.live.turns``; in the folder that TRIAL_TURNS_FOLDER names they tell each other what is
taken. Without it all is run.
"""

import os
from pathlib import Path
from typing import Any

from twisted.trial.runner import TestLoader
from twisted.trial.unittest import TestSuite

HERE = Path(__file__).parent
LONGEST = (
    "faults", "crowd", "workers", "process", "gadget_people", "administrators", "api_contract", "upgrade",
    "two_processes", "gadget_sessions", "login", "gadget_pages", "backups", "gadget_menus", "gadget_consultations",
)  # fmt: skip
"""They come first: whoever has taken one of them last would let the others wait."""


class Turn(TestSuite):
    """The tests of one module, unless another process has taken it."""

    def __init__(self, name: str) -> None:
        super().__init__([TestLoader().loadByNames([f"tests.live.{name}"])])
        self._name = name

    def run(self, result: Any) -> Any:
        return super().run(result) if taken(self._name) else result


def taken(name: str) -> bool:
    """Whether it is ours."""
    folder = os.environ.get("TRIAL_TURNS_FOLDER")
    if not folder:
        return True
    try:
        (Path(folder) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def names() -> list[str]:
    """Of all modules, in their turn."""
    first = [f"test_{name}" for name in LONGEST]
    return first + sorted({path.stem for path in HERE.glob("test_*.py")} - set(first))


def testSuite() -> TestSuite:
    """What trial runs of this module."""
    return TestSuite([Turn(name) for name in names()])
