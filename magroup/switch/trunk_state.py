"""One trunk at work: where it is, whether it answers (OPTIONS) and takes calls, and its registration."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

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
LOOK_AGAIN = 10.0
"""Seconds between two looks for another address of one that does not answer."""

DOUBTED_FOR = 60.0
"""Seconds for which others are tried before a trunk that did not take a call, unless it answers OPTIONS meanwhile."""

LONGEST_ANSWER = 100


class TrunkState:
    """One trunk at work: its hop once resolved, whether it answers, its registration.

    ``answer`` is the last that was heard of it, as status and reason or in words, at ``answered_at`` (UTC seconds).
    ``takes_calls`` is False from a call that it has not taken to the next that it takes.
    """

    def __init__(
        self, trunk: Trunk, endpoint: Endpoint, timers: Timers, resolve: Resolve, gone: Callable[[int], None],
        found: Callable[[], None], registers: bool = True,
    ) -> None:  # fmt: skip
        self.trunk = trunk
        self._registers = trunk.registers and registers
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
        self.authenticate: Authenticator = self._authenticate
        """The credentials for a challenge; None when the trunk has none, or they were refused. One for all calls."""

        self._registering: Registering | None = None
        self._timer: Timer | None = None
        self._stopped = False
        self._told_again_from = 0.0
        self._look_again_from = 0.0

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
        if self._registers and self._registering is None:
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

    def _authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
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
            self._look_again()

    def _ping(self) -> None:
        self._timer = None
        hop = self.hop
        if hop is None or self._stopped:
            return
        target = sip_uri("", hop.name or hop.host, hop.port, hop.transport)

        def ponged(is_up: bool, response: Response) -> None:
            if hop is self.hop and not self._stopped:
                self._ponged(is_up, response)

        ping(self._endpoint, hop, target, sip_uri("", hop.host, hop.port), ponged)

    def _ponged(self, is_up: bool, response: Response) -> None:
        is_silent = not is_up
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
        if is_silent:
            self._look_again()

    def _look_again(self) -> None:
        """It may be elsewhere by now, or its name may have more addresses than the one that is used."""
        now = self._timers.clock.seconds()
        if now >= self._look_again_from:
            self._look_again_from = now + LOOK_AGAIN
            Deferred.fromCoroutine(self._move())

    async def _move(self) -> None:
        try:
            hops = await self._resolve(self.uri)
        except SipError:
            return
        old = self.hop
        if self._stopped or old is None:
            return
        next_one = hops.index(old) + 1 if old in hops else 0
        for hop in (*hops[next_one:], *hops[:next_one]):
            if hop != old:
                self._use(hop)
                return

    def _use(self, hop: Hop) -> None:
        log.warn("Trunk {name} is tried at {hop}", name=self.trunk.name, hop=str(hop))
        self.hop = hop
        self.doubted_until = 0.0
        self._found()
        if self._registering is not None:
            self._registering.move(hop)
        if self._timer is not None:
            self._timer.cancel()
        if self.trunk.ping_interval:
            self._ping()

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
        if not self.trunk.ping_interval:
            self._look_again()
        elif not was and self._timer is not None and self.hop is not None:
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


def networks_of(addresses: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    """The networks of a trunk's inbound addresses; what is none is left out and logged."""
    found = []
    for text in addresses:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            log.error("{address} is no IP address or network", address=text)
    return found
