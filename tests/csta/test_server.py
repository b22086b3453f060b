"""The switch offered over CSTA: monitors, snapshots, services, as one client after another sees them."""

from typing import Any

from twisted.internet.defer import Deferred

from magroup.csta import call_control_messages as c
from magroup.csta import event_messages as e
from magroup.csta import feature_messages as f
from magroup.csta import monitoring_messages as m
from magroup.csta.edition import Edition
from magroup.csta.snapshots import SEGMENT
from magroup.csta.system_messages import GetCSTAFeatures, RequestSystemStatus
from magroup.csta.values import ConnectionID, DeviceId, subject
from magroup.cti.errors import Failure, SteeredError
from magroup.cti.patience import LONGEST_WAIT, PAUSE
from magroup.cti.switch import Ring
from magroup.cti.types import ConnectionState, Party
from tests.csta.peer import ServerCase, ServiceError, at


class MonitorTests(ServerCase):
    def test_plain_call(self) -> None:
        """In order, each with the state of the monitored device."""
        caller, called = self.client(), self.client("dashboard")
        first, second = caller.monitor("2001"), called.monitor("3001")
        call_id = self.in_call()
        self.switch.device_answers(call_id, "3001")
        self.switch.device_hangs_up(call_id, "3001")
        (delivered,) = called.events(e.DeliveredEvent)
        self.assertEqual(delivered, e.DeliveredEvent(
            monitor_cross_ref_id=second, connection=at(call_id, "3001"), alerting_device=subject("3001"),
            calling_device=subject("2001"), called_device=subject("3001"),
            last_redirection_device=delivered.last_redirection_device, local_connection_info="alerting",
            cause=delivered.cause,
        ))  # fmt: skip
        self.assertEqual(called.names(), [
            "DeliveredEvent alerting", "EstablishedEvent connected", "ConnectionClearedEvent null",
        ])  # fmt: skip
        self.assertEqual({one.monitor_cross_ref_id for one in caller.events(e.MonitorEvent)}, {first})  # type: ignore[type-abstract]
        self.assertEqual(caller.names(), [
            "OriginatedEvent connected", "DeliveredEvent connected", "EstablishedEvent connected",
            "ConnectionClearedEvent connected", "ConnectionClearedEvent null",
        ])  # fmt: skip

    def test_nothing_of_others(self) -> None:
        peer = self.client()
        peer.monitor("3003")
        self.in_call()
        self.assertEqual(peer.names(), [])

    def test_stop(self) -> None:
        peer = self.client()
        reference = peer.monitor("3001")
        peer.request(m.MonitorStop(monitor_cross_ref_id=reference))
        self.in_call()
        self.assertEqual(peer.names(), [])
        stop = m.MonitorStop(monitor_cross_ref_id=reference)
        self.assertIn("invalidMonitorCrossReferenceID", self.refused(peer, stop))

    def test_of_another_client(self) -> None:
        """Cross references belong to who got them."""
        one, other = self.client(), self.client()
        reference = one.monitor("3001")
        self.refused(other, m.MonitorStop(monitor_cross_ref_id=reference))
        self.in_call()
        self.assertEqual(len(one.names()), 1)

    def test_filter(self) -> None:
        """What is true is left out."""
        peer = self.client()
        peer.monitor("2001", requested_monitor_filter=(("callcontrol", ("delivered", "originated")),))
        call_id = self.in_call()
        self.switch.device_answers(call_id, "3001")
        self.assertEqual(peer.names(), ["EstablishedEvent connected"])

    def test_call(self) -> None:
        """To its end, wherever it goes; then the monitor is over."""
        peer = self.client()
        call_id = self.in_call()
        monitored = m.MonitorObject(call_object=ConnectionID(call_id))
        reference = peer.request(m.MonitorStart(monitor_object=monitored, monitor_type="call")).monitor_cross_ref_id
        self.switch.device_answers(call_id, "3001")
        self.switch.device_hangs_up(call_id, "2001")
        self.assertEqual(peer.events(m.MonitorStop), [m.MonitorStop(monitor_cross_ref_id=reference)])
        names = ["EstablishedEvent", "ConnectionClearedEvent", "ConnectionClearedEvent", "CallClearedEvent"]
        self.assertEqual(peer.names(), [*names, "MonitorStop"])
        stop = m.MonitorStop(monitor_cross_ref_id=reference)
        self.assertIn("invalidMonitorCrossReferenceID", self.refused(peer, stop))

    def test_calls_of_a_device(self) -> None:
        """It follows them when the device has left, also those that were up before."""
        peer = self.client()
        call_id = self.in_call()
        peer.monitor("3001", "call")
        self.switch.device_answers(call_id, "3001")
        mine = at(call_id, "3001")
        peer.request(c.SingleStepTransferCall(active_call=mine, transferred_to=DeviceId("3002")))
        self.switch.device_answers(call_id, "3002")
        self.switch.device_hangs_up(call_id, "2001")
        self.assertEqual(peer.events(e.CallClearedEvent)[0].cleared_call, ConnectionID(call_id))
        self.assertIn("TransferedEvent", [name.split()[0] for name in peer.names()])

    def test_unknown(self) -> None:
        peer = self.client()
        for monitored, value in (
            (m.MonitorObject(device_object=DeviceId("7777")), "invalidDeviceID"),
            (m.MonitorObject(device_object=DeviceId("")), "invalidDeviceID"),
            (m.MonitorObject(call_object=ConnectionID("none")), "invalidCallID"),
            (m.MonitorObject(), "invalidMonitorObject"),
        ):
            self.assertIn(value, self.refused(peer, m.MonitorStart(monitor_object=monitored)))

    def test_spelling(self) -> None:
        """As other switches spell it."""
        peer = self.client()
        peer.monitor("N<3001>;displayNumber=3001;noa=nk")
        peer.monitor("tel:3001;phone-context=dialstring")
        self.in_call()
        self.assertEqual(len(peer.names()), 2)

    def test_transfer(self) -> None:
        """Who goes on, with the calls they were in."""
        peer = self.client()
        peer.monitor("2001")
        call_id = self.in_call()
        self.switch.device_answers(call_id, "3001")
        held = at(call_id, "3001")
        active = peer.request(c.ConsultationCall(existing_call=held, consulted_device=DeviceId("3002"))).initiated_call
        self.switch.device_answers(active.call_id, "3002")
        new = peer.request(c.TransferCall(held_call=held, active_call=active)).transferred_call
        self.assertEqual(new, at(call_id, "3002"))
        (event,) = peer.events(e.TransferedEvent)
        self.assertEqual((event.primary_old_call, event.secondary_old_call), (held, active))
        self.assertEqual(event.transferred_to_device, subject("3002"))
        self.assertEqual(set(event.transferred_connections or ()), {
            e.ConnectionListItem(new_connection=at(call_id, "2001"), old_connection=at(call_id, "2001")),
            e.ConnectionListItem(new_connection=at(call_id, "3002"), old_connection=at(active.call_id, "3002")),
        })  # fmt: skip

    def test_route_point(self) -> None:
        """The dialled number is known at the phone that rings for it."""
        self.switch.route_register(["8001"])
        peer = self.client()
        peer.monitor("3001")
        call_id = self.switch.arrive("0315311111", "8001")
        self.switch.ring(call_id, [Ring("3001", Party("0315311111"))])
        point = self.client()
        self.switch.set_in_service("8001")
        point.monitor("8001")
        (event,) = peer.events(e.DeliveredEvent)
        self.switch.device_answers(call_id, "3001")
        self.assertEqual(point.names(), ["DivertedEvent null", "EstablishedEvent null"])
        self.assertEqual(event.last_redirection_device, subject("8001"))
        self.assertEqual(event.called_device, subject("8001"))

    def test_devices(self) -> None:
        peer = self.client()
        peer.monitor("3001")
        self.switch.set_in_service("3001", False)
        self.switch.set_in_service("3001", True)
        device = DeviceId("3001")
        peer.request(f.SetDoNotDisturb(device=device, do_not_disturb_on=True))
        self.assertTrue(peer.request(f.GetDoNotDisturb(device=device)).do_not_disturb_on)
        peer.request(f.SetForwarding(device=device, activate_forward=True, forward_dn=DeviceId("3002")))
        (event,) = peer.events(e.ForwardingEvent)
        self.assertEqual((event.forward_status, event.forward_to), (True, DeviceId("3002")))
        (item,) = peer.request(f.GetForwarding(device=device)).forwarding_list
        self.assertEqual((item.forward_status, item.forward_dn), (True, DeviceId("3002")))
        peer.request(f.SetForwarding(device=device, activate_forward=False))
        (item,) = peer.request(f.GetForwarding(device=device)).forwarding_list
        self.assertEqual((item.forward_status, item.forward_dn), (False, None))
        names = ["OutOfServiceEvent", "BackInServiceEvent", "DoNotDisturbEvent", "ForwardingEvent", "ForwardingEvent"]
        self.assertEqual(peer.names(), names)

    def test_edition(self) -> None:
        peer = self.client(edition=Edition.ED6)
        peer.monitor("3001")
        self.in_call()
        (frame,) = peer.raw()
        self.assertEqual(frame.invoke_id, 9999)
        self.assertIn(Edition.ED6.namespace.encode(), frame.body)


