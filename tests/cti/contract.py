"""What every switch behind the port must do, told as tests: an adapter passes by subclassing with its own driver.

    class EmbeddedSwitchTests(SwitchContract, SynchronousTestCase):
        def make_driver(self) -> Driver:
            return SimulatedPhones(...)

The tests are in the mixins of ``contract_forwarding``, ``contract_monitors``, ``contract_pickup``,
``contract_route_points``, ``contract_services`` and ``contract_voice``.
"""

from tests.cti.contract_forwarding import ForwardingContract
from tests.cti.contract_monitors import MonitorContract
from tests.cti.contract_pickup import PickupContract
from tests.cti.contract_route_points import RoutePointContract
from tests.cti.contract_services import ServiceContract
from tests.cti.contract_voice import VoiceContract


class SwitchContract(
    ForwardingContract, MonitorContract, PickupContract, RoutePointContract, ServiceContract, VoiceContract
):
    """The whole contract."""
