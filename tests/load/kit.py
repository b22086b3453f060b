"""The load tool as a process of its own, and what it has reported."""

import json
import sys
from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from tests.peers.process import PeerProcess
from tests.server_process import TREE

LONGEST = 120.0


class LoadTool:
    """``python -m magroup load`` with the text of a scenario and ``arguments``; killed with the test at the latest."""

    def __init__(self, test: TestCase, scenario: str, *arguments: str) -> None:
        self.folder = Path(test.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        (self.folder / "scenario.toml").write_text(scenario)
        command = [sys.executable, "-m", "magroup", "load", "scenario.toml", "--json", "report.json", "--html",
                   "report.html", *arguments]  # fmt: skip
        self.process = PeerProcess(
            "load", command, self.folder, environment={"PYTHONPATH": str(TREE)}, memory=8 << 30, death_signal="INT"
        )
        test.addCleanup(self.process.kill)

    async def run(self) -> int | None:
        """From start to end; the exit code."""
        self.process.start()
        return await self.ended()

    async def ended(self) -> int | None:
        await self.process.wait_end(LONGEST)
        return self.process.exit_code

    @property
    def pid(self) -> int:
        return int(self.process._process.pid)

    def workers(self) -> list[int]:
        """Their processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    @property
    def output(self) -> str:
        return self.process.text()

    @property
    def report(self) -> dict[str, Any]:
        """The report for programs."""
        found: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return found

    @property
    def page(self) -> str:
        """The report as a page."""
        return (self.folder / "report.html").read_text()
