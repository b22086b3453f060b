"""Where the log goes: to the place that twistd's own options name, in our format."""

import atexit
import sys
from collections.abc import Callable
from typing import Any, Self, cast

from twisted.application.service import IServiceCollection, MultiService
from twisted.logger import ILogObserver
from twisted.python.logfile import LogFile

from magroup.log import LineObserver
from magroup.log_stream import PatientStream, to_descriptor, to_file
from magroup.model.settings import LogSettings

Later = Callable[[float, Callable[[], None]], object]


class LogOutput:
    """``observer`` None: twistd's own log is used. ``file`` is set where the log is a file.

    ``stream`` is where lines go. ``for_people``: standard output is a place where somebody may read plain lines.
    """

    def __init__(
        self, observer: LineObserver | None, file: LogFile | None, for_people: bool, stream: PatientStream | None = None
    ) -> None:  # fmt: skip
        self.observer = observer
        self.file = file
        self.for_people = for_people
        self.stream = stream
        if stream is not None:
            atexit.register(stream.close)

    def reason(self) -> str:
        """Why the log cannot be written, "" where it can."""
        return self.stream.reason if self.stream is not None else ""

    @classmethod
    def chosen_by(cls, twistd: Any, settings: LogSettings, later: Later = lambda seconds, work: None) -> Self:
        """From the options of twistd (a mapping): --nodaemon, --logfile, --syslog, --logger, --debug.

        ``later(seconds, work)`` may be called in any thread.
        """
        foreground = bool(twistd["nodaemon"] or twistd["debug"])
        name = twistd["logfile"]
        if twistd["syslog"] or twistd["logger"] or (name == "-" and not foreground):
            return cls(None, None, foreground)
        if foreground and name in (None, "", "-"):
            cast(Any, sys.stdout).reconfigure(errors="backslashreplace")
            stream = PatientStream(to_descriptor(1), later)
            return cls(LineObserver(stream, settings), None, not settings.json, stream)
        file = LogFile.fromFullPath(name or "twistd.log")
        stream = PatientStream(to_file(file), later)
        return cls(LineObserver(stream, settings), file, foreground, stream)


class LoggedService(MultiService):
    """The service under which the others are: it gives the application its log when twistd joins the two."""

    def __init__(self, output: LogOutput) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._output = output

    def setServiceParent(self, parent: Any) -> None:
        if self._output.observer is not None and IServiceCollection(parent, None) is not parent:
            parent.setComponent(ILogObserver, self._output.observer)
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]
