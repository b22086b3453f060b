"""Which calls of a PBX are known as calls of ours: by the trunk's devices, by numbers, by time."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake import FakeSwitch
from magroup.cti.switch import Accept, Ring
from magroup.cti.trunk_legs import TrunkLegs, is_same
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party

POINT, OWN, PBX, OTHER, OUTSIDE = "8973", "2001", "3001", "3002", "0315551234"


class LegTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.own = FakeSwitch(self.clock, (OWN,), trunk=True)
        self.own.route_register([POINT])
        self.legs = TrunkLegs(self.own, lambda number: number[:1] == "3", {POINT, OWN}.__contains__, ("T200",))
        self.changed: list[set[str]] = []
        self.legs.changed = self.changed.append
        self.legs.start()

    def tearDown(self) -> None:
        for call in self.own.calls():
            self.own.caller_hangs_up(call.id)
        self.assertEqual(len(self.legs), 0)
        self.legs.stop()

    def has(self, calling: str, called: str, *devices: str, after: float = 0.0) -> bool:
        """Whether such a call, as the PBX tells of it, is ours."""
        state = ConnectionState.CONNECTED
        connections = tuple(Connection(ConnectionId("x", one), state, Party(one)) for one in devices or (called,))
        return self.legs.has(Call("x", Party(calling), Party(called), self.clock.seconds() + after, connections))

    def to_group(self, caller: str = OUTSIDE) -> str:
        call_id = self.own.arrive(caller, POINT)
        self.own.accept_call(call_id, Accept.RINGING)
        return call_id

    def test_numbers_of_ours(self) -> None:
        """Whatever the PBX knows of a number that is ours goes over the trunk."""
        self.assertTrue(self.has(PBX, POINT))
        self.assertTrue(self.has(OWN, PBX))
        self.assertTrue(self.has(PBX, OTHER, PBX, OWN))
        self.assertFalse(self.has(PBX, OTHER))
        self.assertFalse(self.has(PBX, OUTSIDE))

    def test_devices_of_the_trunk(self) -> None:
        self.assertTrue(self.has(PBX, "0319999", PBX, "T200"))
        self.assertFalse(self.has(PBX, "0319999", PBX, "T201"))

    def test_rung_for_a_group(self) -> None:
        """From when it is asked for, with the number as each PBX shows it; other calls of the line are its own."""
        call_id = self.to_group()
        self.assertFalse(self.has(OUTSIDE, PBX))
        self.legs.asked(call_id, PBX)
        for shown in (OUTSIDE, "00315551234", "+41315551234", ""):
            self.assertTrue(self.has(shown, PBX), shown)
        self.assertTrue(self.has("anonymous", PBX))
        for other in ("0791112233", OTHER, "5551234"):
            self.assertEqual(self.has(other, PBX), other == "5551234", other)
        self.own.ring(call_id, [Ring(PBX, Party(OUTSIDE))])
        self.assertIn({PBX}, self.changed)
        self.assertTrue(self.has("", PBX, after=4))
        self.assertFalse(self.has("", PBX, after=6))
        self.assertFalse(self.has(OUTSIDE, OTHER))

    def test_rings_no_more(self) -> None:
        """Then a call without a number is another one."""
        call_id = self.to_group()
        self.legs.asked(call_id, PBX)
        self.own.ring(call_id, [Ring(PBX, Party(OUTSIDE))])
        self.assertTrue(self.has("", PBX))
        self.own.cancel_ring(call_id, [PBX], Cause.CALL_CANCELLED)
        self.assertFalse(self.has("", PBX))

    def test_member_who_calls_the_group(self) -> None:
        """Both ends are on the PBX: a call the other way round is another one."""
        call_id = self.to_group(PBX)
        self.own.ring(call_id, [Ring(OTHER, Party(PBX))])
        self.assertTrue(self.has(PBX, OTHER))
        self.assertFalse(self.has(OTHER, PBX))

    def test_dialled_in_another_way(self) -> None:
        """The number that the PBX routes to us is not the one that reaches us: then the time says it."""
        self.to_group(PBX)
        self.assertTrue(self.has(PBX, "0319998888", PBX, after=-2))
        self.assertFalse(self.has(PBX, "0319998888", PBX, after=-20))
        self.assertFalse(self.has(PBX, OTHER, PBX, OTHER))

    def test_sent_on(self) -> None:
        """A call that leaves us for a line of the PBX."""
        call_id = self.to_group()
        self.own.deflect(call_id, Ring(PBX, Party(OUTSIDE)))
        self.assertTrue(self.has(OUTSIDE, PBX))

    def test_over(self) -> None:
        """What is asked for a call that is not there is not kept."""
        call_id = self.to_group()
        self.own.caller_hangs_up(call_id)
        self.legs.asked(call_id, PBX)
        self.legs.asked("nowhere", PBX)
        self.assertEqual(len(self.legs), 0)
        self.assertFalse(self.has(OUTSIDE, PBX))

    def test_same(self) -> None:
        for one, other in (("3001", "3001"), ("+41315551234", "0315551234"), ("00791112233", "0791112233")):
            self.assertTrue(is_same(one, other) and is_same(other, one))
        for one, other in (("3001", "03155530012"), ("001", ""), ("000", "0"), ("3001", "53001")):
            self.assertFalse(is_same(one, other), (one, other))
