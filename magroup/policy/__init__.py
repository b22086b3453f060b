"""What happens to a call, as pure functions: a snapshot and a question give a plan with its reasons."""

from magroup.policy.dry_run import dry_run
from magroup.policy.eligibility import candidates, is_caller
from magroup.policy.flow import ROUND_PAUSE, next_step
from magroup.policy.identification import Identity, identify
from magroup.policy.plan import (
    Attempt,
    Callee,
    CallView,
    Direct,
    Greeting,
    Outcome,
    OverflowBusy,
    OverflowGroup,
    OverflowNumber,
    OverflowVoicemail,
    RingStep,
    Step,
    Wait,
    begun,
    ended,
    reason_of,
)
from magroup.policy.reasons import trail_in_words, words

__all__ = [
    "ROUND_PAUSE",
    "Attempt",
    "CallView",
    "Callee",
    "Direct",
    "Greeting",
    "Identity",
    "Outcome",
    "OverflowBusy",
    "OverflowGroup",
    "OverflowNumber",
    "OverflowVoicemail",
    "RingStep",
    "Step",
    "Wait",
    "begun",
    "candidates",
    "dry_run",
    "ended",
    "identify",
    "is_caller",
    "next_step",
    "reason_of",
    "trail_in_words",
    "words",
]
