"""Routeing: the switch asks a client where a call shall go (ECMA-269 clause 19)."""

from magroup.csta import child
from magroup.csta.errors import ErrorValue
from magroup.csta.message import Message, message
from magroup.csta.values import ConnectionID, DeviceId, Subject


@message
class RouteRegister(Message):
    """The client wants to be asked about the calls to a device, without one about all."""

    routeing_device: DeviceId | None = child.device("routeingDevice")


@message
class RouteRegisterResponse(Message):
    route_register_req_id: str = child.needed_text("routeRegisterReqID")


@message
class RouteRegisterCancel(Message):
    route_register_req_id: str = child.needed_text("routeRegisterReqID")


@message
class RouteRegisterCancelResponse(Message):
    pass


@message
class RouteRequest(Message):
    """Where shall it go? There is no response: RouteSelect or RouteEnd are requests of their own."""

    cross_ref_identifier: str = child.needed_text("crossRefIdentifier")
    route_register_req_id: str = child.text("routeRegisterReqID")
    current_route: Subject = child.needed_subject("currentRoute")
    calling_device: Subject | None = child.subject("callingDevice")
    routeing_device: Subject | None = child.subject("routeingDevice")
    routed_call: ConnectionID | None = child.connection("routedCall")


@message
class RouteSelect(Message):
    cross_ref_identifier: str = child.needed_text("crossRefIdentifier")
    route_register_req_id: str = child.text("routeRegisterReqID")
    route_selected: DeviceId = child.needed_device("routeSelected")


@message
class RouteEnd(Message):
    cross_ref_identifier: str = child.needed_text("crossRefIdentifier")
    route_register_req_id: str = child.text("routeRegisterReqID")
    error_value: ErrorValue | None = child.error("errorValue")
