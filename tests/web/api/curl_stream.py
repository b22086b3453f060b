"""The real curl as a client of server-sent events."""

import codecs
import json
from dataclasses import dataclass
from typing import Any

from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.peers.waiting import reactor, until
from tests.web.rest.server import CURL


@dataclass(frozen=True)
class SentEvent:
    """An event as the HTML standard reads it."""

    id: str
    type: str
    data: Any


class CurlStream(ProcessProtocol):
    """``events`` are those that came, ``blocks`` everything, ``last_id`` what a browser would come again with."""

    def __init__(self, test: TestCase, url: str, *headers: str) -> None:
        self.text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.ended = False
        self.error = ""
        arguments = [CURL, "--silent", "--show-error", "--no-buffer", "--include", "--noproxy", "*"]
        for header in headers:
            arguments += ["--header", header]
        self._process: Any = reactor.spawnProcess(self, CURL, [*arguments, url], env={"PATH": "/usr/bin:/bin"})
        test.addCleanup(self.close)

    def outReceived(self, data: bytes) -> None:
        self.text += self._decoder.decode(data)

    def errReceived(self, data: bytes) -> None:
        self.error += data.decode()

    def processEnded(self, reason: Failure) -> None:
        self.ended = True

    @property
    def head(self) -> str:
        return self.text.partition("\r\n\r\n")[0]

    @property
    def blocks(self) -> list[str]:
        return self.text.partition("\r\n\r\n")[2].split("\n\n")[:-1]

    @property
    def events(self) -> list[SentEvent]:
        found = []
        for block in self.blocks:
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "data" in fields:
                found.append(SentEvent(fields["id"], fields["event"], json.loads(fields["data"])))
        return found

    @property
    def last_id(self) -> str:
        ids = [line[4:] for block in self.blocks for line in block.splitlines() if line.startswith("id: ")]
        return ids[-1]

    async def begun(self) -> "CurlStream":
        """Wait for the first block, which says where the stream is."""
        await until(lambda: self.blocks, 20.0, what="the beginning", seen=lambda: f"{self.text!r} {self.error}")
        return self

    async def has(self, count: int) -> list[SentEvent]:
        """Wait for so many events; all that there are."""
        await until(lambda: len(self.events) >= count, 20.0, what=f"{count} events", seen=lambda: self.text)
        return self.events

    async def over(self, timeout: float = 20.0) -> None:
        """Wait until the server has ended it."""
        await until(lambda: self.ended, timeout, what="the end of the stream", seen=lambda: self.text)

    async def close(self) -> None:
        """End curl, as when a browser is closed."""
        if not self.ended:
            self._process.signalProcess("TERM")
            await until(lambda: self.ended, 20.0, what="the end of curl")
