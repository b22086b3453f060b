"""Event causes of peers in the port's words (ECMA-269 12.2.15)."""

from magroup.cti.types import Cause

_OTHER_WORDS = {
    "callForwardAlways": Cause.CALL_FORWARD,
    "callForwardBusy": Cause.CALL_FORWARD,
    "callForwardImmediate": Cause.CALL_FORWARD,
    "callForwardNoAnswer": Cause.CALL_FORWARD,
    "calledPartyBusy": Cause.BUSY,
    "conference": Cause.NORMAL,
    "destDetected": Cause.NORMAL,
    "invalidDestination": Cause.INVALID_NUMBER,
    "makeCall": Cause.NEW_CALL,
    "newConnection": Cause.NEW_CALL,
    "noAnswer": Cause.CALL_NOT_ANSWERED,
    "overflow": Cause.REDIRECTED,
    "recall": Cause.NORMAL,
    "trunksBusy": Cause.NETWORK_CONGESTION,
    "unknown": Cause.NORMAL,
}


def cause_of(text: str) -> Cause:
    """NORMAL for what means nothing in particular."""
    try:
        return Cause(text)
    except ValueError:
        return _OTHER_WORDS.get(text, Cause.NORMAL)
