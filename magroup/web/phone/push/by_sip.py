"""Objects for phones over SIP: what the switch's remote control offers, as a way of the pusher."""

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred, TimeoutError

from magroup.model.lines import Registration
from magroup.web.phone.push.answer import DONE, Answer, Outcome
from magroup.web.phone.push.documents import WHEN_IDLE
from magroup.web.phone.push.post import SECONDS
from magroup.web.phone.push.pusher import Send


class Remote(Protocol):
    """See ``magroup.switch.remotecc.control``."""

    def knows(self, registration: Registration) -> bool: ...

    def show(self, registration: Registration, thing: bytes, priority: int, heard: Callable[[int], None]) -> None: ...


class BySip:
    """``clock`` is a reactor's."""

    def __init__(self, remote: Remote, clock: Any) -> None:
        self._remote = remote
        self._clock = clock

    def __call__(self, registration: Registration) -> Send | None:
        """What sends to the phone that has registered so; None where it knows no remotecc."""
        if not self._remote.knows(registration):
            return None

        async def send(document: bytes) -> Answer:
            heard: Deferred[int] = Deferred()
            self._remote.show(registration, document, WHEN_IDLE, lambda status: _tell(heard, status))
            heard.addTimeout(SECONDS, self._clock)
            try:
                return read_status(await heard)
            except TimeoutError:
                return Answer(Outcome.SILENT, f"it does not answer within {SECONDS:.0f} s (SIP)")

        return send


def _tell(heard: Deferred[int], status: int) -> None:
    """The transaction goes on when nobody waits for it any more."""
    if not heard.called:
        heard.callback(status)


def read_status(status: int) -> Answer:
    """Of the answer to a REFER."""
    if 200 <= status < 300:
        return DONE
    if status in (401, 403, 407):
        return Answer(Outcome.REFUSED, f"it takes nothing from here (SIP {status})")
    if status in (408, 503):
        return Answer(Outcome.SILENT, f"it does not answer (SIP {status})")
    return Answer(Outcome.FAILED, f"it answers with SIP {status}")
