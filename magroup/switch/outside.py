"""Calls to the outside: whom they count for, and whether they may be made; somebody pays for them."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from twisted.logger import Logger

from magroup.model.clock import utc
from magroup.model.configuration import Configuration
from magroup.model.hours import Hours
from magroup.model.settings_outside import OutsideSettings
from magroup.sip.endpoint import Endpoint
from magroup.sip.timers import Timer, Timers
from magroup.switch.call import SwitchCall
from magroup.switch.few_lines import FewLines
from magroup.switch.leg import Leg

if TYPE_CHECKING:
    from magroup.switch.ringing import Ringing

HOUR, DAY = 3600.0, 86400.0
MOST_KEPT = 50
"""Calls of an account that are remembered so as to count once, however often a number rings for them."""
TIDY_EVERY = 60.0


class Payer(NamedTuple):
    """Who a call counts for: a line or a group by its number; "" for nobody here."""

    number: str
    is_group: bool = False

    def __str__(self) -> str:
        if not self.number:
            return "somebody outside"
        return f"{'group' if self.is_group else 'line'} {self.number}"


class _Account:
    """What one payer has called."""

    __slots__ = ("day", "hour", "in_day", "in_hour", "recent", "sessions")

    def __init__(self) -> None:
        self.sessions: list[object] = []
        self.recent: dict[tuple[str, str], None] = {}
        self.hour = self.day = -1
        self.in_hour = self.in_day = 0


class OutsideCalls:
    """Keeps the accounts, in memory; ``made`` and ``refused``, by reason, count since the start.

    ``has_phone`` says whether a phone of a line is registered.
    """

    log = Logger()

    def __init__(
        self, timers: Timers, endpoint: Endpoint, configuration: Callable[[], Configuration],
        has_phone: Callable[[str], bool], settings: OutsideSettings, time_zone: str,
    ) -> None:  # fmt: skip
        self.made = 0
        self.refused: Counter[str] = Counter()
        self._timers = timers
        self._endpoint = endpoint
        self._configuration = configuration
        self._has_phone = has_phone
        self._accounts: dict[Payer, _Account] = {}
        self._lines = FewLines(timers, self._more)
        self._tidying: Timer | None = None
        self.limit(settings, time_zone)

    def limit(self, settings: OutsideSettings, time_zone: str) -> None:
        """Other settings hold from now on. ``time_zone`` "" is the machine's."""
        self.settings = settings
        self._hours = tuple(map(Hours.parse, settings.hours))
        self._zone = ZoneInfo(time_zone) if time_zone else None

    def admits(self, ringing: "Ringing", dialled: str, sent: str) -> "Callable[[Leg], None] | None":
        """Whether what rings may go out to the number ``dialled``, which the trunk is sent as ``sent``.

        None where not; else it is to be told of the leg.
        """
        numbers = self._canonical(dialled, sent)
        if not numbers.isdisjoint(self._canonical(*self.settings.always)):
            return lambda leg: None
        payer = self._payer(ringing)
        account = self._accounts.get(payer) or _Account()
        call = (ringing.owner.id, dialled)
        why = self._why_not(payer, account, call, numbers, is_dialled=self._is_dialled(ringing, payer))
        if why:
            self.refused[why] += 1
            if self._lines.tells((payer, why)):
                self.log.warn("{payer} may not call {number}: {why}", call=ringing.owner.id, payer=str(payer),
                              number=dialled, why=why)  # fmt: skip
            return None
        self._count(payer, account, call)
        return lambda leg: account.sessions.append(leg.session)

    # who pays

    def _payer(self, ringing: "Ringing") -> Payer:
        configuration = self._configuration()
        for number in reversed(ringing.diverted_from):
            known = configuration.known(number)
            if known.line is not None:
                return Payer(known.line.number)
            if known.group is not None:
                return Payer(known.group.number, True)
        call = ringing.owner
        if not isinstance(call, SwitchCall):
            return Payer("")
        if call.transfer is not None:
            line = configuration.line(call.transfer.transferor.device)
            return Payer(line.number if line is not None else "")
        if call.passed:
            return Payer(call.passed[-1], True)
        calling = call.snapshot.calling
        return Payer("" if calling.external else calling.number)

    def _is_dialled(self, ringing: "Ringing", payer: Payer) -> bool:
        """Whether it is the payer's own phone that has dialled."""
        call = ringing.owner
        is_plain = isinstance(call, SwitchCall) and call.transfer is None and not call.passed
        return is_plain and not ringing.diverted_from and bool(payer.number)

    # whether

    def _why_not(
        self, payer: Payer, account: _Account, call: tuple[str, str], numbers: set[str], is_dialled: bool
    ) -> str:  # fmt: skip
        settings = self.settings
        refused = tuple(self._canonical(*settings.refused))
        if refused and any(number.startswith(refused) for number in numbers):
            return "refused number"
        if self._hours:
            now = datetime.fromtimestamp(utc(self._timers.clock), self._zone)
            minute = now.hour * 60 + now.minute
            if not any(hours.has(now.weekday(), minute) for hours in self._hours):
                return "not at this hour"
        if not payer.number:
            return "" if settings.from_trunks else "not from outside"
        if is_dialled and settings.registered_only:
            line = self._configuration().line(payer.number)
            if line is not None and not line.on_pbx and not self._has_phone(line.number):
                return "no phone registered"
        most = (settings.at_once, settings.per_hour, settings.per_day)
        if payer.is_group:
            most = (settings.group_at_once, settings.group_per_hour, settings.group_per_day)
        self._look_at_the_clock(account)
        if most[0] and len(account.sessions) >= most[0]:
            return "too many at once"
        if call in account.recent:
            return ""
        if most[1] and account.in_hour >= most[1]:
            return "too many in this hour"
        if most[2] and account.in_day >= most[2]:
            return "too many on this day"
        return ""

    def _canonical(self, *numbers: str) -> set[str]:
        canonical = self._configuration().plan.canonical
        return {canonical(number) for number in numbers}

    # counting

    def _look_at_the_clock(self, account: _Account) -> None:
        """What is over goes."""
        now = self._timers.clock.seconds()
        hour, day = int(now // HOUR), int(now // DAY)
        if hour != account.hour:
            account.hour, account.in_hour = hour, 0
        if day != account.day:
            account.day, account.in_day = day, 0
        up = self._endpoint.sessions
        account.sessions = [session for session in account.sessions if session in up]

    def _count(self, payer: Payer, account: _Account, call: tuple[str, str]) -> None:
        self.made += 1
        self._accounts[payer] = account
        if call not in account.recent:
            account.in_hour += 1
            account.in_day += 1
            account.recent[call] = None
            if len(account.recent) > MOST_KEPT:
                del account.recent[next(iter(account.recent))]
        if self._tidying is None:
            self._tidying = self._timers.after(TIDY_EVERY, self._tidy)

    def _tidy(self) -> None:
        """Nothing of calls that are over is kept but their number, and that until the day is over."""
        self._tidying = None
        for payer, account in tuple(self._accounts.items()):
            self._look_at_the_clock(account)
            if not account.sessions and not account.in_day:
                del self._accounts[payer]
        if any(account.sessions for account in self._accounts.values()):
            self._tidying = self._timers.after(TIDY_EVERY, self._tidy)

    def _more(self, count: int) -> None:
        self.log.warn("{count} more calls to the outside were refused in a minute", count=count)
