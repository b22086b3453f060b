"""A session that was begun at another server and goes on here: its dialog, its timer (RFC 3261 section 12)."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from magroup.sip.dialog import Dialog
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.message import Response
from magroup.sip.session import Session, SessionUser
from magroup.sip.session_form import HopForm, SessionForm
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timer

AHEAD: Final = 1000
"""By how much our numbers go on from those that are known: the other server may have sent more than it has told."""

WAITS: Final = 120.0
"""Seconds in which a phone may come back to hear that its call is over."""


class ResumedSession(Session):
    """A session whose INVITE was another server's; the peer called. ``awaits_connection``: it is reached only by one
    that it makes. A peer that does not hear where we are goes on talking all the same.
    """

    __slots__ = ("_farewell", "_is_showing", "_limit", "awaits_connection")

    def __init__(self, endpoint: Endpoint, user: SessionUser, form: SessionForm) -> None:
        """``form`` is a checked one."""
        super().__init__(endpoint, user, form.contact_user)
        self.awaits_connection = form.by_connection
        self._farewell: str | None = None
        self._limit: Timer | None = None
        self._is_showing = False
        self.state = SessionState.CONFIRMED
        self.local_sdp = form.local_sdp
        self.peer_allows = frozenset(form.allows)
        self.peer_supports = frozenset(form.supports)
        dialog = Dialog(form.call_id, form.local, form.local_tag, form.remote, form.remote_tag)
        dialog.local_seq = form.local_seq + AHEAD
        dialog.remote_seq = form.remote_seq - 1
        dialog.target = form.target
        dialog.routes = list(form.routes)
        dialog.direct = form.direct
        dialog.hop = form.hop.hop()
        self.adopt(dialog)
        if form.interval:
            self.refresher.resume(form.interval, form.refreshes)

    @property
    def is_acknowledged(self) -> bool:
        return True

    def show_contact(self, shown: Callable[[bytes], None]) -> None:
        """Tell the peer that its requests go here from now on (a target refresh, RFC 3261 section 12.2).

        ``shown`` gets the answer to the description that was repeated, b"" where there was none.
        """
        if self.state is not SessionState.CONFIRMED:
            return

        def updated(response: Response) -> None:
            if self.state is SessionState.CONFIRMED and response.status < 300:
                self.confirmed_dialog.refresh(response)
            changed(response.status, b"")

        def changed(status: int, answer: bytes) -> None:
            if status != 408:
                self._is_showing = False
            shown(answer)

        if "UPDATE" in self.peer_allows:
            self._is_showing = True
            contact = self.endpoint.contact(self.confirmed_dialog.hop, self.contact_user)
            self.send("UPDATE", headers={"Contact": contact}, answered=updated)
        elif self.local_sdp and not self.modifier.is_busy:
            self._is_showing = True
            self.modifier.change(self.local_sdp, changed)
        else:
            shown(b"")

    def lost(self, cause: str) -> None:
        if self._is_showing:
            # Behind NAT it may be reached again as soon as it has registered here.
            self._is_showing = False
            if cause == "SIP;cause=408":
                return
        super().lost(cause)

    def reconnected(self, hop: Hop, routes: Sequence[str]) -> None:
        """The peer has made a connection to us, or to who is the first of the routes: so it is reached from now on."""
        self.awaits_connection = False
        self.confirmed_dialog.hop = hop
        self.confirmed_dialog.routes = list(routes)
        if self._farewell is not None:
            self.bye(self._farewell)

    def bye(self, reason: str = "") -> None:
        if not self.awaits_connection or self.state is SessionState.ENDED:
            super().bye(reason)
        elif self._farewell is None:
            self.user = None
            self._farewell = reason
            self._limit = self.endpoint.layer.timers.after(WAITS, self.finish)

    def finish(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        super().finish()


class ResumedOwnSession(ResumedSession):
    """The same where we called."""

    __slots__ = ()
    owns_call_id = True


def resumed(endpoint: Endpoint, user: SessionUser, form: SessionForm) -> ResumedSession:
    """The session of a checked form."""
    if form.owns_call_id:
        return ResumedOwnSession(endpoint, user, form)
    return ResumedSession(endpoint, user, form)


@lru_cache(maxsize=256)
def _in_order(tokens: frozenset[str]) -> tuple[str, ...]:
    """Phones of a kind say the same."""
    return tuple(sorted(tokens))


def session_form(session: Session) -> SessionForm:
    """What is to be known of a confirmed session."""
    dialog = session.confirmed_dialog
    interval, refreshes = session.running_timer
    hop = dialog.hop
    by_connection = hop.transport != "udp" and hop.flow != 0
    if isinstance(session, ResumedSession) and session.awaits_connection:
        by_connection = True
    return SessionForm(
        dialog.call_id, dialog.local, dialog.local_tag, dialog.remote, dialog.remote_tag, dialog.local_seq,
        dialog.remote_seq + 1, dialog.target, tuple(dialog.routes), dialog.direct, HopForm.of(hop),
        by_connection, session.owns_call_id, session.contact_user, session.local_sdp,
        _in_order(session.peer_allows), _in_order(session.peer_supports), interval, refreshes,
    )  # fmt: skip


def forget(session: Session) -> None:
    """Another server has the session: nothing is said in it any more, nor heard."""
    session.user = None
    session.finish()
