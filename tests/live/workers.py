"""A real ``twistd -n magroup --workers 2``: which process is which worker, and what each has."""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from magroup.model.calls import CallRecord
from magroup.store.journal.files import read
from magroup.store.journal.lines import Entry, Kind
from tests.live.phones import baresips
from tests.live.twistd import Twistd
from tests.peers import Baresip, until

READY = re.compile(r"Worker (\d+) is ready, process (\d+)")
MOST_TRIES = 20


class Workers(Twistd):
    """As a Twistd of two workers."""

    def __init__(self, test: Any, company: str = "", *arguments: str, **environment: str) -> None:
        super().__init__(test, company, "--workers", "2", *arguments, **environment)

    async def start(self, take_company: bool = True) -> "Workers":
        await super().start(take_company)
        await self.ready(2)
        return self

    async def ready(self, lives: int) -> None:
        """So many times a worker has become ready, since the start."""
        await until(lambda: len(READY.findall(self.output)) >= lives, 60.0, what=f"{lives} lives of workers",
                    seen=self.process.report)  # fmt: skip

    def worker(self, number: int) -> int:
        """The id of its present process."""
        return [int(process) for at, process in READY.findall(self.output) if int(at) == number][-1]

    def signal(self, number: int, what: signal.Signals = signal.SIGKILL) -> int:
        """To a worker; its process."""
        process = self.worker(number)
        os.kill(process, what)
        return process

    async def is_gone(self, process: int) -> None:
        await until(lambda: not Path(f"/proc/{process}").exists(), 20.0, what=f"process {process} has ended")

    # what each has

    def live(self) -> list[CallRecord]:
        """Of both."""
        up: dict[str, CallRecord] = {}
        for path in sorted(self.data.glob("journal*/*.jsonl")):
            with suppress(FileNotFoundError):
                for line, _ in read(path, 0):
                    entry = Entry.decode(line)
                    if entry.kind is Kind.LIVE:
                        up[entry.call.id] = entry.call
                    else:
                        up.pop(entry.call.id, None)
        return list(up.values())

    async def answered(self, count: int = 1) -> list[CallRecord]:
        """So many calls are up, as the files say."""
        return await until(
            lambda: (up := [call for call in self.live() if call.answered_at]) and len(up) == count and up, 20.0,
            what=f"{count} calls in the files", seen=self.process.report,
        )  # type: ignore[no-any-return]  # fmt: skip

    @property
    def url(self) -> str:
        """Of the newest life of the first one."""
        return re.findall(r"\bhttp://\S+/", self.output)[-1]  # type: ignore[no-any-return]

    def connected(self, process: int) -> int:
        """The worker to which a process has a TCP connection; 0: none."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        theirs = _sockets(process)
        (peer,) = [row[1] for row in rows if row[9] in theirs and row[2] == self._place] or [""]
        ours = {row[9] for row in rows if (row[1], row[2]) == (self._place, peer)}
        return next((number for number in (1, 2) if _sockets(self.worker(number)) & ours), 0)

    @property
    def _place(self) -> str:
        """As the system writes it."""
        return "".join(f"{int(part):02X}" for part in reversed(str(self.address).split("."))) + f":{5060:04X}"

    async def phone_at(self, number: str, worker: int, **options: Any) -> Baresip:
        """A baresip whose TCP connection is to this worker: the system chooses, until it is right."""
        for _ in range(MOST_TRIES):
            (phone,) = await baresips(self, number, transport="tcp", **options)  # type: ignore[arg-type]
            if self.connected(phone.process._process.pid) == worker:
                return phone
            await phone.stop()
        raise AssertionError(f"never connected to worker {worker}")


def number_of(call: CallRecord) -> int:
    """The worker that began it."""
    found = re.match(r"aw(\d)-", call.id)
    assert found is not None, call.id
    return int(found[1])


def _sockets(process: int) -> set[str]:
    """The numbers of those that a process has open."""
    found = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            found.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found
