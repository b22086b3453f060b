"""A re-INVITE of ours, from its first sending to its ACK (RFC 3261 section 14.1)."""

from collections.abc import Callable
from random import uniform
from typing import TYPE_CHECKING

from magroup.sip.client_transaction import ClientTransaction, State
from magroup.sip.message import Request, Response
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.modify import Modifier
    from magroup.sip.session import Session

Done = Callable[[int, bytes], None]
MOST_RETRIES = 4
LONGEST_WAIT = 10
_OWNER_RETRIES = (2.1, 4.0)
_OTHER_RETRIES = (0.0, 2.0)


class Change:
    """``sdp`` b"" asks the peer for an offer. ``is_open`` until the re-INVITE is refused or acknowledged.

    A peer that answers provisionally and then no more is sent a CANCEL after 64*T1, and given up after 64*T1 again.
    """

    __slots__ = ("_ack", "_credentials", "_done", "_heard_final", "_limit", "_local_sdp", "_modifier", "_request",
                 "_session", "_transaction", "_tries", "is_open", "sdp")  # fmt: skip

    def __init__(self, modifier: "Modifier", session: "Session", sdp: bytes, done: Done) -> None:
        self._modifier = modifier
        self._session = session
        self.sdp = sdp
        self.is_open = False
        self._done = done
        self._tries = 0
        self._ack = b""
        self._heard_final = False
        self._credentials: dict[str, list[str]] = {}
        self._local_sdp = b""
        self._limit: Timer | None = None
        self._transaction: ClientTransaction | None = None
        self._request: Request

    def send(self) -> None:
        """Send the re-INVITE, for the first time or once more after a refusal that may pass."""
        session = self._session
        layer, dialog = session.endpoint.layer, session.confirmed_dialog
        request = self._request = dialog.request("INVITE")
        self._local_sdp = session.local_sdp
        session.dress(request, dialog.hop, self.sdp)
        session.refresher.propose(request)
        request.headers.update(self._credentials)
        self._credentials = {}
        self.is_open = True
        self._heard_final = False
        self._transaction = layer.request(request, dialog.hop, self._heard)
        if not self._heard_final:
            self._limit = layer.timers.after(64 * layer.t1, self._cancel)

    def acknowledge(self, sdp: bytes) -> None:
        """Send the ACK, with the answer to the peer's offer."""
        session = self._session
        dialog = session.confirmed_dialog
        ack = dialog.request("ACK", self._request.cseq[0])
        if sdp:
            ack.headers["Content-Type"] = [session.content_type]
            ack.body = sdp
            session.local_sdp = sdp
        for name in ("Authorization", "Proxy-Authorization"):
            if name in self._request.headers:
                ack.headers[name] = self._request.headers[name]
        self.is_open = False
        self._ack = session.endpoint.layer.send_ack(ack, dialog.hop)

    def give_up(self, status: int) -> None:
        """It was refused and is not tried again."""
        self._done(status, b"")

    def stop(self) -> None:
        """The session is over: only a final response is waited for, and acknowledged."""
        self._stop_limit()
        if not self._heard_final:
            layer = self._session.endpoint.layer
            self._limit = layer.timers.after(64 * layer.t1, self._abandon)
        elif self.is_open:
            self.acknowledge(b"")

    def _heard(self, response: Response) -> None:
        session, status = self._session, response.status
        if status < 200:
            return
        if self._heard_final:
            if self._ack:
                session.endpoint.layer.sender.send(self._ack, session.confirmed_dialog.hop)
            return
        self._heard_final = True
        self._stop_limit()
        if status >= 300:
            self._refused(response)
            return
        session.confirmed_dialog.refresh(response)
        session.learn(response)
        if self.sdp or session.state is SessionState.ENDED:
            self.acknowledge(b"")
        if session.state is not SessionState.ENDED:
            session.refresher.agreed(response)
            self._done(status, response.body if response.content_type == session.content_type else b"")
            session.is_changed()
            self._modifier.proceed()

    def _refused(self, response: Response) -> None:
        session, status = self._session, response.status
        self.is_open = False
        if session.state is SessionState.ENDED:
            return
        session.local_sdp = self._local_sdp
        wait = self._may_pass(response)
        if wait is not None and self._tries < MOST_RETRIES:
            self._tries += 1
            self._modifier.again(self, wait)
            return
        self._done(status, b"")
        if status in (408, 481):
            session.lost(f"SIP;cause={status}")
        else:
            self._modifier.proceed()

    def _may_pass(self, response: Response) -> float | None:
        """In how many seconds the change may be tried again; None for never."""
        session, status = self._session, response.status
        if status == 491:
            return uniform(*(_OWNER_RETRIES if session.owns_call_id else _OTHER_RETRIES))
        if status == 500:
            wait = response.number("Retry-After")
            return None if wait is None or wait > LONGEST_WAIT else float(wait)
        if status == 422:
            return 0.0 if session.refresher.lengthen(response) else None
        if status in (401, 407) and session.authenticator is not None:
            self._credentials = session.authenticator(self._request, response) or {}
            return 0.0 if self._credentials else None
        return None

    def _cancel(self) -> None:
        layer, transaction = self._session.endpoint.layer, self._transaction
        if transaction is not None and transaction.state is State.PROCEEDING:
            layer.cancel(transaction)
            self._limit = layer.timers.after(64 * layer.t1, self._abandon)

    def _abandon(self) -> None:
        self._limit = None
        self._heard_final = True
        if self._transaction is not None:
            self._transaction.terminate()
        self._refused(self._request.respond(408))

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
