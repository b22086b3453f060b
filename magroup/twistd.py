"""What twistd asks of magroup: its options, and a service made by them; and what runs in a worker in twistd's place."""

import atexit
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from twisted.application.service import IService
from twisted.logger import globalLogBeginner

from magroup import short_ways
from magroup.data_folder import DataFolder, DataFolderError
from magroup.lifecycle import Lifecycle
from magroup.log_output import LoggedService, LogOutput
from magroup.options import Options
from magroup.steady_time import SteadyTime

if TYPE_CHECKING:
    from magroup.workers.worker import Worker

__all__ = ["Options", "makeService", "run_worker"]

FOREGROUND = {"nodaemon": True, "debug": False, "logfile": "-", "syslog": False, "logger": None, "pidfile": ""}
"""twistd's options for a process whose output somebody else takes."""


def makeService(options: Options) -> IService:
    """The service that twistd runs. What can be refused at once ends the process here, with one line."""
    short_ways.install()
    from twisted.internet import reactor as installed

    reactor: Any = installed
    try:
        folder = DataFolder.take(_folder(options))
        output = LogOutput.chosen_by(options.parent, options.settings.log, _later(reactor))
    except (DataFolderError, OSError) as error:
        raise SystemExit(f"magroup: {error}") from None
    if options.settings.workers == 1:
        return _service(reactor, options, folder, output, None)
    # What serves SIP is read by the workers only.
    from magroup.workers.supervisor import Supervisor

    service: Any = LoggedService(output)
    command = [sys.executable, "-m", "magroup.workers", *options.given]
    Supervisor(
        reactor, options.settings, folder, output, command, lambda: _end_with_error(reactor)
    ).setServiceParent(service)  # type: ignore[no-untyped-call]
    return cast(IService, service)


def run_worker(arguments: Sequence[str]) -> None:
    """A worker, until its end. The process that has started it holds the data folder."""
    # Ctrl-C in a terminal is told to all of its processes: the one that has started this one ends it in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    short_ways.install()
    from twisted.internet import reactor as installed

    from magroup.workers.kept_memory import KeptMemory
    from magroup.workers.worker import END_FD, LOCK_FD, MEMORY_FD, Begin, Worker

    reactor: Any = installed
    options = Options()
    options.parent = dict(FOREGROUND)
    options.parseOptions(list(arguments))
    end = socket.socket(fileno=END_FD)
    end.set_inheritable(False)
    os.set_inheritable(LOCK_FD, False)
    worker = Worker(reactor, Begin.read(end), end, KeptMemory(MEMORY_FD))
    worker.lost = lambda: os.kill(os.getpid(), signal.SIGTERM)
    output = LogOutput.chosen_by(options.parent, options.settings.log, _later(reactor))
    if output.observer is not None:
        output.observer.worker = worker.number
        globalLogBeginner.beginLoggingTo([cast(Any, output.observer)], redirectStandardIO=False)
    service: Any = _service(reactor, options, DataFolder.of_parent(_folder(options)), output, worker)
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.run()


def _service(
    reactor: Any, options: Options, folder: DataFolder, output: LogOutput, worker: "Worker | None"
) -> IService:  # fmt: skip
    # A start makes next to no garbage: the server looks for some when it has started.
    gc.disable()
    # numpy's matrices are not used here: its threads for them would turn in circles before they go to sleep.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # All the rest is read when nothing stands against it: that takes most of a start.
    from magroup.service import Server

    server = Server(reactor, options, folder, output, SteadyTime().begin(reactor), worker)
    service: Any = LoggedService(output)
    lifecycle: Any = Lifecycle(server.start, reactor, lambda: _end_with_error(reactor))
    lifecycle.setServiceParent(service)
    return cast(IService, service)


def _folder(options: Options) -> Path:
    return Path(options.settings.data).expanduser().absolute()


def _later(reactor: Any) -> Callable[[float, Callable[[], None]], None]:
    def later(seconds: float, work: Callable[[], None]) -> None:
        reactor.callFromThread(reactor.callLater, seconds, work)

    return later


def _end_with_error(reactor: Any) -> None:
    """Stop the reactor, then end the process with exit code 1, for which twistd has no means."""
    atexit.register(_exit_with_one)
    reactor.callWhenRunning(reactor.stop)


def _exit_with_one() -> None:
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(1)
