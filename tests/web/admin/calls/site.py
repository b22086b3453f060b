"""The tab Calls over calls that are made up: the journal in a real database, SIP messages in a real trace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.model.calls import CallRecord, LegOutcome, LegRecord, Reason, ReasonCode, Story, Vip
from magroup.model.configuration import Configuration
from magroup.model.records import CallPage, CallsWanted, Place
from magroup.model.trace import CallTrace, TraceFigures
from magroup.sip.hop import Hop
from magroup.sip.trace import Trace
from magroup.sip.traced import read
from magroup.store.journal.rows import insert_calls
from magroup.store.journal.search import call_if, search
from magroup.web.admin.calls.part import CallsPart
from magroup.web.api.looks import Looks
from tests.web.admin.site import AdminCase, AdminWeb

NOON = 1_772_362_800.0
"""12:00 on 1 March 2026 in Zurich."""

CALLER, MANAGER, ASSISTANT = (
    Hop("udp", "192.0.2.11", 5060, "192.0.2.1", 5060), Hop("udp", "192.0.2.12", 5060, "192.0.2.1", 5060),
    Hop("tcp", "2001:db8::13", 40311, "2001:db8::1", 5060),
)  # fmt: skip
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8\r\n"
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0IGtleSBvZiBtZWRpYQ\r\n"


def message(start: str, call_id: str, number: str = "0315551234", name: str = "Hans Meier", to: str = "5555",
            body: str = "", more: str = "", method: str = "") -> bytes:  # fmt: skip
    lines = [
        start, "Via: SIP/2.0/UDP 192.0.2.11:5060;branch=z9hG4bK1;rport",
        f'From: "{name}" <sip:{number}@example.com>;tag=1', f"To: <sip:{to}@192.0.2.1>", f"Call-ID: {call_id}",
        f"CSeq: 1 {method or start.split()[0]}", *([more] if more else []),
        *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@dataclass
class MadeTraces:
    """Traces by the messages of a real one."""

    trace: Trace

    def find(self, call_id: str) -> Callable[[], CallTrace] | None:
        found = self.trace.find(call_id)
        if found is None:
            return None
        local = {entry[3]: (entry[3].local_host, entry[3].local_port) for track in found.tracks for entry in track}
        return lambda: read(found.tracks, found.lost, local)

    def figures(self) -> TraceFigures:
        return TraceFigures(self.trace.size, self.trace.kept, self.trace.number)


@dataclass
class MadeApplication:
    """What the groups know of calls that are up."""

    groups: dict[str, int] = field(default_factory=dict)
    trails: dict[str, tuple[Reason, ...]] = field(default_factory=dict)
    vips: set[str] = field(default_factory=set)

    def story(self, call_id: str) -> Story:
        return Story(self.groups.get(call_id, 0), self.trails.get(call_id, ()))

    def vip(self, call_id: str) -> Vip | None:
        return Vip(Reason(ReasonCode.VIP_EVERYBODY)) if call_id in self.vips else None


@dataclass
class CallsWeb(AdminWeb):
    """The site with them; ``up`` are the calls that are up. ``elsewhere`` and ``stories`` are what other processes of
    the server say.
    """

    up: list[Call] = field(default_factory=list)
    application: MadeApplication = field(default_factory=MadeApplication)
    elsewhere: dict[str, CallTrace] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock.advance(NOON)
        self.settings = replace(self.settings, time_zone="Europe/Zurich")
        self.trace = Trace(self.clock.seconds)
        self.trace.limit(16 << 20, 500)
        super().__post_init__()

    async def calls(self, wanted: CallsWanted, limit: int, after: Place | None = None) -> CallPage:
        return cast(CallPage, await self.database.run(search, wanted, limit, after))

    async def call(self, id: str, of_groups: bool) -> CallRecord | None:
        return cast("CallRecord | None", await self.database.run(call_if, id, of_groups))

    def more(self) -> dict[str, Any]:
        more = super().more()
        self.part = CallsPart(
            lambda: self.up, cast(Any, self.application), self, MadeTraces(self.trace),
            Looks(self.admission, self.clock.seconds), self.clock.seconds, self.trace_elsewhere, self.told,
        )  # fmt: skip
        return {**more, "admin": replace(more["admin"], calls=self.part)}

    async def trace_elsewhere(self, call_id: str) -> CallTrace | None:
        return self.elsewhere.get(call_id)

    async def told(self, call_ids: Sequence[str]) -> Mapping[str, Story]:
        return {call_id: story for call_id, story in self.stories.items() if call_id in call_ids}

    def store(self, *calls: CallRecord) -> None:
        with self.database.engine.begin() as connection:
            insert_calls(connection, calls)

    def say(self, name: str, hop: Hop, call_id: str, *messages: tuple[bool, bytes]) -> None:
        """Messages of a call's leg, 20 ms apart; True: sent."""
        for is_sent, data in messages:
            self.clock.advance(0.02)
            if is_sent:
                self.trace.sent(data, hop)
            else:
                self.trace.received(data, hop, call_id)
        self.trace.link(name, call_id)

    def group_call(self, name: str, caller: str = "Hans Meier") -> None:
        """The messages of a call to a group: two phones ring, one answers."""
        ringing = {"more": "", "method": "INVITE"}
        invite = message("INVITE sip:5555@192.0.2.1 SIP/2.0", "in-1", name=caller, body=SDP + KEY,
                         more='Authorization: Digest username="x", response="0123456789abcdef"')  # fmt: skip
        self.say(name, CALLER, "in-1", (False, invite), (False, invite), (True, message(
            "SIP/2.0 100 Trying", "in-1", **ringing)))  # fmt: skip
        for call_id, hop, to in (("out-1", MANAGER, "1071"), ("out-2", ASSISTANT, "1175")):
            self.say(
                name, hop, call_id,
                (True, message("INVITE sip:pw:secret@h SIP/2.0", call_id, to=to, name=caller, body=SDP)),
                (False, message("SIP/2.0 180 Ringing", call_id, to=to, **ringing)),
            )  # fmt: skip
        self.say(name, CALLER, "in-1", (True, message("SIP/2.0 180 Ringing", "in-1", **ringing)))
        self.say(name, ASSISTANT, "out-2", (False, message("SIP/2.0 486 Busy Here", "out-2", to="1175", **ringing)),
                 (True, message("ACK sip:1@h SIP/2.0", "out-2", to="1175")))  # fmt: skip
        self.say(name, MANAGER, "out-1", (False, message("SIP/2.0 200 OK", "out-1", to="1071", body=SDP, **ringing)),
                 (True, message("ACK sip:1@h SIP/2.0", "out-1", to="1071")))  # fmt: skip
        self.say(name, CALLER, "in-1", (True, message("SIP/2.0 200 OK", "in-1", body=SDP, **ringing)),
                 (False, message("ACK sip:1@h SIP/2.0", "in-1")), (False, message("BYE sip:1@h SIP/2.0", "in-1")),
                 (True, message("SIP/2.0 200 OK", "in-1", method="BYE")))  # fmt: skip


