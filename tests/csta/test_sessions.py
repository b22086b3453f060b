"""Application sessions, signs of life, and what a client may not do: each with what it is told."""

from typing import Any

from twisted.internet.defer import Deferred

from magroup.csta import call_control_messages as c
from magroup.csta import monitoring_messages as m
from magroup.csta import session_messages as s
from magroup.csta import system_messages as y
from magroup.csta.accounts import Account
from magroup.csta.codec import build
from magroup.csta.edition import Edition, LoginForm
from magroup.csta.framing import pack
from magroup.csta.limits import (
    CLOSING_SECONDS,
    INCOMPLETE_SECONDS,
    LOGIN_SECONDS,
    MOST_LOGINS,
    MOST_REFUSED,
    MOST_UNDER_WAY,
    MOST_UNREADABLE,
    Limits,
)
from magroup.csta.values import DeviceId
from magroup.cti.errors import ServiceError
from tests.csta.peer import ServerCase, at

STATUS = y.RequestSystemStatus()


class SessionTests(ServerCase):
    def error(self, response: Any) -> str:
        return str(response.error_code.defined_error)

    def test_begin_and_end(self) -> None:
        peer = self.peer()
        response = peer.log_in()
        self.assertEqual(response.actual_protocol_version, Edition.ED4.namespace)
        self.assertEqual(response.actual_session_duration, 180)
        self.assertEqual(len(self.server.describe()), 1)
        self.assertIn("recorder open", self.server.describe()[0])
        stop = s.StopApplicationSession(session_id=response.session_id)
        self.assertEqual(peer.request(stop), s.StopApplicationSessionPosResponse())
        self.assertTrue(peer.wire.is_closed)

    def test_every_login_form(self) -> None:
        for form in (LoginForm.AVAYA, LoginForm.ELTEX, LoginForm.OPENSCAPE):
            self.assertIsInstance(self.peer().log_in(form=form), s.StartApplicationSessionPosResponse)

    def test_versions(self) -> None:
        """The first that is known here."""
        for versions, edition in (
            (("http://www.avaya.com/csta/unknown", Edition.ED3.namespace, Edition.ED6.namespace), Edition.ED3),
            ((), Edition.ED4),
        ):
            peer = self.peer("127.0.0.1")
            self.assertEqual(peer.start(versions=versions).actual_protocol_version, edition.namespace)
            peer.association._send(5, STATUS)
            peer.protocol.dataReceived(peer._queue.pop())
            self.assertIn(edition.namespace.encode(), peer.raw()[0].body)
        response = self.peer("127.0.0.1").start(versions=("urn:something",))
        self.assertEqual(self.error(response), "requestedProtocolVersionNotSupported")

    def test_wrong_password(self) -> None:
        """After a few attempts the connection is closed."""
        peer = self.peer()
        for _ in range(MOST_LOGINS):
            self.assertFalse(peer.wire.is_closed)
            self.assertEqual(self.error(peer.log_in(password="wrong")), "invalidApplicationInfo")
        self.assertTrue(peer.wire.is_closed)

    def test_no_login(self) -> None:
        self.assertEqual(self.error(self.peer().start()), "invalidApplicationInfo")

    def test_trusted(self) -> None:
        """An address that needs no login, with a session or without one."""
        self.assertIsInstance(self.peer("127.0.0.1").start(), s.StartApplicationSessionPosResponse)
        peer = self.peer("127.0.0.1", Edition.ED3)
        peer.monitor("3001")
        self.in_call()
        (frame,) = peer.raw()
        self.assertIn(Edition.ED3.namespace.encode(), frame.body, "the edition that it writes in")

    def test_nothing_before_the_session(self) -> None:
        peer = self.peer()
        for message in (STATUS, m.MonitorStart(monitor_object=m.MonitorObject(device_object=DeviceId("3001"))),
                        c.AnswerCall(call_to_be_answered=at("1", "3001"))):  # fmt: skip
            self.assertIn("securityViolation", self.refused(peer, message))
        self.assertIsInstance(peer.log_in(), s.StartApplicationSessionPosResponse)
        self.assertEqual(peer.request(STATUS).system_status, "normal")

    def test_second_session(self) -> None:
        peer = self.client()
        self.assertEqual(self.error(peer.log_in()), "maxNumberSessions")

    def test_slow_password(self) -> None:
        """Requests meanwhile are refused; who goes away is not let in."""
        waits: Deferred[Account] = Deferred()

        async def slow(user: str, password: str, address: str) -> Account:
            return await waits

        self.server.admit = slow
        peer = self.peer()
        login = s.ApplicationInfo(login=s.Login("recorder", "secret"))
        peer.association.request(s.StartApplicationSession(application_info=login)).addErrback(lambda failure: None)
        peer.pump()
        self.assertIn("securityViolation", self.refused(peer, STATUS))
        peer.wire.loseConnection()
        peer.association.end("gone")
        waits.callback(Account("recorder", True))
        self.assertEqual(self.server.describe(), [])

    def test_password_that_cannot_be_looked_at(self) -> None:
        async def broken(user: str, password: str, address: str) -> Account:
            raise ZeroDivisionError

        self.server.admit = broken
        self.assertEqual(self.error(self.peer().log_in()), "serverResourcesBusy")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_timer(self) -> None:
        peer = self.peer()
        session = peer.log_in().session_id
        for _ in range(3):
            self.clock.advance(120)
            reset = s.ResetApplicationSessionTimer(session_id=session, requested_session_duration=100_000)
            self.assertEqual(peer.request(reset).actual_session_duration, 180)
        self.clock.advance(180)
        self.assertTrue(peer.wire.is_closed)
        (over,) = peer.events(s.ApplicationSessionTerminated)
        assert over.session_term_reason is not None
        self.assertEqual(over.session_term_reason.defined_term_reason, "sessionTimerExpired")

    def test_other_sessions(self) -> None:
        peer = self.client()
        for kind in (s.ResetApplicationSessionTimer, s.StopApplicationSession):
            self.assertEqual(self.error(peer.request(kind(session_id="77"))), "invalidSessionID")
        self.assertFalse(peer.wire.is_closed)

    def test_nothing_behind_the_end(self) -> None:
        """What comes in the same piece as the end of the session."""
        peer = self.client()
        call = c.MakeCall(calling_device=DeviceId("3001"), called_directory_number=DeviceId("3002"))
        stop = s.StopApplicationSession(session_id=str(max(self.server.clients)))
        peer.send(pack(1, build(stop, Edition.ED4)) + pack(2, build(call, Edition.ED4)))
        self.assertTrue(peer.wire.is_closed)
        self.assertEqual(self.switch.calls(), ())

    def test_admitted_no_more(self) -> None:
        """Who is taken out of the settings; who may only watch from now on."""
        one, other, waits = self.client(), self.client("dashboard"), self.peer()
        self.server.admit_again(lambda account, address: None if account.name == "dashboard" else Account("x", False))
        self.assertEqual([peer.wire.is_closed for peer in (one, other, waits)], [False, True, False])
        self.assertEqual(len(other.events(s.ApplicationSessionTerminated)), 1)
        call = c.MakeCall(calling_device=DeviceId("3001"), called_directory_number=DeviceId("3002"))
        self.assertIn("privilegeViolation", self.refused(one, call))

    def test_stop(self) -> None:
        """Every client is told."""
        peers = [self.client(), self.client("dashboard"), self.peer()]
        self.terminate()
        self.successResultOf(self.stopped)
        for peer in peers:
            self.assertTrue(peer.wire.is_closed)
        self.assertEqual([len(peer.events(s.ApplicationSessionTerminated)) for peer in peers], [1, 1, 0])
        self.assertIsNone(self.peer().protocol)
        self.in_call()


