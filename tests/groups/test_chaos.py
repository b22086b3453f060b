"""Whatever callers, phones, people and administrators do, in whatever order: no call is lost and nothing is left."""

import contextlib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.fake import FakeSwitch, Phone
from magroup.groups import Application, ForwardingBook, ForwardingError, PresenceBook
from magroup.groups.call import GroupCall, State
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING
from magroup.model.groups import Overflow, OverflowTo, ShowVipCalls, VipRouting
from magroup.policy import Wait, next_step
from tests.groups.world import Records
from tests.policy.company import (
    CALLER,
    LINES,
    MAILBOXES,
    MOBILES,
    NUMBER,
    SALES,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    USERS,
    company,
    members,
    to_member,
    to_number,
)

NUMBERS = list(LINES.values())
PHONES = [*NUMBERS, "4321", MOBILES["Tij"], MAILBOXES["Tij"]]
ACTIONS = [
    "dial",
    "member dials",
    "line dialled",
    "pick up",
    "hang up",
    "answer",
    "decline",
    "fail",
    "message ends",
    "cancel completes",
    "time",
    "presence",
    "line",
    "phone",
    "configure",
    "delete group",
    "line forwarding",
    "application forwarding",
]
OVERFLOWS = [
    Overflow(),
    Overflow(OverflowTo.BUSY),
    Overflow(OverflowTo.NUMBER, "4321"),
    Overflow(OverflowTo.GROUP, "2"),
    Overflow(OverflowTo.VOICEMAIL, "1047"),
]
FORWARDINGS = [
    NO_FORWARDING,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    *(to_number(number) for number in ("4321", NUMBER, SALES.number, *NUMBERS)),
    *(to_member(member_id) for member_id in (1, 2, 3, 11)),
]
steps = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 999)), max_size=40)


