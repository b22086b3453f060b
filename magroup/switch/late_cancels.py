"""Phones that another server has rung by a connection which is gone with it stop when they have made the next one."""

from collections import deque
from typing import TYPE_CHECKING, Final

from magroup.model.clock import Clock
from magroup.model.lines import Registration
from magroup.sip.hop import Hop
from magroup.switch.resume import is_same_phone
from magroup.switch.talk_form import CancelForm

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch

LASTS: Final = 300.0
MOST: Final = 10_000
"""Seconds after which a phone has stopped by itself, and how many CANCELs are kept in such a time."""


class LateCancels:
    """``registered`` is told of every phone that registers, here or at another server."""

    def __init__(self, switch: "SipSwitch", clock: Clock) -> None:
        self._switch = switch
        self._clock = clock
        self._due: dict[str, dict[bytes, CancelForm]] = {}
        self._order: deque[tuple[float, CancelForm]] = deque()

    def __len__(self) -> int:
        """How many came in the last ``LASTS`` seconds."""
        return len(self._order)

    def send(self, form: CancelForm) -> None:
        """By the connection that its phone has made already, and by the next one that it makes."""
        for registration in self._switch.registrar.bindings.contacts(form.line):
            self._send(form, registration)
        self._forget_old()
        if len(self._order) < MOST and form.message not in self._due.get(form.line, ()):
            self._due.setdefault(form.line, {})[form.message] = form
            self._order.append((self._clock.seconds() + LASTS, form))

    def registered(self, registration: Registration) -> None:
        if registration.number not in self._due:
            return
        self._forget_old()
        for form in tuple(self._due.get(registration.number, {}).values()):
            if self._send(form, registration):
                self._forget(form)

    def _send(self, form: CancelForm, registration: Registration) -> bool:
        """Whether it is that phone, and is reached."""
        cancel = form.request()
        if not is_same_phone(cancel.target, form.hop.hop(), registration):
            return False
        hop = self._switch.registrar.bindings.hop(registration)
        if not (hop.flow or registration.path):
            return False
        if registration.path:
            cancel.headers["Route"] = list(registration.path)
            hop = Hop(hop.transport, hop.host, hop.port)
        self._switch.endpoint.layer.sender.send(cancel.encode(), hop)
        return True

    def _forget_old(self) -> None:
        now = self._clock.seconds()
        while self._order and self._order[0][0] <= now:
            self._forget(self._order.popleft()[1])

    def _forget(self, form: CancelForm) -> None:
        due = self._due.get(form.line, {})
        due.pop(form.message, None)
        if not due:
            self._due.pop(form.line, None)
