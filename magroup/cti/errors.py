"""Why a service was refused (ECMA-269 clause 12.2.10, the universal failure codes used here)."""

from enum import StrEnum


class Failure(StrEnum):
    """CSTA's words for a refused service."""

    INVALID_CALLED_DEVICE = "invalidCalledDeviceID"
    INVALID_CALLING_DEVICE = "invalidCallingDeviceID"
    INVALID_CALL = "invalidCallID"
    INVALID_CONNECTION = "invalidConnectionID"
    INVALID_DESTINATION = "invalidDestination"
    INVALID_DEVICE = "invalidDeviceID"
    INCORRECT_CONNECTION_STATE = "invalidConnectionState"
    DEVICE_OUT_OF_SERVICE = "deviceOutOfService"
    DESTINATION_BUSY = "destinationBusy"
    PRIVILEGE_VIOLATION = "privilegeViolationSpecifiedDevice"
    INVALID_PARAMETER = "invalidParameterValue"
    NO_ACTIVE_CALL = "noActiveCall"
    NO_CALL_TO_ANSWER = "noCallToAnswer"
    NO_HELD_CALL = "noHeldCall"
    RESOURCE_BUSY = "resourceBusy"
    LINK_DOWN = "networkOutOfService"
    NOT_SUPPORTED = "serviceNotSupported"
    GENERIC = "generic"


class ServiceError(Exception):
    """A service the switch refused: ``failure`` is CSTA's code, the message one sentence for people."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


class ChangingError(ServiceError):
    """Something else is just being done to the call: the service may be asked for again in a moment."""

    def __init__(self, message: str) -> None:
        super().__init__(Failure.RESOURCE_BUSY, message)


class SteeredError(ChangingError):
    """What is done to the call is what was asked for before: that is over as soon as the phones have answered."""