def record(id: str, began: float = NOON, **values: Any) -> CallRecord:
    """A call to Accounting that Maria answered after Rafael was busy, unless said otherwise."""
    legs = (
        LegRecord(f"{id}/1", id, "0315551234", "Hans Meier", inbound=False, answered_at=began + 9, ended_at=began + 69,
                  outcome=LegOutcome.ANSWERED, cause="normalClearing"),
        LegRecord(f"{id}/2", id, "1175", "Rafael Hidalgo", "Rafael.Hidalgo", 198, 45, True, began + 1, 0.0, began + 4,
                  LegOutcome.BUSY, "486 Busy Here"),
        LegRecord(f"{id}/3", id, "1071", "Maria Rossi", "Maria.Rossi", 72, 45, True, began + 1, began + 9, began + 69,
                  LegOutcome.ANSWERED, "normalClearing"),
    )  # fmt: skip
    trail = (
        Reason(ReasonCode.GREETING), Reason(ReasonCode.MANAGER_RINGS, "Mar", 20), Reason(ReasonCode.LINE_BUSY, "Raf"),
        Reason(ReasonCode.ANSWERED, "Mar", 8),
    )  # fmt: skip
    given: dict[str, Any] = {
        "started_at": began, "caller_number": "0315551234", "caller_name": "Hans Meier", "called_number": "5555",
        "called_name": "Accounting", "group_id": 45, "answered_at": began + 9, "ended_at": began + 69,
        "cause": "normalClearing", "ended_by": "0315551234", "trail": trail, "legs": legs, "external": True,
    }  # fmt: skip
    return CallRecord(id=id, **(given | values))


def up(id: str, began: float = NOON, name: str = "Hans Meier", **states: ConnectionState) -> Call:
    """A call to Accounting that is up; ``states`` of those who were called, by number after an n."""
    caller = Party("0315551234", name, True)
    connections = [Connection(ConnectionId(id, caller.number), ConnectionState.CONNECTED, caller, False, began)]
    for number, state in states.items():
        device = number.removeprefix("n")
        connections.append(Connection(ConnectionId(id, device), state, Party(device), True, began + 2))
    return Call(id, caller, Party("5555", "Accounting"), began, tuple(connections))


class CallsCase(AdminCase):
    """``browser`` is Maria's, who has all privileges."""

    def begin(self, configuration: Configuration) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web: CallsWeb = CallsWeb(begin=configuration, folder=Path(folder.name))
        self.addCleanup(self.web.database.engine.dispose)
        self.browser = self.logged_in("Maria.Rossi")

    def looked(self) -> list[tuple[str, str, str]]:
        """What the audit trail says of looks: what, which, what was asked."""
        return [(one.what, one.key, one.new) for one in self.web.kept.audit if one.what != "login"]
