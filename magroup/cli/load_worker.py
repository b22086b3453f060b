"""A worker process of the load tool, which is told on standard input what to do."""

import sys
from typing import Any

from twisted.internet import reactor as any_reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import connectionDone
from twisted.internet.stdio import StandardIO
from twisted.logger import LogEvent, formatEvent, globalLogBeginner
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

from magroup.cli.simulated_phone import MODELS, Handset, Refusal
from magroup.load.cisco import Handsets
from magroup.load.measures import Measures
from magroup.load.messages import BEGIN, DRAIN, LONGEST, STOP, Done, Ready, Said, decode_share, encode
from magroup.load.worker import Worker, raise_limits
from magroup.sip.tls import TlsError


class Told(LineOnlyReceiver):
    """What the load tool says: first the share of this worker, then when to begin and to end."""

    transport: Any
    delimiter = b"\n"
    MAX_LENGTH = LONGEST

    def __init__(self, reactor: Any, handsets: Handsets) -> None:
        self._reactor = reactor
        self._handsets = handsets
        self.worker: Worker | None = None

    def lineReceived(self, line: bytes) -> None:
        worker = self.worker
        if worker is None:
            try:
                worker = self.worker = Worker(self._reactor, decode_share(line), self._handsets, self._say)
            except (TlsError, CannotListenError, OSError) as error:
                self._say(Ready(str(error)))
                self._say(Done(Measures().take()))
                return
            self._do(worker.prepare())
        elif line == BEGIN:
            worker.begin()
        elif line == DRAIN:
            self._do(worker.drain())
        elif line == STOP:
            self._do(worker.end())

    def _do(self, work: Any) -> None:
        Deferred.fromCoroutine(work).addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        failure.printTraceback(sys.stderr)
        self._say(Ready(failure.getErrorMessage()))

    def _say(self, said: Said) -> None:
        self.transport.write(encode(said) + b"\n")
        if isinstance(said, Done):
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """All was said, or the load tool is gone."""
        worker = self.worker
        if worker is None:
            self._stop()
        else:
            Deferred.fromCoroutine(worker.end()).addBoth(lambda _: self._stop())

    def _stop(self) -> None:
        if self._reactor.running:
            self._reactor.stop()


def observer(told: Told) -> Any:
    """Counts failures in the load tool itself among its reasons."""

    def observe(event: LogEvent) -> None:
        if event["log_level"].name in ("error", "critical") and told.worker is not None:
            failure = event.get("log_failure")
            why = f": {failure.getErrorMessage()}" if failure is not None else ""
            told.worker.measures.reason("load tool", f"{formatEvent(event)}{why}")

    return observe


def main() -> None:
    """Run until standard input ends, or all is done."""
    reactor: Any = any_reactor
    handsets = Handsets(lambda model, device: Handset(reactor, MODELS[model], device), Refusal, tuple(MODELS))
    told = Told(reactor, handsets)
    globalLogBeginner.beginLoggingTo([observer(told)], redirectStandardIO=False)
    raise_limits()
    StandardIO(told, reactor=reactor)
    reactor.run()
