"""Who attacks by SIP: addresses are banned for what they send; guessed lines take no phones at new addresses."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from twisted.logger import Logger

from magroup.model.settings_protection import ProtectionSettings
from magroup.sip.addresses import place_of
from magroup.sip.bans import Ban
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.timers import Timers
from magroup.sip.transport import Transports
from magroup.switch.few_lines import FewLines

WINDOW: Final = 600.0
LINE_WINDOW: Final = 3600.0
FRESH: Final = 10.0
"""Seconds for which is remembered who is exempt and where phones are."""
PHONES_COUNT: Final = 10
"""So many times more is borne from where phones are registered."""
MOST_SOURCES = 10_000
MOST_AGENTS: Final = 4096
LONGEST_NAME: Final = 64
_ASKING: Final = frozenset(("REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "PUBLISH"))
_OF_TO: Final = frozenset(("REGISTER", "OPTIONS"))


class Offence(StrEnum):
    """What an address is banned for."""

    SCANNER = "scanner"
    WRONG_PASSWORDS = "wrong passwords"
    UNKNOWN_LINES = "unknown lines"
    MALFORMED = "malformed messages"


@dataclass(frozen=True)
class Surroundings:
    """What the guard asks: the line that a user name is of ("" for none), whether a number is ours, the addresses at
    which phones of a line ("" for all) are registered, and the networks from which trunks call.
    """

    line_of: Callable[[str], str]
    is_ours: Callable[[str], bool]
    phones_of: Callable[[str], Iterable[str]]
    trunks: Callable[[], Iterable[IPv4Network | IPv6Network]]


class _Source:
    """What came from one place since ``began``."""

    __slots__ = ("began", "malformed", "passwords", "unknown")

    def __init__(self, began: float) -> None:
        self.began = began
        self.passwords = 0
        self.malformed = 0
        self.unknown: set[str] = set()


class Guard:
    """Counts what is odd, by source, in windows of ten minutes from the first of it; normal calls leave no trace here.

    Datagrams prove nothing of where they come from: what they say is held against an address where phones are
    registered only with a nonce that was sent there.

    ``began`` hears of bans that begin here, ``lifted`` and ``ended`` of the places of those that are lifted by somebody
    or are over: other nodes are told. What these tell is taken by ``take_ban`` and ``take_lift``.
    """

    log = Logger()

    def __init__(
        self, timers: Timers, transports: Transports, around: Surroundings, settings: ProtectionSettings
    ) -> None:
        self.banned: Counter[Offence] = Counter()
        self.trusted: tuple[str, ...] = ()
        """Networks of this server itself, never banned."""
        self.began: Callable[[Ban], None] = lambda ban: None
        self.lifted: Callable[[str], None] = lambda place: None
        self.ended: Callable[[str], None] = lambda place: None
        self._clock = timers.clock
        self._transports = transports
        self._bans = transports.bans
        self._around = around
        self._lines = FewLines(timers, self._more)
        self._sources: dict[str, _Source] = {}
        self.harmless: set[str] = set()
        """User-Agents that were looked at and are no scanner's, by the settings that hold."""
        self._guessed: dict[str, tuple[float, int]] = {}
        self._locked: dict[str, float] = {}
        self._fresh_until = 0.0
        self._exempt: dict[str, bool] = {}
        self._phones: frozenset[str] = frozenset()
        self._bans.began = self._tell
        self._bans.ended = lambda place: self.ended(place)
        self.limit(settings)

    def limit(self, settings: ProtectionSettings) -> None:
        """Other settings hold from now on."""
        self.settings = settings
        self._scanners = tuple(text.strip().lower() for text in settings.scanners)
        self.harmless.clear()
        self.look_again()

    def look_again(self) -> None:
        """Trunks or settings have changed: who is never banned now is not any more."""
        self._fresh_until = 0.0
        for place in [place for place in self._bans.by_place if self._is_exempt(place)]:
            self._bans.lift(place)

    # what comes in

    def admits(self, request: Request, hop: Hop) -> bool:
        """Whether a new request is answered at all."""
        agent = request.get("User-Agent")
        if agent and agent not in self.harmless and self._is_scanner(agent):
            self._note(hop.host, hop.transport != "udp", Offence.SCANNER)
            if self.settings.ban and not self._is_exempt(place_of(hop.host)):
                return False
        headers = request.headers
        if request.method not in _ASKING or "Authorization" in headers or "Proxy-Authorization" in headers:
            return True
        to = request.to
        if to.tag:
            return True
        user = (to if request.method in _OF_TO else request.from_).uri.number
        if not user or self._around.is_ours(user):
            return True
        self._note(hop.host, hop.transport != "udp", Offence.UNKNOWN_LINES, user[:LONGEST_NAME])
        return not self._bans.holds(hop.host)

    def malformed(self, hop: Hop) -> bool:
        """Something that is no message has come; whether it is answered."""
        self._note(hop.host, hop.transport != "udp", Offence.MALFORMED)
        return not self._bans.holds(hop.host)

    def failed(self, address: str, user: str) -> None:
        """A wrong password, from who has received a nonce at ``address``."""
        line = self._around.line_of(user)
        if line:
            self._count_line(line)
        self._note(address, True, Offence.WRONG_PASSWORDS)

    def refuses(self, user: str, address: str) -> bool:
        """Whether a line takes nobody at a new address, since its password is being guessed."""
        if not self._locked:
            return False
        line = self._around.line_of(user)
        until = self._locked.get(line, 0.0)
        if not until:
            return False
        if until <= self._clock.seconds():
            del self._locked[line]
            return False
        return place_of(address) not in {place_of(host) for host in self._around.phones_of(line)}

    # what is known

    def bans(self) -> list[Ban]:
        """Those that hold, the oldest first."""
        return list(self._bans.by_place.values())

    @property
    def dropped(self) -> int:
        """Datagrams and connections of the banned, since the start."""
        return self._bans.dropped

    def locked(self) -> dict[str, float]:
        """Lines that take no new addresses, and until when."""
        now = self._clock.seconds()
        return {line: until for line, until in self._locked.items() if until > now}

    def lift(self, place: str) -> bool:
        """Listen to a place again, with nothing held against it; False where it is not banned."""
        is_lifted = self.take_lift(place)
        if is_lifted:
            self.lifted(place)
        return is_lifted

    def take_lift(self, place: str) -> bool:
        """Another node listens to a place again."""
        self._sources.pop(place, None)
        return self._bans.lift(place)

    def take_ban(self, place: str, until: float, offence: Offence) -> None:
        """Another node has banned a place; it is not counted here."""
        seconds = until - self._clock.seconds()
        if self.settings.ban and seconds > 0 and not self._is_exempt(place):
            self._sources.pop(place, None)
            self._transports.ban(place, seconds, offence)

    def unlock(self, line: str) -> bool:
        """Let a line take new addresses again; False where it does."""
        self._guessed.pop(line, None)
        return self._locked.pop(line, None) is not None

    # counting

    def _is_scanner(self, agent: str) -> bool:
        if agent.lower().startswith(self._scanners):
            return True
        if len(self.harmless) >= MOST_AGENTS:
            self.harmless.clear()
        self.harmless.add(agent)
        return False

    def _note(self, host: str, is_proven: bool, offence: Offence, name: str = "") -> None:
        settings = self.settings
        place = place_of(host)
        if not settings.ban or self._is_exempt(place) or place in self._bans.by_place:
            return
        has_phones = place in self._phones
        if has_phones and not is_proven:
            return
        source = self._source(place)
        times = PHONES_COUNT if has_phones else 1
        if offence is Offence.SCANNER:
            is_enough = True
        elif offence is Offence.WRONG_PASSWORDS:
            source.passwords += 1
            is_enough = source.passwords >= settings.wrong_passwords * times
        elif offence is Offence.UNKNOWN_LINES:
            source.unknown.add(name)
            is_enough = len(source.unknown) >= settings.unknown_lines * times
        else:
            source.malformed += 1
            is_enough = source.malformed >= settings.malformed * times
        if is_enough:
            del self._sources[place]
            self.banned[offence] += 1
            self._transports.ban(host, settings.ban, offence)
            self.began(self._bans.by_place[place])

    def _source(self, place: str) -> _Source:
        now = self._clock.seconds()
        source = self._sources.pop(place, None)
        if source is None or not 0 <= now - source.began < WINDOW:
            source = _Source(now)
        if len(self._sources) >= MOST_SOURCES:
            del self._sources[next(iter(self._sources))]
        self._sources[place] = source
        return source

    def _count_line(self, line: str) -> None:
        now = self._clock.seconds()
        began, count = self._guessed.get(line, (now, 0))
        if not 0 <= now - began < LINE_WINDOW:
            began, count = now, 0
        self._guessed[line] = (began, count + 1)
        if count + 1 >= self.settings.wrong_passwords_per_line and line not in self._locked:
            self._locked[line] = began + LINE_WINDOW
            self.log.warn(
                "The password of line {line} is being guessed: until the hour is over its phones are taken only where "
                "they are registered", line=line,
            )  # fmt: skip

    def _is_exempt(self, place: str) -> bool:
        """Whether a place has an address that is never banned; where phones are is found out too."""
        now = self._clock.seconds()
        if not 0 < self._fresh_until - now <= FRESH:
            self._fresh_until = now + FRESH
            self._exempt.clear()
            self._networks = [*map(ip_network, (*self.settings.never_banned, *self.trusted)), *self._around.trunks()]
            self._phones = frozenset(map(place_of, self._around.phones_of("")))
        known = self._exempt.get(place)
        if known is None:
            if len(self._exempt) >= MOST_SOURCES:
                self._exempt.clear()
            whole = ip_network(f"{place}/64" if ":" in place else place)
            known = self._exempt[place] = any(whole.overlaps(network) for network in self._networks)
        return known

    # the log

    def _tell(self, ban: Ban) -> None:
        if self._lines.tells(ban.place):
            self.log.warn("{place} is banned for {seconds} s: {why}", place=ban.place,
                          seconds=round(ban.until - ban.since), why=ban.why)  # fmt: skip

    def _more(self, count: int) -> None:
        self.log.warn("{count} more addresses were banned in a minute", count=count)
