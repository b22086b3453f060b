"""The registrar's table: which contacts each line has, until when, where they are reached (RFC 3261 section 10.3)."""

import heapq
from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from itertools import count
from sys import intern

from magroup.model.lines import Registration
from magroup.sip.contacts import Limits, Wanted, instance_param, reach_again
from magroup.sip.errors import GrammarError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.registering import LONGEST_USER_AGENT, STRAGGLER, Binding, Plan, format_contact, plan_update
from magroup.sip.uri import parse_uri
from magroup.sip.usual import Usual

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Update:
    """What a REGISTER changed, and the headers of the 200 that answers it.

    A contact that takes the place of another one of the same device is in ``added``, the other one in ``removed``.
    """

    headers: dict[str, list[str]]
    added: tuple[Registration, ...] = ()
    refreshed: tuple[Registration, ...] = ()
    removed: tuple[Registration, ...] = ()


class Bindings:
    """All registrations, in memory. Times are UTC seconds, handed in."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._lines: dict[str, tuple[Binding, ...]] = {}
        self._queue: list[tuple[float, int, Binding]] = []
        self._serial = count()
        self._count = 0

    def __len__(self) -> int:
        """How many contacts are bound."""
        return self._count

    def numbers(self) -> KeysView[str]:
        """The numbers that have a contact now, as a live view."""
        return self._lines.keys()

    def contacts(self, number: str) -> tuple[Registration, ...]:
        """The contacts of a line, those with the highest q first."""
        bindings = self._lines.get(number, ())
        if len(bindings) == 1:
            return (bindings[0].registration,)
        return tuple(binding.registration for binding in bindings)

    def all(self) -> list[Registration]:
        """The contacts of all lines."""
        return [binding.registration for bindings in self._lines.values() for binding in bindings]

    def since(self, registration: Registration) -> float:
        """When a contact was first registered (UTC seconds), 0.0 where that was before a restart, or it is gone."""
        bindings = self._lines.get(registration.number, ())
        return next((one.since for one in bindings if one.registration.contact == registration.contact), 0.0)

    def hop(self, registration: Registration) -> Hop:
        """Where requests to a contact go, over the connection it registered by while that is open."""
        for binding in self._lines.get(registration.number, ()):
            if binding.registration.contact == registration.contact:
                return binding.hop
        return reach_again(
            parse_uri(registration.contact), registration.path, registration.transport, registration.received
        )

    def update(self, number: str, request: Request, now: float, received: Hop) -> Update:
        """Do what a REGISTER for a line asks for, whole or not at all. Who may do that has been checked before.

        Raises SipError: 400 malformed, 403 too many contacts, 423 too short, 500 older than what is known.
        """
        old = self._lines.get(number, ())
        plans, headers = plan_update(number, old, request, now, received, self.limits)
        added, refreshed, removed = _changes(old, plans)
        if added or refreshed or removed:
            self._commit(number, old, plans, now)
        return Update(headers, added, refreshed, removed)

    def refresh(
        self, number: str, usual: Usual, now: float, way: tuple[Hop, str, bool]
    ) -> tuple[Registration, str] | None:  # fmt: skip
        """Do what a REGISTER asks for that says what it said before, by the same way: the contact, and as it is told.

        None, with nothing done, where there is more to it than that; ``update`` does what it asks for then.
        """
        bindings = self._lines.get(number, ())
        if len(bindings) != 1:
            return None
        binding = bindings[0]
        wanted, old = binding.wanted, binding.registration
        if wanted.text != usual.contact or binding.way != way or old.expires_at <= now:
            return None
        cseq, call_id, limits = int(usual.cseq), usual.call_id, self.limits
        if old.call_id == call_id and cseq <= old.cseq and now - binding.updated_at < STRAGGLER:
            return None
        seconds = wanted.expires
        if seconds is None:
            seconds = int(usual.expires) if usual.expires else limits.default
        seconds = min(seconds, limits.longest)
        if not seconds or seconds < limits.shortest:
            return None
        agent = old.user_agent if usual.agent == old.user_agent else intern(usual.agent[:LONGEST_USER_AGENT])
        registration = binding.registration = Registration(
            number, old.contact, call_id, cseq, now + seconds, old.transport, old.received, agent, old.instance, old.q,
        )  # fmt: skip
        binding.updated_at = now
        if registration.expires_at < binding.due:
            self._schedule(binding)
        return registration, format_contact(registration, wanted, seconds)

    def came_by(self, number: str, contact: str, way: tuple[Hop, str, bool]) -> None:
        """The contact with this text has just come by that way, without a Path: ``refresh`` takes it again."""
        for binding in self._lines.get(number, ()):
            if binding.wanted.text == contact and not binding.registration.path:
                binding.way = way

    def restore(self, registrations: Iterable[Registration]) -> None:
        """Bind what was saved before a restart; saved contacts that are no SIP URIs are left out."""
        for registration in registrations:
            try:
                uri = parse_uri(registration.contact)
                hop = reach_again(uri, registration.path, registration.transport, registration.received)
            except GrammarError:
                continue
            params = instance_param(registration.instance)
            wanted = Wanted("", registration.contact, params, None, registration.q, registration.instance, "")
            old = self._lines.get(registration.number, ())
            plans = [Plan.of(binding) for binding in old if binding.registration.contact != registration.contact]
            self._commit(registration.number, old, [*plans, Plan(None, registration, wanted, hop)], 0.0)

    def expire(self, now: float) -> list[Registration]:
        """Remove the contacts whose time is over."""
        expired = []
        queue = self._queue
        while queue and queue[0][0] <= now:
            due, _, binding = heapq.heappop(queue)
            if binding.due != due:
                continue
            registration = binding.registration
            if registration.expires_at > now:
                self._schedule(binding)
                continue
            expired.append(registration)
            self._remove(binding)
        return expired

    def next_expiry(self) -> float | None:
        """When ``expire`` is worth calling next, None for never."""
        return self._queue[0][0] if self._queue else None

    def forget(self, number: str) -> list[Registration]:
        """Remove all contacts of a line, as when it is deleted."""
        old = self._lines.get(number, ())
        self._commit(number, old, [], 0.0)
        return [binding.registration for binding in old]

    def remove(self, number: str, contact: str) -> Registration | None:
        """Remove one contact of a line; None where it is not there."""
        for binding in self._lines.get(number, ()):
            if binding.registration.contact == contact:
                self._remove(binding)
                return binding.registration
        return None

    def _commit(self, number: str, old: tuple[Binding, ...], plans: list[Plan], now: float) -> None:
        kept = {plan.binding for plan in plans}
        for binding in old:
            if binding not in kept:
                self._unbind(binding)
        bound = []
        for plan in plans:
            if plan.binding is None:
                binding = Binding(plan.registration, plan.wanted, plan.hop, now)
                self._count += 1
            else:
                binding = plan.binding
            bound.append(binding)
            if not plan.is_changed:
                continue
            if plan.binding is not None:
                binding.way = None
                binding.registration, binding.wanted, binding.hop = plan.registration, plan.wanted, plan.hop
                binding.updated_at = now
            if not binding.due or binding.registration.expires_at < binding.due:
                self._schedule(binding)
        self._set(number, bound)

    def _set(self, number: str, bindings: list[Binding]) -> None:
        if not bindings:
            self._lines.pop(number, None)
            return
        if len(bindings) > 1:
            bindings.sort(key=lambda binding: -binding.registration.q)
        self._lines[number] = tuple(bindings)

    def _remove(self, binding: Binding) -> None:
        number = binding.registration.number
        self._unbind(binding)
        self._set(number, [other for other in self._lines[number] if other is not binding])

    def _unbind(self, binding: Binding) -> None:
        binding.due = 0.0
        self._count -= 1

    def _schedule(self, binding: Binding) -> None:
        """One entry for each binding is enough: it is looked at when it comes up, and put back if it is too early."""
        binding.due = binding.registration.expires_at
        heapq.heappush(self._queue, (binding.due, next(self._serial), binding))
        if len(self._queue) > 4 * self._count + 1024:
            self._queue[:] = [entry for entry in self._queue if entry[0] == entry[2].due]
            heapq.heapify(self._queue)


def _changes(
    old: tuple[Binding, ...], plans: list[Plan]
) -> tuple[tuple[Registration, ...], tuple[Registration, ...], tuple[Registration, ...]]:
    """What is added, refreshed and removed, by contact."""
    if len(plans) == 1 and len(old) == 1 and plans[0].registration.contact == old[0].registration.contact:
        return (), ((plans[0].registration,) if plans[0].is_changed else ()), ()
    before = {binding.registration.contact for binding in old}
    after = {plan.registration.contact for plan in plans}
    changed = [plan.registration for plan in plans if plan.is_changed]
    return (
        tuple(registration for registration in changed if registration.contact not in before),
        tuple(registration for registration in changed if registration.contact in before),
        tuple(binding.registration for binding in old if binding.registration.contact not in after),
    )


def target(registration: Registration) -> str:
    """The Request-URI of requests to a contact: its URI without the headers that one may carry (RFC 3261 19.1.5)."""
    headers = parse_uri(registration.contact).headers
    return registration.contact.removesuffix(headers) if headers else registration.contact
