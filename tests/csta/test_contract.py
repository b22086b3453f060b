"""A switch that is reached by CSTA keeps the contract of the port: FakeSwitch, over a real socket."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.csta.accounts import Account
from magroup.csta.client_session import ClientSession, Peer
from magroup.csta.computing_function import ComputingFunction
from magroup.csta.edition import Edition, LoginForm, Profile
from magroup.csta.limits import Limits
from magroup.csta.switch import CstaSwitch
from magroup.csta.switching_function import SwitchingFunction
from magroup.cti.switch import Forwards, PicksUp, Switch
from tests.csta.peer import devices_only
from tests.csta.sockets import Link
from tests.cti.contract_answer import AnswerContract
from tests.cti.contract_consultation import ConsultationContract
from tests.cti.contract_features import FeatureContract
from tests.cti.contract_forwarding import ForwardingContract
from tests.cti.contract_hold import HoldContract
from tests.cti.contract_monitors import MonitorContract
from tests.cti.contract_pickup import PickupContract
from tests.cti.contract_services import ServiceContract
from tests.cti.contract_states import StateContract
from tests.cti.contract_transfer import TransferContract
from tests.cti.driver import Driver
from tests.cti.test_fake import FakeDriver
from tests.switch.test_contract import SimulatedPhones

PEER = Peer(Profile(Edition.ED4, LoginForm.AVAYA, keeps_extensions=True), "magroup", "secret")


async def admit(user: str, password: str, address: str) -> Account:
    return Account(user, True)


class OverCsta(Driver):
    """Another driver's switch, seen through CSTA. What a phone does is done there."""

    def __init__(self, there: Driver, clock: Any) -> None:
        self.there = there
        self.sounds = there.sounds
        self.clock = clock
        limits = Limits(requests_per_second=1e6)
        self.server = SwitchingFunction(clock, there.switch, admit, lambda address: None, str, limits)
        lines = (self.CALLER, *self.PHONES)
        self.csta = CstaSwitch(clock, lines, there.switch)
        self.switch: Switch = self.csta
        self.open()
        self.settle()
        assert self.csta.down == "", self.csta.down

    def open(self) -> None:
        """Begin the session."""
        session = ClientSession(self.clock, PEER, self.csta.heard, self.csta.link_up, self.csta.link_down)
        self.link = Link(self.server.factory, session)

    def pump(self) -> bool:
        """Move what is written to the other side; whether there was anything."""
        return self.link.pump()

    def settle(self) -> None:
        """Whatever happens on one side may make something happen on the other."""
        while True:
            self.pump()
            self.there.settle()
            if not self.pump():
                return

    def finish_message(self) -> None:
        self.settle()
        self.there.finish_message()
        self.settle()

    def dial(self, caller: str, number: str) -> None:
        self.settle()
        self.there.dial(caller, number)

    def hang_up(self, phone: str) -> None:
        self.there.hang_up(phone)

    def answer(self, phone: str) -> None:
        self.there.answer(phone)

    def press(self, phone: str, digits: str) -> None:
        self.there.press(phone, digits)

    def speak(self, phone: str, seconds: float) -> None:
        self.there.speak(phone, seconds)

    def hold(self, phone: str) -> None:
        self.there.hold(phone)

    def resume(self, phone: str) -> None:
        self.there.resume(phone)

    def obey(self, phone: str) -> None:
        self.there.obey(phone)

    def take_no_digits(self, phone: str) -> None:
        self.there.take_no_digits(phone)

    def set_busy(self, phone: str) -> None:
        self.there.set_busy(phone)

    def unregister(self, phone: str) -> None:
        self.there.unregister(phone)

    def register(self, phone: str) -> None:
        self.there.register(phone)

    def forward(self, forwarded: Forwards) -> None:
        self.there.forward(forwarded)

    def let_pick_up(self, code: str, pickup: PicksUp) -> None:
        self.there.let_pick_up(code, pickup)

    def left_over(self) -> object:
        self.settle()
        return len(self.csta.model) or self.there.left_over()

    def stop(self) -> None:
        self.link.cut()


class LineContract(
    AnswerContract,
    ConsultationContract,
    FeatureContract,
    ForwardingContract,
    HoldContract,
    MonitorContract,
    PickupContract,
    ServiceContract,
    StateContract,
    TransferContract,
):
    """The contract but for what only the application's own switch does: route points and their voice."""


class FakeOverCstaTests(LineContract, SynchronousTestCase):
    def make_driver(self) -> Driver:
        fake = FakeDriver()
        self._driver = OverCsta(fake, fake.fake._table._clock)
        return self._driver

    def tearDown(self) -> None:
        super().tearDown()
        self._driver.stop()
        self.assertEqual(self._driver.clock.getDelayedCalls(), [])


class DevicesOverCstaTests(FakeOverCstaTests):
    """The same with a switch that has monitors of devices only, as many have."""

    def make_driver(self) -> Driver:
        self.patch(ComputingFunction, "_monitor_start", devices_only(ComputingFunction._monitor_start))
        return super().make_driver()


class EmbeddedOverCstaTests(LineContract, SynchronousTestCase):
    """SipSwitch and simulated phones behind it."""

    def make_driver(self) -> Driver:
        self._phones = SimulatedPhones()
        self._driver = OverCsta(self._phones, self._phones.bench.clock)
        return self._driver

    def tearDown(self) -> None:
        super().tearDown()
        self._driver.stop()
        self._phones.stop()
