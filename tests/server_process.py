"""A real ``twistd -n magroup`` in a process of its own, for tests of what only a process shows."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Timer
from typing import Self

TREE = Path(__file__).parent.parent
TWISTD = (sys.executable, "-c", "from twisted.scripts.twistd import run; run()")
LONGEST = 180.0
"""Seconds after which a process that hangs is killed, so that the test fails."""

_WEB = re.compile(r"\bhttps?://\S+/")


def environment(**extra: str) -> dict[str, str]:
    """Ours without MAGROUP_ variables, the tree on the path, and ``extra``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAGROUP_")}
    return {**kept, "PYTHONPATH": str(TREE), **extra}


class ServerProcess:
    """twistd with ``arguments``, its standard output and error in one; ``output`` has all that was read of it."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        twistd: Sequence[str] = TWISTD,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.output = ""
        self.process = subprocess.Popen(
            [*twistd, *arguments],
            cwd=folder,
            env=environment() if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._limit = Timer(LONGEST, self.process.kill)
        self._limit.daemon = True
        self._limit.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.ended()

    def until(self, words: str) -> str:
        """Read on to the line with ``words``, and give it; AssertionError when the process ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if words in line:
                return line
        raise AssertionError(f"the process ended without saying {words!r}:\n{self.output}")

    def web_address(self) -> str:
        """The address of the web server, from the announcement."""
        found = _WEB.search(self.until("http"))
        assert found is not None
        return found[0]

    def ended(self) -> int:
        """Read the rest; the exit code once the process has ended (minus the signal that ended it)."""
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.output += self.process.stdout.read()
            self.process.stdout.close()
        code = self.process.wait()
        self._limit.cancel()
        return code


def run_to_end(arguments: Sequence[str], folder: Path, twistd: Sequence[str] = TWISTD, **extra: str) -> tuple[int, str]:
    """Exit code and output of a twistd that is expected to end by itself; ``extra`` environment."""
    with ServerProcess(arguments, folder, twistd, environment(**extra)) as server:
        return server.ended(), server.output
