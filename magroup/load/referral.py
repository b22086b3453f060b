"""Transferring the other end: REFER, and the NOTIFYs that tell what became of it (RFC 3515)."""

import re
from collections.abc import Callable

from magroup.load.station import Station
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.session import Session

_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9][0-9])")


class Referral:
    """Stands before the dialog of ``session`` to hear the NOTIFYs; ``told`` gets the final status once.

    ``is_accepted`` from the 202 on: a BYE of the other end is then what was asked for.
    """

    def __init__(self, session: Session, started: float, told: Callable[[int], None]) -> None:
        self.started = started
        self.is_accepted = False
        self._session = session
        self._told: Callable[[int], None] | None = told

    def send(self, target: str, station: Station) -> None:
        """Ask that ``target`` be called."""
        session = self._session
        dialog, endpoint = session.confirmed_dialog, station.endpoint
        endpoint.dialogs[dialog.call_id, dialog.local_tag] = self
        contact = endpoint.contact(dialog.hop, session.contact_user)
        session.send("REFER", headers={"Refer-To": f"<{target}>", "Contact": contact}, answered=self._answered)

    def _answered(self, response: Response) -> None:
        if response.status >= 300:
            self._finish(response.status)
        elif response.status >= 200:
            self.is_accepted = True

    def receive(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A request in the dialog. Raises SipError."""
        dialog = self._session.dialog
        event = request.get("Event").partition(";")[0].strip().lower()
        if request.method != "NOTIFY" or event != "refer" or dialog is None or not dialog.accepts(request):
            self._session.receive(transaction, request, hop)
            return
        transaction.respond(request.respond(200))
        found = _STATUS.match(request.body)
        if found is not None and int(found[1]) >= 200:
            self._finish(int(found[1]))

    def acknowledge(self, request: Request) -> None:
        self._session.acknowledge(request)

    def _finish(self, status: int) -> None:
        told, self._told = self._told, None
        if status >= 300:
            self.is_accepted = False
        if told is not None:
            told(status)
