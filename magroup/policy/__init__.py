"""What happens to a call, as pure functions: a snapshot and a question give a plan with its reasons."""

from magroup.policy.dry_run import dry_run, dry_steps
from magroup.policy.eligibility import candidates
from magroup.policy.flow import ROUND_PAUSE, enter, next_step
from magroup.policy.forwarding import forwarded, instead_of_manager, target_of
from magroup.policy.forwarding_check import Refusal, Refused, check_forwarding, refusal_in_words
from magroup.policy.identification import Identity, identify
from magroup.policy.pickup import Alerting, NoPickup, pick_up
from magroup.policy.plan import (
    Attempt,
    Callee,
    CallView,
    Direct,
    ForwardGroup,
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
from magroup.policy.vip import is_hidden, shown_name, vip_of, visible_to

__all__ = [
    "ROUND_PAUSE",
    "Alerting",
    "Attempt",
    "CallView",
    "Callee",
    "Direct",
    "ForwardGroup",
    "Greeting",
    "Identity",
    "NoPickup",
    "Outcome",
    "OverflowBusy",
    "OverflowGroup",
    "OverflowNumber",
    "OverflowVoicemail",
    "Refusal",
    "Refused",
    "RingStep",
    "Step",
    "Wait",
    "begun",
    "candidates",
    "check_forwarding",
    "dry_run",
    "dry_steps",
    "ended",
    "enter",
    "forwarded",
    "identify",
    "instead_of_manager",
    "is_hidden",
    "next_step",
    "pick_up",
    "reason_of",
    "refusal_in_words",
    "shown_name",
    "target_of",
    "trail_in_words",
    "vip_of",
    "visible_to",
    "words",
]
