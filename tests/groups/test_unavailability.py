"""Unavailable by itself: who has no phone and no gadget, and what is true again with the first."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake import Effect, FakeSwitch
from magroup.groups.presence import PresenceBook
from magroup.groups.unavailability import Unavailability
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.presence import Presence, PresenceState
from tests.groups.world import WorldTestCase
from tests.policy.company import LINES, USERS, company, to_number

CONFIGURATION = Configuration(
    users=(
        User(1, "Rafael", lines=("1047", "1048")), User(2, "Ara", lines=("1175", "2000")), User(3, "Joe"),
        User(4, "Zoe", lines=("1175",)),
    ),
    lines=(Line("1047"), Line("1048"), Line("1175"), Line("2000", on_pbx=True)),
)  # fmt: skip


class UnavailabilityTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(100)
        self.switch = FakeSwitch(self.clock, ("1047", "1048", "1175"))
        self.saved: list[str] = []
        self.book = PresenceBook(self.clock, lambda name, state: self.saved.append(name))
        self.heard: list[tuple[str, int]] = []
        self.book.subscribe(lambda name, state: self.heard.append((name, state.value)))
        self.gadgets: set[str] = set()
        self.unavailability = Unavailability(
            self.switch, self.book, CONFIGURATION, lambda user_name: user_name in self.gadgets
        )  # fmt: skip

    def service(self, number: str, is_there: bool) -> None:
        self.clock.advance(1)
        self.switch.set_in_service(number, is_there)

    def now(self, name: str = "rafael") -> int:
        return self.book.get(name).value

    def test_last_phone_and_first(self) -> None:
        self.book.set("rafael", 1, "Lunch", "rafael")
        self.unavailability.start()
        self.service("1047", False)
        self.assertEqual(self.now(), 1)
        self.service("1048", False)
        self.assertEqual(self.book.get("Rafael"), PresenceState(Presence.UNAVAILABLE, "", 102.0, "line 1048"))
        self.assertEqual(self.book.states["rafael"].value, 6)
        self.assertEqual(self.book.said["rafael"].value, 1)
        self.service("1047", True)
        self.assertEqual(self.book.get("rafael"), PresenceState(Presence.AWAY, "Lunch", 100.0, "rafael"))
        self.assertEqual(self.heard, [("rafael", 1), ("rafael", 6), ("rafael", 1)])
        self.assertEqual(self.saved, ["rafael"])

    def test_at_the_start(self) -> None:
        self.switch.set_in_service("1047", False)
        self.switch.set_in_service("1048", False)
        self.unavailability.start()
        self.assertEqual(self.now(), 6)
        self.assertEqual(self.saved, [])

    def test_set_meanwhile(self) -> None:
        """What is set while no phone is there becomes true with the first."""
        self.unavailability.start()
        self.service("1047", False)
        self.service("1048", False)
        self.book.set("rafael", 4, "", "admin")
        self.assertEqual((self.now(), self.saved), (6, ["rafael"]))
        self.service("1048", True)
        self.assertEqual(self.now(), 4)

    def test_lines_on_a_pbx_are_in_service(self) -> None:
        self.unavailability.start()
        self.service("1175", False)
        self.assertEqual((self.now("ara"), self.now("zoe")), (0, 6))

    def test_nobody_without_a_line(self) -> None:
        self.unavailability.start()
        self.assertEqual(self.now("joe"), 0)

    def test_gadget(self) -> None:
        self.unavailability.start()
        self.gadgets.add("zoe")
        self.service("1175", False)
        self.assertEqual(self.now("zoe"), 0)
        self.gadgets.clear()
        self.unavailability.look_at("Zoe", "gadget")
        self.assertEqual(self.book.get("zoe").changed_by, "gadget")
        self.gadgets.add("zoe")
        self.unavailability.look_at("Zoe", "gadget")
        self.assertEqual(self.now("zoe"), 0)
        self.unavailability.look_at("unknown", "gadget")

    def test_configuration(self) -> None:
        """A line that is taken away, or given, counts at once; a user who is gone is forgotten."""
        self.unavailability.start()
        self.service("1175", False)
        moved = Configuration(users=(User(4, "Zoe", lines=("1047",)),), lines=CONFIGURATION.lines)
        self.unavailability.configure(moved)
        self.assertEqual(self.now("zoe"), 0)
        self.unavailability.configure(CONFIGURATION)
        self.assertEqual(self.now("zoe"), 6)
        self.book.keep_only({"rafael": 1})
        self.assertEqual(self.now("zoe"), 0)

    def test_stopped(self) -> None:
        self.unavailability.start()
        self.unavailability.stop()
        self.service("1175", False)
        self.assertEqual(self.now("zoe"), 0)


class InTheFlow(WorldTestCase):
    """Calls go by the lines in service and by what people said: nobody is rung twice, no call is lost."""

    def configuration(self) -> Configuration:
        return company(waiting=["Waiting.wav"], overflow=Overflow())

    def setUp(self) -> None:
        super().setUp()
        self.unavailability = Unavailability(self.switch, self.book, self.configuration())
        self.unavailability.start()

    def rung(self) -> list[Effect]:
        return [effect for effect in self.says() if effect[0] == "ring"]

    def test_first_phone_of_the_first_rings(self) -> None:
        for name in LINES:
            self.switch.set_in_service(LINES[name], False)
        self.assertEqual({self.book.get(USERS[name]).value for name in LINES}, {Presence.UNAVAILABLE})
        call_id = self.dial()
        manager = next(iter(LINES.values()))
        self.switch.set_in_service(manager, True)
        self.assertEqual(self.rung(), [("ring", manager)])
        self.assertIn("out of service", self.trail(call_id))

    def test_forwarded_line_without_a_phone(self) -> None:
        """A manager without a phone whose line is forwarded is reached there, for that was set."""
        manager = next(iter(LINES))
        self.switch.set_in_service(LINES[manager], False)
        self.forwards(manager, to_number("0791234567"))
        self.dial()
        self.assertEqual(self.rung(), [("ring", "0791234567")])
