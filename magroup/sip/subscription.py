"""A subscription as its notifier sees it: the dialog that SUBSCRIBE made and the NOTIFYs in it (RFC 6665 section 4).

One NOTIFY at a time is under way; what changes meanwhile, or too soon after the last one, is told together.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from twisted.logger import Logger

from magroup.sip.dialog import Dialog
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.timers import Timer
from magroup.sip.uri import escape_user

if TYPE_CHECKING:
    from magroup.sip.notifier import Notifier

log = Logger(__name__)
MOST_RETRIES = 3
LONGEST_RETRY = 60


class Watch(NamedTuple):
    """Who looks at what: the resource, the number and host that it was asked for by, the line of the subscriber."""

    resource: str
    number: str
    host: str
    subscriber: str

    def uri(self, number: str = "") -> str:
        """The URI of the resource as the subscriber knows it, or of another number at the same place."""
        return f"sip:{escape_user(number or self.number)}@{self.host}"


class Package(Protocol):
    """An event package (RFC 6665 section 5). ``expires`` and ``interval``, the least between changes, in seconds."""

    name: str
    content_type: str
    expires: int
    interval: float

    def resource(self, number: str, subscriber: str) -> str:
        """What is at a number for a subscriber's line. Raises SipError: 404 nothing, 403 not for this one."""
        ...

    def state(self, watch: Watch) -> Hashable:
        """What is so now; a NOTIFY is sent when it is another than the one told before."""
        ...

    def document(self, watch: Watch, state: Hashable, before: Hashable, version: int) -> bytes:
        """The body. ``before`` is the state of the last NOTIFY, None for the first, which has ``version`` 0."""
        ...


