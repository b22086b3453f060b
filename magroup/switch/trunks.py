"""Trunks: which calls come from them and go to them, their registrations, and whether they answer (OPTIONS)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.lines import Trunk
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.ping import ping
from magroup.sip.register import Registering
from magroup.sip.session import Authenticator
from magroup.sip.timers import Timer, Timers
from magroup.sip.uri import Uri, parse_uri, sip_uri

log = Logger(__name__)
Resolve = Callable[[Uri], Awaitable[list[Hop]]]
RESOLVE_AGAIN = 60.0
MOST_SOURCES = 4096
DOUBTED_FOR = 60.0
"""Seconds for which others are tried before a trunk that did not take a call, unless it answers OPTIONS meanwhile."""

LONGEST_ANSWER = 100

_address = lru_cache(maxsize=4096)(ip_address)


class TrunkState:
    """One trunk at work: its hop once resolved, whether it answers, its registration.

    ``answer`` is the last that was heard of it, as status and reason or in words, at ``answered_at`` (UTC seconds).
    ``takes_calls`` is False from a call that it has not taken to the next that it takes.
    """

    def __init__(
        self, trunk: Trunk, endpoint: Endpoint, timers: Timers, resolve: Resolve, gone: Callable[[int], None],
        found: Callable[[], None],
    ) -> None:  # fmt: skip
        self.trunk = trunk
        self.uri = parse_uri(trunk.address if trunk.address.startswith(("sip:", "sips:")) else f"sip:{trunk.address}")
        self.hop: Hop | None = None
        self.is_up = True
        self.answer = ""
        self.answered_at = 0.0
        self.doubted_until = 0.0
        self.takes_calls = True
        self.networks = networks_of(trunk.inbound_addresses)
        self._endpoint = endpoint
        self._timers = timers
        self._resolve = resolve
        self._gone = gone
        self._found = found
        self._answers = Answers(Credentials(trunk.user_name, trunk.password))
        self._registering: Registering | None = None
        self._timer: Timer | None = None
        self._stopped = False
        self._told_again_from = 0.0

    def start(self) -> None:
        """Resolve the address, then register and ping as the trunk is set up."""
        Deferred.fromCoroutine(self._start())

    async def _start(self) -> None:
        try:
            hops = await self._resolve(self.uri)
        except SipError as error:
            log.error("Trunk {name}: no address for {address}: {error}",
                      name=self.trunk.name, address=self.trunk.address, error=str(error))  # fmt: skip
            hops = []
        if self._stopped:
            return
        if not hops:
            self.is_up = False
            self._heard("no address found")
            self._timer = self._timers.after(RESOLVE_AGAIN, self.start)
            return
        self.is_up = True
        self.hop = hops[0]
        self._found()
        if self.trunk.registers and self._registering is None:
            domain = sip_uri("", self.uri.host, self.uri.port, self.hop.transport)
            address = sip_uri(self.trunk.user_name, self.uri.host, self.uri.port)
            self._registering = Registering(
                self._endpoint, self.hop, domain, address, self.trunk.user_name,
                Credentials(self.trunk.user_name, self.trunk.password), self._registered, self.trunk.expires,
            )  # fmt: skip
            self._registering.start()
        if self.trunk.ping_interval:
            self._ping()

    def stop(self) -> None:
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._registering is not None:
            self._registering.stop()

    def authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
        """The credentials for a challenge; None when the trunk has none, or they were refused."""
        if not self.trunk.user_name:
            return None
        try:
            return self._answers.answer(response, request)
        except SipError as error:
            log.error("Trunk {name}: {error}", name=self.trunk.name, error=str(error))
            return None

    @property
    def is_registered(self) -> bool | None:
        """Whether we are registered there; None where that is not wanted."""
        return None if self._registering is None else self._registering.is_registered

    def _heard(self, answer: str) -> None:
        self.answer, self.answered_at = answer[:LONGEST_ANSWER], self._timers.clock.seconds()

    def _registered(self, is_registered: bool, what: str) -> None:
        self._heard(what)
        if is_registered:
            log.info("Trunk {name}: registered", name=self.trunk.name)
        else:
            log.error("Trunk {name}: not registered: {what}", name=self.trunk.name, what=what)

    def _ping(self) -> None:
        self._timer = None
        hop = self.hop
        if hop is None or self._stopped:
            return
        target = sip_uri("", hop.name or hop.host, hop.port, hop.transport)
        ping(self._endpoint, hop, target, sip_uri("", hop.host, hop.port), self._ponged)

    def _ponged(self, is_up: bool, response: Response) -> None:
        if self._stopped:
            return
        is_gone = self.is_up and not is_up
        self._heard(f"{response.status} {response.reason}" if is_up else "no answer")
        # A switch that says 503 itself wants no calls either; those that it has go on.
        is_up = is_up and response.status != 503
        if is_up:
            self.doubted_until = 0.0
        if is_up != self.is_up:
            self.is_up = is_up
            if is_up:
                log.info("Trunk {name} answers again", name=self.trunk.name)
            else:
                log.error("Trunk {name} does not answer: {status}", name=self.trunk.name, status=response.status)
        if self._timer is None:
            self._timer = self._timers.after(self.trunk.ping_interval, self._ping)
        if is_gone:
            self._gone(self.trunk.id)

    @property
    def is_doubted(self) -> bool:
        """Whether it has not taken a call a moment ago."""
        return self.doubted_until > self._timers.clock.seconds()

    def doubt(self, why: str) -> None:
        """It has not taken a call, and has said ``why``: it is asked at once whether it is there."""
        was, now = self.is_doubted, self._timers.clock.seconds()
        self.doubted_until = now + DOUBTED_FOR
        if self.is_up:
            self._heard(why)
            if self.takes_calls and now >= self._told_again_from:
                self.takes_calls = False
                log.error("Trunk {name} takes no calls: {why}", name=self.trunk.name, why=self.answer)
        if not was and self._timer is not None and self.trunk.ping_interval and self.hop is not None:
            self._timer.cancel()
            self._ping()

    def has_taken(self) -> None:
        """It has taken a call.

        One that takes some calls and others not is not told of with each of them.
        """
        self.doubted_until = 0.0
        if not self.takes_calls:
            self.takes_calls = True
            self._heard("takes calls")
            self._told_again_from = self.answered_at + DOUBTED_FOR
            log.info("Trunk {name} takes calls again", name=self.trunk.name)

    def __str__(self) -> str:
        registered = {None: "", True: " registered", False: " not registered"}[self.is_registered]
        return f"trunk {self.trunk.name} {self.hop or 'unresolved'} {'up' if self.is_up else 'down'}{registered}"


class Trunks:
    """All trunks of the configuration. ``gone`` hears the id of one that does not answer any more.

    ``found`` is told when it is known where one is.
    """

    def __init__(self, endpoint: Endpoint, timers: Timers, resolve: Resolve) -> None:
        self._endpoint = endpoint
        self._timers = timers
        self._resolve = resolve
        self.gone: Callable[[int], None] = lambda trunk_id: None
        self.found: Callable[[], None] = lambda: None
        self._states: dict[int, TrunkState] = {}
        self._of_source: dict[tuple[str, int, bool], Trunk | None] = {}
        self._ways: dict[tuple[str, bool], list[Trunk]] = {}

    def configure(self, trunks: Sequence[Trunk]) -> None:
        """Take the configured trunks: unchanged ones go on, others start or stop."""
        self._of_source.clear()
        self._ways.clear()
        wanted = {trunk.id: trunk for trunk in trunks}
        for number, state in tuple(self._states.items()):
            if wanted.get(number) != state.trunk:
                state.stop()
                del self._states[number]
        states, self._states = self._states, {}
        for number, trunk in wanted.items():
            if number in states:
                self._states[number] = states[number]
            else:
                state = self._states[number] = TrunkState(
                    trunk, self._endpoint, self._timers, self._resolve, lambda trunk_id: self.gone(trunk_id),
                    self._found,
                )  # fmt: skip
                state.start()

    def stop(self) -> None:
        self.configure(())

    def _found(self) -> None:
        self._of_source.clear()
        self.found()

    def of_source(self, hop: Hop) -> Trunk | None:
        """The trunk that a message from this address belongs to."""
        if not self._states:
            return None
        source = (hop.host, hop.port, bool(hop.flow))
        if source not in self._of_source:
            if len(self._of_source) >= MOST_SOURCES:
                self._of_source.clear()
            self._of_source[source] = self._find_source(hop)
        return self._of_source[source]

    def _find_source(self, hop: Hop) -> Trunk | None:
        address: Any = None
        for state in self._states.values():
            if state.networks:
                address = address or _address(hop.host)
                if any(address in network for network in state.networks):
                    return state.trunk
            elif state.hop is not None and state.hop.host == hop.host and (hop.flow or state.hop.port == hop.port):
                return state.trunk
        return None

    def of_number(self, number: str, behind: bool) -> Trunk | None:
        """The trunk for a number: the longest prefix that fits, else the default one.

        ``behind`` says that the number is a line on the PBX, which only the default trunk reaches without a prefix.
        """
        ways = self.ways(number, behind)
        return ways[0] if ways else None

    def ways(self, number: str, behind: bool) -> list[Trunk]:
        """``of_number``, and the trunks that may stand in for it, the best first; the list is not to be changed.

        They have the same prefix; or a shorter one, or are the default, and send the same number on. To a line on the
        PBX (``behind``) only the same prefix leads.
        """
        found = self._ways.get((number, behind))
        if found is None:
            if len(self._ways) >= MOST_SOURCES:
                self._ways.clear()
            found = self._ways[number, behind] = self._find_ways(number, behind)
        return found

    def _find_ways(self, number: str, behind: bool) -> list[Trunk]:
        all = [state.trunk for state in self._states.values()]
        fitting = [trunk for trunk in all if trunk.prefix and number.startswith(trunk.prefix)]
        defaults = [trunk for trunk in all if trunk.is_default]
        if not fitting:
            return defaults or (all if behind and len(all) == 1 else [])
        fitting.sort(key=lambda trunk: -len(trunk.prefix))
        best, *others = fitting
        sent = sent_as(best, number)
        others += [trunk for trunk in defaults if trunk not in fitting]
        return [best, *(
            trunk for trunk in others
            if trunk.prefix == best.prefix or (not behind and sent_as(trunk, number) == sent)
        )]  # fmt: skip

    def doubt(self, trunk_id: int, why: str) -> None:
        """It has said nothing to a call, or that it cannot take one; ``why`` in a few words."""
        state = self._states.get(trunk_id)
        if state is not None:
            state.doubt(why)

    def has_taken(self, trunk_id: int) -> None:
        """A call there was answered, or refused by whoever was called; before that it may still say 503."""
        state = self._states.get(trunk_id)
        if state is not None and (state.doubted_until or not state.takes_calls):
            state.has_taken()

    def is_doubted(self, trunk_id: int) -> bool:
        """Whether others are to be tried before it."""
        state = self._states.get(trunk_id)
        return state is not None and state.is_doubted

    def hop(self, trunk_id: int) -> Hop | None:
        """Where the trunk is, None while it is not resolved or does not answer."""
        state = self._states.get(trunk_id)
        return state.hop if state is not None and state.is_up else None

    def authenticator(self, trunk_id: int) -> Authenticator | None:
        state = self._states.get(trunk_id)
        return state.authenticate if state is not None else None

    def networks(self) -> list[IPv4Network | IPv6Network]:
        """Where messages of trunks come from."""
        found = [network for state in self._states.values() for network in state.networks]
        return [*found, *networks_of([state.hop.host for state in self._states.values() if state.hop is not None])]

    def states(self) -> Iterable[TrunkState]:
        """Each trunk at work."""
        return self._states.values()

    def describe(self) -> list[str]:
        """One line per trunk, for the debug dump."""
        return [str(state) for state in self._states.values()]


def sent_as(trunk: Trunk, number: str) -> str:
    """What the trunk is sent of a number."""
    return number[trunk.strip :] if trunk.prefix and number.startswith(trunk.prefix) else number


def networks_of(addresses: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    """The networks of a trunk's inbound addresses; what is none is left out and logged."""
    found = []
    for text in addresses:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            log.error("{address} is no IP address or network", address=text)
    return found
