"""The registrar: who may register which line, which contacts it has, and whether they answer (RFC 3261 section 10)."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from twisted.logger import Logger

from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.lines import Registration
from magroup.sip.auth import Authenticator
from magroup.sip.bindings import Bindings, target
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.ping import ping
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.timers import Timer, Timers
from magroup.sip.uri import sip_uri
from magroup.sip.usual import Usual
from magroup.switch.leg import Route
from magroup.switch.phones import Phones
from magroup.switch.remotecc import is_keep_alive, keep_alive, knows_remotecc, switch_on

log = Logger(__name__)
MISSED_PINGS = 2
"""Pings without an answer after which a contact counts as gone, until it answers or registers again."""


class RegistrationStore(Protocol):
    """Where registrations survive a restart; written behind."""

    def save_registration(self, registration: Registration) -> None: ...

    def remove_registration(self, number: str, contact: str) -> None: ...


class Registrar:
    """Serves REGISTER. ``changed(number, in_service)`` is told when a line's first phone comes and its last one goes,
    ``appeared`` and ``disappeared`` of each contact that is added or removed, ``registered`` of each REGISTER for one,
    with its body, ``silence`` of each that answers pings no more (True) or again. What has registered at other nodes is
    not asked nor told of but by ``taken``; ``elsewhere`` has its node, by number and contact.

    Times are those of ``clock``, UTC seconds in production. ``ping_interval`` 0 pings nobody.
    """

    def __init__(
        self, endpoint: Endpoint, timers: Timers, clock: Clock, bindings: Bindings, authenticator: Authenticator,
        configuration: Callable[[], Configuration], store: RegistrationStore, ping_interval: float = 60.0,
    ) -> None:  # fmt: skip
        self.bindings = bindings
        self.phones = Phones()
        self.changed: Callable[[str, bool], None] = lambda number, in_service: None
        self.appeared: list[Callable[[Registration], None]] = []
        self.disappeared: list[Callable[[Registration], None]] = []
        self.registered: list[Callable[[Registration, bytes], None]] = []
        self.taken: list[Callable[[Registration], None]] = []
        self.silence: Callable[[Registration, bool], None] = lambda registration, is_silent: None
        self.elsewhere: dict[tuple[str, str], str] = {}
        self._endpoint = endpoint
        self._timers = timers
        self._clock = clock
        self._authenticator = authenticator
        self._configuration = configuration
        self._store = store
        self._ping_interval = ping_interval
        self._ping_queue: deque[tuple[str, str]] = deque()
        self._ping_credit = 0.0
        self._ping_timer: Timer | None = None
        self._expiry: Timer | None = None
        self._expiry_due = 0.0
        self._missed: dict[tuple[str, str], int] = {}
        self._answered: dict[tuple[str, str], float] = {}

    def restore(self, registrations: Iterable[Registration], node: str = "") -> None:
        """Take what was registered before a restart, of lines that are still there; another ``node`` may look after
        these phones until they register again.
        """
        configuration = self._configuration()
        kept = [one for one in registrations if configuration.line(one.number) is not None]
        self.bindings.restore(kept)
        if node:
            self.elsewhere |= {(one.number, one.contact): node for one in kept}
        self._schedule_expiry()
        self._ping_timer = self._timers.after(1.0, self._ping) if self._ping_interval else None

    def ping_every(self, seconds: float) -> None:
        """Ping each contact once in so many seconds from now on; 0: no more, all count as there then."""
        self._ping_interval = seconds
        if seconds and self._ping_timer is None:
            self._ping_timer = self._timers.after(1.0, self._ping)
        elif not seconds and self._ping_timer is not None:
            self._ping_timer.cancel()
            self._ping_timer = None
            silent = [number for number in self.bindings.numbers() if not self.is_registered(number)]
            self._missed.clear()
            self._answered.clear()
            for number in silent:
                self._tell(number, False)

    def stop(self) -> None:
        for timer in (self._ping_timer, self._expiry):
            if timer is not None:
                timer.cancel()

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A REGISTER. Raises SipError."""
        to = request.to.uri
        if not to.is_sip:
            raise SipError(400, "To must be a SIP URI")
        now = self._clock.seconds()
        user = self._authenticator.check(request, now, address=hop.host)
        line = self._configuration().line(to.number)
        if line is None:
            raise SipError(404)
        of_user = self._configuration().line(user)
        if of_user is None or of_user.number != line.number or line.on_pbx:
            raise SipError(403)
        self.register(transaction, request, hop, line.number, now)

    def register(self, transaction: ServerTransaction, request: Request, hop: Hop, number: str, now: float) -> None:
        """The REGISTER of whoever may register this line. Raises SipError."""
        if is_keep_alive(request):
            response = request.respond(200, to_tag=self._endpoint.layer.token())
            keep_alive(response, now)
            transaction.respond(response)
            return
        was = self.is_registered(number)
        result = self.bindings.update(number, request, now, hop)
        for registration in (*result.added, *result.refreshed):
            self._missed.pop((number, registration.contact), None)
            self.elsewhere.pop((number, registration.contact), None)
            self._store.save_registration(registration)
            self.phones.learn(registration, request)
        for registration in result.added:
            log.info("Line {number} registered from {hop} ({agent})", number=number, hop=str(hop),
                     agent=registration.user_agent)  # fmt: skip
            self._ping_queue.append((number, registration.contact))
        for registration in result.removed:
            self._forget(registration)
            log.info("Line {number} unregistered {contact}", number=number, contact=registration.contact)
        response = request.respond(200, to_tag=self._endpoint.layer.token())
        response.headers.update(result.headers)
        response.headers["Server"] = [self._endpoint.agent]
        if knows_remotecc(request.get("User-Agent")):
            switch_on(response, now)
        transaction.respond(response)
        self._schedule_expiry()
        if not was or result.removed:
            self._tell(number, was)
        for registration in result.added:
            for appeared in self.appeared:
                appeared(registration)
        for registration in (*result.added, *result.refreshed):
            for registered in self.registered:
                registered(registration, request.body)

    def refresh(
        self, usual: Usual, number: str, now: float, way: tuple[Hop, str, bool]
    ) -> tuple[Registration, str] | None:  # fmt: skip
        """``register`` for what changes nothing but the time: see ``Bindings.refresh``. ``refreshed`` tells of it.

        None where it changes more: nothing has happened then.
        """
        found = self.bindings.refresh(number, usual, now, way)
        if found is not None:
            self._store.save_registration(found[0])
            if usual.packages:
                self.phones.learn(found[0], Request("REGISTER", "", {"Allow-Events": [usual.packages]}))
        return found

    def refreshed(self, registration: Registration) -> None:
        """What ``refresh`` has done was answered."""
        number = registration.number
        key = number, registration.contact
        if self.elsewhere:
            self.elsewhere.pop(key, None)
        if self._missed and self._missed.pop(key, 0) >= MISSED_PINGS:
            self._tell(number, False)
        self._schedule_expiry()
        for registered in self.registered:
            registered(registration, b"")

    def save_again(self) -> None:
        """The calendar has changed: what is stored is to end by the new time."""
        for registration in self.bindings.all():
            if (registration.number, registration.contact) not in self.elsewhere:
                self._store.save_registration(registration)

    def take(self, registration: Registration, node: str, is_silent: bool) -> None:
        """A phone has registered at another node, which asks it whether it is there."""
        number, key = registration.number, (registration.number, registration.contact)
        was = self.is_registered(number)
        self.bindings.restore((registration,))
        self.elsewhere[key] = node
        self._missed.pop(key, None)
        if is_silent:
            self._missed[key] = MISSED_PINGS
        self._schedule_expiry()
        self._tell(number, was)
        for taken in self.taken:
            taken(registration)

    def take_away(self, number: str, contact: str) -> None:
        """The contact is gone, as another node says."""
        was = self.is_registered(number)
        registration = self.bindings.remove(number, contact)
        if registration is not None:
            self._drop(registration)
            self._tell(number, was)

    def routes(self, number: str) -> list[Route]:
        """How the line's phones are reached; contacts that do not answer only when there is no other."""
        registrations = self.bindings.contacts(number)
        alive = [one for one in registrations if self._answers(one)]
        return [
            Route(target(one), self.bindings.hop(one), one.path, line=number) for one in (alive or registrations)
        ]  # fmt: skip

    def phone_of(self, route: Route) -> Registration | None:
        """The registration that a route to a line was made of, unless it is gone."""
        registrations = self.bindings.contacts(route.line)
        return next((one for one in registrations if target(one) == route.target), None)

    def is_registered(self, number: str) -> bool:
        """Whether a phone of the line is there, as far as is known."""
        missed = self._missed
        for one in self.bindings.contacts(number):
            if not missed or missed.get((number, one.contact), 0) < MISSED_PINGS:
                return True
        return False

    @property
    def pings(self) -> bool:
        """Whether phones are asked whether they are there."""
        return bool(self._ping_interval)

    @property
    def silent(self) -> int:
        """How many contacts do not answer."""
        return sum(missed >= MISSED_PINGS for missed in self._missed.values())

    def ping_of(self, registration: Registration) -> tuple[bool, float]:
        """Whether a contact answers as far as is known, and when it last did (UTC seconds; 0.0: not yet)."""
        return self._answers(registration), self._answered.get((registration.number, registration.contact), 0.0)

    def _answers(self, registration: Registration) -> bool:
        return self._missed.get((registration.number, registration.contact), 0) < MISSED_PINGS

    def forget_line(self, number: str) -> None:
        """The line is gone, or its secret has changed: its phones must register anew."""
        was = self.is_registered(number)
        for registration in self.bindings.forget(number):
            self._forget(registration)
        self._tell(number, was)

    def end(self, number: str, contact: str) -> bool:
        """Take a contact away until it registers again, which it is not told; False where it is not there."""
        was = self.is_registered(number)
        registration = self.bindings.remove(number, contact)
        if registration is None:
            return False
        self._forget(registration)
        self._tell(number, was)
        return True

    def _tell(self, number: str, was: bool) -> None:
        now = self.is_registered(number)
        if now != was:
            self.changed(number, now)

    def _forget(self, registration: Registration) -> None:
        self._drop(registration)
        self._store.remove_registration(registration.number, registration.contact)

    def _drop(self, registration: Registration) -> None:
        key = registration.number, registration.contact
        self._missed.pop(key, None)
        self._answered.pop(key, None)
        self.elsewhere.pop(key, None)
        self.phones.forget(registration)
        for disappeared in self.disappeared:
            disappeared(registration)

    def _schedule_expiry(self) -> None:
        due = self.bindings.next_expiry()
        if due is None or (self._expiry is not None and self._expiry_due <= due):
            return
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry_due = due
        self._expiry = self._timers.after(max(due - self._clock.seconds(), 0.0) + 0.5, self._expire)

    def _expire(self) -> None:
        self._expiry = None
        before: dict[str, None] = {}
        for registration in self.bindings.expire(self._clock.seconds()):
            log.info("Registration of line {number} expired ({contact})",
                     number=registration.number, contact=registration.contact)  # fmt: skip
            if self._answers(registration):
                before[registration.number] = None
            # What has registered elsewhere may have done so again, unheard.
            is_own = (registration.number, registration.contact) not in self.elsewhere
            (self._forget if is_own else self._drop)(registration)
        for number in before:
            self._tell(number, True)
        self._schedule_expiry()

    # pings

    def _ping(self) -> None:
        """Each second its share of the contacts, so that all are asked once an interval."""
        self._ping_timer = self._timers.after(1.0, self._ping)
        if not self._ping_queue:
            self._ping_queue.extend(
                (number, one.contact) for number in self.bindings.numbers() for one in self.bindings.contacts(number)
            )
        self._ping_credit += len(self.bindings) / self._ping_interval
        due, self._ping_credit = int(self._ping_credit), self._ping_credit % 1
        for _ in range(min(len(self._ping_queue), due)):
            number, contact = self._ping_queue.popleft()
            for registration in self.bindings.contacts(number):
                if registration.contact == contact and (number, contact) not in self.elsewhere:
                    self._send_ping(registration)

    def _send_ping(self, registration: Registration) -> None:
        ping(
            self._endpoint, self.bindings.hop(registration), target(registration),
            sip_uri(registration.number, "magroup.invalid"),
            lambda is_there, response: self._ponged(registration, is_there, response), registration.path,
        )  # fmt: skip

    def _ponged(self, registration: Registration, is_there: bool, response: Response) -> None:
        number = registration.number
        key = (number, registration.contact)
        if all(one.contact != registration.contact for one in self.bindings.contacts(number)):
            return
        was = self.is_registered(number)
        if is_there:
            if self._missed.pop(key, 0) >= MISSED_PINGS:
                self.silence(registration, False)
            self._answered[key] = self._clock.seconds()
            self.phones.learn(registration, response)
        else:
            self._missed[key] = self._missed.get(key, 0) + 1
            if self._missed[key] == MISSED_PINGS:
                log.warn("The phone of line {number} at {contact} does not answer",
                         number=number, contact=registration.contact)  # fmt: skip
                self.silence(registration, True)
        self._tell(number, was)