class Subscription:
    """Lives from the SUBSCRIBE to the last NOTIFY, or until the subscriber knows it no more."""

    __slots__ = ("_changed", "_due", "_earliest", "_ending", "_event", "_expires_at", "_expiry", "_is_sending",
                 "_notifier", "_retries", "_told", "_version", "_waiting", "dialog", "is_over", "package",
                 "watch")  # fmt: skip

    def __init__(self, notifier: "Notifier", package: Package, watch: Watch, dialog: Dialog, event_id: str) -> None:
        self.package = package
        self.watch = watch
        self.dialog = dialog
        self.is_over = False
        self._notifier = notifier
        self._event = f"{package.name};id={event_id}" if event_id else package.name
        self._expires_at = 0.0
        self._expiry: Timer | None = None
        self._waiting: Timer | None = None
        self._earliest = 0.0
        self._is_sending = False
        self._due = False
        self._changed = False
        self._ending = ""
        self._retries = 0
        self._told: Hashable = None
        self._version = 0

    # what happens

    def accept(self, transaction: ServerTransaction, request: Request, seconds: int) -> None:
        """Answer a SUBSCRIBE, and tell the state at once as each one wants (section 4.2.1.2)."""
        response = request.respond(200, to_tag=self.dialog.local_tag)
        endpoint = self._notifier.endpoint
        if "Record-Route" in request.headers:
            response.headers["Record-Route"] = request.headers["Record-Route"]
        response.headers |= {
            "Contact": [endpoint.contact(self.dialog.hop, self.watch.number)],
            "Expires": [str(seconds)],
            "Server": [endpoint.agent],
        }
        transaction.respond(response)
        if self._expiry is not None:
            self._expiry.cancel()
        self._due = True
        if seconds:
            self._expires_at = self._notifier.now() + seconds
            self._expiry = endpoint.layer.timers.after(seconds, self.end, "timeout")
            self._proceed()
        else:
            self.end("timeout")

    def receive(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A request in the dialog: SUBSCRIBE refreshes or ends. Raises SipError."""
        dialog = self.dialog
        if request.from_.tag != dialog.remote_tag or self._ending:
            raise SipError(481)
        if self._notifier.is_flooded(transaction, request, hop):
            return
        if not dialog.accepts(request):
            raise SipError(500, "CSeq out of order", {"Retry-After": "1"})
        if request.method != "SUBSCRIBE":
            raise SipError(405, headers={"Allow": "SUBSCRIBE"})
        seconds = self._notifier.refreshed(self, request, hop)
        dialog.refresh(request, hop)
        if hop.flow and hop.flow != dialog.hop.flow and hop[:2] == dialog.hop[:2]:
            dialog.hop = dialog.hop._replace(flow=hop.flow)
        self.accept(transaction, request, seconds)

    def acknowledge(self, request: Request) -> None:
        """There is no INVITE here whose ACK could come."""

    def changed(self) -> None:
        """The resource may be in another state now, or on its way to one: it is looked at when all is done."""
        self._changed = True
        self._proceed()

    def end(self, reason: str) -> None:
        """Tell the subscriber that this is the last word. ``reason``: see RFC 6665 section 4.1.3, with parameters."""
        if self.is_over or self._ending:
            return
        self._ending = reason
        self._stop_timers()
        self._proceed()

    def forget(self) -> None:
        """The subscriber does not know it any more."""
        if not self.is_over:
            self.is_over = True
            self._stop_timers()
            self._notifier.remove(self)

    # NOTIFY

    def _proceed(self) -> None:
        """Send what is to be sent, if it may be sent now."""
        if self.is_over or self._is_sending:
            return
        if self._ending:
            self._send_last()
        elif self._due:
            self._send(self.package.state(self.watch))
        elif self._changed and self._waiting is None:
            wait = max(0.0, self._earliest - self._notifier.now())
            self._waiting = self._notifier.endpoint.layer.timers.after(wait, self._waited)

    def _waited(self) -> None:
        self._waiting = None
        self._changed = False
        state = self.package.state(self.watch)
        if state != self._told:
            self._send(state)

    def _send(self, state: Hashable) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        now = self._notifier.now()
        left = max(0, round(self._expires_at - now))
        self._earliest = now + self.package.interval
        self._is_sending = True
        self._due = self._changed = False
        self._notify(f"active;expires={left}", self._document(state))

    def _send_last(self) -> None:
        """Who unsubscribed or only wanted to look is told the state once more; nobody else reads it."""
        asked = self._due and self._ending == "timeout"
        self.is_over = True
        body = self._document(self.package.state(self.watch)) if asked else b""
        self._notify(f"terminated;reason={self._ending}", body)
        self._notifier.remove(self)

    def _document(self, state: Hashable) -> bytes:
        body = self.package.document(self.watch, state, self._told, self._version)
        self._told = state
        self._version += 1
        return body

    def _notify(self, state: str, body: bytes) -> None:
        endpoint = self._notifier.endpoint
        request = self.dialog.request("NOTIFY")
        request.headers |= {
            "Contact": [endpoint.contact(self.dialog.hop, self.watch.number)],
            "Event": [self._event],
            "Subscription-State": [state],
            "User-Agent": [endpoint.agent],
        }
        if body:
            request.headers["Content-Type"] = [self.package.content_type]
            request.body = body
        endpoint.layer.request(request, self.dialog.hop, self._answered)

    def _answered(self, response: Response) -> None:
        """What a failed NOTIFY means for the subscription (section 4.2.2): its end, or another try when asked for."""
        if response.status < 200 or self.is_over:
            return
        self._is_sending = False
        if response.status < 300:
            self._retries = 0
            self.dialog.refresh(response)
            self._proceed()
            return
        later = response.number("Retry-After")
        if later is None or response.status in (408, 481) or self._retries == MOST_RETRIES:
            log.debug("Subscription of line {line} to {event} of {number} ends: {status}", line=self.watch.subscriber,
                      event=self._event, number=self.watch.number, status=response.status)  # fmt: skip
            self.forget()
            return
        self._retries += 1
        self._told = None
        self._changed = True
        self._earliest = self._notifier.now() + min(max(later, 1), LONGEST_RETRY)
        self._proceed()

    def _stop_timers(self) -> None:
        for timer in (self._expiry, self._waiting):
            if timer is not None:
                timer.cancel()
        self._expiry = self._waiting = None

    def __str__(self) -> str:
        return f"subscription of {self.watch.subscriber} to {self._event} of {self.watch.number}"
