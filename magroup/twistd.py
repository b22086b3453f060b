"""What twistd asks of magroup: its options, and a service made by them."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from twisted.application.service import IService

from magroup import short_ways
from magroup.data_folder import DataFolder, DataFolderError
from magroup.lifecycle import Lifecycle
from magroup.log_output import LoggedService, LogOutput
from magroup.options import Options
from magroup.steady_time import SteadyTime

__all__ = ["Options", "makeService"]


def makeService(options: Options) -> IService:
    """The service that twistd runs. What can be refused at once ends the process here, with one line."""
    short_ways.install()
    from twisted.internet import reactor as installed

    reactor: Any = installed

    def later(seconds: float, work: Callable[[], None]) -> None:
        reactor.callFromThread(reactor.callLater, seconds, work)

    try:
        folder = DataFolder.take(Path(options.settings.data).expanduser().absolute())
        output = LogOutput.chosen_by(options.parent, options.settings.log, later)
    except (DataFolderError, OSError) as error:
        raise SystemExit(f"magroup: {error}") from None
    # A start makes next to no garbage: the server looks for some when it has started.
    gc.disable()
    # numpy's matrices are not used here: its threads for them would turn in circles before they go to sleep.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # All the rest is read when nothing stands against it: that takes most of a start.
    from magroup.service import Server

    server = Server(reactor, options, folder, output, SteadyTime().begin(reactor))
    service: Any = LoggedService(output)
    lifecycle: Any = Lifecycle(server.start, reactor, server.end_with_error)
    lifecycle.setServiceParent(service)
    return cast(IService, service)
