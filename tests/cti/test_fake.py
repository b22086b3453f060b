"""FakeSwitch keeps the contract of the port; its scripting for the rest."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.events import Delivered, Event, Held, NetworkReached, Retrieved
from magroup.cti.fake import FakeSwitch, Phone
from magroup.cti.switch import Accept, Forwards, PicksUp, Ring, Switch
from magroup.cti.types import Cause, ConnectionState, Party
from tests.cti.contract import SwitchContract
from tests.cti.driver import Driver


class FakeDriver(Driver):
    sounds = ("Welcome.wav", "Waiting.wav")

    def __init__(self) -> None:
        self.fake = FakeSwitch(Clock(), (self.CALLER, *self.PHONES))
        self.fake.missing_sounds.add(self.missing_sound)
        self.switch: Switch = self.fake

    def settle(self) -> None:
        pass

    def finish_message(self) -> None:
        for call in self.fake.calls():
            self.fake.message_ends(call.id)

    def dial(self, caller: str, number: str) -> None:
        self.fake.arrive(caller, number, self.CALLER_NAME)

    def hang_up(self, phone: str) -> None:
        self.fake.device_hangs_up(self._call_of(phone), phone)

    def _call_of(self, phone: str) -> str:
        """The call that the phone itself is in."""
        (found,) = (call.id for call in self.fake.calls()
                    if call.connection(phone) and not self.fake.is_elsewhere(call.id, phone))  # fmt: skip
        return found

    def answer(self, phone: str) -> None:
        for call in self.fake.calls():
            self.fake.device_answers(call.id, phone)

    def press(self, phone: str, digits: str) -> None:
        for call in self.fake.calls():
            self.fake.dials(call.id, digits)

    def speak(self, phone: str, seconds: float) -> None:
        self.fake.seconds_said = seconds

    def hold(self, phone: str) -> None:
        self.fake.device_holds(self._call_of(phone), phone)

    def resume(self, phone: str) -> None:
        self.fake.device_retrieves(self._call_of(phone), phone)

    def obey(self, phone: str) -> None:
        """All phones of FakeSwitch do."""

    def take_no_digits(self, phone: str) -> None:
        self.fake.takes_no_digits.add(phone)

    def set_busy(self, phone: str) -> None:
        self.fake.phones[phone] = Phone.BUSY

    def unregister(self, phone: str) -> None:
        self.fake.set_in_service(phone, False)

    def register(self, phone: str) -> None:
        self.fake.set_in_service(phone, True)

    def forward(self, forwarded: Forwards) -> None:
        self.fake.forwarded = forwarded

    def let_pick_up(self, code: str, pickup: PicksUp) -> None:
        self.fake.pickup_code, self.fake.pickup = code, pickup

    def left_over(self) -> object:
        return any(self.fake.describe().values())


class FakeSwitchContractTests(SwitchContract, SynchronousTestCase):
    def make_driver(self) -> Driver:
        return FakeDriver()


class SlowCancelContractTests(FakeSwitchContractTests):
    """The same where a cancelled phone learns of it later."""

    def make_driver(self) -> Driver:
        return SlowDriver()


class SlowDriver(FakeDriver):
    def __init__(self) -> None:
        super().__init__()
        self.fake.slow_cancel = True

    def settle(self) -> None:
        for call in self.fake.calls():
            for phone in self.PHONES:
                self.fake.cancel_completes(call.id, phone)


class ScriptTests(SynchronousTestCase):
    """What the contract does not speak of."""

    def setUp(self) -> None:
        self.switch = FakeSwitch(Clock(), ("3001", "3002"), trunk=True)
        self.events: list[Event] = []
        self.switch.monitor_start(self.events.append)
        self.switch.route_register(["8001"])

    def test_effects_in_order(self) -> None:
        call_id = self.switch.arrive("0315311111", "8001")
        self.switch.accept_call(call_id, Accept.ANSWER)
        self.switch.play_message(call_id, ["a.wav", "b.wav"], True)
        self.switch.stop_message(call_id)
        self.switch.clear(call_id, Cause.BUSY)
        self.assertEqual(
            self.switch.effects,
            [
                ("route", ("8001",)),
                ("accept", Accept.ANSWER),
                ("repeat", "a.wav", "b.wav"),
                ("stop",),
                ("clear", Cause.BUSY),
            ],
        )

    def test_accepting_is_never_undone(self) -> None:
        call_id = self.switch.arrive("0315311111", "8001")
        self.switch.accept_call(call_id, Accept.EARLY_MEDIA)
        self.switch.accept_call(call_id, Accept.RINGING)
        self.assertIs(self.switch.accepted(call_id), Accept.EARLY_MEDIA)

    def test_playing(self) -> None:
        call_id = self.switch.arrive("0315311111", "8001")
        self.switch.play_message(call_id, ["a.wav"], True)
        self.assertEqual(self.switch.playing(call_id), ("a.wav",))
        self.assertIs(self.switch.accepted(call_id), Accept.EARLY_MEDIA)

    def test_over_a_trunk(self) -> None:
        call_id = self.switch.arrive("3001", "0800")
        self.assertIsInstance(self.events[-1], NetworkReached)
        self.switch.device_answers(call_id, "0800")
        (call,) = self.switch.calls()
        connection = call.connection("0800")
        assert connection is not None
        self.assertTrue(connection.party.external)
        self.assertIs(connection.state, ConnectionState.CONNECTED)

    def test_ring_over_a_trunk(self) -> None:
        """A number outside, as a device of a route point."""
        call_id = self.switch.arrive("0315311111", "8001")
        self.switch.ring(call_id, [Ring("0800", Party("0315311111"))])
        self.assertIsInstance(self.events[-1], Delivered)
        self.switch.device_answers(call_id, "0800")
        (call,) = self.switch.calls()
        connection = call.connection("0800")
        assert connection is not None
        self.assertTrue(connection.party.external)

    def test_hold(self) -> None:
        call_id = self.switch.arrive("3001", "3002")
        self.switch.device_answers(call_id, "3002")
        self.switch.device_holds(call_id, "3002")
        self.assertIsInstance(self.events[-1], Held)
        self.switch.device_retrieves(call_id, "3002")
        self.assertIsInstance(self.events[-1], Retrieved)

    def test_silent_phone(self) -> None:
        self.switch.phones["3002"] = Phone.SILENT
        call_id = self.switch.arrive("3001", "3002")
        told = len(self.events)
        self.switch.device_rings(call_id, "3002")
        self.switch.device_rings(call_id, "3002")
        self.assertEqual(len(self.events), told + 1)
        self.switch.device_busy(call_id, "3002")
        self.assertFalse(any(self.switch.describe().values()))

    def test_prompted_phone_gives_up(self) -> None:
        """A call that was never made ends as one."""
        made = self.switch.make_call("3001", "3002")
        with self.assertRaises(StopIteration):
            made.send(None)
        (call,) = self.switch.calls()
        self.switch.device_hangs_up(call.id, "3001")
        self.assertFalse(any(self.switch.describe().values()))

    def test_failing_listener(self) -> None:
        """The others hear it all the same."""

        def fail(event: Event) -> None:
            raise ValueError("on purpose")

        self.switch.monitor_start(fail)
        heard: list[Event] = []
        self.switch.monitor_start(heard.append)
        self.switch.set_in_service("3001", False)
        self.assertEqual(len(heard), 1)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)


class Contract(SynchronousTestCase):
    def test_no_test_hides_another(self) -> None:
        found: dict[str, str] = {}
        for part in SwitchContract.__mro__:
            for name in (name for name in vars(part) if name.startswith("test_")):
                self.assertNotIn(name, found, part.__name__)
                found[name] = part.__name__