class HeartbeatTests(ServerCase):
    def test_both_ways(self) -> None:
        peer = self.client()
        self.assertEqual(peer.request(y.SystemStatus()), y.SystemStatusResponse())
        registration = peer.request(y.SystemRegister()).sys_stat_register_id
        self.clock.advance(60)
        (status,) = peer.events(y.SystemStatus)
        self.assertEqual((status.sys_stat_register_id, status.system_status), (registration, "normal"))
        self.assertEqual(peer.request(y.SystemRegister()).sys_stat_register_id, registration)
        self.clock.advance(60)
        self.assertEqual(len(peer.events(y.SystemStatus)), 2)
        peer.request(y.SystemRegisterCancel(sys_stat_register_id=registration))
        self.clock.advance(59)
        self.assertEqual(len(peer.events(y.SystemStatus)), 2)

    def test_not_wanted(self) -> None:
        peer = self.client()
        types = y.RequestTypes(system_status=False, request_system_status=True)
        self.assertTrue(peer.request(y.SystemRegister(request_types=types)).sys_stat_register_id)
        self.clock.advance(100)
        self.assertEqual(peer.names(), [])

    def test_no_answer(self) -> None:
        peer = self.client()
        peer.answers_status = False
        peer.request(y.SystemRegister())
        self.clock.advance(60)
        peer.pump()
        self.clock.advance(20)
        self.assertTrue(peer.wire.is_closed)