class ServiceTests(ServerCase):
    def test_every_service(self) -> None:
        """A call from its making to its end, each step by a service."""
        peer = self.client()

        def states(call_id: str) -> dict[str, str]:
            return {one.id.device: one.state.value for call in self.switch.calls() if call.id == call_id
                    for one in call.connections}  # fmt: skip

        call = c.MakeCall(calling_device=DeviceId("2001"), called_directory_number=DeviceId("3001"))
        mine = peer.request(call).calling_device
        call_id = mine.call_id
        self.switch.device_answers(call_id, "2001")
        peer.request(c.DeflectCall(call_to_be_diverted=at(call_id, "3001"), new_destination=DeviceId("3002")))
        picked = c.DirectedPickupCall(call_to_be_picked_up=at(call_id, "3002"), requesting_device=DeviceId("3003"))
        self.assertEqual(peer.request(picked).picked_call, at(call_id, "3003"))
        self.switch.device_answers(call_id, "3003")
        self.assertEqual(states(call_id), {"2001": "connected", "3003": "connected"})
        peer.request(c.GenerateDigits(connection_to_send_digits=mine, characters_to_send="12#"))
        peer.request(c.HoldCall(call_to_be_held=mine))
        self.assertEqual(states(call_id)["2001"], "hold")
        peer.request(c.RetrieveCall(call_to_be_retrieved=mine))
        active = peer.request(c.ConsultationCall(existing_call=mine, consulted_device=DeviceId("3001"))).initiated_call
        peer.request(c.AnswerCall(call_to_be_answered=at(active.call_id, "3001")))
        peer.request(c.AlternateCall(held_call=mine, active_call=active))
        self.assertEqual(states(active.call_id)["2001"], "hold")
        peer.request(c.ReconnectCall(active_call=mine, held_call=active))
        self.assertEqual(states(active.call_id), {"2001": "connected", "3001": "connected"})
        peer.request(c.ClearConnection(connection_to_be_cleared=active))
        self.assertEqual(self.switch.calls(), ())

    def test_refused(self) -> None:
        """In the standard's categories."""
        peer = self.client()
        call_id = self.in_call()
        unknown = DeviceId("7777")
        for message, words in (
            (c.AnswerCall(call_to_be_answered=at("none", "3001")), "<operation>invalidCallID"),
            (c.AnswerCall(call_to_be_answered=ConnectionID(call_id)), "<operation>invalidConnectionID"),
            (c.AnswerCall(call_to_be_answered=ConnectionID("", DeviceId("3001"))), "<operation>invalidCallID"),
            (c.AnswerCall(call_to_be_answered=at(call_id, "2001")), "<stateIncompatibility>noCallToAnswer"),
            (c.HoldCall(call_to_be_held=at(call_id, "3001")), "<stateIncompatibility>noActiveCall"),
            (c.MakeCall(calling_device=unknown, called_directory_number=unknown), "<operation>invalidCallingDeviceID"),
            (f.GetForwarding(device=unknown), "<operation>invalidDeviceID"),
            (f.SetForwarding(device=unknown, activate_forward=True), "invalidForwardingDestination"),
            (f.SetForwarding(device=unknown, activate_forward=True, forwarding_type="forwardBusy",
                             forward_dn=unknown), "invalidForwardingType"),
            (c.GroupPickupCall(new_destination=unknown, pick_group=unknown), "serviceNotSupported"),
            (f.GetAgentState(device=unknown), "serviceNotSupported"),
            (m.SnapshotDevice(snapshot_object=unknown), "invalidDeviceID"),
            (m.SnapshotCall(snapshot_object=ConnectionID("none")), "invalidCallID"),
        ):  # fmt: skip
            self.assertIn(words, self.refused(peer, message), message)

    def test_who_watches(self) -> None:
        """Sees everything and changes nothing."""
        peer = self.client("dashboard")
        call_id = self.in_call()
        device = DeviceId("3001")
        for message in (
            c.ClearConnection(connection_to_be_cleared=at(call_id, "3001")),
            c.MakeCall(calling_device=device, called_directory_number=device),
            f.SetDoNotDisturb(device=device, do_not_disturb_on=True),
        ):
            self.assertIn("privilegeViolationSpecifiedDevice", self.refused(peer, message))
        self.assertFalse(peer.request(f.GetDoNotDisturb(device=device)).do_not_disturb_on)
        self.assertEqual(len(self.switch.calls()), 1)
        services = dict(peer.request(GetCSTAFeatures()).supported_services)
        self.assertNotIn("callControlServices", services)
        self.assertEqual(services["logicalDeviceServices"], ("getForwarding", "getDoNotDisturb"))

    def test_slow_service(self) -> None:
        """Others are served meanwhile; a client that goes away leaves nothing behind."""
        waits: Deferred[None] = Deferred()

        async def slow(connection: Any) -> None:
            await waits

        self.switch.hold_call = slow  # type: ignore[method-assign]
        peer = self.client()
        found: list[Any] = []
        peer.association.request(c.HoldCall(call_to_be_held=at("1", "3001"))).addBoth(found.append)
        peer.pump()
        self.assertEqual(peer.request(RequestSystemStatus()).system_status, "normal")
        self.assertEqual(found, [])
        waits.callback(None)
        peer.pump()
        self.assertEqual(found, [c.HoldCallResponse()])

    def test_a_call_that_is_just_being_changed(self) -> None:
        """Whoever was told that it is held retrieves it at once: the other end may not know yet that it is held."""
        asked: list[float] = []
        quiet_at = 0.0

        async def retrieve(connection: Any) -> None:
            asked.append(self.clock.seconds())
            if asked[-1] < quiet_at:
                raise SteeredError("The call is just being changed")

        self.switch.retrieve_call = retrieve  # type: ignore[method-assign]
        peer = self.client()
        for lasts, times, answer in ((1.5 * PAUSE, 3, c.RetrieveCallResponse), (LONGEST_WAIT + 1, 31, ServiceError)):
            quiet_at = self.clock.seconds() + lasts
            asked.clear()
            found: list[Any] = []
            request = c.RetrieveCall(call_to_be_retrieved=at("1", "3001"))
            peer.association.request(request).addBoth(found.append)
            peer.pump()
            self.assertEqual(found, [])
            for _ in range(40):
                self.clock.advance(PAUSE)
            peer.pump()
            self.assertIsInstance(getattr(found[0], "value", found[0]), answer)
            self.assertIn(len(asked), (times, times + 1))
        self.assertEqual(found[0].value.failure, Failure.RESOURCE_BUSY)

    def test_service_that_fails(self) -> None:
        async def broken(connection: Any) -> None:
            raise ZeroDivisionError

        self.switch.hold_call = broken  # type: ignore[method-assign]
        words = self.refused(self.client(), c.HoldCall(call_to_be_held=at("1", "3001")))
        self.assertIn("<operation>generic", words)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_features(self) -> None:
        features = self.client().request(GetCSTAFeatures())
        services = dict(features.supported_services)
        self.assertIn("makeCall", services["callControlServices"])
        self.assertIn("setForwarding", services["logicalDeviceServices"])

    def test_failures(self) -> None:
        """Every failure of the port goes there and back."""
        peer = self.client()
        for failure in Failure:

            async def refuse(connection: Any, failure: Failure = failure) -> None:
                raise ServiceError(failure, "no")

            self.switch.hold_call = refuse  # type: ignore[method-assign]
            with self.assertRaises(ServiceError) as caught:
                peer.request(c.HoldCall(call_to_be_held=at("1", "3001")))
            self.assertEqual(caught.exception.failure, failure)


