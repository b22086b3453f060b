"""Calls to the outside: for whom they count, and what is refused with 403."""

from dataclasses import replace
from typing import Any

from magroup.cti.switch import Ring
from magroup.cti.types import Party
from magroup.model.forwarding import Forwarded, Forwarding, ForwardTo
from magroup.model.lines import Line, Trunk
from magroup.model.settings_outside import OutsideSettings
from magroup.switch.outside import DAY, HOUR, Payer
from tests.switch.bench import BenchTest, Phone, Talk, company, run

CARRIER = Trunk(1, "Carrier", "127.0.0.99", prefix="0", strip=1, is_default=True, ping_interval=0)
OTHER = Trunk(2, "Other", "127.0.0.98", prefix="7", ping_interval=0)
TO_A_NUMBER = Forwarding(ForwardTo.NUMBER, "00791234567")
FREE = OutsideSettings(at_once=0, per_hour=0, per_day=0)


class OutsideTest(BenchTest):
    """Two phones, and ``carrier`` behind the trunk: whatever begins with 0 goes there without it."""

    configuration = company(trunks=(CARRIER, OTHER))
    configuration = replace(configuration, lines=(*configuration.lines, Line("1300", on_pbx=True)))

    def setUp(self) -> None:
        super().setUp()
        self.outside = self.bench.telephony.outside
        self.carrier = self.bench.phone("carrier", "127.0.0.99", register=False)
        self.tijana, self.raf = self.bench.phone("1047"), self.bench.phone("1175")

    def settle(self, zone: str = "", **changes: Any) -> None:
        self.outside.limit(replace(FREE, **changes), zone)

    def dial(self, number: str = "00315551234", phone: Phone | None = None) -> Talk:
        return (phone or self.tijana).dial(number)

    def outcome(self, number: str = "00315551234", phone: Phone | None = None) -> str:
        """``refused``, or ``called`` after which the call is over again."""
        before = len(self.carrier.calls)
        talk = self.dial(number, phone)
        if len(self.carrier.calls) == before:
            self.assertEqual(talk.log, ["rejected 403"])
            return "refused"
        self.carrier.call.reject(486)
        self.bench.run()
        return "called"

    def payers(self) -> list[str]:
        return [str(payer) for payer, account in self.outside._accounts.items() if account.in_day]


class Limits(OutsideTest):
    def test_at_once(self) -> None:
        """What is over does not count, nor what was refused, nor what another line calls."""
        self.settle(at_once=2)
        talks = [self.dial(), self.dial()]
        self.carrier.call.answer()
        self.bench.run()
        self.assertEqual(self.outcome(), "refused")
        self.assertEqual(self.outcome(phone=self.raf), "called")
        talks[1].hang_up()
        self.bench.run()
        self.assertEqual([self.outcome(), self.outcome()], ["called", "called"])
        self.assertEqual(self.outside.refused, {"too many at once": 1})
        talks[0].hang_up()

    def test_in_an_hour_and_on_a_day(self) -> None:
        self.settle(per_hour=2, per_day=3)
        outcomes = [self.outcome() for _ in range(3)]
        self.bench.run(HOUR, 60)
        outcomes += [self.outcome() for _ in range(2)]
        self.bench.run(DAY, 3600)
        outcomes += [self.outcome()]
        self.assertEqual(outcomes, ["called", "called", "refused", "called", "refused", "called"])
        self.assertEqual(self.outside.refused, {"too many in this hour": 1, "too many on this day": 1})
        self.assertEqual(self.outside.made, 4)

    def test_prefixes(self) -> None:
        """In any spelling, as dialled and as the trunk gets it."""
        self.settle(refused=("0900", "+881", "0041900"))
        for number in ("0900123", "00900123", "000881123", "+881123", "0041900123"):
            self.assertEqual(self.outcome(number), "refused", number)
        for number in ("009", "031900", "+88"):
            self.assertEqual(self.outcome(number), "called", number)

    def test_hours(self) -> None:
        """It is Tuesday, 22:13 in UTC."""
        for zone, hours, expected in (
            ("UTC", ("Mon-Fri 07:00-19:00",), "refused"), ("UTC", ("Mon 00:00-24:00", "Tue 22:00-22:30"), "called"),
            ("Pacific/Auckland", ("Wed 11:13-11:14",), "called"), ("Pacific/Auckland", ("Tue 00:00-24:00",), "refused"),
        ):  # fmt: skip
            self.settle(zone, hours=hours)
            self.assertEqual(self.outcome(), expected, (zone, hours))

    def test_emergencies(self) -> None:
        """Whatever else holds; what only begins so is none."""
        self.settle(hours=("Mon 07:00-07:01",), at_once=1, refused=("1",), registered_only=True)
        self.tijana.unregister()
        for number in ("112", "0112", "118"):
            self.assertEqual(self.outcome(number), "called", number)
        self.assertEqual(self.outcome("1123"), "refused")
        self.assertEqual((self.outside.made, self.payers()), (0, []))

    def test_a_line_without_a_phone(self) -> None:
        """It may call lines, but nobody outside, unless that is allowed."""
        self.tijana.unregister()
        self.assertEqual(self.outcome(), "refused")
        talk = self.dial("1175")
        self.raf.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
        self.bench.run()
        self.settle(registered_only=False)
        self.assertEqual(self.outcome(), "called")

    def test_lines_on_the_pbx_are_not_outside(self) -> None:
        self.settle(at_once=1, hours=("Mon 07:00-07:01",))
        self.assertEqual(self.outcome("1300"), "called")
        self.assertEqual(self.payers(), [])


