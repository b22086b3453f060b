"""The parts that make calls, started in their order: store, sounds, telephony, groups, the demo."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from magroup.administration import Administration
from magroup.announcement import Announcement
from magroup.cti.switch import Switch
from magroup.daily import DailyCheck, Retention
from magroup.events import Events
from magroup.groups.application import Application, GroupSettings
from magroup.groups.board import Board
from magroup.groups.forwarding import ForwardingBook
from magroup.groups.line_forwardings import LineForwardings
from magroup.groups.member_states import MemberStates
from magroup.groups.presence import PresenceBook
from magroup.groups.settings_book import SettingsBook
from magroup.groups.unavailability import Unavailability
from magroup.journals import bring_in_others, journal_of
from magroup.lifecycle import AtStop, StartError
from magroup.locating import locator
from magroup.mailroom import Mailroom, voicemail_settings
from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.model.settings_numbers import codes_of, plan_of
from magroup.model.settings_reading import SettingsError
from magroup.nodes import Nodes, nodes_of
from magroup.nodes_state import share_sounds
from magroup.pbx import LinkedSwitch, beside, configure_pbx, pbx_of, start_pbx, watch_pbx
from magroup.phone_pushes import start_pushes
from magroup.process import ALONE
from magroup.reloading import Reload
from magroup.reporting import start_reporting
from magroup.resources import resource, sound
from magroup.rtp.library import SoundLibrary
from magroup.rtp.socket_wire import SocketWires
from magroup.sip.tls import TlsError
from magroup.store import database_url
from magroup.store.audit import record
from magroup.store.configuration import load
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.errors import StoreError
from magroup.store.journal import Journal
from magroup.store.key_file import key_path
from magroup.store.probe import Probe
from magroup.store.settings import load_settings
from magroup.store.state import StoredState, load_state
from magroup.store.state_writer import StateWriter
from magroup.telephony import Telephony
from magroup.voicemail.voicemail import Voicemail
from magroup.web.api import Live
from magroup.web.gadget.gadgets import Gadgets
from magroup.web.gadget.opening import gadgets
from magroup.web.phone.display import Display
from magroup.web.phone.opening import status_display
from magroup.web.phone.push.pushes import Pushes
from magroup.web.status import Readiness

if TYPE_CHECKING:
    from magroup.workers.others import Others
    from magroup.workers.worker import Worker as WorkerProcess

T = TypeVar("T")
DRAIN_SECONDS = 2.5
CANNOT_BE_WRITTEN = "cannot be written, is kept and tried again"


class Assembly:
    """What ``start`` has put together; ``telephony`` and ``application`` are there from then on.

    ``reload`` has the settings; those that are stored come to them with the database, before any other part. ``bus``
    is that of several nodes, where it is not the one that the settings name.
    """

    log = Logger()

    def __init__(
        self, reactor: Any, folder: Path, reload: Reload, bus: Any = None, worker: "WorkerProcess | None" = None
    ) -> None:  # fmt: skip
        self.nodes: Nodes | None = None
        self.worker = worker
        self.process = worker.process if worker is not None else ALONE
        self.workers: Others | None = None
        """Those beside the first one, as that asks them."""
        self._bus = worker.bus if worker is not None else bus
        self.reload = reload
        self.reactor = reactor
        self.folder = folder
        self.key_file = key_path(reload.settings.key_file, folder)
        self.database = Database(database_url(reload.settings.database, folder), reactor, key_file=self.key_file)
        self.current = CurrentConfiguration(Configuration())
        self.library = SoundLibrary([sound(), folder / "sounds"], self.in_thread)
        self.probe = Probe(self.database, reactor)
        self.daily = DailyCheck(self.database, self.current, reactor)
        self.retention = Retention(self.database, lambda: self.settings.journal.retention_days, reactor)
        is_alone = worker.is_first and worker.is_new if worker is not None else bus is None
        self.mailroom = Mailroom(reactor, folder, self.in_thread, is_alone and not reload.settings.redis.url)
        self.administration = Administration(lambda: self.reload.settings, folder, self.library, self.in_thread)
        self.settings_book: SettingsBook
        self.telephony: Telephony
        self.switch: Switch
        self._own: Switch
        self.pbx: LinkedSwitch | None = None
        self.application: Application
        self.states: MemberStates
        self.voicemail: Voicemail
        self.unavailability: Unavailability
        self.events: Events
        self.board: Board
        self.live: Live
        self.gadgets: Gadgets
        self.display: Display
        self.pushes: Pushes
        self.csta_points: Callable[[], tuple[str, ...]] = tuple
        """Numbers whose calls programs route; the application learns them by ``learn_points``."""
        self._state = StoredState()
        self._watched: dict[str, Callable[[], bool]] = {}

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.reload.settings

    async def start(self, at_stop: AtStop, announcement: Announcement, company: Path | None, demo: bool) -> None:
        """Start everything. Raises StartError, CannotListenError."""
        try:
            await self.start_store(at_stop, company, demo)
        except StoreError as error:
            raise StartError(str(error)) from None
        if self.nodes is not None:
            self.administration.tell_sounds = share_sounds(self.nodes.bus, self.library)
            at_stop("bus", self.nodes.bus.stop)
        self.probe.start()
        at_stop("database probe", self.probe.stop)
        if self.process.is_first:
            self.daily.start()
            at_stop("daily check", self.daily.stop)
            self.retention.start()
            at_stop("retention", self.retention.stop)
        writer = self.nodes.writer if self.nodes else StateWriter(self.database, self.reactor)
        at_stop("state", writer.stop)
        journal = await self.start_journal(at_stop)
        self._watched = {"state": lambda: writer.failing, "journal": lambda: journal.failing}
        if self.process.is_first:
            await self.start_administration(at_stop)
        await self.library.refresh()
        await self.mailroom.start(at_stop, self.settings, self.current.value, self._state.messages, writer)
        try:
            self.start_telephony(writer)
        except TlsError as error:
            raise StartError(str(error)) from None
        self.start_groups(at_stop, writer, journal)
        if self.nodes is not None:
            await self.nodes.start(
                at_stop, self.telephony, self.application, self._own, self.settings_book, self.unavailability,
                self.mailroom.mailboxes,
            )  # fmt: skip
            await self.nodes.start_calls(at_stop, journal)
        try:
            announcement.sip += await self.telephony.listen(self.settings.sip.listen)
            self.telephony.shedding.start()
        except TlsError as error:
            raise StartError(str(error)) from None
        if self.nodes is not None:
            self.nodes.listening(self.telephony, lambda: self.settings)
        if demo:
            # Read by those who want it.
            from magroup.demo.opening import start_demo

            await start_demo(
                self.reactor, self.settings, self.library, self.current.value, self.telephony.transports.listening(),
                at_stop, announcement,
            )  # fmt: skip

    async def start_store(self, at_stop: AtStop, company: Path | None, demo: bool) -> None:
        """The database, and the configuration and state in it; a company file replaces the configuration before."""
        had_keys = self.key_file.exists()
        if await self.database.start():
            self.log.info("the database has the schema of this version now")
        if not had_keys:
            self.log.warn("{file} was made, keep a copy: passwords in the database are of use only with it",
                          file=str(self.key_file))  # fmt: skip
        at_stop("database", self.database.stop)
        await self.start_settings()
        plan = plan_of(self.settings.numbers)
        await self.daily.check(lambda: plan)
        configuration = await self.database.run(load, plan)
        if company is None and demo and not configuration.lines:
            company = resource("demo", "company.toml")
        if company is not None:
            # Read by those who need it, as the demo below.
            from magroup.cli.company import CompanyError
            from magroup.cli.import_ import company_text, put_company

            try:
                text = company_text(company)
                imported = await self.database.run(
                    put_company, text, str(company), plan, self.reactor.seconds(), codes_of(self.settings),
                    self.settings.voicemail.pilot,
                )  # fmt: skip
            except CompanyError as error:
                *others, last = error.problems
                for problem in others:
                    self.log.critical("{problem}", problem=problem)
                raise StartError(last) from None
            configuration = imported.configuration
            self.log.info("{file} imported: {lines} lines, {groups} groups", file=str(company),
                          lines=len(configuration.lines), groups=len(configuration.groups))  # fmt: skip
        self.current.value = configuration
        self._state = await self.database.run(load_state, self.reactor.seconds())
        self.nodes = await nodes_of(
            self.reactor, self.settings, self.folder, self.current, self.database, self._bus, self.worker
        )  # fmt: skip

    async def start_administration(self, at_stop: AtStop) -> None:
        """What the web site works with; what an earlier one has left half done is deleted."""
        try:
            await self.administration.start()
            self.reporting = await start_reporting(
                self.reactor, self.database, self.folder / "reports", lambda: self.settings, self.in_thread, at_stop
            )  # fmt: skip
        except OSError as error:
            raise StartError(f"{error.filename} cannot be used: {error.strerror}") from None

    async def start_settings(self) -> None:
        """What administrators have stored, over what the file says."""
        stored = await self.database.run(load_settings)
        self.settings_book = SettingsBook(
            self.reload, stored, self.current, self.database, self.reactor, record, self.in_thread
        )  # fmt: skip
        try:
            self.settings_book.begin()
        except SettingsError as error:
            raise StartError(str(error.problems[0])) from None
        if self.process.count > 1 and self.settings.cti != "embedded":
            raise StartError("cti: a PBX is linked to one process, which all calls must come to: workers must be 1")

    async def start_journal(self, at_stop: AtStop) -> Journal:
        """The journal, after what the last run left in it is in the database."""
        journal = journal_of(self.reactor, self.folder, self.database, self.settings, self.process)
        if self.nodes is None:
            await journal.start()
        await bring_in_others(self.reactor, self.folder, self.database, self.process)
        at_stop("journal", journal.stop)
        self.reload.takes(("journal",), lambda settings: setattr(journal, "queue_limit", settings.journal.queue_limit))
        return journal

    def start_telephony(self, writer: StateWriter) -> None:
        """Everything but the sockets, so that a call finds the groups ready."""
        self.telephony = Telephony(
            self.reactor, self.settings, lambda: self.current.value, writer, self.library, self.mailroom.recordings,
            SocketWires(self.reactor), locator(self.reactor).resolve, prompts=self.mailroom.prompts,
            node=self.nodes.node if self.nodes else "a", process=self.process,
        )  # fmt: skip
        worker = self.worker
        # When all start, the first one asks the phones that had registered before.
        is_others = worker is not None and worker.is_new and not worker.is_first
        self.telephony.registrar.restore(self._state.registrations, worker.first if worker and is_others else "")
        self.telephony.configure(None, self.current.value)
        self.current.subscribe(self.telephony.configure)
        for table in ("sip", "protection", "overload", "outside", "rtp", "calls", "trace", "time_zone"):
            self.reload.takes((table,), self.telephony.apply)
        if self.process.is_first:
            self.pbx = pbx_of(self.reactor, self.settings, lambda: self.current.value, self.telephony.switch)
        self._own = beside(self.telephony.switch, self.pbx, lambda: self.current.value)
        self.switch = self.nodes.together(self._own) if self.nodes else self._own

    def start_groups(self, at_stop: AtStop, writer: StateWriter, journal: Journal) -> None:
        """The application on top of the switch."""
        presence = PresenceBook(self.reactor, writer.save_presence, self._state.presence)
        forwarding = ForwardingBook(
            self.reactor, self.current.value, writer.save_application_forwarding, writer.save_line_forwarding,
            self._state.application_forwarding, self._state.line_forwarding,
        )  # fmt: skip
        self.application = Application(
            self._own, self.reactor, presence, forwarding, journal, self.current.value,
            others=lambda: (*self.voicemail.points, *self.csta_points()),
        )  # fmt: skip
        self.voicemail = self.mailroom.voicemail(
            self.telephony.switch, self.current.value, self.settings, self.application.journal.note
        )  # fmt: skip
        self._group_settings(self.settings)
        self.telephony.switch.undisturbed |= self._state.do_not_disturb
        self.telephony.switch.save_undisturbed = writer.save_do_not_disturb
        self.telephony.switch.forwarded = self.application.forwarded
        self.telephony.switch.forwardings = LineForwardings(forwarding, self.telephony.switch.forwarding_set)
        self.telephony.switch.pickup = self.application.pickup
        self.application.start()
        self.states = MemberStates(self.switch, self.application)
        self.states.start()
        self.voicemail.start()
        self.current.subscribe(lambda old, new: self._configure(new))
        self.reload.takes(("calls", "early_media"), self._group_settings)
        self.reload.takes(("groups", "identify_to_manager"), self._group_settings)
        for path in (("voicemail",), ("language",), ("time_zone",)):
            self.reload.takes(path, self._voicemail_settings)
        self.start_events(at_stop)
        at_stop("groups", self.application.stop)
        at_stop("voicemail", self.voicemail.stop)
        at_stop("member states", self.states.stop)
        at_stop("telephony", self.telephony.stop)
        at_stop("calls", self._drain)
        self.start_board(at_stop)
        start_pbx(at_stop, self.pbx, self.application, lambda: self.current.value)
        self.current.subscribe(lambda old, new: configure_pbx(self.pbx, new))

    def _configure(self, configuration: Configuration) -> None:
        """The voicemail first: its numbers are registered with the groups'."""
        self.voicemail.configure(configuration)
        self.application.configure(configuration)

    def start_events(self, at_stop: AtStop) -> None:
        """Busy lamps, presence and messages for the phones, and who is Unavailable without one."""
        book = self.application.presence
        self.unavailability = Unavailability(self.switch, book, self.current.value)
        self.events = Events(
            self.telephony, self.switch, self.application, book, lambda: self.current.value,
            self.mailroom.mailboxes.waiting, self.settings.sip.domain, self.states,
        )  # fmt: skip
        self.mailroom.mailboxes.subscribe_lines(self.events.messages_changed)
        self.events.start()
        self.unavailability.start()
        self.current.subscribe(lambda old, new: self.unavailability.configure(new))
        self.current.subscribe(lambda old, new: self.events.configure(new))
        at_stop("events", self.events.stop)
        at_stop("unavailability", self.unavailability.stop)

    def start_board(self, at_stop: AtStop) -> None:
        """What changes, for those who follow it."""
        self.board, self.live = self.administration.live(
            self.switch, self.application, self.states, self.current, self.reactor
        )  # fmt: skip
        self.board.start()
        self.live.streams.start()
        self.current.subscribe(lambda old, new: self.board.configured(old, new, self.current.changed_by))
        self.settings_book.changed = self.board.settings_changed
        at_stop("board", self.board.stop)
        at_stop("event streams", self.live.streams.stop)
        self.start_gadgets(at_stop)
        self.display = status_display(self.application, self.switch, self.states, self.in_thread)
        self.pushes = start_pushes(
            at_stop, self.board, self.telephony, self.switch, self.application, self.states, self.current, self.reload,
            self.display, self.reactor, self.nodes, self.process,
        )  # fmt: skip

    def start_gadgets(self, at_stop: AtStop) -> None:
        """What people see and do in their browsers; who has a gadget open is there."""
        self.gadgets, commands = gadgets(
            self.board, self.switch, self.application, self.states, self.mailroom.mail,
            self.administration.editing(self.current, self.database, self.reactor, record),
            lambda: self.current.value, lambda: self.settings,
            self._gadget_changed, self.reactor,
        )  # fmt: skip
        self.unavailability.has_gadget = self._has_gadget
        self.gadgets.start()
        at_stop("commands of gadgets", commands.stop)
        at_stop("gadgets", self.gadgets.stop)

    def _gadget_changed(self, user_name: str) -> None:
        if self.nodes is not None:
            self.nodes.gadget_changed(user_name.casefold(), self.gadgets.is_open(user_name.casefold()))
        self.unavailability.look_at(user_name, "gadget")

    def _has_gadget(self, user_key: str) -> bool:
        return self.gadgets.is_open(user_key) or (self.nodes is not None and self.nodes.has_gadget(user_key))

    def _group_settings(self, settings: Settings) -> None:
        pilot = settings.voicemail.pilot if self.voicemail.points else ""
        self.application.settings = GroupSettings(
            settings.calls.early_media, settings.groups.identify_to_manager, pilot
        )  # fmt: skip

    def _voicemail_settings(self, settings: Settings) -> None:
        self.mailroom.take(settings)
        self.voicemail.configure(self.current.value, voicemail_settings(settings))
        self._group_settings(settings)
        self.application.learn_points()

    async def _drain(self) -> None:
        """Take no new call, and let announcements end for a moment."""
        self.application.drain()
        self.voicemail.drain()
        self.telephony.switch.stop_taking_calls()
        await self.telephony.when(lambda: not len(self.application), DRAIN_SECONDS)

    def watch(self, readiness: Readiness) -> None:
        """Let ``readiness`` know when the database does not answer, and what cannot be written."""
        readiness.watch("database", self.probe.reason)
        watch_pbx(readiness, self.pbx)
        for part, is_failing in self._watched.items():
            readiness.watch(part, lambda is_failing=is_failing: CANNOT_BE_WRITTEN if is_failing() else "")  # type: ignore[misc]

    def in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        return deferToThreadPool(self.reactor, self.reactor.getThreadPool(), work)
