"""What the server can do, as an answer to GetCSTAFeatures (ECMA-269 13.1.1); no two peers group the names alike."""

from magroup.csta import call_control_messages, feature_messages
from magroup.csta.services import service_names
from magroup.csta.system_messages import GetCSTAFeaturesResponse

FEATURES = GetCSTAFeaturesResponse(
    supported_services=(
        ("capabilityExchangeServices", ("getCSTAFeatures",)),
        ("systemStatusServices", ("systemRegister", "systemRegisterCancel", "requestSystemStatus", "systemStatus")),
        ("monitoringServices", ("monitorStart", "monitorStop")),
        ("snapshotServices", ("snapshotCall", "snapshotDevice", "snapshotCallData", "snapshotDeviceData")),
        ("callControlServices",
         tuple(name for name in service_names(call_control_messages) if name != "generateDigits")),
        ("callAssociatedServices", ("generateDigits",)),
        ("routeingServices", ("routeRegister", "routeRegisterCancel", "routeRequest", "routeSelect", "routeEnd")),
        ("logicalDeviceServices", service_names(feature_messages)),
    ),
    supported_events=(
        (
            "callControlEvents",
            (
                "callCleared", "connectionCleared", "delivered", "diverted", "established", "failed", "held",
                "networkReached", "offered", "originated", "retrieved", "transferred",
            ),
        ),
        ("callAssociatedEvents", ("digitsGenerated",)),
        ("logicalDeviceEvents", ("doNotDisturb", "forwarding")),
        ("maintenanceEvents", ("backInService", "outOfService")),
    ),
)  # fmt: skip