class Payers(OutsideTest):
    """Who a call counts for."""

    def setUp(self) -> None:
        super().setUp()
        self.forwarded: dict[str, str] = {}
        switch = self.bench.switch
        switch.forwarded = lambda number: (
            Forwarded(self.forwarded[number], (number,), TO_A_NUMBER) if number in self.forwarded else Forwarded(number)
        )
        self.settle()

    def test_who_dials(self) -> None:
        self.outcome()
        self.assertEqual(self.payers(), ["line 1047"])

    def test_who_is_forwarded(self) -> None:
        """Not who called there, for whom a limit would hold nothing up; even without a phone."""
        self.forwarded["1175"] = "00791234567"
        self.raf.unregister()
        self.outcome("1175")
        self.assertEqual(self.payers(), ["line 1175"])
        self.settle(hours=("Mon 07:00-07:01",))
        self.assertEqual(self.outcome("1175"), "refused")

    def test_who_redirects(self) -> None:
        talk = self.dial("1175")
        self.raf.call.reject(302, {"Contact": "<sip:00791234567@127.0.0.1>"})
        self.bench.run()
        self.assertEqual(self.payers(), ["line 1175"])
        talk.hang_up()

    def test_who_is_redirected_outside(self) -> None:
        """The one called outside names another number there: who called pays, and may not if it is refused."""
        self.settle(refused=("0900",))
        talk = self.dial()
        self.carrier.call.reject(302, {"Contact": "<sip:00900123@127.0.0.1>"})
        self.bench.run()
        self.assertEqual((talk.log, self.payers()), (["rejected 403"], ["line 1047"]))

    def test_who_transfers(self) -> None:
        talk = self.dial("1175")
        self.raf.call.answer()
        self.bench.run()
        self.raf.call.refer("<sip:00791234567@127.0.0.1>")
        self.bench.run()
        self.assertEqual(self.payers(), ["line 1175"])
        self.carrier.call.reject(486)
        self.bench.run()
        talk.hang_up()

    def test_a_group(self) -> None:
        """Who rings for it outside, and where it overflows to; a number that rings again for a call counts once."""
        switch = self.bench.switch
        switch.route_register(["8973"])
        self.settle(group_per_hour=2)
        talk = self.dial("8973")
        (call_id,) = switch.calls_by_id
        ring = Ring("00791234567", Party("1047"))
        for _ in range(3):
            switch.ring(call_id, [ring])
            self.bench.run()
            self.carrier.call.reject(486)
            self.bench.run()
        switch.deflect(call_id, Ring("00319999999", Party("1047"), ("8973",)))
        self.bench.run()
        self.assertEqual((len(self.carrier.calls), self.payers()), (4, ["group 8973"]))
        self.assertEqual(self.outside._accounts[Payer("8973", True)].in_hour, 2)
        self.bench.run(1.0)
        talk.hang_up()
        self.bench.run()
        again = self.dial("8973")
        (call_id,) = switch.calls_by_id
        switch.deflect(call_id, Ring("00319999999", Party("1047"), ("8973",)))
        self.bench.run()
        self.assertEqual((again.log[-1], self.outside.refused), ("rejected 403", {"too many in this hour": 1}))

    def test_a_call_that_is_made(self) -> None:
        """By service: the own phone rings first."""
        run(self.bench.switch.make_call("1047", "00791234567"))
        self.bench.run()
        self.tijana.call.answer()
        self.bench.run()
        self.assertEqual(self.payers(), ["line 1047"])
        self.bench.run(1.0)
        self.tijana.call.hang_up()


class FromTrunks(OutsideTest):
    """People outside."""

    def test_to_what_another_trunk_knows(self) -> None:
        other = self.bench.phone("other", "127.0.0.98", register=False)
        talk = self.carrier.dial("7123")
        self.assertEqual(len(other.calls), 1)
        # Nobody's limits are to be kept: no account grows with each call that goes from trunk to trunk.
        self.assertEqual((self.outside.made, self.outside._accounts), (1, {}))
        talk.hang_up()
        self.bench.run()
        self.settle(from_trunks=False)
        self.assertEqual(self.carrier.dial("7123").log, ["rejected 403"])
        self.assertEqual(self.outside.refused, {"not from outside": 1})

    def test_who_would_send_a_call_on(self) -> None:
        """By REFER, at our cost."""
        self.settle(from_trunks=False)
        talk = self.carrier.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        talk.refer("<sip:00900123456@127.0.0.1>")
        self.bench.run()
        self.assertEqual((self.carrier.calls, talk.notified[-1:]), ([], ["SIP/2.0 403 Forbidden"]))
        self.assertTrue(talk.is_up)
        talk.hang_up()

    def test_forwarded_lines(self) -> None:
        """Calls from outside to a line that is forwarded outside are the line's."""
        self.settle(from_trunks=False)
        self.bench.switch.forwarded = lambda number: (
            Forwarded("00791234567", ("1047",), TO_A_NUMBER) if number == "1047" else Forwarded(number)
        )
        talk = self.carrier.dial("1047")
        self.assertEqual((len(self.carrier.calls), self.payers()), (1, ["line 1047"]))
        self.bench.run(1.0)
        talk.hang_up()
