"""Which Call-IDs belong to a call: told to the trace of SIP messages, and asked for while the call is up."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg


def link(call: "SwitchCall", *legs: "Leg") -> None:
    """These legs are, or were, of the call."""
    trace = call.switch.endpoint.trace
    for leg in legs:
        trace.link(call.id, leg.call_id)


def call_ids(call: "SwitchCall") -> list[str]:
    """Of the legs that the call has now; some came into it without an INVITE of its own, by a transfer."""
    legs = [leg for leg in (getattr(call, "caller", None), call.peer) if leg is not None]
    legs += [leg for ringing in call.ringing.values() for leg in ringing.legs]
    return [leg.call_id for leg in legs]
