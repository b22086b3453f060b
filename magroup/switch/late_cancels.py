"""Phones that another server has rung by a connection which is gone with it stop when they have made the next one."""

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
"""Seconds after which a phone has stopped by itself, and how many CANCELs are kept for so long."""


class LateCancels:
    """``registered`` is told of every phone that registers, here or at another server."""

    def __init__(self, switch: "SipSwitch", clock: Clock) -> None:
        self._switch = switch
        self._clock = clock
        self._due: dict[str, dict[bytes, tuple[float, CancelForm]]] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many are kept."""
        return self._count

    def send(self, form: CancelForm) -> None:
        """By the connection that its phone has made already, and by the next one that it makes."""
        for registration in self._switch.registrar.bindings.contacts(form.line):
            self._send(form, registration)
        due = self._due.get(form.line, {})
        if form.message not in due:
            self._forget_old()
            if self._count < MOST:
                self._due.setdefault(form.line, due)[form.message] = self._clock.seconds() + LASTS, form
                self._count += 1

    def registered(self, registration: Registration) -> None:
        due = self._due.get(registration.number)
        if due is None:
            return
        self._forget_old()
        for message, (_, form) in tuple(due.items()):
            if self._send(form, registration):
                self._forget(form.line, message)

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
        for line, due in tuple(self._due.items()):
            for message, (until, _) in tuple(due.items()):
                if until > now:
                    # They are kept in the order in which they came.
                    break
                self._forget(line, message)

    def _forget(self, line: str, message: bytes) -> None:
        due = self._due[line]
        del due[message]
        self._count -= 1
        if not due:
            del self._due[line]
