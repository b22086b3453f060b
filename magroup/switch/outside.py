"""Calls to the outside: whom they count for, and whether they may be made; somebody pays for them."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from twisted.logger import Logger

from magroup.model.clock import utc
from magroup.model.configuration import Configuration
from magroup.model.hours import Hours
from magroup.model.numbers import NumberPlan
from magroup.model.settings_outside import OutsideSettings
from magroup.model.standing import Allowance
from magroup.sip.endpoint import Endpoint
from magroup.sip.timers import Timer, Timers
from magroup.switch.call import SwitchCall
from magroup.switch.few_lines import FewLines
from magroup.switch.leg import Leg

if TYPE_CHECKING:
    from magroup.switch.ringing import Ringing

HOUR, DAY = 3600.0, 86400.0
MOST_KEPT: Final = 50
"""Calls of an account that are remembered so as to count once, however often a number rings for them."""
TIDY_EVERY: Final = 60.0
SHARED_EVERY: Final = 2.0
"""The same where other nodes are to know which calls are over."""


class Payer(NamedTuple):
    """Who a call counts for: a line or a group by its number; "" for nobody here."""

    number: str
    is_group: bool = False

    def __str__(self) -> str:
        if not self.number:
            return "somebody outside"
        return f"{'group' if self.is_group else 'line'} {self.number}"


NOBODY: Final = Payer("")


class Counts(NamedTuple):
    """How many calls of a payer there were in an hour and on a day, both counted since 1970, and how many are up."""

    hour: int
    in_hour: int
    day: int
    in_day: int
    at_once: int


class _Account:
    """What one payer has called."""

    __slots__ = ("day", "hour", "in_day", "in_hour", "recent", "sessions", "told")

    def __init__(self) -> None:
        self.sessions: list[object] = []
        self.recent: dict[tuple[str, str], None] = {}
        self.hour = self.day = -1
        self.in_hour = self.in_day = 0
        self.told: Counts | None = None

    def counts(self) -> Counts:
        return Counts(self.hour, self.in_hour, self.day, self.in_day, len(self.sessions))


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
        self._tidy_every = TIDY_EVERY
        self._tell: Callable[[Payer, Counts | None], None] | None = None
        self._elsewhere: Callable[[Payer, int, int], Counts] | None = None
        self.limit(settings, time_zone)

    def share(
        self, tell: Callable[[Payer, Counts | None], None], elsewhere: Callable[[Payer, int, int], Counts]
    ) -> None:
        """Limits hold for several nodes: ``tell`` hears what is counted here (None: nothing any more), ``elsewhere``
        gives what others have counted in an hour and on a day.
        """
        self._tell = tell
        self._elsewhere = elsewhere
        self._tidy_every = SHARED_EVERY

    def limit(self, settings: OutsideSettings, time_zone: str) -> None:
        """Other settings hold from now on. ``time_zone`` "" is the machine's."""
        self.settings = settings
        self._hours = tuple(map(Hours.parse, settings.hours))
        self._canonical_for: NumberPlan | None = None
        self._zone = ZoneInfo(time_zone) if time_zone else None

    def admits(self, ringing: "Ringing", dialled: str, sent: str) -> "Callable[[Leg], None] | None":
        """Whether what rings may go out to the number ``dialled``, which the trunk is sent as ``sent``.

        None where not; else it is to be told of the leg.
        """
        numbers = self._canonical(dialled, sent)
        if not self._always.isdisjoint(numbers):
            return lambda leg: None
        payer = self._payer(ringing)
        account = self._accounts.get(payer) or _Account()
        call = (ringing.owner.id, dialled)
        why = self._why_not(payer, account, call, numbers, self._is_dialled(ringing, payer),
                            utc(self._timers.clock))  # fmt: skip
        if why:
            self.refused[why] += 1
            if self._lines.tells((payer, why)):
                self.log.warn("{payer} may not call {number}: {why}", call=ringing.owner.id, payer=str(payer),
                              number=dialled, why=why)  # fmt: skip
            return None
        self.made += 1
        if not payer.number:
            return lambda leg: None
        self._count(payer, account, call)
        return lambda leg: self._made(payer, account, leg)

    def allowance(self, payer: Payer, dialled: str, sent: str, is_dialled: bool, at: float) -> Allowance:
        """What would be said of such a call at that hour, with what has been called until now; it is not made."""
        numbers = self._canonical(dialled, sent)
        if not self._always.isdisjoint(numbers):
            return Allowance()
        account = self._accounts.get(payer) or _Account()
        why = self._why_not(payer, account, ("", dialled), numbers, is_dialled, at)
        self._look_at_the_clock(account)
        used = tuple(zip(self._used(payer, account), self._most(payer), strict=True)) if payer.number else ()
        return Allowance(str(payer), why, used)

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
            return NOBODY
        if call.transfer is not None:
            line = configuration.line(call.transfer.transferor.device)
            return Payer(line.number) if line is not None else NOBODY
        if call.passed:
            return Payer(call.passed[-1], True)
        calling = call.snapshot.calling
        return NOBODY if calling.external else Payer(calling.number)

    def _is_dialled(self, ringing: "Ringing", payer: Payer) -> bool:
        """Whether it is the payer's own phone that has dialled."""
        call = ringing.owner
        is_plain = isinstance(call, SwitchCall) and call.transfer is None and not call.passed
        return is_plain and not ringing.diverted_from and bool(payer.number)

    # whether

    def _why_not(
        self, payer: Payer, account: _Account, call: tuple[str, str], numbers: set[str], is_dialled: bool, at: float
    ) -> str:  # fmt: skip
        settings = self.settings
        if self._refused and any(number.startswith(self._refused) for number in numbers):
            return "refused number"
        if self._hours:
            now = datetime.fromtimestamp(at, self._zone)
            minute = now.hour * 60 + now.minute
            if not any(hours.has(now.weekday(), minute) for hours in self._hours):
                return "not at this hour"
        if not payer.number:
            return "" if settings.from_trunks else "not from outside"
        if is_dialled and settings.registered_only:
            line = self._configuration().line(payer.number)
            if line is not None and not line.on_pbx and not self._has_phone(line.number):
                return "no phone registered"
        most = self._most(payer)
        self._look_at_the_clock(account)
        at_once, in_hour, in_day = self._used(payer, account)
        if most[0] and at_once >= most[0]:
            return "too many at once"
        if call in account.recent:
            return ""
        if most[1] and in_hour >= most[1]:
            return "too many in this hour"
        if most[2] and in_day >= most[2]:
            return "too many on this day"
        return ""

    def _most(self, payer: Payer) -> tuple[int, int, int]:
        """At once, in an hour and on a day; 0 for no limit."""
        settings = self.settings
        if payer.is_group:
            return settings.group_at_once, settings.group_per_hour, settings.group_per_day
        return settings.at_once, settings.per_hour, settings.per_day

    def _used(self, payer: Payer, account: _Account) -> tuple[int, int, int]:
        """The same of what has been called."""
        if self._elsewhere is None:
            return len(account.sessions), account.in_hour, account.in_day
        others = self._elsewhere(payer, account.hour, account.day)
        at_once = len(account.sessions) + others.at_once
        return at_once, account.in_hour + others.in_hour, account.in_day + others.in_day

    def _canonical(self, dialled: str, sent: str) -> set[str]:
        """Both numbers as the plan has them, and by that plan the settings."""
        plan = self._configuration().plan
        if plan is not self._canonical_for:
            self._canonical_for = plan
            self._always = frozenset(map(plan.canonical, self.settings.always))
            self._refused = tuple(map(plan.canonical, self.settings.refused))
        return {plan.canonical(dialled), plan.canonical(sent)}

    # counting

    def _look_at_the_clock(self, account: _Account) -> None:
        """What is over goes."""
        now = utc(self._timers.clock)
        hour, day = int(now // HOUR), int(now // DAY)
        if hour != account.hour:
            account.hour, account.in_hour = hour, 0
        if day != account.day:
            account.day, account.in_day = day, 0
        up = self._endpoint.sessions
        account.sessions = [session for session in account.sessions if session in up]

    def _count(self, payer: Payer, account: _Account, call: tuple[str, str]) -> None:
        self._accounts[payer] = account
        if call not in account.recent:
            account.in_hour += 1
            account.in_day += 1
            account.recent[call] = None
            if len(account.recent) > MOST_KEPT:
                del account.recent[next(iter(account.recent))]
        if self._tidying is None:
            self._tidying = self._timers.after(self._tidy_every, self._tidy)

    def _made(self, payer: Payer, account: _Account, leg: Leg) -> None:
        account.sessions.append(leg.session)
        self._share(payer, account)

    def _share(self, payer: Payer, account: _Account) -> None:
        """Let the other nodes know what is new."""
        if self._tell is not None and (counts := account.counts()) != account.told:
            account.told = counts
            self._tell(payer, counts)

    def _tidy(self) -> None:
        """Nothing of calls that are over is kept but their number, and that until the day is over."""
        self._tidying = None
        for payer, account in tuple(self._accounts.items()):
            self._look_at_the_clock(account)
            if account.sessions or account.in_day:
                self._share(payer, account)
                continue
            del self._accounts[payer]
            if self._tell is not None and account.told is not None:
                self._tell(payer, None)
        if any(account.sessions for account in self._accounts.values()):
            self._tidying = self._timers.after(self._tidy_every, self._tidy)

    def _more(self, count: int) -> None:
        self.log.warn("{count} more calls to the outside were refused in a minute", count=count)
