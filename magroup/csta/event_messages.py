"""The events of monitors (ECMA-269 clauses 17.2, 18.2, 21 and 22.2); each names its monitor first."""

from magroup.csta import child
from magroup.csta.edition import Edition
from magroup.csta.message import Message, Record, message, record
from magroup.csta.values import ConnectionID, DeviceId, Subject

Words = tuple[tuple[str, tuple[str, ...]], ...]


@record
class MonitorEvent(Message):
    """What every event begins with."""

    monitor_cross_ref_id: str = child.needed_text("monitorCrossRefID")


@message
class ServiceInitiatedEvent(MonitorEvent):
    initiated_connection: ConnectionID = child.needed_connection("initiatedConnection")
    initiating_device: Subject | None = child.subject("initiatingDevice")
    called_device: Subject | None = child.subject("calledDevice", Edition.ED6)
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class OriginatedEvent(MonitorEvent):
    originated_connection: ConnectionID = child.needed_connection("originatedConnection")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class OfferedEvent(MonitorEvent):
    offered_connection: ConnectionID = child.needed_connection("offeredConnection")
    offered_device: Subject | None = child.subject("offeredDevice")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class DeliveredEvent(MonitorEvent):
    connection: ConnectionID = child.needed_connection("connection")
    alerting_device: Subject | None = child.subject("alertingDevice")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class EstablishedEvent(MonitorEvent):
    established_connection: ConnectionID = child.needed_connection("establishedConnection")
    answering_device: Subject | None = child.subject("answeringDevice")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    originating_connection: ConnectionID | None = child.connection("originatinNIDConnection")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class NetworkReachedEvent(MonitorEvent):
    outbound_connection: ConnectionID = child.needed_connection("outboundConnection")
    network_interface_used: Subject | None = child.subject("networkInterfaceUsed")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class DivertedEvent(MonitorEvent):
    connection: ConnectionID = child.needed_connection("connection")
    diverting_device: Subject | None = child.subject("divertingDevice")
    new_destination: Subject | None = child.subject("newDestination")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class HeldEvent(MonitorEvent):
    held_connection: ConnectionID = child.needed_connection("heldConnection")
    holding_device: Subject | None = child.subject("holdingDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class RetrievedEvent(MonitorEvent):
    retrieved_connection: ConnectionID = child.needed_connection("retrievedConnection")
    retrieving_device: Subject | None = child.subject("retrievingDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@record
class ConnectionListItem(Record):
    """A party that goes on: its connection after the event and before it (ECMA-269 12.2.9)."""

    new_connection: ConnectionID | None = child.connection("newConnection")
    old_connection: ConnectionID | None = child.connection("oldConnection")


@message
class TransferedEvent(MonitorEvent):
    """In the standard's spelling."""

    primary_old_call: ConnectionID = child.needed_connection("primaryOldCall")
    secondary_old_call: ConnectionID | None = child.connection("secondaryOldCall")
    transferring_device: Subject | None = child.subject("transferringDevice")
    transferred_to_device: Subject | None = child.subject("transferredToDevice")
    transferred_connections: tuple[ConnectionListItem, ...] | None = child.items(
        "transferredConnections", "connectionListItem", ConnectionListItem
    )
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class ConferencedEvent(MonitorEvent):
    primary_old_call: ConnectionID = child.needed_connection("primaryOldCall")
    secondary_old_call: ConnectionID | None = child.connection("secondaryOldCall")
    conferencing_device: Subject | None = child.subject("conferencingDevice")
    added_party: Subject | None = child.subject("addedParty")
    conference_connections: tuple[ConnectionListItem, ...] | None = child.items(
        "conferenceConnections", "connectionListItem", ConnectionListItem
    )
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class ConnectionClearedEvent(MonitorEvent):
    dropped_connection: ConnectionID = child.needed_connection("droppedConnection")
    releasing_device: Subject | None = child.subject("releasingDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class CallClearedEvent(MonitorEvent):
    cleared_call: ConnectionID = child.needed_connection("clearedCall")
    cause: str = child.text("cause")


@message
class FailedEvent(MonitorEvent):
    failed_connection: ConnectionID = child.needed_connection("failedConnection")
    failing_device: Subject | None = child.subject("failingDevice")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class QueuedEvent(MonitorEvent):
    queued_connection: ConnectionID = child.needed_connection("queuedConnection")
    queue: Subject | None = child.subject("queue")
    calling_device: Subject | None = child.subject("callingDevice")
    called_device: Subject | None = child.subject("calledDevice")
    last_redirection_device: Subject | None = child.redirection("lastRedirectionDevice")
    local_connection_info: str = child.text("localConnectionInfo")
    cause: str = child.text("cause")
    services_permitted: Words | None = child.words("servicesPermitted")


@message
class DigitsGeneratedEvent(MonitorEvent):
    connection: ConnectionID = child.needed_connection("connection")
    digit_generated_list: str = child.needed_text("digitGeneratedList")


@message
class ForwardingEvent(MonitorEvent):
    device: Subject = child.needed_subject("device")
    forwarding_type: str = child.text("forwardingType")
    forward_status: bool = child.needed_flag("forwardStatus")
    forward_to: DeviceId | None = child.device("forwardTo")


@message
class DoNotDisturbEvent(MonitorEvent):
    device: Subject = child.needed_subject("device")
    do_not_disturb_on: bool = child.needed_flag("doNotDisturbOn")


@message
class MessageWaitingEvent(MonitorEvent):
    target_device: Subject = child.needed_subject("targetDevice")
    message_waiting_on: bool = child.needed_flag("messageWaitingOn")


@message
class BackInServiceEvent(MonitorEvent):
    device: Subject = child.needed_subject("device")
    cause: str = child.text("cause")


@message
class OutOfServiceEvent(MonitorEvent):
    device: Subject = child.needed_subject("device")
    cause: str = child.text("cause")


@record
class AgentEvent(MonitorEvent):
    """What the events of agents have in common."""

    agent_device: Subject = child.needed_subject("agentDevice")
    agent_id: str = child.text("agentID")


@message
class AgentReadyEvent(AgentEvent):
    pass


@message
class AgentNotReadyEvent(AgentEvent):
    pass


@message
class AgentLoggedOnEvent(AgentEvent):
    pass


@message
class AgentLoggedOffEvent(AgentEvent):
    pass