class LimitTests(ServerCase):
    limits = Limits(clients=4, clients_per_address=2, monitors=3, requests_per_second=10.0, unsent=10_000)

    def test_clients(self) -> None:
        places = ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
        peers = [self.peer(place) for place in places]
        self.assertEqual([peer.protocol is not None for peer in peers], [True, True, False, True, True, False])
        peers[0].wire.loseConnection()
        self.assertIsNotNone(self.peer("10.0.0.1").protocol)

    def test_monitors(self) -> None:
        peer = self.client()
        for _ in range(3):
            reference = peer.monitor("3001")
        more = m.MonitorStart(monitor_object=m.MonitorObject(device_object=DeviceId("3001")))
        self.assertIn("<systemResourceAvailibility>overallMonitorLimitExceeded", self.refused(peer, more))
        peer.request(m.MonitorStop(monitor_cross_ref_id=reference))
        peer.monitor("3001")

    def test_rate(self) -> None:
        """Who was quiet may ask more at once; then no faster than that."""
        peer = self.client()
        for _ in range(99):
            peer.request(STATUS)
        for _ in range(3):
            self.assertIn("<performanceManagement>performanceLimitExceeded", self.refused(peer, STATUS))
        self.clock.advance(0.5)
        for _ in range(5):
            peer.request(STATUS)
        self.refused(peer, STATUS)

    def test_flood(self) -> None:
        peer = self.client()
        peer.send(pack(1, build(STATUS, Edition.ED4)) * (MOST_REFUSED + 200))
        self.assertTrue(peer.wire.is_closed)

    def test_garbage(self) -> None:
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\0\1\0\x10....", b"\xff" * 100):
            peer = self.peer()
            peer.send(garbage)
            self.assertTrue(peer.wire.is_closed)

    def test_unreadable(self) -> None:
        peer = self.peer()
        peer.send(pack(1, b"<broken") * MOST_UNREADABLE)
        self.assertFalse(peer.wire.is_closed)
        peer.send(pack(1, b"<broken"))
        self.assertTrue(peer.wire.is_closed)

    def test_does_not_read(self) -> None:
        """What it is told waits up to a limit; then it is cut, and its monitors are gone."""
        peer = self.client()
        peer.monitor("3001")
        peer.protocol.pauseProducing()
        for _ in range(4):
            self.switch.device_hangs_up(self.in_call(), "2001")
        self.assertFalse(peer.wire.is_closed)
        peer.protocol.resumeProducing()
        peer.protocol.pauseProducing()
        for _ in range(30):
            self.switch.device_hangs_up(self.in_call(), "2001")
        self.assertTrue(peer.wire.was_aborted)
        self.assertEqual(len(self.server.monitors), 0)

    def test_no_session_in_time(self) -> None:
        peer, trusted, client = self.peer(), self.peer("127.0.0.1"), self.client()
        for _ in range(int(LOGIN_SECONDS) + 2):
            self.clock.advance(1)
        self.assertEqual([one.wire.is_closed for one in (peer, trusted, client)], [True, False, False])

    def test_half_a_frame(self) -> None:
        peer = self.client()
        peer.send(b"\0\0\0\x40")
        for _ in range(int(INCOMPLETE_SECONDS) + 2):
            self.clock.advance(1)
        self.assertTrue(peer.wire.is_closed)

    def test_closing_that_takes_long(self) -> None:
        peer = self.client()
        end = peer.wire.loseConnection
        peer.wire.loseConnection = lambda: None  # type: ignore[method-assign]
        peer.protocol.close("enough")
        peer.send(b"whatever")
        peer.wire.loseConnection = end  # type: ignore[method-assign]
        for _ in range(int(CLOSING_SECONDS) + 2):
            self.clock.advance(1)
        self.assertTrue(peer.wire.was_aborted)

    def test_under_way(self) -> None:
        waits: Deferred[None] = Deferred()

        async def slow(connection: Any) -> None:
            await waits

        self.switch.hold_call = slow  # type: ignore[method-assign]
        peer = self.client()
        hold = c.HoldCall(call_to_be_held=at("1", "3001"))
        found: list[Any] = []
        for _ in range(MOST_UNDER_WAY + 1):
            peer.association.request(hold).addBoth(found.append)
        peer.pump()
        (refused,) = found
        refused.trap(ServiceError)
        waits.callback(None)
        peer.pump()
        self.assertEqual(found[1:], [c.HoldCallResponse()] * MOST_UNDER_WAY)


class FloodOfEvents(ServerCase):
    def test_one_client_fails(self) -> None:
        """The others hear all the same."""
        one, other = self.client(), self.client()
        one.monitor("3001")
        other.monitor("3001")
        self.server.clients[1].association.tell = self._fail  # type: ignore[method-assign]
        self.in_call()
        self.assertEqual(len(other.names()), 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    @staticmethod
    def _fail(message: Any) -> None:
        raise ZeroDivisionError