class SnapshotTests(ServerCase):
    def test_device(self) -> None:
        peer = self.client()
        snapshot = m.SnapshotDevice(snapshot_object=DeviceId("3001"))
        data = peer.request(snapshot).cross_ref_id_or_snapshot_data
        self.assertEqual((data.snapshot_data, data.service_cross_ref_id), ((), ""))
        call_id = self.in_call()
        (info,) = peer.request(snapshot).cross_ref_id_or_snapshot_data.snapshot_data
        self.assertEqual(info.connection_identifier, at(call_id, "3001"))
        self.assertEqual(info.local_call_state.compound_call_state, ("alerting", "connected"))

    def test_call(self) -> None:
        peer = self.client()
        call_id = self.in_call()
        response = peer.request(m.SnapshotCall(snapshot_object=ConnectionID(call_id)))
        found = response.cross_ref_id_or_snapshot_data.snapshot_data
        self.assertEqual({one.device_on_call.number: one.local_connection_info for one in found},
                         {"2001": "connected", "3001": ConnectionState.ALERTING})  # fmt: skip

    def test_in_parts(self) -> None:
        """As many calls at a route point as do not fit into a frame."""
        self.switch.route_register(["8001"])
        self.switch.set_in_service("8001")
        calls = {self.switch.arrive(f"0315{at:06}", "8001") for at in range(2 * SEGMENT + 1)}
        peer = self.client()
        response = peer.request(m.SnapshotDevice(snapshot_object=DeviceId("8001")))
        reference = response.cross_ref_id_or_snapshot_data.service_cross_ref_id
        self.assertTrue(reference)
        parts = peer.events(m.SnapshotDeviceData)
        self.assertEqual([(part.service_cross_ref_id, part.segment_id, part.last_segment) for part in parts],
                         [(reference, 1, False), (reference, 2, False), (reference, 3, True)])  # fmt: skip
        found = {info.connection_identifier.call_id for part in parts for info in part.snapshot_data or ()}
        self.assertEqual(found, calls)


