"""One client of the server, a computing function in CSTA's words: its session, its monitors, its requests."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure as Why

from magroup.csta import monitoring_messages as m
from magroup.csta import system_messages as y
from magroup.csta.accounts import Account, Admit
from magroup.csta.association import Association, Take
from magroup.csta.edition import Edition
from magroup.csta.errors import (
    GENERIC,
    INVALID_CROSS_REFERENCE,
    INVALID_MONITOR_OBJECT,
    MONITOR_LIMIT,
    NOT_SUPPORTED,
    OUTSTANDING_LIMIT,
    PERFORMANCE_LIMIT,
    SECURITY_VIOLATION,
    CstaError,
    error_value,
)
from magroup.csta.event_messages import OutOfServiceEvent
from magroup.csta.limits import BURST_SECONDS, MOST_REFUSED, MOST_UNDER_WAY
from magroup.csta.message import Message
from magroup.csta.monitors import Monitor
from magroup.csta.routeing import ROUTEING
from magroup.csta.scope import NO_CALL_MONITORS, check_call, check_device, check_request, features_of
from magroup.csta.server_session import ServerSession
from magroup.csta.services import READING, CallControlOf, Does
from magroup.csta.session_messages import ApplicationSessionTerminated, TermReason
from magroup.csta.snapshots import call_snapshot, device_snapshot
from magroup.csta.values import subject
from magroup.cti.errors import Failure, ServiceError, SteeredError
from magroup.cti.patience import patiently

if TYPE_CHECKING:
    from magroup.csta.switching_function import SwitchingFunction

log = Logger(__name__)


class ComputingFunction:
    """``associate`` makes the association that gives what it hears to a function; ``close`` ends the connection.

    ``trusted`` needs no login.
    """

    def __init__(
        self, server: "SwitchingFunction", number: int, address: str, associate: Callable[[Take], Association],
        close: Callable[[str], None], admit: Admit, trusted: Account | None,
    ) -> None:  # fmt: skip
        self.address = address
        self.requests = 0
        self.told = 0
        self._server = server
        self._close = close
        self._monitors: dict[str, Monitor] = {}
        self._registration = ""
        self._heartbeat: Any = None
        self._under_way = 0
        self._used, self._used_at = 0.0, server.clock.seconds()
        self._refused = 0
        self.association = associate(self._take)
        self.session = ServerSession(
            server.clock, str(number), address, admit, trusted, self.association.respond, self._begun,
            self._ended, lambda: server.limits.session,
        )  # fmt: skip

    @property
    def name(self) -> str:
        return self.session.account.name if self.session.account is not None else ""

    @property
    def _lines(self) -> frozenset[str] | None:
        return self.session.account.lines if self.session.account is not None else frozenset()

    @property
    def monitors(self) -> int:
        return len(self._monitors)

    def received(self, data: bytes) -> None:
        """What has come over the connection. Raises FrameError."""
        try:
            self.association.feed(data)
        finally:
            self._server.monitors.look_again()

    def over(self) -> None:
        """The connection is gone: nothing of the client is left."""
        self.session.over()
        self._register_no_more()
        for monitor in self._monitors.values():
            self._server.monitors.end(monitor)
        self._monitors.clear()
        self.association.end("the connection is closed")

    def terminate(self, reason: TermReason) -> None:
        """We end the session, and say why."""
        if self.session.is_open:
            self.association.tell(
                ApplicationSessionTerminated(session_id=self.session.id, session_term_reason=reason)
            )  # fmt: skip
        # What else has come already is not served any more.
        self.session.over()
        self._close(reason.defined_term_reason or reason.server_term_reason)

    def monitor_over(self, monitor: Monitor) -> None:
        """The call that it follows is over: the switch ends it (ECMA-269 15.1.3)."""
        if self._monitors.pop(monitor.cross_ref, None) is not None:
            self._tell(m.MonitorStop(monitor_cross_ref_id=monitor.cross_ref))

    def __str__(self) -> str:
        state = self.session.state.name.lower()
        return (
            f"{self.address} {self.name or '-'} {state}: {len(self._monitors)} monitors, {self.requests} requests, "
            f"{self.told} events, {self.association.unreadable} unreadable"
        )

    # The session

    def _begun(self, account: Account, edition: Edition) -> None:
        self.association.edition = edition
        self.association.follows = False
        log.info("CSTA session of {name} from {address}", name=account.name, address=self.address)

    def _ended(self, why: str) -> None:
        if why == "sessionTimerExpired":
            self.terminate(TermReason(defined_term_reason=why))
        else:
            self._close(why)

    # Requests

    def _take(self, invoke_id: int, message: Message) -> None:
        if not self._is_within_rate():
            self.association.refuse(invoke_id, PERFORMANCE_LIMIT)
            self._refused += 1
            if self._refused > MOST_REFUSED:
                self._close("too many requests")
            return
        self._refused = 0
        self.requests += 1
        if self.session.take(invoke_id, message):
            return
        if isinstance(message, y.SystemStatus):
            self.association.respond(invoke_id, y.SystemStatusResponse())
            return
        account = self.session.account
        if not self.session.is_open or account is None:
            self.association.refuse(invoke_id, SECURITY_VIOLATION)
            self.association.unreadable += 1
            return
        try:
            self._serve(invoke_id, message, account)
        except CstaError as error:
            self.association.refuse(invoke_id, error.error)
        except ServiceError as error:
            self.association.refuse(invoke_id, error_value(error.failure))

    def _is_within_rate(self) -> bool:
        now, rate = self._server.clock.seconds(), self._server.limits.requests_per_second
        used = max(0.0, self._used - (now - self._used_at) * rate)
        self._used_at = now
        is_within = used + 1 <= max(rate * BURST_SECONDS, 1.0)
        self._used = used + 1 if is_within else used
        return is_within

    def _serve(self, invoke_id: int, message: Message, account: Account) -> None:
        """Raises CstaError, ServiceError."""
        answer: Message
        match message:
            case m.MonitorStart():
                self._monitor_start(invoke_id, message)
                return
            case m.MonitorStop():
                answer = self._monitor_stop(message)
            case m.SnapshotDevice():
                self._respond_in_parts(invoke_id, self._snapshot_device(message))
                return
            case m.SnapshotCall():
                self._respond_in_parts(invoke_id, self._snapshot_call(message))
                return
            case y.RequestSystemStatus():
                answer = y.RequestSystemStatusResponse(system_status="normal")
            case y.SystemRegister():
                answer = self._register(message)
            case y.SystemRegisterCancel():
                answer = self._register_no_more()
            case y.GetCSTAFeatures():
                answer = features_of(account)
            case _:
                self._change(invoke_id, message, account)
                return
        self.association.respond(invoke_id, answer)

    def _change(self, invoke_id: int, message: Message, account: Account) -> None:
        """What not everybody may do: services of the port, routeing. Raises CstaError, ServiceError."""
        does = self._server.services.does(message)
        if does is None and not isinstance(message, ROUTEING):
            raise CstaError(NOT_SUPPORTED, f"{message.root} is not served")
        if not account.may_steer and not isinstance(message, READING):
            raise CstaError(error_value(Failure.PRIVILEGE_VIOLATION), f"{account.name} may only watch")
        check_request(message, self._lines, self._server.device_of)
        if does is not None:
            self._do(invoke_id, message, does, account)
        elif (answer := self._server.routeing.take(self, message)) is not None:
            self.association.respond(invoke_id, answer)

    def _do(self, invoke_id: int, message: Message, does: Does, account: Account) -> None:
        """A service of the port; its answer may take a while. Raises CstaError."""
        if self._under_way >= MOST_UNDER_WAY:
            raise CstaError(OUTSTANDING_LIMIT, "Too many requests are under way")
        self._under_way += 1
        log.debug("{name} from {address}: {request}", name=account.name, address=self.address, request=message)
        service = partial(_whole, does, self._server.services, message)
        done = Deferred.fromCoroutine(patiently(self._server.clock, service, SteeredError))
        self._server.monitors.look_again()
        done.addBoth(self._done, invoke_id, message.root)

    def _done(self, result: Any, invoke_id: int, name: str) -> None:
        self._under_way -= 1
        if not isinstance(result, Why):
            self.association.respond(invoke_id, result)
        elif isinstance(result.value, ServiceError):
            self.association.refuse(invoke_id, error_value(result.value.failure))
        elif isinstance(result.value, CstaError):
            self.association.refuse(invoke_id, result.value.error)
        else:
            log.failure("{request} of a CSTA client failed", result, request=name)
            self.association.refuse(invoke_id, GENERIC)

    # Monitors and snapshots

    def _tell(self, message: Message) -> None:
        self.told += 1
        self.association.tell(message)

    def _monitor_start(self, invoke_id: int, asked: m.MonitorStart) -> None:
        """What is told at once is that the device is out of service: there is no request that asks for it."""
        if len(self._monitors) >= self._server.limits.monitors:
            raise CstaError(MONITOR_LIMIT, f"{self.name} has too many monitors")
        device = call_id = ""
        if asked.monitor_object.device_object is not None:
            device = self._server.device_of(asked.monitor_object.device_object.number)
            check_device(device, self._lines)
        elif asked.monitor_object.call_object is not None:
            call_id = asked.monitor_object.call_object.call_id
            if not any(call.id == call_id for call in self._server.switch.calls()):
                raise ServiceError(Failure.INVALID_CALL, f"There is no call {call_id[:60]}")
        else:
            raise CstaError(INVALID_MONITOR_OBJECT, "Neither a device nor a call")
        is_of_calls = bool(call_id) or asked.monitor_type == "call"
        if is_of_calls and self._lines is not None:
            raise CstaError(NO_CALL_MONITORS, f"{self.name} may follow no calls")
        left_out = frozenset(name for _, names in asked.requested_monitor_filter or () for name in names)
        if "transferred" in left_out:
            # As filters spell it; the event itself has one r.
            left_out |= {"transfered"}
        monitor = self._server.monitors.start(self._tell, device, call_id, is_of_calls, left_out)
        self._monitors[monitor.cross_ref] = monitor
        response = m.MonitorStartResponse(
            monitor_cross_ref_id=monitor.cross_ref, actual_monitor_filter=asked.requested_monitor_filter,
            monitor_existing_calls=True,
        )  # fmt: skip
        self.association.respond(invoke_id, response)
        if device and self._server.is_line(device) and not self._server.switch.in_service(device):
            self._tell(OutOfServiceEvent(monitor_cross_ref_id=monitor.cross_ref, device=subject(device)))

    def _monitor_stop(self, asked: m.MonitorStop) -> Message:
        monitor = self._monitors.pop(asked.monitor_cross_ref_id, None)
        if monitor is None:
            raise CstaError(INVALID_CROSS_REFERENCE, "There is no such monitor of this client")
        self._server.monitors.end(monitor)
        return m.MonitorStopResponse()

    def _snapshot_device(self, asked: m.SnapshotDevice) -> list[Message]:
        device = self._server.device_of(asked.snapshot_object.number)
        check_device(device, self._lines)
        return device_snapshot(self._server.monitors.calls_at(device), device, self._server.next_reference())

    def _snapshot_call(self, asked: m.SnapshotCall) -> list[Message]:
        call_id = asked.snapshot_object.call_id
        for call in self._server.switch.calls():
            if call.id == call_id:
                check_call(call, self._lines)
                return call_snapshot(call, self._server.next_reference())
        raise ServiceError(Failure.INVALID_CALL, f"There is no call {call_id[:60]}")

    def _respond_in_parts(self, invoke_id: int, messages: list[Message]) -> None:
        response, *parts = messages
        self.association.respond(invoke_id, response)
        for part in parts:
            self.association.tell(part)

    # Status

    def _register(self, asked: y.SystemRegister) -> Message:
        if not self._registration:
            self._registration = self._server.next_reference()
        wants = asked.request_types is None or asked.request_types.system_status is not False
        if wants and self._heartbeat is None:
            self._beat_later()
        return y.SystemRegisterResponse(sys_stat_register_id=self._registration)

    def _register_no_more(self) -> Message:
        self._registration = ""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None
        return y.SystemRegisterCancelResponse()

    def _beat_later(self) -> None:
        self._heartbeat = self._server.clock.callLater(self._server.limits.heartbeat, self._beat)

    def _beat(self) -> None:
        """A sign of life, which is to be answered."""
        self._beat_later()
        status = y.SystemStatus(sys_stat_register_id=self._registration, system_status="normal")
        self.association.request(status).addErrback(self._unanswered)

    def _unanswered(self, failure: Why) -> None:
        failure.trap(ServiceError)
        if self._heartbeat is None:
            return
        log.info("CSTA client {name} at {address} shows no sign of life", name=self.name, address=self.address)
        self._close("no sign of life")


async def _whole(does: Does, services: CallControlOf, message: Message) -> Message:
    return await does(services, message)
