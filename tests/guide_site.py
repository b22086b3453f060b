"""The site of the guide's pictures: the demo company on a morning in March, its calls and its reports."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred

from magroup.cli.company import read_company
from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.model.calls import CallRecord, LegOutcome, LegRecord, Reason, ReasonCode
from magroup.model.configuration import Configuration
from magroup.model.lines import Phone, Trunk
from magroup.model.people import Privilege, User
from magroup.model.records import Place
from magroup.model.report import Asked, Detail, DetailsPage, GroupTotals, MemberTotals, Totals
from magroup.model.report_range import Month
from magroup.model.settings import Settings
from magroup.resources import resource
from tests.web.admin.calls.site import ASSISTANT, CALLER, MANAGER, SDP, CallsWeb, message
from tests.web.admin.reports.site import FakeReports, ReportsWeb
from tests.web.admin.site import AdminWeb
from tests.web.admin.switch.site import PBX, SwitchWeb
from tests.web.admission.kit import HASHES
from tests.web.gadget.fake import Connections

reactor: Any = _reactor
SETTINGS = Settings(public_url="http://magroup.example.com:8080")
ADMIN = User(1000, "admin", password_hash=HASHES["secret"], privileges=frozenset(Privilege))
TRUNKS = (PBX, Trunk(2, "Carrier", "127.0.0.98", prefix="00", ping_interval=60))
BOARD = ("8973", "MA Group")
FEBRUARY = datetime.fromisoformat("2026-02-02T00:00+01:00").timestamp()

DETAILS = (
    (8.07, ("1076", "Gil-dong Hong", *BOARD), 312.0), (8.52, ("0311234567", "External", *BOARD), 95.0),
    (9.03, ("1132", "Beatrice Gärtner", *BOARD), 1210.0), (9.25, ("0440001122", "External", *BOARD), 41.0),
    (9.78, ("1033", "Emilia Skjeggestad", "1047", "Tijana Vlahović"), 184.0),
)  # fmt: skip
MEMBERS = (
    ("1047", "Tijana Vlahović", Totals(118, 31, 40, 33, 24_180.0, 6_120.0)),
    ("1068", "Aradhana Jaggi", Totals(64, 9, 12, 11, 11_400.0, 1_900.0)),
    ("1118", "Léonard Saligny", Totals(21, 14, 30, 22, 3_120.0, 4_830.0)),
    ("1175", "Rafael Hidalgo", Totals(97, 12, 25, 20, 18_050.0, 3_380.0)),
    ("1072", "San Zhang", Totals(33, 6, 8, 8, 5_400.0, 700.0)),
)


def company() -> Configuration:
    """The demo company, with an administrator."""
    demo = read_company(resource("demo", "company.toml").read_text("utf-8"), "company.toml").configuration
    return demo.changed(users=(*(user for user in demo.users if user.name != "admin"), ADMIN))


@dataclass
class Numbers(FakeReports):
    """Of a month."""

    async def months(self) -> tuple[Month, ...]:
        return (Month(2026, 3), Month(2026, 2), Month(2026, 1))

    async def details(self, asked: Asked, limit: int = 50, after: Place | None = None) -> DetailsPage:
        return DetailsPage(tuple(
            Detail(f"c{place}", FEBRUARY + 3600 * hour, *parties, seconds)
            for place, (hour, parties, seconds) in enumerate(DETAILS)
        ), None)  # fmt: skip

    async def members(self, asked: Asked) -> tuple[MemberTotals, ...]:
        return tuple(MemberTotals(number, name, totals) for number, name, totals in MEMBERS)

    async def groups(self, asked: Asked) -> tuple[GroupTotals, ...]:
        return (GroupTotals(1, "MA Group", sum((totals for _, _, totals in MEMBERS), Totals())),)


@dataclass
class Listens(AdminWeb):
    """On a port of this machine: ``url`` is where."""

    url: str = ""

    def prepare(self) -> None:
        """What is there beside the configuration."""

    def listen(self) -> Callable[[], Deferred[Any]]:
        """What ends it again."""
        connections = Connections(self.factory)
        port = reactor.listenTCP(0, connections, interface="127.0.0.1")
        self.url = f"http://127.0.0.1:{port.getHost().port}"

        async def stop() -> None:
            await port.stopListening()
            await connections.end()
            self.finish()
            self.database.engine.dispose()

        return lambda: Deferred.fromCoroutine(stop())

    def finish(self) -> None:
        """What has to end beside the connections."""


@dataclass
class SwitchSite(Listens, SwitchWeb):
    """With a switch in memory: three phones, and two trunks of which one is silent."""

    def prepare(self) -> None:
        phones = (Phone("SEP0123456789AB", "CP-8845", ("1047",)), Phone("SEP0123456789AC", "CP-8841", ("1175",)))
        self.reconfigure(trunks=TRUNKS, phones=phones)
        self.bench.phone("pbx", PBX.address, register=False)
        for number in ("1047", "1175", "1072"):
            self.bench.phone(number)
        self.bench.run(200, 0.5)

    def finish(self) -> None:
        self.end()


@dataclass
class GuideSite(Listens, ReportsWeb, CallsWeb):
    """With reports, and calls that are made up."""

    numbers: FakeReports = field(default_factory=Numbers)

    def finish(self) -> None:
        self.reporting.jobs.stop()

    def prepare(self) -> None:
        """One that went on to an assistant is over, another is up and rings."""
        self._say_all(began := self.clock.seconds())
        self.store(_answered(began))
        self.clock.advance(95)
        now = self.clock.seconds()
        self.application.groups = {"up": 1}
        self.application.trails = {"up": (Reason(ReasonCode.GREETING), Reason(ReasonCode.MANAGER_RINGS, "Tij", 20))}
        self.up = [_ringing(now)]

    def _say_all(self, began: float) -> None:
        """The messages of the one that is over: > was sent, < received."""
        for at, hop, call_id, to, *said in (
            (0, CALLER, "in", "8973", "<INVITE", ">100 Trying", ">200 OK"),
            (4, MANAGER, "one", "1047", ">INVITE", "<180 Ringing"),
            (24, MANAGER, "one", "1047", ">CANCEL", "<487 Request Terminated"),
            (24, ASSISTANT, "two", "1175", ">INVITE", "<180 Ringing"),
            (29, ASSISTANT, "two", "1175", "<200 OK"),
        ):  # fmt: skip
            self.clock.advance(max(0.0, began + at - self.clock.seconds()))
            for one in said:
                is_answer, body = one[1].isdigit(), SDP if one[1:] in ("INVITE", "200 OK") else ""
                start = f"SIP/2.0 {one[1:]}" if is_answer else f"{one[1:]} sip:{to}@192.0.2.1 SIP/2.0"
                data = message(start, call_id, to=to, body=body, method="INVITE" if is_answer else "")
                self.say("over", hop, call_id, (one[0] == ">", data))
        self.clock.advance(began + 90 - self.clock.seconds())
        self.say("over", CALLER, "in", (False, message("BYE sip:8973@192.0.2.1 SIP/2.0", "in", to="8973")))


def _ringing(now: float) -> Call:
    caller, called = Party("0440001122", "", True), Party("1047", "Tijana Vlahović")
    return Call("up", caller, Party(*BOARD), now - 12, (
        Connection(ConnectionId("up", caller.number), ConnectionState.CONNECTED, caller, False, now - 12),
        Connection(ConnectionId("up", called.number), ConnectionState.ALERTING, called, True, now - 5),
    ))  # fmt: skip


def _answered(began: float) -> CallRecord:
    legs = (
        LegRecord("over/1", "over", "0315551234", "Hans Meier", inbound=False, answered_at=began + 4,
                  ended_at=began + 90, outcome=LegOutcome.ANSWERED, cause="normalClearing"),
        LegRecord("over/2", "over", "1047", "Tijana Vlahović", "tijana.vlahovic", 1, 1, True, began + 4, 0.0,
                  began + 24, LegOutcome.MISSED, "487 Request Terminated"),
        LegRecord("over/3", "over", "1175", "Rafael Hidalgo", "rafael.hidalgo", 2, 1, True, began + 24, began + 29,
                  began + 90, LegOutcome.ANSWERED, "normalClearing"),
    )  # fmt: skip
    trail = (
        Reason(ReasonCode.GREETING), Reason(ReasonCode.MANAGER_RINGS, "Tij", 20),
        Reason(ReasonCode.ASSISTANT_RINGS, "Raf", 10), Reason(ReasonCode.ANSWERED, "Raf", 5),
    )  # fmt: skip
    return CallRecord(
        "over", began, "0315551234", "Hans Meier", *BOARD, group_id=1, answered_at=began + 4, ended_at=began + 90,
        cause="normalClearing", ended_by="0315551234", trail=trail, legs=legs, external=True,
    )  # fmt: skip


def switch(folder: Path) -> Listens:
    """Its lines have a secret that its phones know."""
    found = company()
    lines = tuple(replace(line, secret="secret") for line in found.lines)
    return SwitchSite(begin=found.changed(lines=lines), folder=folder, instance="MAGroup", settings=SETTINGS)


def demo(folder: Path) -> Listens:
    return GuideSite(begin=company(), folder=folder, instance="MAGroup", settings=SETTINGS)


def empty(folder: Path) -> Listens:
    """As after the first start."""
    return GuideSite(begin=Configuration(users=(ADMIN,)), folder=folder, instance="MAGroup", settings=SETTINGS)
