"""What every switch behind the port must do, told as tests: an adapter passes by subclassing with its own driver.

    class EmbeddedSwitchTests(SwitchContract, SynchronousTestCase):
        def make_driver(self) -> Driver:
            return SimulatedPhones(...)

The tests are in the mixins of ``contract_answer``, ``contract_consultation``, ``contract_features``,
``contract_forwarding``, ``contract_hold``, ``contract_monitors``, ``contract_pickup``, ``contract_route_points``,
``contract_services``, ``contract_states``, ``contract_transfer`` and ``contract_voice``.
"""

from tests.cti.contract_answer import AnswerContract
from tests.cti.contract_consultation import ConsultationContract
from tests.cti.contract_features import FeatureContract
from tests.cti.contract_forwarding import ForwardingContract
from tests.cti.contract_hold import HoldContract
from tests.cti.contract_monitors import MonitorContract
from tests.cti.contract_pickup import PickupContract
from tests.cti.contract_route_points import RoutePointContract
from tests.cti.contract_services import ServiceContract
from tests.cti.contract_states import StateContract
from tests.cti.contract_transfer import TransferContract
from tests.cti.contract_voice import VoiceContract


class SwitchContract(
    AnswerContract,
    ConsultationContract,
    FeatureContract,
    ForwardingContract,
    HoldContract,
    MonitorContract,
    PickupContract,
    RoutePointContract,
    ServiceContract,
    StateContract,
    TransferContract,
    VoiceContract,
):
    """The whole contract."""
