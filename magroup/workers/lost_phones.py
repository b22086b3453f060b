"""Phones in calls of this worker whose connection was to one that has ended: they are reached, or rung, by their next
one.
"""

from typing import Final

from magroup.model.lines import Registration
from magroup.sip.bindings import target
from magroup.sip.dialog import Dialog
from magroup.sip.errors import GrammarError
from magroup.sip.uri import parse_uri
from magroup.switch.leg import Leg
from magroup.switch.switch import SipSwitch

MOST: Final = 10_000
UNHEARD_FOR: Final = 40.0
"""Seconds after which an INVITE to which nothing has come is over (RFC 3261 timer B), at least."""


class LostPhones:
    """``lost`` when the worker at an inner host has ended; who registers, here or at another one, is found again."""

    def __init__(self, switch: SipSwitch) -> None:
        self._switch = switch
        self._lost: dict[Leg, None] = {}
        self._rung: dict[str, set[str]] = {}
        self._rung_until = 0.0
        switch.registrar.registered.append(lambda registration, body: self._registered(registration))
        switch.registrar.taken.append(self._registered)

    def __len__(self) -> int:
        return len(self._lost)

    def lost(self, host: str) -> None:
        """Whoever was reached there is not reached now."""
        self._lost = dict.fromkeys(leg for leg in self._lost if leg.is_up)
        for call in self._switch.calls_by_id.values():
            for leg in (call.caller, call.peer):
                dialog = _dialog(leg)
                if leg is not None and dialog is not None and dialog.hop.host == host and len(self._lost) < MOST:
                    self._lost[leg] = None
        bindings, now = self._switch.registrar.bindings, self._switch.clock.seconds()
        if now > self._rung_until:
            self._rung.clear()
        self._rung_until = now + UNHEARD_FOR
        for one in bindings.all():
            if one.path and bindings.hop(one).host == host:
                self._rung.setdefault(one.number, set()).add(target(one))

    def _registered(self, registration: Registration) -> None:
        for leg in [one for one in self._lost if one.device == registration.number]:
            dialog = _dialog(leg)
            if dialog is None:
                del self._lost[leg]
            elif _user(dialog.target) == _user(registration.contact):
                dialog.hop = self._switch.registrar.bindings.hop(registration)
                dialog.routes = list(registration.path)
                del self._lost[leg]
        if registration.number in self._rung:
            self._ring(registration, self._rung[registration.number])

    def _ring(self, registration: Registration, lost: set[str]) -> None:
        """By another port of the same address it is the same phone."""
        phone, number = _phone(target(registration)), registration.number
        for was in [one for one in lost if _phone(one) == phone]:
            lost.discard(was)
            for route in self._switch.registrar.routes(number):
                if route.target == target(registration):
                    for call in tuple(self._switch.calls_by_id.values()):
                        if number in call.ringing:
                            call.ringing[number].found_anew(was, route)
        if not lost:
            del self._rung[number]


def _dialog(leg: Leg | None) -> Dialog | None:
    """That of a leg that is up."""
    return leg.session.dialog if leg is not None and leg.is_up else None


def _user(uri: str) -> str:
    return _phone(uri)[0]


def _phone(uri: str) -> tuple[str, str]:
    """User and host."""
    try:
        parsed = parse_uri(uri)
    except GrammarError:
        return "", ""
    return parsed.user, parsed.host
