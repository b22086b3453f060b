"""What is there now: the calls of a device, the devices of a call (ECMA-269 clause 16), in parts where it is long."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from magroup.csta.message import Message
from magroup.csta.monitoring_messages import (
    CrossRefOrCallData,
    CrossRefOrDeviceData,
    LocalCallState,
    SnapshotCallData,
    SnapshotCallResponse,
    SnapshotCallResponseInfo,
    SnapshotDeviceData,
    SnapshotDeviceResponse,
    SnapshotDeviceResponseInfo,
)
from magroup.csta.telling import connection_id
from magroup.csta.values import subject
from magroup.cti.types import Call

T = TypeVar("T")
SEGMENT = 60
"""Entries of a part: it stays below 32 KiB, with room for long call ids."""

MOST_STATES = 12
"""Connections of a call that are listed with its state at a device."""


def device_snapshot(calls: Sequence[Call], device: str, cross_ref: str) -> list[Message]:
    """The response, and the parts that follow it by ``cross_ref`` where the calls are many."""
    entries = tuple(_at_device(call, device) for call in calls)
    if len(entries) <= SEGMENT:
        return [SnapshotDeviceResponse(cross_ref_id_or_snapshot_data=CrossRefOrDeviceData(snapshot_data=entries))]
    later = CrossRefOrDeviceData(service_cross_ref_id=cross_ref)
    parts = [
        SnapshotDeviceData(service_cross_ref_id=cross_ref, segment_id=at, last_segment=is_last, snapshot_data=part)
        for at, part, is_last in _parts(entries)
    ]
    return [SnapshotDeviceResponse(cross_ref_id_or_snapshot_data=later), *parts]


def call_snapshot(call: Call, cross_ref: str) -> list[Message]:
    """As of a device."""
    entries = tuple(
        SnapshotCallResponseInfo(
            device_on_call=subject(connection.id.device), call_identifier=connection_id(connection),
            local_connection_info=connection.state.value,
        )
        for connection in call.connections
    )  # fmt: skip
    if len(entries) <= SEGMENT:
        return [SnapshotCallResponse(cross_ref_id_or_snapshot_data=CrossRefOrCallData(snapshot_data=entries))]
    later = CrossRefOrCallData(service_cross_ref_id=cross_ref)
    parts = [
        SnapshotCallData(service_cross_ref_id=cross_ref, segment_id=at, last_segment=is_last, snapshot_data=part)
        for at, part, is_last in _parts(entries)
    ]
    return [SnapshotCallResponse(cross_ref_id_or_snapshot_data=later), *parts]


def _at_device(call: Call, device: str) -> SnapshotDeviceResponseInfo:
    own = call.connection(device)
    assert own is not None
    states = (own.state.value, *(other.state.value for other in call.connections if other is not own))
    state = LocalCallState(compound_call_state=states[:MOST_STATES])
    return SnapshotDeviceResponseInfo(connection_identifier=connection_id(own), local_call_state=state)


def _parts(entries: tuple[T, ...]) -> Iterator[tuple[int, tuple[T, ...], bool]]:
    for number, at in enumerate(range(0, len(entries), SEGMENT), 1):
        yield number, entries[at : at + SEGMENT], at + SEGMENT >= len(entries)
