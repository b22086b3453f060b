"""What members' lines are doing, as it is put together from the events of calls."""

from magroup.cti.events import CallCleared, Delivered
from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.groups.member_states import MemberStates
from magroup.model.lines import LineState
from tests.groups.world import WorldTestCase


def call(*devices: str, ended: bool = False) -> Call:
    rung = ConnectionState.ALERTING
    connections = tuple(Connection(ConnectionId("a-1", one), rung, Party(one), True, 1.0) for one in devices)
    return Call("a-1", Party("1201"), Party("8973"), 1.0, connections, ended)


class Connections(WorldTestCase):
    def test_of_a_node_that_knew_less(self) -> None:
        """It was thought to be dead, and says at last that the call has ended: nothing stays of it."""
        states = MemberStates(self.switch, self.application)
        states.start()
        self.addCleanup(states.stop)
        states._heard(Delivered(call("1047", "1175"), None, "1047", 1.0))
        self.assertEqual((len(states), states.line_state("1175")), (2, LineState.RINGING))
        states._heard(CallCleared(call(ended=True), call("1047"), "1047", 2.0))
        self.assertEqual((len(states), states.calls_at("1047"), states.calls_at("1175")), (0, [], []))
