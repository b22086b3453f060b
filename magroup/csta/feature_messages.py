"""Forwarding, do not disturb and agents (ECMA-269 clause 22)."""

from magroup.csta import child
from magroup.csta.edition import Edition
from magroup.csta.message import Message, Record, message, record
from magroup.csta.values import DeviceId


@message
class SetForwarding(Message):
    device: DeviceId = child.needed_device("device")
    forwarding_type: str = child.text("forwardingType")
    activate_forward: bool = child.needed_flag("activateForward")
    forward_dn: DeviceId | None = child.device("forwardDN")
    ring_count: int | None = child.number("ringCount")
    ring_duration: int | None = child.number("ringDuration", Edition.ED6)


@message
class SetForwardingResponse(Message):
    pass


@message
class GetForwarding(Message):
    device: DeviceId = child.needed_device("device")


@record
class ForwardListItem(Record):
    """One of the forwardings that a device may have at the same time."""

    forwarding_type: str = child.text("forwardingType")
    forward_status: bool | None = child.flag("forwardStatus")
    forward_dn: DeviceId | None = child.device("forwardDN")
    ring_count: int | None = child.number("ringCount")
    ring_duration: int | None = child.number("ringDuration", Edition.ED6)


@message
class GetForwardingResponse(Message):
    forwarding_list: tuple[ForwardListItem, ...] | None = child.items(
        "forwardingList", "forwardListItem", ForwardListItem
    )


@message
class SetDoNotDisturb(Message):
    device: DeviceId = child.needed_device("device")
    do_not_disturb_on: bool = child.needed_flag("doNotDisturbOn")


@message
class SetDoNotDisturbResponse(Message):
    pass


@message
class GetDoNotDisturb(Message):
    device: DeviceId = child.needed_device("device")


@message
class GetDoNotDisturbResponse(Message):
    do_not_disturb_on: bool = child.needed_flag("doNotDisturbOn")


@message
class SetAgentState(Message):
    device: DeviceId = child.needed_device("device")
    requested_agent_state: str = child.needed_text("requestedAgentState")
    agent_id: str = child.text("agentID")


@message
class SetAgentStateResponse(Message):
    pass


@message
class GetAgentState(Message):
    device: DeviceId = child.needed_device("device")


@record
class AgentStateEntry(Record):
    """An agent at the device."""

    agent_id: str = child.text("agentID")
    logged_on_state: bool | None = child.flag("loggedOnState")
    agent_state: str = child.text("agentState")


@message
class GetAgentStateResponse(Message):
    agent_state_list: tuple[AgentStateEntry, ...] | None = child.items(
        "agentStateList", "agentStateEntry", AgentStateEntry
    )
