"""The embedded switch keeps the contract of the port, driven by simulated phones."""

from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake_control import FakeForwardings
from magroup.cti.switch import Forwards, PicksUp
from magroup.model.people import User
from magroup.rtp import telephone_event
from magroup.rtp.codec import CODECS
from magroup.rtp.packet import Packet, pack
from magroup.rtp.telephone_event import DIGITS, TelephoneEvent
from magroup.sip.sdp_relay import audio_endpoint
from magroup.switch.switch import SipSwitch
from tests.cti.contract import SwitchContract
from tests.cti.driver import Driver
from tests.peers import audio
from tests.switch.bench import Bench, BenchTest, Phone, Talk, company, run


class RingingPhone(Phone):
    """A phone that rings by itself when it is called, or says that it is busy."""

    def __init__(self, bench: Bench, number: str, host: str) -> None:
        super().__init__(bench, number, host)
        self.is_busy = False
        self.is_obedient = False
        self.dialled: list[Talk] = []

    def _invited(self, transaction: Any, request: Any, hop: Any) -> None:
        super()._invited(transaction, request, hop)
        if self.is_busy:
            self.call.reject(486)
        else:
            self.call.ring()
            if self.is_obedient and request.get("Answer-Mode") == "Auto":
                self.call.answer()

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
        self._packets = 0
        self.switch: SipSwitch = self.bench.switch
        self.phones = {number: RingingPhone(self.bench, number, f"127.0.0.{at}")
                       for at, number in enumerate((self.CALLER, *self.PHONES), 11)}  # fmt: skip
        for phone in self.phones.values():
            phone.register()
        self.switch.forwardings = FakeForwardings(self.switch.forwarding_set)

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

    def press(self, phone: str, digits: str) -> None:
        for digit in digits:
            event = TelephoneEvent(DIGITS.index(digit), False, 10, 800)
            self._send(phone, 101, telephone_event.pack(event), marker=True)
            self.bench.run(0.2)

    def speak(self, phone: str, seconds: float) -> None:
        encode = CODECS["PCMU"].new_encoder()
        sound = audio.tone(440, seconds)
        for at in range(0, len(sound), 160):
            self._send(phone, 0, encode(sound[at : at + 160]))
            self.bench.clock.advance(0.02)

    def _send(self, phone: str, payload_type: int, payload: bytes, marker: bool = False) -> None:
        """A packet to where the phone's call is heard."""
        self._packets += 1
        talk = self._up(phone)
        here = (self.phones[phone].host, self.phones[phone].media_port)
        wire = self.bench.wires.open_wires.get(here) or self.bench.wires.open(*here, lambda data, address: None)
        there = audio_endpoint(talk.heard_sdp)
        packet = Packet(payload_type, marker, self._packets & 0xFFFF, self._packets * 160, 77, payload)
        wire.send(pack(packet), (there.host, there.port))

    def hold(self, phone: str) -> None:
        self._up(phone).hold()

    def resume(self, phone: str) -> None:
        self._up(phone).retrieve()

    def _up(self, phone: str) -> Talk:
        return next(talk for talk in self.phones[phone].talks() if talk.is_up)

    def obey(self, phone: str) -> None:
        self.phones[phone].is_obedient = True

    def take_no_digits(self, phone: str) -> None:
        self.phones[phone].allow = "INVITE, ACK, CANCEL, BYE"

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
