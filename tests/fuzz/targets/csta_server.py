"""The switch offered over CSTA, on TCP and in SIP dialogs: after any messages of one client another one is served."""

from typing import Any

from twisted.internet.task import Clock

from magroup.csta import (
    association,
    computing_function,
    connection,
    in_dialog,
    monitors,
    routeing,
    server_session,
    services,
    snapshots,
)
from magroup.csta.framing import pack
from magroup.csta.in_dialog import CSTA_XML, PATIENCE
from magroup.csta.session_messages import StartApplicationSessionPosResponse
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.system_messages import RequestSystemStatus
from magroup.cti.fake import FakeSwitch
from magroup.uacsta import server, sessions
from tests.csta.peer import LINES, Peer, admit
from tests.fuzz.target import Target, hold
from tests.fuzz.targets.csta import SAMPLES, TOKENS, sample
from tests.fuzz.targets.program import SEPARATOR, program, steps
from tests.sip.network import EVERYTHING_OVER, Network
from tests.uacsta.pair import Client, Served


def _offered(clock: Any) -> tuple[SwitchingFunction, str]:
    switch = FakeSwitch(clock, LINES, trunk=True)
    points = ("8001",)
    made = SwitchingFunction(
        clock, switch, admit, lambda address: None, lambda number: number if number in (*LINES, *points) else None,
        points=lambda: points,
    )  # fmt: skip
    call_id = switch.arrive("2001", "3001")
    return made, call_id


def _check(data: bytes) -> None:
    """A step is a document, or else what is written on the connection."""
    _over_tcp(data)
    _in_dialog(data)


def _filled(step: bytes, call_id: str, reference: str) -> bytes:
    return step.replace(b"@CALL@", call_id.encode()).replace(b"@REF@", reference.encode())


def _over_tcp(data: bytes) -> None:
    clock = Clock()
    offered, call_id = _offered(clock)
    peer, watcher = Peer(offered), Peer(offered, "10.0.0.8")
    peer.log_in()
    watcher.log_in("dashboard")
    watcher.monitor("3001")
    reference = peer.monitor("3001")
    for number, step in enumerate(steps(data)):
        if isinstance(step, int):
            clock.advance(step / 10)
        elif not peer.wire.is_closed:
            step = _filled(step, call_id, reference)
            peer.wire.clear()
            peer.protocol.dataReceived(pack(number, step) if step[:1] == b"<" and len(step) < 60_000 else step)
    hold(len(offered.monitors) <= offered.limits.monitors, "monitors")
    other = Peer(offered, "10.0.0.7")
    hold(isinstance(other.log_in(), StartApplicationSessionPosResponse), "another client")
    other.request(RequestSystemStatus())
    for one in (peer, watcher, other):
        one.wire.loseConnection()
    hold(not offered.describe() and not len(offered.monitors) and not len(offered.routeing), "left", offered.describe())


def _in_dialog(data: bytes) -> None:
    network = Network()
    offered, call_id = _offered(network.clock)
    served = Served(network, offered, "2001", "3001")
    client = Client(network, "3001").open()
    reference = client.monitor("3001")
    answers: list[Any] = []
    asked = 0
    for step in steps(data):
        if isinstance(step, int):
            network.run(step / 10)
        elif client.session.session is not None and client.states == ["up"] and len(step) < 50_000:
            asked += 1
            client.session.session.send(
                "INFO", _filled(step, call_id, reference), {"Content-Type": CSTA_XML}, answers.append
            )
            network.run()
    network.run(PATIENCE + 1)
    hold(sum(answer.status >= 200 for answer in answers) >= asked, "not answered", asked, answers)
    for element in (served, client):
        for session in tuple(element.endpoint.sessions):
            session.bye()  # type: ignore[attr-defined]
    network.run(EVERYTHING_OVER)
    for one in tuple(offered.clients.values()):
        offered.over(one, "the end")
    hold(not len(offered.monitors) and not served.layer.servers and not served.endpoint.dialogs, "left")


def _at(number: str, call: str = "@CALL@") -> str:
    return f"<callID>{call}</callID><deviceID>{number}</deviceID>"


_STEPS = (
    sample("AnswerCall", f"<callToBeAnswered>{_at('3001')}</callToBeAnswered>"),
    sample("HoldCall", f"<callToBeHeld>{_at('3001')}</callToBeHeld>"),
    sample("RetrieveCall", f"<callToBeRetrieved>{_at('3001')}</callToBeRetrieved>"),
    sample("ConsultationCall", f"<existingCall>{_at('3001')}</existingCall><consultedDevice>3002</consultedDevice>"),
    sample("ClearConnection", f"<connectionToBeCleared>{_at('3001')}</connectionToBeCleared>"),
    sample("SingleStepTransferCall", f"<activeCall>{_at('3001')}</activeCall><transferredTo>3002</transferredTo>"),
    sample("DeflectCall", f"<callToBeDiverted>{_at('3001')}</callToBeDiverted><newDestination>3003</newDestination>"),
    sample("MakeCall", "<callingDevice>3001</callingDevice><calledDirectoryNumber>3002</calledDirectoryNumber>"),
    sample(
        "MonitorStart",
        "<monitorObject><deviceObject>3002</deviceObject></monitorObject><monitorType>device</monitorType>",
    ),
    sample(
        "MonitorStart",
        "<monitorObject><callObject><callID>@CALL@</callID></callObject></monitorObject><monitorTyp"
        "e>call</monitorType>",
    ),
    sample("MonitorStop", "<monitorCrossRefID>@REF@</monitorCrossRefID>"),
    sample("SnapshotDevice", "<snapshotObject>3001</snapshotObject>"),
    sample("GetForwarding", "<device>3001</device>"),
    sample("SetForwarding", "<device>3001</device><activateForward>true</activateForward><forwardDN>3002</forwardDN>"),
    sample("SetDoNotDisturb", "<device>3001</device><doNotDisturbOn>true</doNotDisturbOn>"),
    sample("RouteRegister", "<routeingDevice>8001</routeingDevice>"),
    sample("GetCSTAFeatures", " "),
    sample("RequestSystemStatus", " "),
    sample(
        "ResetApplicationSessionTimer",
        "<sessionID>1</sessionID><requestedSessionDuration>60</requestedSessionDuration>",
    ),
    sample("StopApplicationSession", "<sessionID>1</sessionID>"),
)
SEEDS = (
    program(*_STEPS[:3], 5, *_STEPS[3:4]),
    program(_STEPS[0], _STEPS[5]),
    program(_STEPS[6], _STEPS[4]),
    program(*_STEPS[7:13], 30),
    program(*_STEPS[13:18]),
    program(_STEPS[18], 600, _STEPS[19]),
    program(pack(1, SAMPLES[3])[:-2], b"x", pack(2, _STEPS[0])),
    *SAMPLES[::5],
)
TARGET = Target(
    "csta_server",
    _check,
    (
        association,
        computing_function,
        connection,
        in_dialog,
        monitors,
        routeing,
        server_session,
        services,
        snapshots,
        server,
        sessions,
    ),
    SEEDS,
    (*TOKENS, *(SEPARATOR + step + SEPARATOR for step in _STEPS), b"@CALL@", b"@REF@", SEPARATOR + b"+100" + SEPARATOR),
    12 << 10,
    kept=3072,
    fresh=80,
    seconds=1.0,
)
