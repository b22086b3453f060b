"""Why channels ended: Asterisk's hangup causes (ITU-T Q.850) and dial statuses in the words of CSTA."""

from typing import Final

from magroup.cti.types import Cause

_HANGUP: Final = {
    1: Cause.INVALID_NUMBER,
    2: Cause.NETWORK_NOT_OBTAINABLE,
    3: Cause.INVALID_NUMBER,
    16: Cause.NORMAL_CLEARING,
    17: Cause.BUSY,
    18: Cause.DESTINATION_OUT_OF_ORDER,
    19: Cause.CALL_NOT_ANSWERED,
    20: Cause.DESTINATION_OUT_OF_ORDER,
    21: Cause.REJECTED,
    22: Cause.INVALID_NUMBER,
    26: Cause.ANSWERED_ELSEWHERE,
    27: Cause.DESTINATION_OUT_OF_ORDER,
    28: Cause.INVALID_NUMBER,
    34: Cause.NETWORK_CONGESTION,
    38: Cause.NETWORK_NOT_OBTAINABLE,
    42: Cause.NETWORK_CONGESTION,
    44: Cause.RESOURCES_NOT_AVAILABLE,
    58: Cause.INCOMPATIBLE_DESTINATION,
    88: Cause.INCOMPATIBLE_DESTINATION,
}
_DIAL: Final = {
    "BUSY": Cause.BUSY,
    "NOANSWER": Cause.CALL_NOT_ANSWERED,
    "CANCEL": Cause.CALL_CANCELLED,
    "CHANUNAVAIL": Cause.DESTINATION_OUT_OF_ORDER,
    "CONGESTION": Cause.NETWORK_CONGESTION,
    "DONTCALL": Cause.REJECTED,
    "TORTURE": Cause.REJECTED,
    "INVALIDARGS": Cause.INVALID_NUMBER,
}
VAGUE: Final = frozenset({Cause.NORMAL_CLEARING, Cause.NORMAL})


def hangup_cause(number: str) -> Cause:
    """Of the Cause of a Hangup event; NORMAL where it says nothing."""
    return _HANGUP.get(int(number), Cause.NORMAL) if number.isascii() and number.isdigit() else Cause.NORMAL


def dial_cause(status: str, hangup: Cause) -> Cause:
    """Why somebody who was called did not answer: the hangup cause where it says more than the dial status."""
    dialled = _DIAL.get(status, Cause.NORMAL)
    if dialled is Cause.CALL_CANCELLED or dialled is Cause.CALL_NOT_ANSWERED:
        return dialled
    return dialled if hangup in VAGUE else hangup
