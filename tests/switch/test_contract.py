"""The embedded switch keeps the contract of the port, driven by simulated phones."""

from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.switch import Forwards, PicksUp
from magroup.model.people import User
from magroup.switch.switch import SipSwitch
from tests.cti.contract import SwitchContract
from tests.cti.driver import Driver
from tests.switch.bench import Bench, BenchTest, Phone, Talk, company, run


class RingingPhone(Phone):
    """A phone that rings by itself when it is called, or says that it is busy."""

    def __init__(self, bench: Bench, number: str, host: str) -> None:
        super().__init__(bench, number, host)
        self.is_busy = False
        self.dialled: list[Talk] = []

    def _invited(self, transaction: Any, request: Any, hop: Any) -> None:
        super()._invited(transaction, request, hop)
        if self.is_busy:
            self.call.reject(486)
        else:
            self.call.ring()

    def talks(self) -> list[Talk]:
        return [talk for talk in (*self.calls, *self.dialled) if talk.session.state.name != "ENDED"]


class SimulatedPhones(Driver):
    """SIP phones on the bench's network."""

    sounds = ("Welcome.wav", "Waiting1.wav")

    def __init__(self) -> None:
        configuration = company((self.CALLER, *self.PHONES))
        caller = User(1, "carla", "Carla", "Caller", lines=(self.CALLER,))
        configuration = replace(configuration, users=(caller, *configuration.users[1:]))
        self.bench = Bench(configuration, BenchTest.settings)
        self.switch: SipSwitch = self.bench.switch
        self.phones = {number: RingingPhone(self.bench, number, f"127.0.0.{at}")
                       for at, number in enumerate((self.CALLER, *self.PHONES), 11)}  # fmt: skip
        for phone in self.phones.values():
            phone.register()

    def settle(self) -> None:
        """With the quarter of a second after which a caller gets its 100, without which it cannot give up."""
        self.bench.run(0.3)

    def finish_message(self) -> None:
        self.bench.run(6.0)

    def dial(self, caller: str, number: str) -> None:
        phone = self.phones[caller]
        phone.dialled.append(phone.dial(number))

    def hang_up(self, phone: str) -> None:
        for talk in self.phones[phone].talks():
            if talk.is_up or talk in self.phones[phone].dialled:
                talk.hang_up()
            else:
                talk.reject(603)

    def answer(self, phone: str) -> None:
        for talk in self.phones[phone].talks():
            if talk not in self.phones[phone].dialled and not talk.is_up:
                talk.answer()

    def set_busy(self, phone: str) -> None:
        self.phones[phone].is_busy = True

    def unregister(self, phone: str) -> None:
        self.phones[phone].unregister()

    def register(self, phone: str) -> None:
        self.phones[phone].register()

    def forward(self, forwarded: Forwards) -> None:
        self.switch.forwarded = forwarded

    def let_pick_up(self, code: str, pickup: PicksUp) -> None:
        self.switch.pickup_code, self.switch.pickup = code, pickup

    def left_over(self) -> object:
        self.bench.run(40.0, 0.5)
        return {name: value for name, value in self.bench.left().items() if value}

    def stop(self) -> None:
        run(self.bench.telephony.stop())


class EmbeddedSwitchTests(SwitchContract, SynchronousTestCase):
    """SipSwitch."""

    def make_driver(self) -> Driver:
        self._phones = SimulatedPhones()
        return self._phones

    def tearDown(self) -> None:
        super().tearDown()
        self._phones.stop()
