"""A CSTA switch beside ours: calls that are ours already are not told, lines come and go, and the link is told of."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta.client_session import ClientSession
from magroup.csta.limits import Limits
from magroup.csta.switch import CstaSwitch
from magroup.csta.switching_function import SwitchingFunction
from magroup.cti.errors import ServiceError
from magroup.cti.events import BackInService, CallCleared, CallEvent, Delivered, Event, LinkChanged
from magroup.cti.fake import FakeSwitch
from tests.csta.sockets import Link
from tests.csta.test_contract import PEER, admit

LINES = ("2001", "3001", "3002")


class BesideTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.pbx = FakeSwitch(self.clock, LINES, trunk=True)
        self.server = SwitchingFunction(
            self.clock, self.pbx, admit, lambda address: None, str, Limits(requests_per_second=1e6)
        )  # fmt: skip
        self.csta = CstaSwitch(self.clock, ("2001", "3001"), self.pbx, prefix="csta-")
        self.ours: set[str] = set()
        """Numbers whose calls are not told."""
        self.csta.hidden.is_ours = lambda call: not self.ours.isdisjoint({call.calling.number, call.called.number})
        self.heard: list[Event] = []
        self.csta.monitor_start(self.heard.append)
        self.addCleanup(self.over)
        self.connect()

    def connect(self) -> None:
        session = ClientSession(self.clock, PEER, self.csta.heard, self.csta.link_up, self.csta.link_down)
        self.link = Link(self.server.factory, session)
        self.link.pump()

    def over(self) -> None:
        for call in self.pbx.calls():
            self.pbx.caller_hangs_up(call.id)
        self.link.pump()
        self.assertEqual((len(self.csta.model), len(self.csta.hidden)), (0, 0))
        self.link.cut()

    def arrive(self, calling: str, called: str) -> str:
        call_id = self.pbx.arrive(calling, called)
        self.link.pump()
        return f"csta-{call_id}"

    def names(self) -> list[str]:
        """The events of calls so far, which are forgotten."""
        names = [type(event).__name__ for event in self.heard if isinstance(event, CallEvent)]
        self.heard.clear()
        return names

    def test_ids(self) -> None:
        """They say whose call it is; the PBX gets its own back."""
        call_id = self.arrive("2001", "3001")
        (call,) = self.csta.calls()
        self.assertEqual(call.id, call_id)
        part = call.connections[1].id
        answered = self.csta.answer_call(part)
        answered.send(None)
        self.link.pump()
        self.assertEqual(self.pbx.calls()[0].connections[1].state.value, "connected")

    def test_ours(self) -> None:
        self.ours = {"0791112233"}
        self.arrive("0791112233", "3001")
        self.assertEqual((self.names(), self.csta.calls(), self.csta.snapshot_device("3001")), ([], (), ()))
        self.arrive("2001", "3001")
        self.assertEqual(len(self.csta.calls()), 1)

    def test_found_out_later(self) -> None:
        """What was told goes again."""
        call_id = self.arrive("0791112233", "3001")
        self.assertEqual(self.names(), ["Delivered"])
        self.ours = {"0791112233"}
        self.csta.judge_again({"3002"})
        self.assertEqual(len(self.csta.calls()), 1)
        self.csta.judge_again({"3001"})
        cleared = self.heard[-1]
        assert isinstance(cleared, CallCleared)
        self.assertEqual((cleared.call_id, cleared.call.ended), (call_id, True))
        self.assertEqual(self.names(), ["ConnectionCleared", "ConnectionCleared", "CallCleared"])
        self.assertEqual(self.csta.calls(), ())
        self.pbx.device_answers(call_id.removeprefix("csta-"), "3001")
        self.link.pump()
        self.assertEqual(self.names(), [])

    def test_found_out_by_an_event(self) -> None:
        call_id = self.arrive("0791112233", "3001")
        self.names()
        self.ours = {"0791112233"}
        self.pbx.device_answers(call_id.removeprefix("csta-"), "3001")
        self.link.pump()
        self.assertEqual(self.names(), ["ConnectionCleared", "ConnectionCleared", "CallCleared"])

    def test_after_the_link(self) -> None:
        """A hidden call stays hidden, whether it goes on or has ended; one that is new is judged."""
        self.ours = {"0791112233", "0794445566"}
        self.arrive("0791112233", "3001")
        self.link.cut()
        self.pbx.arrive("0794445566", "2001")
        self.connect()
        self.assertEqual((self.names(), self.csta.calls(), len(self.csta.hidden)), ([], (), 2))
        self.link.cut()
        for call in self.pbx.calls():
            self.pbx.caller_hangs_up(call.id)
        self.connect()
        self.assertEqual((self.names(), len(self.csta.hidden)), ([], 0))

    def test_link(self) -> None:
        """All monitors hear of it, those of devices too."""
        one: list[Event] = []
        self.csta.monitor_start(one.append, "2001")
        self.assertTrue(self.csta.is_linked)
        self.link.cut()
        self.assertFalse(self.csta.is_linked)
        self.connect()
        told = [event for event in self.heard if isinstance(event, LinkChanged)]
        self.assertEqual([event.is_linked for event in told], [True, False, True])
        self.assertTrue(told[1].reason)
        self.assertEqual(one, told[1:])

    def test_other_lines(self) -> None:
        """A new one is looked at while nothing else changes; one that is gone is monitored no more."""
        self.pbx.arrive("2001", "3002")
        self.link.pump()
        self.heard.clear()
        self.csta.set_lines(("3001", "3002"))
        self.link.pump()
        self.assertEqual([event for event in self.heard if isinstance(event, LinkChanged)], [])
        self.assertEqual(sorted(self.csta.device_of.values()), ["3001", "3002"])
        self.assertEqual([self.csta.in_service(line) for line in LINES], [False, True, True])
        self.assertEqual([call.called.number for call in self.csta.snapshot_device("3002")], ["3002"])
        with self.assertRaises(ServiceError):
            self.csta.snapshot_device("2001")
        self.pbx.set_in_service("3002", False)
        self.pbx.set_in_service("3002", True)
        self.link.pump()
        self.assertIsInstance(self.heard[-1], BackInService)

    def test_other_lines_without_a_link(self) -> None:
        self.link.cut()
        self.csta.set_lines(("3002",))
        self.connect()
        self.assertEqual(list(self.csta.device_of.values()), ["3002"])
        self.arrive("3001", "3002")
        self.assertIsInstance(self.heard[-1], Delivered)
