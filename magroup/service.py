"""The composition root: the server, whose parts are started one after another."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger

from magroup import garbage
from magroup.accounts import AccountsPart
from magroup.announcement import Announcement, web_address
from magroup.assembly import Assembly
from magroup.data_folder import DataFolder
from magroup.draining import Draining, nowhere
from magroup.ending import Ending
from magroup.hep.capture import Capture
from magroup.lifecycle import AtStop, StartError
from magroup.log_output import LogOutput
from magroup.model.listen import HttpListen
from magroup.options import Options
from magroup.outgoing.figures import OutboxCollector
from magroup.outgoing.streams import TlsFileError
from magroup.reloading import Reload
from magroup.sd_notify import ServiceManager
from magroup.served import served, status_of
from magroup.steady_time import SteadyTime
from magroup.store.audit import record
from magroup.store.errors import StoreError
from magroup.store.turns import reactor_first
from magroup.syslog.syslog import Syslog
from magroup.version import VERSION
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status

if TYPE_CHECKING:
    from magroup.workers.worker import Worker


class Server:
    """The running server: ``start`` starts the parts in their order, a method for each."""

    log = Logger()

    def __init__(
        self, reactor: Any, options: Options, folder: DataFolder, output: LogOutput, time: SteadyTime,
        worker: "Worker | None" = None,
    ) -> None:  # fmt: skip
        self.worker = worker
        self.time = time
        self.reactor = reactor
        self.options = options
        self.folder = folder
        self.output = output
        self.reload = Reload(options.read, options.layers)
        self.readiness = Readiness(magroup="is starting")
        self.announcement = Announcement()
        self.has_started = False
        self.assembly = Assembly(reactor, folder.path, self.reload, worker=worker)

    async def start(self, at_stop: AtStop) -> None:
        """Start every part; each says at once how it is stopped, so that an error on the way undoes the rest."""
        ending = Ending(self.reactor)
        ending.start()
        at_stop("signals that end it", ending.stop)
        self.start_folder(at_stop)
        await self.start_log(at_stop)
        self.start_signals(at_stop)
        if self.worker is not None:
            self.worker.start()
            at_stop("the process that has started this one", self.worker.stop)
        company = self.options["import"] if self.is_first_start else None
        await self.assembly.start(
            at_stop, self.announcement, Path(company) if company is not None else None,
            bool(self.options["demo"]) and self.is_first,
        )  # fmt: skip
        self.assembly.watch(self.readiness)
        self.readiness.watch("log", self.output.reason)
        self.start_time(at_stop)
        self.start_capture(at_stop)
        self.start_telling()
        await self.start_draining(at_stop)
        if self.is_first:
            await self.start_accounts(at_stop)
            await self.start_csta(at_stop)
            await self.start_web(at_stop)
        self.settle()
        self.start_garbage(at_stop)
        self.has_started = True
        self.readiness.ready("magroup")
        if self.is_first:
            self.announcement.tell(self.output.for_people)
        self.tell_parent(at_stop)

    @property
    def is_first(self) -> bool:
        """Whether what there is once is here."""
        return self.worker is None or self.worker.is_first

    @property
    def is_first_start(self) -> bool:
        """Whether nothing of this server has run before."""
        return self.worker is None or (self.worker.is_first and self.worker.is_new)

    def tell_parent(self, at_stop: AtStop) -> None:
        """Whoever has started this process may want to know that everything runs."""
        if self.worker is not None:
            self.worker.ready()
        else:
            manager = ServiceManager.of(os.environ, self.reactor)
            manager.ready()
            at_stop("service manager", manager.stopping)

    @staticmethod
    def settle() -> None:
        """What the start has made stays: garbage is looked for among what calls make, and seldom in all of it.

        A full collection over everything would take longer than the 20 ms between two packets of sound. Calls leave no
        cycles, and what they have made is gone again after half a minute: there is little to be found. What does leave
        some, as Twisted's web server, is found while it is young: some hundreds at a time, which takes a millisecond.
        Until now nothing was looked for: a start leaves less than 200 objects to be found, in a fifth of a second.

        From now on the reactor gets the interpreter back from a thread soon.
        """
        garbage.settle()
        reactor_first()

    def start_garbage(self, at_stop: AtStop) -> None:
        """Old garbage is looked for by us."""
        old = garbage.OldGarbage(self.reactor)
        old.start()
        at_stop("garbage", old.stop)

    def start_folder(self, at_stop: AtStop) -> None:
        """The folder is held since ``makeService``; a daemon has forked since then."""
        self.folder.write_process_id()
        at_stop("data folder", self.folder.release)

    async def start_log(self, at_stop: AtStop) -> None:
        """Level, format and receiver of the log can change while the server runs."""
        syslog = self.syslog = Syslog(self.reactor, self.assembly.in_thread)
        try:
            await syslog.begin(self.reload.settings.syslog)
        except TlsFileError as error:
            raise StartError(f"syslog: {error}") from None
        at_stop("syslog", syslog.stop)
        self.reload.takes(("syslog",), lambda settings: syslog.apply(settings.syslog))
        self.assembly.database.recorded = syslog.audited
        observer = self.output.observer
        if observer is not None:
            self.reload.takes(("log",), lambda settings: observer.apply(settings.log))
            observer.gather(self.reactor)
            at_stop("log", observer.settle)
        self.log.info("magroup {version} starts, data in {folder}", version=VERSION, folder=str(self.folder.path))
        for name in self.options.sources.ignored():
            self.log.warn("environment variable {name} means nothing to magroup, ignored", name=name)

    def start_time(self, at_stop: AtStop) -> None:
        """What is stored of registrations says when they end by the calendar, which somebody may set."""
        self.time.changed = self.assembly.telephony.registrar.save_again
        self.time.start(self.reactor)
        at_stop("time", self.time.stop)

    def start_capture(self, at_stop: AtStop) -> None:
        """SIP messages for Homer, where the settings say so."""
        telephony = self.assembly.telephony
        capture = self.capture = Capture(self.reactor, self.assembly.in_thread, telephony.own_end, telephony.watch)
        capture.apply(self.reload.settings.hep)
        at_stop("capture", capture.stop)
        self.reload.takes(("hep",), lambda settings: capture.apply(settings.hep))

    def start_telling(self) -> None:
        """Of several processes the first one shows how all do."""
        self.outboxes = OutboxCollector({"syslog": lambda: self.syslog.outbox, "hep": lambda: self.capture.outbox})
        if self.worker is not None:
            # Read where there are several.
            from magroup.workers.opening import start_telling

            self.assembly.workers = start_telling(self.assembly, self.worker, self.readiness, self.outboxes)

    def start_signals(self, at_stop: AtStop) -> None:
        """SIGHUP reloads the configuration, SIGUSR1 begins a new log file; for SIGTERM see ``Ending``."""
        self._on_signal(signal.SIGHUP, self.read_again, at_stop)
        if self.output.file is not None:
            self._on_signal(signal.SIGUSR1, self.output.file.rotate, at_stop)

    async def start_draining(self, at_stop: AtStop) -> None:
        """SIGUSR2 says that somebody wants the calls to go elsewhere, or to come again: a file tells which."""
        assembly = self.assembly
        draining = Draining(
            self.reactor, assembly.telephony.switch, self.folder.path, assembly.in_thread,
            assembly.workers.left if assembly.workers is not None else nowhere, self.is_first, self.is_first_start,
        )  # fmt: skip
        await draining.start()
        self._on_signal(signal.SIGUSR2, draining.look, at_stop)
        at_stop("draining", draining.stop)
        self.readiness.watch("calls", draining.reason)

    def read_again(self) -> None:
        """Read file and environment again; what is stored stays."""
        if not self.has_started:
            self.log.error("configuration not reloaded: magroup is starting")
            return
        Deferred.fromCoroutine(self.assembly.settings_book.read_again()).addErrback(
            lambda failure: self.log.failure("configuration not reloaded", failure)
        )

    async def start_accounts(self, at_stop: AtStop) -> None:
        """Who may log in, and the first administrator."""
        self.accounts = AccountsPart(
            self.reactor, self.reload.settings, self.folder.path, self.assembly.database, self.assembly.current,
            bool(self.options["demo"]), self.assembly.nodes,
        )  # fmt: skip
        try:
            await self.accounts.start(at_stop, self.announcement)
        except StoreError as error:
            raise StartError(str(error)) from None
        self.readiness.watch("logins", self.accounts.reason)
        self.reload.takes((), self.accounts.apply)

    async def start_csta(self, at_stop: AtStop) -> None:
        """The switch for other programs, where the settings say so."""
        csta = self.reload.settings.csta
        if csta.listen or csta.uacsta:
            # Imported where it is used: without it the server starts half a second sooner.
            from magroup.csta_server import CstaServer

            self.csta = CstaServer(self.assembly, self.accounts.admission)
            await self.csta.start(at_stop)

    async def start_web(self, at_stop: AtStop) -> None:
        """The web server on all its endpoints."""
        surroundings = Surroundings(
            self.reload.settings.instance, VERSION, self.status, self.readiness, self.reactor.seconds,
            self.accounts.admission, *served(self.assembly, self.accounts.admission, record),
            others=self.assembly.workers,
        )  # fmt: skip
        self.site = WebSite(surroundings)
        self.site.registry.register(self.outboxes)
        factory = self.site.site(self.reactor)
        for text in self.reload.settings.http.listen:
            try:
                endpoint = serverFromString(self.reactor, text)
            except Exception as error:  # a missing certificate, an unknown argument: every kind has its own errors
                raise StartError(f"cannot listen on {text}: {error}") from None
            port: Any = await endpoint.listen(cast(Any, factory))
            at_stop(f"web server on {text}", port.stopListening)
            self.announcement.web.append(web_address(port.getHost(), HttpListen.parse(text).kind))

    def status(self) -> Status:
        """What the status page and the metrics show."""
        return status_of(self.assembly, self.announcement)

    def _on_signal(self, number: signal.Signals, act: Callable[[], object], at_stop: AtStop) -> None:
        before = signal.signal(number, lambda _number, _frame: self.reactor.callFromThread(act))

        def restore() -> None:
            signal.signal(number, before)

        at_stop(number.name, restore)
