"""Calls and their events: what is told is what is heard, and nothing else is taken for one."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.call_form import EVENT, TOLD, call_form, call_of, event_form, event_from
from magroup.cluster.wire import of_kind, read, written
from magroup.cti import events
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
parties = st.builds(Party, texts, texts, st.booleans())
times = st.floats(0, 4e9)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    connections = draw(st.lists(
        st.tuples(texts, st.sampled_from(ConnectionState), parties, st.booleans(), times), max_size=4,
        unique_by=lambda one: one[0],
    ))  # fmt: skip
    id = f"a-{draw(texts)}"
    made = tuple(Connection(ConnectionId(id, device), *rest) for device, *rest in connections)
    return Call(id, draw(parties), draw(parties), draw(times), made, draw(st.booleans()))


@st.composite
def call_events(draw: st.DrawFn) -> events.CallEvent:
    common = draw(calls()), None, draw(texts), draw(times), draw(st.sampled_from(Cause))
    kind = draw(st.sampled_from([
        events.Originated, events.Offered, events.Delivered, events.Established, events.Held, events.Retrieved,
        events.NetworkReached, events.Failed, events.Diverted, events.Transferred, events.ConnectionCleared,
        events.CallCleared,
    ]))  # fmt: skip
    if kind is events.Offered:
        return events.Offered(*common, tuple(draw(st.lists(texts, max_size=3))))
    if kind is events.Transferred:
        return events.Transferred(*common, draw(parties), draw(texts))
    if kind in (events.Failed, events.Diverted, events.ConnectionCleared, events.CallCleared):
        return kind(*common, draw(texts))
    return kind(*common)


class Forms(SynchronousTestCase):
    @given(call_events())
    def test_there_and_back(self, event: events.CallEvent) -> None:
        told, call = read(written([event_form(event), call_form(event.call)]), list[list])  # type: ignore[type-arg]
        heard = event_from(of_kind(told, EVENT), call_of(call, None), None)
        self.assertIn(type(event), TOLD)
        self.assertEqual((heard, type(heard)), (event, type(event)))

    @given(calls())
    def test_what_has_not_changed_is_the_same(self, call: Call) -> None:
        """By which it is seen which devices changed."""
        again = call_of(read(written(call_form(call)), list), call)
        self.assertTrue(all(one is other for one, other in zip(again.connections, call.connections, strict=True)))
        self.assertEqual(events.Held(again, call, "x", 0.0).devices_changed(), [])

    @given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | texts, lambda one: st.lists(one, max_size=6)))
    def test_rubbish(self, value: object) -> None:
        """Anything else is refused as a whole."""
        call = Call("a-1", Party(""), Party(""), 0.0)
        for read_it in (lambda: call_of(value, None), lambda: event_from(of_kind(value, EVENT), call, None)):
            with self.assertRaises(ValueError):
                read_it()

    def test_digits_are_not_told(self) -> None:
        """They may be a PIN."""
        call = Call("a-1", Party(""), Party(""), 0.0)
        self.assertNotIn(events.DigitsGenerated, TOLD)
        with self.assertRaises(ValueError):
            event_from(("DigitsGenerated", "1", 0.0, "normal", "1"), call, None)
