"""The contract of picking up by code: a device that dials it gets the call that rings elsewhere, as its only call."""

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import Established, Offered, Originated, Transferred
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from tests.cti.driver import ContractBase

CODE = "*8"


class PickupContract(ContractBase):
    def picks_up_at(self, *devices: str) -> list[tuple[str, str]]:
        """What rings at the first of the devices is to be picked up; gives what the switch will have asked."""
        asked: list[tuple[str, str]] = []

        def pickup(by: str, number: str) -> ConnectionId:
            asked.append((by, number))
            for call in self.switch.calls():
                for device in devices:
                    connection = call.connection(device)
                    if connection and connection.state is ConnectionState.ALERTING:
                        return connection.id
            raise ServiceError(Failure.NO_ACTIVE_CALL, "No call to pick up")

        self.driver.let_pick_up(CODE, pickup)
        return asked

    def picked_up(self, by: str, *rang: str) -> None:
        """One call is left: of the caller and who picked up; the others were answered elsewhere."""
        self.assertEqual(self.one_event(Established, by).cause, Cause.CALL_PICKUP)
        self.assertEqual([self.cleared(device) for device in rang], [Cause.CALL_PICKUP] * len(rang))
        self.assertIs(self.state(by), ConnectionState.CONNECTED)
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)
        self.assertEqual(len(self.call().connections), 2)
        self.assertEqual(self.told(Originated, by), [])

    def test_picked_up_by_code(self) -> None:
        asked = self.picks_up_at(self.one)
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.dial, self.two, CODE)
        self.picked_up(self.two, self.one)
        self.assertEqual(asked, [(self.two, "")])
        self.do(self.driver.hang_up, self.two)
        self.assertEqual(self.switch.calls(), ())

    def test_picked_up_at_a_number(self) -> None:
        asked = self.picks_up_at(self.one)
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.dial, self.two, CODE + self.one)
        self.picked_up(self.two, self.one)
        self.assertEqual(asked, [(self.two, self.one)])

    def test_picked_up_by_code_at_a_route_point(self) -> None:
        """All that ring for the call stop, and it belongs to the application no more."""
        self.picks_up_at(self.one)
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.one_event(Offered)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one, self.two))
        self.do(self.driver.dial, self.three, CODE)
        self.picked_up(self.three, self.one, self.two)
        told = len(self.events)
        self.do(self.switch.clear, self.call().id, Cause.BUSY)
        self.assertEqual(len(self.events), told)

    def test_picked_up_by_one_who_rings(self) -> None:
        """By the code instead of the button."""
        self.picks_up_at(self.one)
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one, self.two))
        self.do(self.driver.dial, self.two, CODE)
        self.picked_up(self.two, self.one)

    def test_picked_up_in_a_transfer(self) -> None:
        """The one who transfers is out as if the target had answered."""
        self.picks_up_at(self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        self.ask(self.switch.single_step_transfer_call(ConnectionId(self.call().id, self.one), self.two))
        self.do(self.driver.dial, self.three, CODE)
        self.assertEqual(self.one_event(Transferred, self.one).transferred_to.number, self.three)
        self.picked_up(self.three, self.two)

    def test_nothing_to_pick_up(self) -> None:
        """Nobody hears of it."""
        asked = self.picks_up_at()
        self.do(self.driver.dial, self.caller, self.one)
        told = len(self.events)
        self.do(self.driver.dial, self.two, CODE)
        self.assertEqual(asked, [(self.two, "")])
        self.assertEqual(len(self.events), told)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)

    def test_pickup_crosses_the_answer(self) -> None:
        """One of the two has the call."""
        self.picks_up_at(self.one)
        self.do(self.driver.dial, self.caller, self.one)
        self.driver.answer(self.one)
        self.driver.dial(self.two, CODE)
        self.driver.settle()
        winner = self.one_event(Established).device
        self.assertEqual({connection.id.device for connection in self.call().connections}, {self.caller, winner})

    def test_a_number_that_begins_like_the_code(self) -> None:
        """Is dialled as ever."""
        asked = self.picks_up_at()
        self.driver.let_pick_up(self.one[0], lambda by, number: ConnectionId(str(asked.append((by, number))), ""))
        self.do(self.driver.dial, self.caller, self.one)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)
        self.assertEqual(asked, [])
