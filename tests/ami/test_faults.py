"""What goes wrong between AmiSwitch and Asterisk: in each action, while it is listed, with events of any kind."""

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.ami import switch
from magroup.ami.control import SEEN_SECONDS
from magroup.ami.session import ANSWER_SECONDS, MOST_UNANSWERED
from magroup.cti.call_control import UNSEEN, Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import (
    BackInService,
    CallCleared,
    CallEvent,
    Delivered,
    Established,
    Event,
    ForwardingSet,
    LinkChanged,
    OutOfService,
)
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.model.forwarding import Forwarding, ForwardTo
from tests.ami.driver import AmiDriver


class FaultTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.driver = AmiDriver()
        self.switch = self.driver.ami
        self.events: list[Event] = []
        self.switch.monitor_start(self.events.append)

    def tearDown(self) -> None:
        """One unbroken chain of snapshots, whatever went wrong."""
        last: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, CallEvent):
                self.assertEqual(event.old, last.get(event.call_id), event)
                last[event.call_id] = event.call

    def come_back(self) -> None:
        for _ in range(70):
            self.driver.clock.advance(1)
            self.driver.settle()
        self.assertTrue(self.switch.is_linked)

    def talk(self) -> ConnectionId:
        self.driver.dial("2001", "3001")
        self.driver.settle()
        self.driver.answer("3001")
        self.driver.settle()
        (call,) = self.switch.calls()
        return ConnectionId(call.id, "3001")

    def ring(self) -> ConnectionId:
        self.driver.dial("2001", "3001")
        self.driver.settle()
        return ConnectionId(self.switch.calls()[0].id, "3001")

    def services(self) -> dict[str, Callable[[], Coroutine[Any, Any, Any]]]:
        """Each action, by the service that it is for."""
        switch = self.switch
        forwarding = Forwarding(ForwardTo.NUMBER, "3002")
        return {
            "Originate": lambda: switch.make_call("3002", "3003"),
            "Hangup": lambda: switch.clear_connection(self.talk()),
            "Atxfer": lambda: switch.consultation_call(self.talk(), "3002"),
            "BlindTransfer": lambda: switch.single_step_transfer_call(self.talk(), "3002"),
            "PlayDTMF": lambda: switch.generate_digits(self.talk(), "12"),
            "PJSIPNotify": lambda: switch.hold_call(self.talk()),
            "Redirect": lambda: switch.deflect_call(self.ring(), "3002"),
            "DBGet": lambda: switch.get_forwarding("3001"),
            "DBPut": lambda: switch.set_forwarding("3001", forwarding),
            "DBDel": lambda: switch.set_forwarding("3001", Forwarding()),
            "Setvar": lambda: switch.set_do_not_disturb("3001", True),
        }

    def outcome(self, service: Coroutine[Any, Any, Any], seconds: float = 0) -> ServiceError:
        done = Deferred.fromCoroutine(service)
        self.driver.settle()
        self.driver.clock.advance(seconds)
        self.driver.settle()
        error = self.failureResultOf(done, ServiceError).value
        assert isinstance(error, ServiceError)
        return error

    def test_cut_in_each_action(self) -> None:
        """The service fails with the reason; the link comes back, and what was done meanwhile is known."""
        for name, service in self.services().items():
            self.driver.manager.cut.add(name)
            error = self.outcome(service())
            self.assertEqual(error.failure, Failure.GENERIC, name)
            self.assertIn("The link to Asterisk is down", str(error), name)
            self.assertFalse(self.switch.is_linked)
            self.come_back()
            self.assertEqual([one.name for one in self.driver.asterisk.channels] == [], not self.switch.calls(), name)
            for channel in tuple(self.driver.asterisk.channels):
                self.driver.asterisk.end(channel, 16)
            self.driver.settle()
            self.assertFalse(self.driver.left_over(), name)

    def test_no_answer_to_each_action(self) -> None:
        """Not for ever."""
        for name, service in self.services().items():
            self.driver.manager.deaf.add(name)
            error = self.outcome(service(), ANSWER_SECONDS)
            self.assertIn(f"has not answered {name}", str(error))
            self.driver.manager.deaf.discard(name)
            for channel in tuple(self.driver.asterisk.channels):
                self.driver.asterisk.end(channel, 16)
            self.driver.settle()
            self.assertFalse(self.driver.left_over(), name)

    def test_each_action_refused(self) -> None:
        """Asterisk's own words are the reason."""
        for name, service in self.services().items():
            if name == "DBDel":
                continue
            self.driver.manager.refused = {name: "Permission denied"}
            self.assertIn("Permission denied", str(self.outcome(service())))
            self.driver.manager.refused = {}
            for channel in tuple(self.driver.asterisk.channels):
                self.driver.asterisk.end(channel, 16)
            self.driver.settle()
            self.assertFalse(self.driver.left_over(), name)

    def test_nothing_comes_of_it(self) -> None:
        """Accepted, and nothing happens: a consultation is waited for, but not for ever."""
        mine = self.talk()
        self.driver.asterisk.consult = lambda channel, exten: None  # type: ignore[method-assign]
        error = self.outcome(self.switch.consultation_call(mine, "3002"), SEEN_SECONDS)
        self.assertIn("not begun", str(error))

    def test_link_down(self) -> None:
        """Told to all; calls are kept, services refused with the reason."""
        one: list[Event] = []
        self.switch.monitor_start(one.append, "3003")
        mine = self.talk()
        before = self.switch.calls()
        self.driver.endpoint.is_reachable = False
        self.driver.endpoint.cut()
        self.driver.settle()
        self.assertFalse(self.switch.is_linked)
        (down,) = one
        assert isinstance(down, LinkChanged)
        self.assertEqual((down.is_linked, down.device), (False, ""))
        self.assertTrue(down.reason)
        self.assertEqual(self.switch.calls(), before)
        self.assertIn("link to Asterisk is down", self.switch.can(Service.CLEAR_CONNECTION, mine))
        self.assertIn("link to Asterisk is down", str(self.outcome(self.switch.clear_connection(mine))))
        self.driver.endpoint.is_reachable = True
        self.come_back()
        self.assertEqual(one[1:], [LinkChanged("", one[1].at, True)])
        self.assertEqual(self.switch.calls(), before)
        self.assertEqual(self.switch.can(Service.CLEAR_CONNECTION, mine), "")

    def test_what_happened_meanwhile(self) -> None:
        """One call ended, one was answered, one is new: told before the link is said to be back."""
        self.talk()
        self.driver.dial("3002", "3003")
        self.driver.settle()
        ended, rings = self.switch.calls()
        self.driver.clock.advance(5)
        self.driver.endpoint.cut()
        self.driver.settle()
        self.events.clear()
        down_at = self.switch.since
        self.driver.hang_up("3001")
        self.driver.answer("3003")
        self.driver.dial("2001", "3001")
        self.driver.asterisk.register("3001", False)
        self.come_back()
        over = next(event for event in self.events if isinstance(event, CallCleared))
        self.assertEqual((over.at, over.device, over.detail), (down_at, "", UNSEEN))
        told = {(type(event), getattr(event, "call_id", event.device)) for event in self.events}
        self.assertLessEqual(
            {(CallCleared, ended.id), (Established, rings.id), (OutOfService, "3001"), (LinkChanged, "")}, told
        )
        self.assertIsInstance(self.events[-1], LinkChanged)
        (answered, new) = self.switch.calls()
        self.assertEqual({one.state for one in answered.connections}, {ConnectionState.CONNECTED})
        self.assertEqual({one.id.device: one.state for one in new.connections},
                         {"2001": ConnectionState.CONNECTED, "3001": ConnectionState.ALERTING})  # fmt: skip
        self.driver.register("3001")
        self.driver.settle()
        self.assertIsInstance(self.events[-1], BackInService)
        self.events.clear()

    def test_while_it_is_listed(self) -> None:
        """What happens between the login and the end of the list is not lost."""
        self.driver.endpoint.cut()
        self.driver.settle()
        self.driver.manager.deaf.add("CoreShowChannels")
        self.driver.clock.advance(1)
        self.driver.settle()
        self.assertFalse(self.switch.is_linked)
        self.driver.dial("2001", "3001")
        self.driver.settle()
        self.assertEqual(self.switch.calls(), ())
        asked = self.driver.manager.named("CoreShowChannels")[-1]["ActionID"]
        session = self.driver.manager.sessions[0]
        session.send([("Response", "Success"), ("ActionID", asked), ("EventList", "start")])
        session.send([("Event", "CoreShowChannelsComplete"), ("ActionID", asked), ("EventList", "Complete")])
        self.driver.settle()
        self.assertTrue(self.switch.is_linked)
        self.assertEqual(len(self.switch.calls()), 1)
        self.assertTrue(any(isinstance(event, Delivered) for event in self.events))

    def test_too_much_while_it_is_listed(self) -> None:
        """What waits has a limit: a list that does not end is asked for anew."""
        self.patch(switch, "MOST_PENDING", 20)
        self.driver.endpoint.cut()
        self.driver.settle()
        self.driver.manager.deaf.add("CoreShowChannels")
        self.driver.clock.advance(1)
        self.driver.settle()
        for _ in range(5):
            self.driver.dial("2001", "3001")
        self.driver.settle()
        self.assertIn("too much happens", self.driver.link.reason)
        self.driver.manager.deaf.clear()
        self.come_back()
        self.assertEqual(len(self.switch.calls()), 5)

    def test_too_many_actions(self) -> None:
        """A peer that does not answer is not asked without end."""
        self.driver.manager.deaf.add("DBGet")
        asked = [Deferred.fromCoroutine(self.switch.get_forwarding("3001")) for _ in range(MOST_UNANSWERED)]
        error = self.outcome(self.switch.get_forwarding("3001"))
        self.assertIn("Asterisk is slow", str(error))
        self.driver.clock.advance(ANSWER_SECONDS)
        for one in asked:
            self.failureResultOf(one, ServiceError)

    def test_no_list(self) -> None:
        """Without knowing what there is, the link is of no use."""
        self.driver.manager.refused = {"CoreShowChannels": "Permission denied"}
        self.driver.endpoint.cut()
        self.driver.settle()
        self.driver.clock.advance(1)
        self.driver.settle()
        self.assertFalse(self.switch.is_linked)
        self.assertIn("Permission denied", self.driver.link.reason)

    def test_everything_twice(self) -> None:
        """Repeated events change nothing."""
        once = self.driver.asterisk.tell

        def twice(event: str, fields: list[tuple[str, str]]) -> None:
            once(event, fields)
            once(event, fields)

        self.driver.asterisk.tell = twice
        self.talk()
        self.driver.hang_up("3001")
        self.driver.settle()
        names = [type(event).__name__ for event in self.events]
        self.assertEqual(names, ["Originated", "Delivered", "Established", "ConnectionCleared", "ConnectionCleared",
                                 "CallCleared"])  # fmt: skip
        self.assertFalse(self.driver.left_over())

    def test_late_events(self) -> None:
        """What comes after the end of a channel does not bring it back."""
        heard: list[tuple[str, list[tuple[str, str]]]] = []
        once = self.driver.asterisk.tell

        def remember(event: str, fields: list[tuple[str, str]]) -> None:
            heard.append((event, fields))
            once(event, fields)

        self.driver.asterisk.tell = remember
        self.talk()
        self.driver.hang_up("2001")
        self.driver.settle()
        told = len(self.events)
        for event, fields in heard:
            once(event, fields)
        self.driver.settle()
        self.assertEqual((self.switch.calls(), len(self.events)), ((), told))
        self.assertFalse(self.driver.left_over())

    def test_events_of_nothing(self) -> None:
        """Without fields, with wrong ones, of what nobody knows."""
        wrong = [
            ("Uniqueid", "9.9"), ("ChannelState", "\u0664"), ("Channel", "<>"), ("Result", "Success"), ("Digit", "1"),
            ("TransfererUniqueid", "9.9"), ("OrigTransfererUniqueid", "9.9"), ("DestUniqueid", "9.9"), ("Cause", "x"),
            ("Device", "PJSIP/"), ("Newname", ""),
        ]  # fmt: skip
        for event in ("Newchannel", "DialBegin", "DialEnd", "BridgeEnter", "BridgeLeave", "Hold", "Rename", "Hangup",
                      "AttendedTransfer", "BlindTransfer", "DTMFEnd", "DeviceStateChange", "OriginateResponse",
                      "CoreShowChannel", "Pickup", "NewExten", "SoftHangupRequest"):  # fmt: skip
            for fields in ([], [("Uniqueid", "")], [("Uniqueid", "x" * 500)], wrong):
                self.driver.asterisk.tell(event, fields)
        self.driver.settle()
        self.assertTrue(self.switch.is_linked)
        self.assertEqual(self.switch.calls(), ())

    def test_not_understood(self) -> None:
        """A mistake of ours costs the link, which comes back with a fresh list, and not the server."""
        book = self.switch._book
        real = book.apply
        book.apply = lambda message, now: 1 // 0  # type: ignore[method-assign, assignment, return-value]
        self.driver.dial("2001", "3001")
        self.driver.settle()
        self.assertTrue(self.flushLoggedErrors(ZeroDivisionError))
        book.apply = real  # type: ignore[method-assign]
        self.come_back()
        self.assertEqual(len(self.switch.calls()), 1)

    def test_set_at_the_phone(self) -> None:
        """FreePBX tells of its features by the state of a device."""
        self.driver.asterisk.database["CF", "3001"] = "0791234567"
        self.driver.asterisk.device("Custom:DEVCF3001", "BUSY")
        self.driver.asterisk.device("Custom:DND3001", "BUSY")
        self.driver.asterisk.device("Custom:DND3001", "BUSY")
        self.driver.settle()
        (on, forwarded) = self.events
        assert isinstance(forwarded, ForwardingSet)
        self.assertEqual(forwarded.forwarding, Forwarding(ForwardTo.NUMBER, "0791234567"))
        self.assertEqual(on.device, "3001")

    def test_failing_listener(self) -> None:
        def fail(event: Event) -> None:
            raise ValueError("on purpose")

        self.switch.monitor_start(fail)
        self.talk()
        self.assertTrue(self.flushLoggedErrors(ValueError))
        self.assertTrue(self.events)

