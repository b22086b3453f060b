"""Why a request failed (ECMA-269 clause 12.2.10): the error values by their category, and ours in their words."""

from dataclasses import dataclass

from magroup.cti.errors import Failure, ServiceError

OPERATION = "operation"
SECURITY = "security"
STATE = "stateIncompatibility"
SYSTEM = "systemResourceAvailibility"
SUBSCRIBED = "subscribedResourceAvailability"
PERFORMANCE = "performanceManagement"
UNSPECIFIED = "unspecified"
CATEGORIES = (
    OPERATION, SECURITY, STATE, SYSTEM, SUBSCRIBED, PERFORMANCE, "privateData", UNSPECIFIED, "privateErrorCode",
)  # fmt: skip
"""In the standard's spelling."""


@dataclass(frozen=True)
class ErrorValue:
    """A category and the value in it."""

    category: str
    value: str

    def __str__(self) -> str:
        return f"{self.category}: {self.value}"


class CstaError(Exception):
    """What is answered with a CSTAErrorCode; the message is one sentence for the log."""

    def __init__(self, error: ErrorValue, message: str) -> None:
        super().__init__(message)
        self.error = error


GENERIC = ErrorValue(OPERATION, "generic")
INVALID_PARAMETER = ErrorValue(OPERATION, "invalidParameterValue")
MISSING_PARAMETER = ErrorValue(OPERATION, "atLeastOneConditionalParameterNotProvided")
OUT_OF_RANGE = ErrorValue(OPERATION, "valueOutOfRange")
NOT_SUPPORTED = ErrorValue(OPERATION, "serviceNotSupported")
INVALID_CROSS_REFERENCE = ErrorValue(OPERATION, "invalidMonitorCrossReferenceID")
INVALID_MONITOR_OBJECT = ErrorValue(OPERATION, "invalidMonitorObject")
INVALID_REGISTRATION = ErrorValue(OPERATION, "invalidRouteRegistrationCrossReferenceID")
SECURITY_VIOLATION = ErrorValue(OPERATION, "securityViolation")
MONITOR_LIMIT = ErrorValue(SYSTEM, "overallMonitorLimitExceeded")
OUTSTANDING_LIMIT = ErrorValue(SUBSCRIBED, "outstandingRequestsLimitExceeded")
PERFORMANCE_LIMIT = ErrorValue(PERFORMANCE, "performanceLimitExceeded")

_CATEGORY_OF = {
    Failure.INVALID_CALLED_DEVICE: OPERATION,
    Failure.INVALID_CALLING_DEVICE: OPERATION,
    Failure.INVALID_CALL: OPERATION,
    Failure.INVALID_CONNECTION: OPERATION,
    Failure.INVALID_DESTINATION: OPERATION,
    Failure.INVALID_DEVICE: OPERATION,
    Failure.INCORRECT_CONNECTION_STATE: STATE,
    Failure.DEVICE_OUT_OF_SERVICE: SYSTEM,
    Failure.DESTINATION_BUSY: STATE,
    Failure.PRIVILEGE_VIOLATION: OPERATION,
    Failure.INVALID_PARAMETER: OPERATION,
    Failure.NO_ACTIVE_CALL: STATE,
    Failure.NO_CALL_TO_ANSWER: STATE,
    Failure.NO_HELD_CALL: STATE,
    Failure.RESOURCE_BUSY: SYSTEM,
    Failure.LINK_DOWN: SYSTEM,
    Failure.NOT_SUPPORTED: OPERATION,
    Failure.GENERIC: OPERATION,
}

_SPELLED = {Failure.DESTINATION_BUSY: "invalidDestinationDeviceState"}
"""What ECMA-323 has no word for, in the nearest one."""

_OTHER_WORDS = {
    "invalidDestinationDeviceState": Failure.DESTINATION_BUSY,
    "invalidActiveCallID": Failure.INVALID_CALL,
    "invalidHeldCallID": Failure.INVALID_CALL,
    "invalidActiveConnectionID": Failure.INVALID_CONNECTION,
    "invalidHeldConnectionID": Failure.INVALID_CONNECTION,
    "invalidActiveDeviceID": Failure.INVALID_DEVICE,
    "invalidHeldDeviceID": Failure.INVALID_DEVICE,
    "invalidDivertingDeviceID": Failure.INVALID_DEVICE,
    "invalidPickUpDeviceID": Failure.INVALID_DEVICE,
    "objectNotKnown": Failure.INVALID_DEVICE,
    "invalidDestinationDeviceID": Failure.INVALID_DESTINATION,
    "invalidForwardingDestination": Failure.INVALID_DESTINATION,
    "invalidActiveConnectionState": Failure.NO_ACTIVE_CALL,
    "invalidConnectionIDForActiveCall": Failure.NO_ACTIVE_CALL,
    "invalidHeldConnectionState": Failure.NO_HELD_CALL,
    "invalidObjectState": Failure.INCORRECT_CONNECTION_STATE,
    "resourceOutOfService": Failure.DEVICE_OUT_OF_SERVICE,
    "calledDeviceOutOfService": Failure.DEVICE_OUT_OF_SERVICE,
    "callingDeviceOutOfService": Failure.DEVICE_OUT_OF_SERVICE,
    "destinationDeviceOutOfService": Failure.DEVICE_OUT_OF_SERVICE,
    "internalResourceBusy": Failure.RESOURCE_BUSY,
    "networkBusy": Failure.RESOURCE_BUSY,
    "performanceLimitExceeded": Failure.RESOURCE_BUSY,
    "outstandingRequestsLimitExceeded": Failure.RESOURCE_BUSY,
    "parameterNotSupported": Failure.NOT_SUPPORTED,
    "securityViolation": Failure.PRIVILEGE_VIOLATION,
    "valueOutOfRange": Failure.INVALID_PARAMETER,
    "generic": Failure.GENERIC,
}


def error_value(failure: Failure) -> ErrorValue:
    """The port's failure in ECMA-323's words."""
    return ErrorValue(_CATEGORY_OF[failure], _SPELLED.get(failure, failure.value))


def failure_of(error: ErrorValue) -> Failure:
    """A peer's error in the port's words; GENERIC for the many that mean nothing in particular to the application."""
    if error.value in _OTHER_WORDS:
        return _OTHER_WORDS[error.value]
    try:
        return Failure(error.value)
    except ValueError:
        pass
    for words in ("privilegeViolation", Failure.PRIVILEGE_VIOLATION), ("requestIncompatible", Failure.NOT_SUPPORTED):
        if error.value.startswith(words[0]):
            return words[1]
    return Failure.GENERIC


def service_error(error: ErrorValue, request: str) -> ServiceError:
    """What the application is told when the peer refuses."""
    return ServiceError(failure_of(error), f"The switch refuses {request}: {error.value or error.category}")
