"""The switch offered to SIP user agents: each may watch and steer the lines of its own user (ECMA TR/87)."""

from collections.abc import Callable

from twisted.logger import Logger

from magroup.csta.accounts import Account
from magroup.csta.association import Take
from magroup.csta.codec import build
from magroup.csta.edition import Edition, Profile
from magroup.csta.in_dialog import CSTA_XML, InDialog
from magroup.csta.limits import MOST_UNREADABLE
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.system_messages import RequestSystemStatus
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.session import Respond
from magroup.uacsta.sessions import CstaDialog, CstaIncoming, check_disposition, opened

log = Logger(__name__)


class UaCstaServer:
    """``line_of`` gives the line that a request authenticates as, or raises SipError; ``account_of`` what it may.

    ``device_of`` spells a number as the switch does, None for none of its own; ``user`` is a SIP user beside the lines'
    numbers to which sessions may be addressed, "" for none.
    """

    def __init__(
        self, endpoint: Endpoint, offered: SwitchingFunction, line_of: Callable[[Request, Hop], str],
        account_of: Callable[[str], Account | None], device_of: Callable[[str], str | None], user: Callable[[], str],
    ) -> None:  # fmt: skip
        self.offered = offered
        self._endpoint = endpoint
        self._line_of = line_of
        self._account_of = account_of
        self._device_of = device_of
        self._user = user
        endpoint.invitations[CSTA_XML] = self._invited

    def stop(self) -> None:
        """Take no more sessions; those that are up end with the switching function."""
        self._endpoint.invitations.pop(CSTA_XML, None)

    def _invited(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        if not isinstance(transaction, InviteServerTransaction):
            raise SipError(400)
        account = self._account_of(self._line_of(request, hop))
        if account is None:
            raise SipError(403)
        self._check_address(request, account)
        check_disposition(request)
        answer, edition = opened(request.body)
        if not self.offered.admits(hop.host):
            raise SipError(503, headers={"Retry-After": "30"})
        served = ServedDialog(self.offered, account, hop.host, edition)
        session = CstaIncoming(self._endpoint, served, transaction, request, hop, request.uri.number)
        session.opening = build(RequestSystemStatus(), edition)
        served.start(session)
        session.answer(answer)

    def _check_address(self, request: Request, account: Account) -> None:
        """Raises SipError where the session is meant for somebody else's line."""
        asked = request.uri.number
        if self._user() and request.uri.user.casefold() == self._user().casefold():
            return
        device = self._device_of(asked) if asked else None
        if device is None:
            raise SipError(404)
        if account.lines is not None and device not in account.lines:
            raise SipError(403)


class ServedDialog(CstaDialog):
    """One session: a client of the switching function until its dialog ends."""

    association: InDialog

    def __init__(self, offered: SwitchingFunction, account: Account, address: str, edition: Edition) -> None:
        super().__init__(self._gone)
        self._offered = offered
        self._account = account
        self._address = address
        self._edition = edition

    def start(self, session: CstaIncoming) -> None:
        """Serve what comes from now on."""
        self.session = session
        self._client = self._offered.joined(self._address, self._associate, self.close, self._account)
        log.info("uaCSTA session of {name} from {address}", name=self._account.name, address=self._address)

    def _associate(self, take: Take) -> InDialog:
        offered = self._offered
        self.association = InDialog(
            offered.clock, self.inform, take, Profile(self._edition), True, lambda: offered.limits.unsent,
            lambda: self.close("it does not answer what it is told"),
        )  # fmt: skip
        return self.association

    def informed(self, request: Request, respond: Respond) -> None:
        try:
            super().informed(request, respond)
        finally:
            self._offered.monitors.look_again()
        if self.association.unreadable > MOST_UNREADABLE:
            self.close("too much that cannot be read")

    def _gone(self, why: str) -> None:
        self._offered.over(self._client, why)
