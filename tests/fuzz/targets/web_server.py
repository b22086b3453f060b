"""The whole web site in memory, with gadgets and API, on a task.Clock; the calls are those of a FakeSwitch."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from magroup.cti.fake import FakeSwitch
from magroup.groups import Application, ForwardingBook, PresenceBook
from magroup.groups.member_states import MemberStates
from magroup.model.lines import Phone
from magroup.model.people import Privilege
from magroup.model.records import CallPage, ChangePage
from magroup.model.settings import ApiSettings, GadgetSettings, PhonesSettings, Settings
from magroup.voicemail.boxes import Boxes
from magroup.voicemail.greetings import Greetings
from magroup.voicemail.mailboxes import Mailboxes
from magroup.web.admission.scopes import SCOPES
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
from magroup.web.gadget.entrance import Entrance
from magroup.web.gadget.opening import gadgets
from magroup.web.mail import Mail
from magroup.web.phone.opening import phone_pages
from magroup.web.rest import Parts as RestParts
from magroup.web.rest import RestServices, Turns
from tests.groups.world import Records as Journal
from tests.switch.bench import run
from tests.web.admin.site import AdminWeb, at_once, company

USER = "Maria.Rossi"
INSTANCE = "MAGroup"
DEVICE = "SEP001122334455"
MOST_CHANGES = 30
"""To the configuration; then it is begun anew."""


class _Records:
    """A journal and an audit trail that are empty."""

    async def calls(self, *asked: Any, **more: Any) -> CallPage:
        return CallPage((), None)

    async def call(self, *asked: Any) -> None:
        return None

    async def changes(self, *asked: Any, **more: Any) -> ChangePage:
        return ChangePage((), 0)


class FuzzWeb(AdminWeb):
    """``cookie`` is that of a session with all privileges, ``token`` its form token, ``bearer`` one of the API."""

    def __init__(self) -> None:
        settings = Settings(
            gadget=GadgetSettings(commands_per_second=1000.0), phones=PhonesSettings(trust_device_name=True)
        )
        phones = (Phone(DEVICE, "CP-8845", ("1071",)),)
        self.place = TemporaryDirectory(prefix="magroup-fuzz-")
        super().__init__(
            instance=INSTANCE, settings=settings, begin=company(Maria_Rossi=Privilege).changed(phones=phones),
            folder=Path(self.place.name),
        )  # fmt: skip
        found = self.current.value.user(USER)
        assert found is not None
        session = self.admission.sessions.begin(found, "127.0.0.1")
        (self.session_key,) = self.kept.sessions
        self.cookie = f"magroup-{INSTANCE}={session}"
        (self.token,) = re.findall(r'name="csrf" value="([^"]+)"', self.ask("/tokens", Cookie=self.cookie).text)[:1]
        (_, self.bearer) = run(self.admission.tokens.create(found.key, "fuzz", SCOPES, 0.0, USER, "here"))

    @property
    def is_used_up(self) -> bool:
        """Whether too much has been changed, or nobody is logged in any more."""
        return self.current.value.version > MOST_CHANGES or self.session_key not in self.kept.sessions

    def more(self) -> dict[str, Any]:
        clock: Any = self.clock
        configuration = lambda: self.current.value  # noqa: E731
        self.switch = FakeSwitch(clock, [line.number for line in self.begin.lines], trunk=True)
        presence = PresenceBook(clock, lambda name, state: None)
        forwarding = ForwardingBook(clock, self.current.value, lambda *change: None, lambda *change: None)
        self.application = Application(self.switch, clock, presence, forwarding, Journal(), self.current.value)
        self.application.start()
        states = MemberStates(self.switch, self.application)
        states.start()
        board, live = following(self.switch, self.application, states, configuration, ApiSettings, clock)
        board.start()
        live.streams.start()
        boxes = self.folder / "mailboxes"
        mailboxes = Mailboxes(
            boxes, lambda message: None, lambda id: None, lambda path: path.unlink(True), Boxes(self.begin)
        )
        mail = Mail(mailboxes, Greetings(mailboxes, at_once, at_once, lambda path: 1.0, lambda: 10.0))
        self.gadgets, self.commands = gadgets(
            board, self.switch, self.application, states, mail, self.editing, configuration, lambda: self.settings,
            lambda name: None, clock,
        )  # fmt: skip
        self.gadgets.start()
        parts = ApiParts(
            self.editing, Superseded(thing_tag), self.book, self.admission, at_once, live, _Records(), self.waves,
            self.tones,
            Looks(self.admission, clock.seconds), mail, self.pictures,
        )  # fmt: skip
        api = ApiService(
            OPERATIONS, lambda: openapi(OPERATIONS, "magroup", "1", TAGS, f"magroup-{INSTANCE}"), self.admission,
            RequestRates(clock.seconds, lambda: 1e6), parts,
        )  # fmt: skip
        rest_parts = RestParts(self.editing, states, presence, self.waves, self.tones, at_once, Turns(clock))
        pages = phone_pages(
            self.application, self.switch, states, self.editing, self.waves, lambda: self.settings, lambda number: (),
            at_once, clock, lambda *words: None,
        )  # fmt: skip
        return {
            **super().more(), "gadgets": Entrance(self.gadgets, self.admission, clock), "api": api,
            "rest": RestServices(INSTANCE, lambda: "", self.admission, rest_parts), "phones": pages,
        }  # fmt: skip


@cache
def web(target: str) -> FuzzWeb:
    """One for all inputs of a target: it takes a while to be made."""
    return FuzzWeb()


class Wire(StringTransport):
    """A connection."""

    def __init__(self, peer: Any) -> None:
        super().__init__(peerAddress=peer)
        self.is_over = False

    def loseConnection(self) -> None:
        self.is_over = True

    def abortConnection(self) -> None:
        self.is_over = True

    def unregisterProducer(self) -> None:
        """As a real one, which does not mind where there is none."""
        self.producer = None

    def setTcpNoDelay(self, enabled: bool) -> None: ...


def connected(site: FuzzWeb) -> tuple[Any, Wire]:
    """A new connection and what is written on it."""
    peer = IPv4Address("TCP", "127.0.0.1", 40000)
    protocol = cast(Any, site.factory).buildProtocol(peer)
    wire = Wire(peer)
    protocol.makeConnection(wire)
    return protocol, wire