class World:
    """One company and one switch; ``act`` does one thing."""

    def __init__(self, slow: bool) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.switch = FakeSwitch(self.clock, NUMBERS, trunk=True)
        self.switch.slow_cancel = slow
        self.book = PresenceBook(self.clock, lambda name, state: None)
        self.records = Records()
        configuration = company(welcome="W.wav")
        self.forwardings = ForwardingBook(self.clock, configuration, lambda *change: None, lambda *change: None)
        self.application = Application(
            self.switch, self.clock, self.book, self.forwardings, self.records, configuration
        )
        self.switch.forwarded = self.application.forwarded
        self.switch.pickup, self.switch.pickup_code = self.application.pickup, "*8"
        self.application.start()
        self.arrived: list[str] = []

    def act(self, action: str, choice: int) -> None:
        calls = self.switch.calls()
        call_id = calls[choice % len(calls)].id if calls else ""
        number, phone = NUMBERS[choice % len(NUMBERS)], PHONES[choice % len(PHONES)]
        with_call: dict[str, Callable[[], object]] = {
            "hang up": lambda: self.switch.caller_hangs_up(call_id),
            "answer": lambda: self.switch.device_answers(call_id, phone),
            "decline": lambda: self.ringing(call_id, phone) and self.switch.device_declines(call_id, phone),
            "fail": lambda: self.ringing(call_id, phone) and self.switch.device_fails(call_id, phone),
            "message ends": lambda: self.switch.message_ends(call_id),
            "cancel completes": lambda: self.switch.cancel_completes(call_id, phone),
        }
        always: dict[str, Callable[[], object]] = {
            "dial": lambda: self.arrived.append(self.switch.arrive(CALLER, NUMBER)),
            "member dials": lambda: self.arrived.append(self.switch.arrive(number, NUMBER)),
            "line dialled": lambda: self.arrived.append(self.switch.arrive(CALLER, number)),
            "pick up": lambda: self.switch.arrive(number, f"*8{('', phone)[choice // 7 % 2]}"),
            "time": lambda: self.clock.pump([1.0] * (choice % 40)),
            "presence": lambda: self.book.set(list(USERS.values())[choice % 5], (0, 0, 1, 3, 4, 6)[choice % 6]),
            "line": lambda: self.switch.set_in_service(number, choice % 2 == 0),
            "phone": lambda: self.switch.phones.update({phone: list(Phone)[choice % 5]}),
            "configure": lambda: self.configure(choice),
            "line forwarding": lambda: self.forward(self.forwardings.set_line, number, choice),
            "application forwarding": lambda: self.forward(
                self.forwardings.set_application, 1 + choice % 2 * 10, choice
            ),
            "delete group": lambda: self.application.configure(Configuration()),
        }
        if action in always:
            always[action]()
        elif call_id:
            with_call[action]()

    def ringing(self, call_id: str, number: str) -> bool:
        (call,) = (call for call in self.switch.calls() if call.id == call_id)
        return call.connection(number) is not None and call.calling.number != number

    def forward(self, set_it: Callable[..., object], who: str | int, choice: int) -> None:
        """As far as it is allowed."""
        with contextlib.suppress(ForwardingError):
            set_it(who, FORWARDINGS[choice // 7 % len(FORWARDINGS)])

    def configure(self, choice: int) -> None:
        names = list(LINES)[: choice % 6]
        self.application.configure(
            company(
                team=members(*names),
                other=SALES,
                other_team=members("San", "Leo", manager="San", group_id=2, first_id=11),
                welcome=("", "W.wav")[choice % 2],
                waiting=("", "M.wav")[: 1 + choice % 2],
                ring_parallel=choice % 3 == 0,
                assistant_to_manager=choice % 7 == 0,
                overflow=OVERFLOWS[choice % 5],
                manager_timeout=(0, 5, 30)[choice % 3],
                vip_threshold=(6, 0, 1)[choice % 3],
                vip_routing=VipRouting(choice % 3),
                show_vip_calls=ShowVipCalls(choice % 3),
            )
        )


class ChaosTests(SynchronousTestCase):
    def look_at(self, world: World, call: GroupCall) -> None:
        """Nobody waits who could be served, and nothing rings for ever that was to ring for a time."""
        match call.state:
            case State.WAITING:
                now = world.clock.seconds()
                self.assertIsInstance(next_step(world.application.snapshot, call._view, now), Wait)
                self.assertIsNotNone(world.switch.accepted(call.id))
            case State.RINGING:
                self.assertTrue(call._ringing)
                self.assertEqual(call.is_timed, call._is_limited)
            case State.GREETING:
                self.assertTrue(world.switch.playing(call.id))
            case State.LEAVING:
                self.assertFalse(call.is_timed)
            case _:
                self.fail(f"{call.state} is over")

    @given(steps, st.booleans())
    @settings(max_examples=80, deadline=None)
    def test_no_call_is_lost(self, actions: list[tuple[str, int]], slow: bool) -> None:
        world = World(slow)
        for action, choice in actions:
            world.act(action, choice)
            described = world.application.describe()
            self.assertLessEqual(set(described["calls"]), {call.id for call in world.switch.calls()})
            self.assertLessEqual(described["timers"], len(described["calls"]))
            for held in tuple(world.application._calls.values()):
                self.look_at(world, held)
        for call in world.switch.calls():
            world.switch.caller_hangs_up(call.id)
        self.assertEqual(world.application.describe(), {"calls": {}, "known": 0, "timers": 0, "open records": 0})
        self.assertEqual(world.clock.getDelayedCalls(), [])
        self.assertFalse(any(world.switch.describe().values()))
        self.assertEqual(sorted(record.id for record in world.records.finished), sorted(world.arrived))
        for record in world.records.finished:
            self.assertGreaterEqual(record.ended_at, record.started_at)
            self.assertTrue(all(leg.ended_at for leg in record.legs))
        self.assertEqual(self.flushLoggedErrors(), [])
