"""Events in any order, and of a switch that says little."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from magroup.csta import event_messages as e
from magroup.csta.call_model import CallModel
from magroup.csta.computing_function import ComputingFunction
from magroup.cti.events import (
    CallCleared,
    CallEvent,
    Event,
)
from magroup.cti.types import Call, Cause, ConnectionId, Party
from tests.csta.faults import TALKS, FaultCase
from tests.csta.peer import LINES, devices_only


class AnyOrder(FaultCase):
    """All that four monitors tell of two calls, of which one is transferred: lost, doubled and shuffled."""

    def setUp(self) -> None:
        super().setUp()
        self.told_of: list[e.MonitorEvent] = []
        heard = self.csta._event

        def noted(event: e.MonitorEvent) -> None:
            self.told_of.append(event)
            heard(event)

        self.csta._event = noted  # type: ignore[method-assign]

    def test_any_order(self) -> None:
        """One unbroken chain of snapshots for each call; and what is not there any more ends."""
        held = ConnectionId(self.talking(), "3001")
        asked = Deferred.fromCoroutine(self.there.consultation_call(held, "3002"))
        active = self.successResultOf(asked)
        self.there.device_answers(active.call_id, "3002")
        self.successResultOf(Deferred.fromCoroutine(self.there.transfer_call(held, active)))
        self.there.device_hangs_up(held.call_id, "2001")
        self.settle()
        self.assertEqual(self.csta.calls(), ())
        whole = tuple(self.told_of)
        self.assertGreater(len(whole), 15)

        @given(st.lists(st.sampled_from(range(len(whole))), max_size=2 * len(whole)), st.booleans())
        def play(places: list[int], watches_devices: bool) -> None:
            told: list[Event] = []
            model = CallModel(lambda: 5.0, Party, told.append, "x-")
            if watches_devices:
                model.is_monitored = LINES.__contains__
            for place in places:
                model.apply(whole[place])
            for call_id in tuple(model.calls):
                model.missing(call_id, 4.0)
            last: dict[str, Call] = {}
            for event in told:
                assert isinstance(event, CallEvent)
                self.assertEqual(event.old, last.get(event.call_id))
                last[event.call_id] = event.call
            self.assertTrue(all(call.ended for call in last.values()))
            self.assertEqual(len(model), 0)

        play()


class DevicesOnly(FaultCase):
    """A switch that monitors devices and no calls, and so never says that a call is over."""

    def setUp(self) -> None:
        self.patch(ComputingFunction, "_monitor_start", devices_only(ComputingFunction._monitor_start))
        super().setUp()

    def test_of_people_outside(self) -> None:
        """Nothing is heard of them when the monitored one has left."""
        self.assertEqual(len(self.csta.device_of), len(LINES))
        call_id = self.there.arrive("0315311111", "3001")
        self.there.device_answers(call_id, "3001")
        self.settle()
        self.assertEqual(self.states_of(call_id), {"0315311111": TALKS, "3001": TALKS})
        self.there.device_hangs_up(call_id, "3001")
        self.settle()
        (over,) = self.told(CallCleared)
        self.assertEqual((over.device, over.cause), ("3001", Cause.NORMAL_CLEARING))
        self.assertEqual((self.csta.calls(), len(self.csta.model)), ((), 0))

    def test_transferred_outside(self) -> None:
        call_id = self.talking()
        moved = self.there.single_step_transfer_call(ConnectionId(call_id, "3001"), "0800")
        self.successResultOf(Deferred.fromCoroutine(moved))
        self.there.device_answers(call_id, "0800")
        self.settle()
        self.assertEqual(self.states_of(call_id), {"2001": TALKS, "0800": TALKS})
        self.there.device_hangs_up(call_id, "0800")
        self.settle()
        self.assertEqual(self.csta.calls(), ())
