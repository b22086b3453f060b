"""Registration, status, capabilities and errors (ECMA-269 clauses 13 and 14)."""

from typing import Self

from magroup.csta import child
from magroup.csta.errors import ErrorValue
from magroup.csta.kinds import Element, read_error
from magroup.csta.message import Message, Record, message, record


@message
class RequestSystemStatus(Message):
    """The client asks how the switch is; in uaCSTA it begins the association."""


@message
class RequestSystemStatusResponse(Message):
    """How it is."""

    system_status: str = child.text("systemStatus")


@message
class SystemStatus(Message):
    """How one side is, told to the other; peers send it without any status too, as a sign of life."""

    sys_stat_register_id: str = child.text("sysStatRegisterID")
    system_status: str = child.text("systemStatus")


@message
class SystemStatusResponse(Message):
    """It has been heard."""


@record
class RequestTypes(Record):
    """What one registers for."""

    system_status: bool | None = child.flag("systemStatus")
    request_system_status: bool | None = child.flag("requestSystemStatus")
    switching_function_caps_changed: bool | None = child.flag("switchingFunctionCapsChanged")
    switching_function_devices_changed: bool | None = child.flag("switchingFunctionDevicesChanged")


@message
class SystemRegister(Message):
    """The client wants to be told the switch's status."""

    request_types: RequestTypes | None = child.inner("requestTypes", RequestTypes)


@message
class SystemRegisterResponse(Message):
    """It will be."""

    sys_stat_register_id: str = child.text("sysStatRegisterID")


@message
class SystemRegisterCancel(Message):
    """The client does not want it any more."""

    sys_stat_register_id: str = child.text("sysStatRegisterID")


@message
class SystemRegisterCancelResponse(Message):
    """Nor is it told."""


@message
class GetCSTAFeatures(Message):
    """The client asks what the switch can do."""


@message
class GetCSTAFeaturesResponse(Message):
    """Groups of services and of events by their names."""

    supported_services: tuple[tuple[str, tuple[str, ...]], ...] | None = child.words("supportedServices")
    supported_events: tuple[tuple[str, tuple[str, ...]], ...] | None = child.words("supportedEvents")


@message
class CSTAErrorCode(Message):
    """A request has failed: the error is the root's only child."""

    error: ErrorValue = child.bare_error()

    @classmethod
    def read(cls, element: Element, skip: str = "") -> Self:
        """As every message; the error is the one child that is a category."""
        return cls(error=read_error(element))
