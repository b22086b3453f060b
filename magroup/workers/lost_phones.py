"""Phones in calls of this worker whose connection was to one that has ended: they are reached by their next one."""

from typing import Final

from magroup.model.lines import Registration
from magroup.sip.dialog import Dialog
from magroup.sip.errors import GrammarError
from magroup.sip.uri import parse_uri
from magroup.switch.leg import Leg
from magroup.switch.switch import SipSwitch

MOST: Final = 10_000


class LostPhones:
    """``lost`` when the worker at an inner host has ended; who registers, here or at another one, is found again."""

    def __init__(self, switch: SipSwitch) -> None:
        self._switch = switch
        self._lost: dict[Leg, None] = {}
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

    def _registered(self, registration: Registration) -> None:
        for leg in [one for one in self._lost if one.device == registration.number]:
            dialog = _dialog(leg)
            if dialog is None:
                del self._lost[leg]
            elif _user(dialog.target) == _user(registration.contact):
                dialog.hop = self._switch.registrar.bindings.hop(registration)
                dialog.routes = list(registration.path)
                del self._lost[leg]


def _dialog(leg: Leg | None) -> Dialog | None:
    """That of a leg that is up."""
    return leg.session.dialog if leg is not None and leg.is_up else None


def _user(uri: str) -> str:
    try:
        return parse_uri(uri).user
    except GrammarError:
        return ""
