"""Registering with a registrar and staying registered (RFC 3261 section 10.2)."""

from collections.abc import Callable

from magroup.sip.challenge import Answers, Credentials
from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.headers import parse_address
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.timers import Timer

FIRST_RETRY = 2.0
LONGEST_RETRY = 300.0


class Registering:
    """Keeps one address of record registered. ``changed(is_registered, what)`` is told of every change.

    ``registrar`` is the Request-URI, ``address`` the address of record's URI, ``expires`` in seconds,
    ``instance`` a URN that stays the same over restarts (RFC 5626), so that the registrar knows the device again.
    """

    def __init__(
        self, endpoint: Endpoint, hop: Hop, registrar: str, address: str, contact_user: str, credentials: Credentials,
        changed: Callable[[bool, str], None], expires: int = 600, instance: str = "",
    ) -> None:  # fmt: skip
        self._endpoint = endpoint
        self._hop = hop
        self._registrar = registrar
        self._address = address
        self._contact_user = contact_user
        self._answers = Answers(credentials)
        self._changed = changed
        self._expires = expires
        self._instance = f';+sip.instance="<{instance}>"' if instance else ""
        token = endpoint.layer.token
        self._call_id = token() + token()
        self._tag = token()
        self._sequence = 0
        self._retry = FIRST_RETRY
        self._timer: Timer | None = None
        self.is_registered = False
        self.is_wanted = False

    def start(self) -> None:
        self.is_wanted = True
        self._register(self._expires)

    def stop(self) -> None:
        """Unregister; nothing is reported any more."""
        self.is_wanted = False
        self._cancel()
        if self.is_registered:
            self.is_registered = False
            self._register(0)

    def move(self, hop: Hop) -> None:
        """The registrar is tried at another address: register there at once, and wait for nothing from the old one."""
        self._hop = hop
        if self.is_wanted:
            self._cancel()
            self._retry = FIRST_RETRY
            self._register(self._expires)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        self._timer = None
        self._register(self._expires)

    def _register(self, expires: int, attempt: int = 0, refused: tuple[Request, Response] | None = None) -> None:
        self._sequence += 1
        contact = self._endpoint.contact(self._hop, self._contact_user)
        request = Request(
            "REGISTER",
            self._registrar,
            {"Max-Forwards": MAX_FORWARDS, "From": [f"<{self._address}>;tag={self._tag}"],
             "To": [f"<{self._address}>"], "Call-ID": [self._call_id], "CSeq": [f"{self._sequence} REGISTER"],
             "Contact": [f"{contact};expires={expires}{self._instance}"], "Expires": [str(expires)],
             "User-Agent": [self._endpoint.agent]},
        )  # fmt: skip
        if refused is None:
            request.headers.update(self._answers.repeat(request))
        else:
            old, response = refused
            try:
                request.headers.update(self._answers.answer(response, old, attempt - 1))
            except SipError as error:
                self._failed(str(error))
                return
        sent, hop = request, self._hop

        def heard(response: Response) -> None:
            if response.status < 200 or hop is not self._hop:
                return
            if response.status in (401, 407):
                self._register(expires, attempt + 1, (sent, response))
            elif response.status < 300:
                self._accepted(response, contact, expires)
            elif response.status == 423 and (least := response.number("Min-Expires")) and least > expires > 0:
                self._expires = least
                self._register(least)
            else:
                self._failed(f"{response.status} {response.reason}")

        self._endpoint.layer.request(request, hop, heard)

    def _accepted(self, response: Response, contact: str, expires: int) -> None:
        if not self.is_wanted or not expires:
            return
        granted = _granted(response, contact) or response.number("Expires") or expires
        self._retry = FIRST_RETRY
        self._cancel()
        self._timer = self._endpoint.layer.timers.after(max(granted * 0.8, 1.0), self._again)
        if not self.is_registered:
            self.is_registered = True
            self._changed(True, "registered")

    def _failed(self, what: str) -> None:
        if not self.is_wanted:
            return
        self._cancel()
        self._timer = self._endpoint.layer.timers.after(self._retry, self._again)
        self._retry = min(self._retry * 2, LONGEST_RETRY)
        was, self.is_registered = self.is_registered, False
        if was or self._retry == 2 * FIRST_RETRY:
            self._changed(False, what)


def _granted(response: Response, contact: str) -> int:
    """The expiry of our own contact among those in the 200, 0 when it is not told."""
    mine = parse_address(contact).uri
    for value in response.items("Contact"):
        try:
            address = parse_address(value)
        except GrammarError:
            continue
        expires = address.params.get("expires", "")
        if expires.isdigit() and address.uri.same_as(mine):
            return int(expires)
    return 0
