"""AmiSwitch keeps the contract of the port as far as AMI goes."""

from twisted.trial.unittest import SynchronousTestCase

from tests.ami.driver import AmiDriver
from tests.cti.contract import SwitchContract
from tests.cti.driver import Driver


class AmiContractTests(SwitchContract, SynchronousTestCase):
    def make_driver(self) -> Driver:
        return AmiDriver()
