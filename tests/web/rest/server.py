"""The REST services on a real port with a real database, a FakeSwitch, and folders of their own; curl, the client."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree
from twisted.internet import reactor as _reactor
from twisted.internet.threads import deferToThreadPool
from twisted.internet.utils import getProcessOutputAndValue
from twisted.logger import LogEvent, globalLogPublisher
from twisted.trial.unittest import TestCase
from twisted.web.server import Request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from magroup.cti.fake import FakeSwitch
from magroup.groups import Application, ForwardingBook, PresenceBook
from magroup.groups.editing import Editing, Rules
from magroup.groups.member_states import MemberStates
from magroup.groups.settings_book import SettingsBook
from magroup.mailroom import seconds_of
from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.service_numbers import ServiceNumbers
from magroup.model.settings import ApiSettings, HttpSettings, Settings
from magroup.model.settings_layers import Layers
from magroup.reloading import Reload
from magroup.resources import sound
from magroup.rtp.audio_content import check_mp3, check_wav
from magroup.rtp.audio_folder import AudioFolder
from magroup.store import CurrentConfiguration, Database, load, replace_all
from magroup.store.records import StoredRecords
from magroup.voicemail.boxes import Boxes
from magroup.voicemail.greetings import Greetings
from magroup.voicemail.mailboxes import Mailboxes
from magroup.web.api import (
    OPERATIONS,
    TAGS,
    ApiParts,
    ApiService,
    Looks,
    RequestRates,
    Superseded,
    following,
    openapi,
    thing_tag,
)
from magroup.web.file_pages import FilePages
from magroup.web.gadget.entrance import Entrance
from magroup.web.identity import Identity
from magroup.web.mail import Mail
from magroup.web.phone.pages import PhonePages
from magroup.web.pictures import Pictures
from magroup.web.rest import Parts, RestServices, Turns
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.groups.world import Records
from tests.store.fresh import put
from tests.web.admission.kit import Kept, admission

reactor: Any = _reactor

CURL = shutil.which("curl") or "/usr/bin/curl"
INSTANCE = "MAGroup"
EVERYTHING = frozenset(privilege.value for privilege in Privilege)


class LoopbackAdmission:
    """The loopback rule; a test may say who comes in instead of this machine itself."""

    def __init__(self) -> None:
        self.as_user: tuple[str, frozenset[str]] | None = None

    async def rest(self, request: Request) -> Identity:
        host = request.getClientAddress().host
        if self.as_user is not None:
            return Identity(*self.as_user, host)
        if host in ("127.0.0.1", "::1") and not request.requestHeaders.hasHeader("x-forwarded-for"):
            return Identity("", EVERYTHING, host)
        raise Unauthorized("Log in", www_authenticate=WWWAuthenticate("basic", {"realm": "magroup"}))


class Following(Kept):
    """Users are those of the configuration in force."""

    def __init__(self, current: CurrentConfiguration) -> None:
        self._current = current
        super().__init__()

    @property
    def configuration(self) -> Configuration:
        return self._current.value

    @configuration.setter
    def configuration(self, value: Configuration) -> None:
        """It is what is in force."""


@dataclass(frozen=True)
class Reply:
    """What curl has got."""

    code: int
    content_type: str
    body: str
    headers: str = field(default="", repr=False)

    @property
    def xml(self) -> etree._Element:
        return etree.fromstring(self.body.encode())

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def word(self) -> str:
        """The status word."""
        (response,) = self.xml.findall("Response")
        return response.findtext("status") or (response.text or "").strip()

    @property
    def id(self) -> str | None:
        """What is in <id>, None where there is none."""
        return self.xml.findtext("Response/id")


class RestCase(TestCase):
    """Tests of a running server; what it logs beside the line of each request is in ``lines``."""

    timeout = 120
    http = HttpSettings()
    api_settings = ApiSettings()
    _ends: tuple[Callable[[], Any], ...] = ()

    async def serve(self, configuration: Configuration) -> None:
        """Start the server with this configuration; all of its lines are in service."""
        await self.stop_serving()
        self.folder = Path(self.mktemp()).absolute()
        (self.folder / "shipped").mkdir(parents=True)
        put(self.folder)
        self.database = Database(f"sqlite:///{self.folder}/magroup.db", reactor)
        await self.database.start()
        self._ends = (self.database.stop,)
        await self.database.run(replace_all, configuration)
        self.plan = configuration.plan
        self.current = CurrentConfiguration(await self.database.read(load, self.plan))
        self.switch = FakeSwitch(reactor, [line.number for line in configuration.lines], trunk=True)
        self.presence = PresenceBook(reactor, lambda name, state: None)
        self.forwarding = ForwardingBook(
            reactor, self.current.value, lambda *change: None, lambda *change: None
        )  # fmt: skip
        self.application = Application(
            self.switch, reactor, self.presence, self.forwarding, Records(), self.current.value
        )  # fmt: skip
        self.application.start()
        self.current.subscribe(lambda old, new: self.application.configure(new))
        self.states = MemberStates(self.switch, self.application)
        self.states.start()
        self._ends += (self.states.stop,)
        self.waves = AudioFolder(self.folder / "sounds", self.folder / "shipped", ".wav", check_wav, self.refreshed)
        self.tones = AudioFolder(self.folder / "tones", self.folder / "shipped", ".mp3", check_mp3, self.refreshed)
        self.waves.make()
        self.tones.make()
        self.refreshes = 0
        self.changes: list[Change] = []
        self.admission = LoopbackAdmission()
        self.public_url = ""
        in_thread: Any = partial(deferToThreadPool, reactor, reactor.getThreadPool())
        editing = Editing(
            self.current, self.database, reactor, lambda: Rules(
                ServiceNumbers(("*8",)), self.waves.stored, self.tones.stored
            ), lambda connection, change: self.changes.append(change),
        )  # fmt: skip
        parts = Parts(editing, self.states, self.presence, self.waves, self.tones, in_thread, Turns(reactor))
        self.rest = RestServices(INSTANCE, lambda: self.public_url, self.admission, parts)
        layers = Layers()
        self.reload = Reload(lambda: layers, layers)
        self.book = SettingsBook(
            self.reload, {}, self.current, self.database, reactor,
            lambda connection, change: self.changes.append(change), in_thread,
        )  # fmt: skip
        self.kept = Following(self.current)
        self.web_admission = admission(self.kept, reactor, replace(Settings(), http=self.http))
        self.board, live = following(
            self.switch, self.application, self.states, lambda: self.current.value, lambda: self.api_settings, reactor
        )  # fmt: skip
        self.streams = live.streams
        self.board.start()
        self.streams.start()
        self.current.subscribe(lambda old, new: self.board.configured(old, new, self.current.changed_by))
        self._ends += (self.board.stop, self.streams.stop)
        self.mailboxes = Mailboxes(
            self.folder / "mailboxes", lambda message: None, lambda id: None, lambda path: path.unlink(True),
            Boxes(self.current.value),
        )  # fmt: skip
        self.current.subscribe(lambda old, new: self.mailboxes.configure(Boxes(new)))
        greetings = Greetings(self.mailboxes, in_thread, in_thread, seconds_of, lambda: 10.0)
        mail = self.mail = Mail(self.mailboxes, greetings)
        pictures = Pictures(self.folder / "pictures", in_thread)
        await pictures.make()
        self.current.subscribe(pictures.configured)
        superseded = Superseded(thing_tag)
        self.current.subscribe(superseded.take)
        self.rate = 1e6
        rates = RequestRates(reactor.seconds, lambda: self.rate)
        self.api_service = ApiService(
            OPERATIONS, lambda: openapi(OPERATIONS, "magroup", "1", TAGS, "magroup-MAGroup"), self.web_admission, rates,
            ApiParts(
                editing, superseded, self.book, self.web_admission, in_thread, live, StoredRecords(self.database),
                self.waves, self.tones, Looks(self.web_admission, reactor.seconds), mail, pictures,
            ),
        )  # fmt: skip
        surroundings = Surroundings(
            INSTANCE, "1", Status, Readiness(), reactor.seconds, self.web_admission, self.rest, self.api_service,
            FilePages(self.web_admission, pictures, self.tones, in_thread),
            self.entrance(editing),
            self.phone_pages(editing),
        )  # fmt: skip
        self.port = reactor.listenTCP(0, WebSite(surroundings).site(reactor), interface="127.0.0.1")
        self._ends += (self.port.stopListening,)
        self.addCleanup(self.stop_serving)
        self.lines: list[str] = []
        observer = self.heard
        globalLogPublisher.addObserver(observer)
        self._ends += (partial(globalLogPublisher.removeObserver, observer),)

    def entrance(self, editing: Editing) -> Entrance | None:
        """The gadgets' way in; none where a test needs none."""
        return None

    def phone_pages(self, editing: Editing) -> PhonePages | None:
        """The pages of phones; none where a test needs none."""
        return None

    async def stop_serving(self) -> None:
        """The end of the server; another one may be started then."""
        ends, self._ends = self._ends, ()
        for end in reversed(ends):
            result = end()
            if result is not None:
                await result

    def heard(self, event: LogEvent) -> None:
        namespace = event.get("log_namespace", "")
        if namespace.endswith(".AccessLog"):
            return
        if namespace.startswith("magroup") and event["log_level"].name != "debug":
            self.lines.append(event["log_format"].format(**event))

    async def refreshed(self) -> None:
        self.refreshes += 1

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port.getHost().port}"

    def url(self, path: str) -> str:
        """The URL of ``groups/addGroup.asp``."""
        return f"http://{self.host}/Applications/inbound/{INSTANCE}/rest/{path}"

    def ship(self, *names: str) -> None:
        """Let real sounds ship under these names."""
        for name in names:
            real = "Welcome.wav" if name.lower().endswith(".wav") else "gadget/Chime.mp3"
            shutil.copy(sound(real), self.folder / "shipped" / name)

    async def curl(self, *arguments: str) -> Reply:
        """Run the real curl."""
        end = "\n%{http_code} %{content_type}"
        out, err, code = await getProcessOutputAndValue(
            CURL, ("--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "-D", "-", "-w", end, *arguments),
            env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self.assertEqual(code, 0, err)
        head, _, rest = out.decode().rpartition("\r\n\r\n")
        body, _, status = rest.rpartition("\n")
        number, _, content_type = status.partition(" ")
        return Reply(int(number), content_type, body, head)

    async def ask(self, path: str, method: str = "POST", **parameters: str) -> Reply:
        """Call a function with these parameters in an urlencoded body, or with GET in the query."""
        arguments = [part for name, value in parameters.items() for part in ("--data-urlencode", f"{name}={value}")]
        return await self.curl(*(["-G"] if method == "GET" else ["-X", method]), *arguments, self.url(path))

    async def word(self, path: str, method: str = "POST", **parameters: str) -> str:
        """The status word of the answer, which is XML."""
        reply = await self.ask(path, method, **parameters)
        self.assertEqual((reply.code, reply.content_type), (200, "text/xml; charset=utf-8"), reply)
        self.assertTrue(reply.body.startswith('<?xml version="1.0" encoding="utf-8"?>'), reply.body)
        return reply.word

    async def stored(self) -> Configuration:
        """What is in the database, which is what is in force."""
        stored = await self.database.read(load, self.plan)
        self.assertEqual(stored, self.current.value)
        return stored


def shape(element: etree._Element) -> Any:
    """An element as nested lists, white space aside."""
    if len(element):
        return [element.tag, [shape(child) for child in element]]
    return [element.tag, (element.text or "").strip()]
