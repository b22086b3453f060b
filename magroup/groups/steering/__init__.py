"""What people do with calls, presence and forwarding from their own place; each step by their rights (spec 2 and 4)."""

from magroup.groups.steering.calls import CallSteering
from magroup.groups.steering.refusals import Refused, Why
from magroup.groups.steering.search import Found, search
from magroup.groups.steering.sent_on import NotReached, Told
from magroup.groups.steering.states import set_forwarding, set_presence, show_on_phone
from magroup.groups.steering.targets import Target

__all__ = [
    "CallSteering",
    "Found",
    "NotReached",
    "Refused",
    "Target",
    "Told",
    "Why",
    "search",
    "set_forwarding",
    "set_presence",
    "show_on_phone",
]
