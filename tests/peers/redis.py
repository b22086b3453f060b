"""A Redis server, or a Sentinel, of a test's own: on port 6379 of an address of its own, nothing kept on the disk."""

import signal
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.peers.addresses import address
from tests.peers.process import PeerProcess
from tests.peers.waiting import until

BINARY = "/usr/bin/redis-server"
PORT = 6379


class Redis:
    """``stop`` it and ``start`` it as often as a test likes; it ends with the test."""

    def __init__(self, test: TestCase, *options: str) -> None:
        self.test = test
        self.ip = address(test).ip
        self.directory = Path(test.mktemp()).absolute()
        self.directory.mkdir(parents=True)
        self._options = options
        self.process: PeerProcess
        test.addCleanup(self.stop)

    @property
    def url(self) -> str:
        """As magroup takes it."""
        return f"redis://{self.ip}:{PORT}/0"

    async def start(self) -> "Redis":
        """Comes back when it takes connections."""
        command = [BINARY, "--bind", self.ip, "--port", str(PORT), "--save", "", "--appendonly", "no",
                   "--dir", str(self.directory), "--protected-mode", "no", *self._options]  # fmt: skip
        await self._run("redis", command, "Ready to accept connections")
        return self

    async def stop(self) -> None:
        """At once; connections break."""
        if hasattr(self, "process") and self.process.running:
            await self.process.kill()

    def freeze(self, is_frozen: bool) -> None:
        """It answers nothing, or does so again; connections stay."""
        self.process.send_signal(signal.SIGSTOP if is_frozen else signal.SIGCONT)

    async def _run(self, name: str, command: list[str], ready: str) -> None:
        self.process = PeerProcess(name, command, self.directory)
        self.process.start()
        await until(lambda: ready in self.process.text() or self.process.ended, 20.0, what=f"{name}: {ready}",
                    seen=self.process.report)  # fmt: skip
        if self.process.ended:
            raise AssertionError(self.process.report())


class Sentinel(Redis):
    """Watches a server under the name ``company``."""

    def __init__(self, test: TestCase, of: Redis) -> None:
        super().__init__(test)
        self._of = of

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:1,{self.ip}:{PORT}/company"

    async def start(self) -> "Sentinel":
        file = self.directory / "sentinel.conf"
        file.write_text(f"sentinel monitor company {self._of.ip} {PORT} 1\n")
        command = [BINARY, str(file), "--sentinel", "--bind", self.ip, "--port", str(PORT), "--protected-mode", "no"]
        await self._run("sentinel", command, "+monitor master company")
        return self
