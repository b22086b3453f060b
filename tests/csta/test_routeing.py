"""Calls that clients route: who is asked, what comes of the answer, and of none."""

from typing import Any

from magroup.csta import routeing_messages as r
from magroup.csta.errors import ErrorValue
from magroup.csta.routeing import MOST_REGISTRATIONS, ROUTE_SECONDS
from magroup.csta.values import DeviceId, subject
from magroup.cti.events import CallCleared, Delivered, Event
from magroup.cti.switch import Accept
from magroup.cti.types import Cause
from tests.csta.peer import Peer, ServerCase, at

POINT, OTHER = "8500", "8501"
CALLER = "0315311111"


class RouteingTests(ServerCase):
    def setUp(self) -> None:
        super().setUp()
        self.points = (POINT, OTHER)
        self.switch.route_register(self.points)
        self.events: list[Event] = []
        self.switch.monitor_start(self.events.append)

    def tearDown(self) -> None:
        super().tearDown()
        self.assertFalse(any(self.switch.describe().values()))

    def register(self, peer: Peer, number: str = "") -> str:
        device = DeviceId(number) if number else None
        return str(peer.request(r.RouteRegister(routeing_device=device)).route_register_req_id)

    def asked(self, peer: Peer) -> Any:
        """The only request of this client."""
        (request,) = peer.events(r.RouteRequest)
        return request

    def say(self, peer: Peer, message: Any) -> None:
        """What has no response."""
        peer.association._send(7, message)
        peer.protocol.dataReceived(peer._queue.pop(0))

    def cause(self) -> Cause:
        (over,) = [event for event in self.events if isinstance(event, CallCleared)]
        return over.cause

    def test_routed(self) -> None:
        peer = self.client()
        registration = self.register(peer, POINT)
        call_id = self.switch.arrive(CALLER, POINT)
        request = self.asked(peer)
        self.assertEqual(request, r.RouteRequest(
            cross_ref_identifier=request.cross_ref_identifier, route_register_req_id=registration,
            current_route=subject(POINT), calling_device=subject(CALLER), routeing_device=subject(POINT),
            routed_call=at(call_id, POINT),
        ))  # fmt: skip
        self.assertIs(self.switch.accepted(call_id), Accept.RINGING)
        select = r.RouteSelect(cross_ref_identifier=request.cross_ref_identifier, route_selected=DeviceId("3001"))
        self.say(peer, select)
        self.assertEqual([event.device for event in self.events if isinstance(event, Delivered)], ["3001"])
        (end,) = peer.events(r.RouteEnd)
        self.assertEqual((end.cross_ref_identifier, end.error_value), (request.cross_ref_identifier, None))
        self.assertIn("invalidRouteingCrossReferenceID", self.refused(peer, select))
        self.switch.device_hangs_up(call_id, "3001")

    def test_ended_by_the_client(self) -> None:
        peer = self.client()
        self.register(peer)
        self.switch.arrive(CALLER, POINT)
        self.say(peer, r.RouteEnd(cross_ref_identifier=self.asked(peer).cross_ref_identifier))
        self.assertIs(self.cause(), Cause.DEST_NOT_OBTAINABLE)
        self.assertEqual(peer.events(r.RouteEnd), [])

    def test_no_word(self) -> None:
        peer = self.client()
        self.register(peer)
        self.switch.arrive(CALLER, POINT)
        self.clock.advance(ROUTE_SECONDS)
        (end,) = peer.events(r.RouteEnd)
        self.assertEqual(end.error_value, ErrorValue("operation", "routeingTimerExpired"))
        self.assertIs(self.cause(), Cause.DEST_NOT_OBTAINABLE)

    def test_caller_gives_up(self) -> None:
        peer = self.client()
        self.register(peer)
        call_id = self.switch.arrive(CALLER, POINT)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(len(peer.events(r.RouteEnd)), 1)

    def test_nobody(self) -> None:
        self.switch.arrive(CALLER, POINT)
        self.assertIs(self.cause(), Cause.DEST_NOT_OBTAINABLE)

    def test_who_is_asked(self) -> None:
        """The newest for the number, then who takes all; when one goes away the next."""
        everything, first, second = self.client(), self.client(), self.client()
        self.register(everything)
        self.register(first, POINT)
        self.register(second, POINT)
        call_id = self.switch.arrive(CALLER, POINT)
        self.switch.arrive(CALLER, OTHER)
        self.assertEqual([len(one.events(r.RouteRequest)) for one in (everything, first, second)], [1, 0, 1])
        second.wire.loseConnection()
        self.assertEqual(len(first.events(r.RouteRequest)), 1)
        first.wire.loseConnection()
        self.assertEqual(len(everything.events(r.RouteRequest)), 2)
        everything.wire.loseConnection()
        self.assertEqual(self.switch.calls(), ())
        self.assertTrue(call_id)

    def test_cancelled(self) -> None:
        peer, other = self.client(), self.client()
        registration = self.register(peer, POINT)
        cancel = r.RouteRegisterCancel(route_register_req_id=registration)
        self.assertIn("invalidRouteRegistrationCrossReferenceID", self.refused(other, cancel))
        self.assertEqual(peer.request(cancel), r.RouteRegisterCancelResponse())
        self.assertIn("invalidRouteRegistrationCrossReferenceID", self.refused(peer, cancel))
        self.switch.arrive(CALLER, POINT)
        self.assertEqual(peer.events(r.RouteRequest), [])

    def test_refused(self) -> None:
        peer, other, watcher = self.client(), self.client(), self.client("dashboard")
        self.assertIn("invalidDeviceID", self.refused(peer, r.RouteRegister(routeing_device=DeviceId("3001"))))
        self.assertIn("privilegeViolation", self.refused(watcher, r.RouteRegister()))
        self.register(peer)
        call_id = self.switch.arrive(CALLER, POINT)
        reference = self.asked(peer).cross_ref_identifier
        for number in ("", "nowhere", POINT, "1" * 40):
            select = r.RouteSelect(cross_ref_identifier=reference, route_selected=DeviceId(number))
            self.assertIn("invalidDestination", self.refused(peer, select))
        select = r.RouteSelect(cross_ref_identifier=reference, route_selected=DeviceId("3001"))
        self.assertIn("invalidRouteingCrossReferenceID", self.refused(other, select))
        self.assertIn("privilegeViolation", self.refused(watcher, select))
        self.say(peer, select)
        self.switch.device_hangs_up(call_id, "3001")

    def test_too_many(self) -> None:
        peer = self.client()
        for _ in range(MOST_REGISTRATIONS):
            self.register(peer)
        self.assertIn("outstandingRequestsLimitExceeded", self.refused(peer, r.RouteRegister()))

    def test_other_route_points(self) -> None:
        """Those of groups are none of the clients' business."""
        self.points = (OTHER,)
        peer = self.client()
        self.register(peer)
        call_id = self.switch.arrive(CALLER, POINT)
        self.assertEqual(peer.events(r.RouteRequest), [])
        self.switch.caller_hangs_up(call_id)
