"""Monitors and snapshots (ECMA-269 clauses 15 and 16)."""

from magroup.csta import child
from magroup.csta.message import Message, Record, message, record
from magroup.csta.values import ConnectionID, DeviceId, Subject


@record
class MonitorObject(Record):
    """What is monitored: a device or a call."""

    device_object: DeviceId | None = child.device("deviceObject")
    call_object: ConnectionID | None = child.connection("callObject")


@message
class MonitorStart(Message):
    """The client wants the events of a device or call. What is true in ``requested_monitor_filter`` is left out."""

    monitor_object: MonitorObject = child.needed_inner("monitorObject", MonitorObject)
    requested_monitor_filter: tuple[tuple[str, tuple[str, ...]], ...] | None = child.words("requestedMonitorFilter")
    monitor_type: str = child.text("monitorType")


@message
class MonitorStartResponse(Message):
    """It gets them, by this cross reference."""

    monitor_cross_ref_id: str = child.needed_text("monitorCrossRefID")
    actual_monitor_filter: tuple[tuple[str, tuple[str, ...]], ...] | None = child.words("actualmonitorFilter")
    monitor_existing_calls: bool | None = child.flag("monitorExistingCalls")


@message
class MonitorStop(Message):
    """No more events: asked by the client, or told by the switch."""

    monitor_cross_ref_id: str = child.needed_text("monitorCrossRefID")


@message
class MonitorStopResponse(Message):
    """None will come."""


@message
class SnapshotDevice(Message):
    """The client asks for the calls at a device."""

    snapshot_object: DeviceId = child.needed_device("snapshotObject")


@record
class LocalCallState(Record):
    """How a call stands at a device: the state of each of its connections, the device's own first, or one word."""

    compound_call_state: tuple[str, ...] | None = child.texts("compoundCallState", "localConnectionState")
    simple_call_state: str = child.text("simpleCallState")


@record
class SnapshotDeviceResponseInfo(Record):
    """A call at the device."""

    connection_identifier: ConnectionID = child.needed_connection("connectionIdentifier")
    local_call_state: LocalCallState | None = child.inner("localCallState", LocalCallState)
    services_permitted: tuple[tuple[str, tuple[str, ...]], ...] | None = child.words("servicesPermitted")


@record
class CrossRefOrDeviceData(Record):
    """The calls themselves, or a reference by which they are going to come (SnapshotDeviceData)."""

    service_cross_ref_id: str = child.text("serviceCrossRefID")
    snapshot_data: tuple[SnapshotDeviceResponseInfo, ...] | None = child.items(
        "snapshotData", "snapshotDeviceResponseInfo", SnapshotDeviceResponseInfo
    )


@message
class SnapshotDeviceResponse(Message):
    """The calls at the device."""

    cross_ref_id_or_snapshot_data: CrossRefOrDeviceData = child.needed_inner(
        "crossRefIDorSnapshotData", CrossRefOrDeviceData
    )


@message
class SnapshotDeviceData(Message):
    """A part of an answer that came in parts."""

    service_cross_ref_id: str = child.needed_text("serviceCrossRefID")
    segment_id: int | None = child.number("segmentID")
    last_segment: bool | None = child.flag("lastSegment")
    snapshot_data: tuple[SnapshotDeviceResponseInfo, ...] | None = child.items(
        "snapshotData", "snapshotDeviceResponseInfo", SnapshotDeviceResponseInfo
    )


@message
class SnapshotCall(Message):
    """The client asks who is in a call."""

    snapshot_object: ConnectionID = child.needed_connection("snapshotObject")


@record
class SnapshotCallResponseInfo(Record):
    """A device in the call."""

    device_on_call: Subject = child.needed_subject("deviceOnCall")
    call_identifier: ConnectionID | None = child.connection("callIdentifier")
    local_connection_info: str = child.text("localConnectionInfo")


@record
class CrossRefOrCallData(Record):
    """As of a device."""

    service_cross_ref_id: str = child.text("serviceCrossRefID")
    snapshot_data: tuple[SnapshotCallResponseInfo, ...] | None = child.items(
        "snapshotData", "snapshotCallResponseInfo", SnapshotCallResponseInfo
    )


@message
class SnapshotCallResponse(Message):
    """Who is in the call."""

    cross_ref_id_or_snapshot_data: CrossRefOrCallData = child.needed_inner(
        "crossRefIDorSnapshotData", CrossRefOrCallData
    )


@message
class SnapshotCallData(Message):
    """A part of an answer that came in parts."""

    service_cross_ref_id: str = child.needed_text("serviceCrossRefID")
    segment_id: int | None = child.number("segmentID")
    last_segment: bool | None = child.flag("lastSegment")
    snapshot_data: tuple[SnapshotCallResponseInfo, ...] | None = child.items(
        "snapshotData", "snapshotCallResponseInfo", SnapshotCallResponseInfo
    )
