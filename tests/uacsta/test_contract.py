"""A switch whose lines are reached by uaCSTA keeps the contract of the port, on a SIP dialog."""

from twisted.trial.unittest import SynchronousTestCase

from tests.csta.test_contract import LineContract, OverCsta
from tests.cti.driver import Driver
from tests.cti.test_fake import FakeDriver
from tests.sip.network import EVERYTHING_OVER, Network
from tests.switch.test_contract import SimulatedPhones
from tests.uacsta.pair import Client, Served


class OverSip(OverCsta):
    """All numbers of the contract are of one user, whose program has the session: there is nothing of others here."""

    def open(self) -> None:
        self.network = Network()
        self.network.clock = self.clock
        self.served = Served(self.network, self.server, self.CALLER, *self.PHONES, *self.POINTS, self.UNKNOWN)
        self.client = Client(self.network, self.CALLER)
        session = self.client.session
        session._heard, session._up, session._down = self.csta.heard, self.csta.link_up, self.csta.link_down
        session.start()

    def pump(self) -> bool:
        before = len(self.network.log)
        self.network.run()
        return len(self.network.log) > before

    def stop(self) -> None:
        self.client.session.close("over")
        self.network.run(EVERYTHING_OVER)
        assert not self.client.leftovers() and not self.served.leftovers()
        assert self.csta.down == "over" and not self.server.clients


class FakeOverSipTests(LineContract, SynchronousTestCase):
    def make_driver(self) -> Driver:
        fake = FakeDriver()
        self._driver = OverSip(fake, fake.fake._table._clock)
        return self._driver

    def tearDown(self) -> None:
        super().tearDown()
        self._driver.stop()
        self.assertEqual(self._driver.clock.getDelayedCalls(), [])


class EmbeddedOverSipTests(LineContract, SynchronousTestCase):
    """SipSwitch and simulated phones behind it."""

    def make_driver(self) -> Driver:
        self._phones = SimulatedPhones()
        self._driver = OverSip(self._phones, self._phones.bench.clock)
        return self._driver

    def tearDown(self) -> None:
        super().tearDown()
        self._driver.stop()
        self._phones.stop()
