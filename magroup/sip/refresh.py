"""Session timers: a session whose peer is gone ends by itself (RFC 4028)."""

from typing import TYPE_CHECKING, Final

from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.session import Session

AGAIN: Final = 10


class Refresher:
    """One session's timer; ``interval`` in seconds, 0 switches it off. A failed refresh is tried again after 10 s."""

    __slots__ = ("_deadline", "_least", "_session", "_timer", "interval", "is_ours")

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._timer: Timer | None = None
        self._deadline = 0.0
        self.is_ours = False
        self.interval = session.endpoint.session_expires
        self._least = session.endpoint.min_se

    @property
    def is_running(self) -> bool:
        """Whether the two sides have settled on a timer."""
        return self._deadline > 0.0

    def resume(self, interval: int, is_ours: bool) -> None:
        """Go on where another server has begun, with a whole interval."""
        self.interval = interval
        self._start(is_ours)

    def propose(self, request: Request) -> None:
        """Ask for a timer in an INVITE or UPDATE of ours."""
        if self.interval:
            request.headers["Session-Expires"] = [str(self.interval)]
            request.headers["Min-SE"] = [str(self._least)]

    def check(self, request: Request) -> None:
        """Raises SipError(422) when the peer wants less than the least we take."""
        wanted = request.number("Session-Expires")
        least = self._least
        if wanted is not None and wanted < least and "timer" in request.tokens("Supported"):
            raise SipError(422, headers={"Min-SE": str(least)})

    def lengthen(self, response: Response) -> bool:
        """Take the interval that a 422 asks for (section 7.3); False when it asks for none that is longer."""
        least = response.number("Min-SE")
        if response.status != 422 or not self.interval or least is None or least <= self.interval:
            return False
        self.interval = least
        return True

    def answer(self, request: Request, response: Response) -> None:
        """Settle the timer in the 2xx to the peer's INVITE or UPDATE (RFC 4028 section 9)."""
        if not self.interval:
            return
        session = self._session
        wanted = request.number("Session-Expires")
        supports = "timer" in session.peer_supports
        if wanted is not None:
            self.interval = max(wanted, self._least)
        least = request.number("Min-SE")
        if least is not None:
            self.interval = max(self.interval, min(least, 86400))
        who = _refresher(request.get("Session-Expires")) or ("uac" if supports and wanted is not None else "uas")
        if who == "uac" and not supports:
            who = "uas"
        response.headers["Session-Expires"] = [f"{self.interval};refresher={who}"]
        if who == "uac":
            response.headers["Require"] = ["timer"]
        self._start(ours=who == "uas")

    def agreed(self, response: Response) -> None:
        """Take what the 2xx to our INVITE or UPDATE says (section 7.2); without a word we refresh."""
        if not self.interval:
            return
        value = response.number("Session-Expires")
        if value is not None:
            self.interval = max(value, 32)
        self._start(ours=_refresher(response.get("Session-Expires")) != "uas")

    def _start(self, ours: bool) -> None:
        self.stop()
        self.is_ours = ours
        timers = self._session.endpoint.layer.timers
        lasts = self.interval - min(32, self.interval / 3)
        self._deadline = timers.clock.seconds() + lasts
        if ours:
            self._timer = timers.after(self.interval / 2, self._refresh)
        else:
            self._timer = timers.after(lasts, self._expired)

    def _start_again(self) -> None:
        """A refresh did not succeed: try it once more soon, as long as the session lasts (section 10)."""
        self.stop()
        timers = self._session.endpoint.layer.timers
        left = self._deadline - timers.clock.seconds()
        if left > AGAIN:
            self._timer = timers.after(AGAIN, self._refresh)
        else:
            self._timer = timers.after(max(0.0, left), self._expired)

    def _refresh(self) -> None:
        session = self._session
        self._timer = None
        if session.state is not SessionState.CONFIRMED:
            return
        if "UPDATE" in session.peer_allows or not session.local_sdp:
            endpoint = session.endpoint
            headers = {
                "Session-Expires": f"{self.interval};refresher=uac",
                "Min-SE": str(self._least),
                "Contact": endpoint.contact(session.confirmed_dialog.hop, session.contact_user),
                "Supported": "timer",
            }
            session.send("UPDATE", headers=headers, answered=self._heard)
        elif session.modifier.is_busy:
            # A change is under way, and refreshes the session when it succeeds.
            self._start_again()
        else:
            session.modifier.change(session.local_sdp, self._done)

    def _heard(self, response: Response) -> None:
        if self._session.state is not SessionState.CONFIRMED or response.status < 200:
            return
        if response.status < 300:
            self._session.confirmed_dialog.refresh(response)
            self.agreed(response)
        elif response.status in (405, 501) and "UPDATE" in self._session.peer_allows:
            self._session.peer_allows -= {"UPDATE"}
            self._refresh()
        elif self.lengthen(response):
            self._refresh()
        elif response.status not in (408, 481):
            self._start_again()

    def _done(self, status: int, sdp: bytes) -> None:
        if status >= 300 and status not in (408, 481):
            self._start_again()

    def _expired(self) -> None:
        self._timer = None
        self._session.lost('SIP;cause=408;text="Session expired"')

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _refresher(value: str) -> str:
    for item in value.split(";")[1:]:
        name, _, who = item.partition("=")
        if name.strip().lower() == "refresher" and who.strip().lower() in ("uac", "uas"):
            return who.strip().lower()
    return ""
