"""Services and phones at random, at the same moments: nothing is left, and every call is told whole."""

from random import Random

from twisted.internet.defer import Deferred

from magroup.cti.call_control import Service
from magroup.cti.errors import ServiceError
from magroup.cti.events import CallCleared, CallEvent
from magroup.cti.types import Call, ConnectionId, ConnectionState
from magroup.groups.journal import CallJournal
from magroup.model.calls import CallRecord
from tests.switch.bench import BenchTest, Phone, Talk

NUMBERS = ("1047", "1175", "1068", "1118")
STEPS = 60
FOUND_SOMETHING = (338,)
"""Seeds of evenings that were not told whole once."""


class Records:
    """A journal in memory."""

    def __init__(self) -> None:
        self.finished: list[CallRecord] = []

    def begin(self, call_id: str, known: object) -> None:
        """It is finished here or not at all."""

    def leave(self, call_id: str) -> None:
        """No other server takes a call."""

    def finish(self, call: CallRecord) -> None:
        self.finished.append(call)


class ChaosTests(BenchTest):
    def setUp(self) -> None:
        super().setUp()
        for number in NUMBERS:
            self.bench.phone(number)
        self.records = Records()
        self.journal = CallJournal(self.records, lambda: self.bench.configuration)
        self.last: dict[str, Call] = {}
        self.bench.switch.monitor_start(self.heard)

    def heard(self, event: object) -> None:
        if not isinstance(event, CallEvent):
            return
        self.journal.on_event(event)
        self.assertEqual(event.old, self.last.get(event.call_id))
        self.assertEqual(event.call.ended, isinstance(event, CallCleared))
        self.last[event.call_id] = event.call

    def talks(self, phone: Phone) -> list[Talk]:
        return [talk for talk in (*phone.calls, *self.dialled[phone.number]) if talk.session.state.name != "ENDED"]

    def play(self, seed: int) -> None:
        """One evening of it; the phones' changes and answers come late or never, some refuse."""
        chance = Random(seed)
        self.dialled: dict[str, list[Talk]] = {number: [] for number in NUMBERS}
        for _ in range(STEPS):
            chance.choice((self.serve, self.serve, self.serve, self.touch, self.touch, self.touch, self.dial))(chance)
            self.bench.run(chance.choice((0.0, 0.0, 0.1, 0.3, 1.0)))
        for _ in range(8):
            for phone in self.bench.phones:
                for talk in self.talks(phone):
                    self.through(talk)
            self.bench.run(1.0)
        self.assertEqual(self.bench.switch.calls(), (), f"seed {seed}")
        self.assertEqual(len(self.journal), 0)
        self.assertEqual(len(self.records.finished), len(self.last))

    def through(self, talk: Talk) -> None:
        if talk.is_up or talk in self.dialled[talk.phone.number]:
            talk.hang_up()
        else:
            talk.reject(603)

    def dial(self, chance: Random) -> None:
        phone = chance.choice(self.bench.phones)
        if len(self.talks(phone)) < 2:
            self.dialled[phone.number].append(phone.dial(chance.choice(NUMBERS)))

    def touch(self, chance: Random) -> None:
        """Somebody does something to a phone."""
        phone = chance.choice(self.bench.phones)
        talks = self.talks(phone)
        if not talks:
            return
        talk = chance.choice(talks)
        if not talk.is_up:
            if talk in self.dialled[phone.number]:
                if chance.random() < 0.1:
                    talk.hang_up()
            else:
                chance.choice((talk.ring, talk.answer, talk.answer, talk.answer, lambda: talk.reject(486)))()
            return
        for offer in talk.offers:
            if chance.random() < 0.8:
                offer.accept(phone.sdp())
            else:
                offer.reject(chance.choice((488, 491)))
        talk.offers.clear()
        talk.answers_changes = chance.random() < 0.8
        act = chance.choice((talk.hold, talk.retrieve, talk.hang_up, *[None] * 8, "refer"))
        if act == "refer":
            talk.refer(f"<sip:{chance.choice(NUMBERS)}@127.0.0.1>")
        elif callable(act):
            act()

    def serve(self, chance: Random) -> None:
        """A service that is possible, mostly, on connections as they are or as nobody has them."""
        switch = self.bench.switch
        ends = [connection.id for call in switch.calls() for connection in call.connections]
        possible = [(service, end) for end in ends for service in Service if not switch.can(service, end)]
        anything = [(service, end) for service in Service for end in [*ends, ConnectionId("none", "1047")]]
        service, _ = chance.choice(anything)
        if chance.random() < 0.8 and possible:
            kinds = {service for service, _ in possible} - {Service.CLEAR_CONNECTION, Service.GENERATE_DIGITS}
            service = chance.choice(sorted(kinds) or [service])
        _, one = chance.choice([pair for pair in possible if pair[0] is service] or anything)
        held = [connection.id for call in switch.calls() for connection in call.connections
                if connection.state is ConnectionState.HOLD and connection.id.device == one.device]  # fmt: skip
        other = chance.choice([*held, *held, *ends, one])
        number = chance.choice(NUMBERS)
        asked = {
            Service.ALTERNATE_CALL: lambda: switch.alternate_call(other, one),
            Service.ANSWER_CALL: lambda: switch.answer_call(one),
            Service.CLEAR_CONNECTION: lambda: switch.clear_connection(one),
            Service.CONSULTATION_CALL: lambda: switch.consultation_call(one, number),
            Service.DEFLECT_CALL: lambda: switch.deflect_call(one, number),
            Service.DIRECTED_PICKUP_CALL: lambda: switch.directed_pickup_call(one, number),
            Service.GENERATE_DIGITS: lambda: switch.generate_digits(one, "1"),
            Service.HOLD_CALL: lambda: switch.hold_call(one),
            Service.RECONNECT_CALL: lambda: switch.reconnect_call(one, other),
            Service.RETRIEVE_CALL: lambda: switch.retrieve_call(one),
            Service.SINGLE_STEP_TRANSFER_CALL: lambda: switch.single_step_transfer_call(one, number),
            Service.TRANSFER_CALL: lambda: switch.transfer_call(other, one),
        }[service]
        Deferred.fromCoroutine(asked()).addErrback(lambda failure: failure.trap(ServiceError))

    def test_chaos(self) -> None:
        for seed in (*range(12), *FOUND_SOMETHING):
            self.play(seed)
