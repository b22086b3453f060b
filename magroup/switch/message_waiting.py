"""The lamp for voice messages: a package to subscribe to, and NOTIFYs for phones that do not (RFC 3842)."""

from collections.abc import Callable, Hashable
from typing import cast

from twisted.logger import Logger

from magroup.model.configuration import Configuration
from magroup.model.lines import Registration
from magroup.model.messages import MessagesWaiting
from magroup.sip.bindings import target
from magroup.sip.errors import SipError
from magroup.sip.message import Response
from magroup.sip.notifier import Notifier
from magroup.sip.notify import notify
from magroup.sip.subscription import Watch
from magroup.sip.timers import Timers
from magroup.sip.uri import sip_uri
from magroup.switch.registrar import Registrar

log = Logger()
SUMMARY = "application/simple-message-summary"
SUBSCRIBES_WITHIN = 2.0
"""Seconds that a phone which has just registered gets to subscribe before it is told unasked."""

_NOT_KNOWN = frozenset((403, 404, 405, 415, 481, 489, 501, 603))
"""What phones say that do not take a NOTIFY without a subscription."""


class MessageWaiting:
    """The event package ``message-summary``; the resources are lines. ``changed(number)`` says that counts changed.

    ``waiting(number)`` gives the counts of a line's mailbox, ``pilot()`` the number at which mailboxes are called:
    phones watch either that or their own number.
    """

    name = "message-summary"
    content_type = SUMMARY
    expires = 3600
    interval = 1.0

    def __init__(
        self, notifier: Notifier, registrar: Registrar, timers: Timers, configuration: Callable[[], Configuration],
        waiting: Callable[[str], MessagesWaiting], pilot: Callable[[], str], domain: str,
    ) -> None:  # fmt: skip
        self._notifier = notifier
        self._registrar = registrar
        self._timers = timers
        self._configuration = configuration
        self.waiting = waiting
        self._pilot = pilot
        self._domain = domain
        self._unasked: dict[tuple[str, str], _Unasked] = {}
        registrar.appeared.append(self._appeared)
        registrar.disappeared.append(self._disappeared)

    # the package

    def resource(self, number: str, subscriber: str) -> str:
        """A mailbox is told of to the lines of its own user."""
        configuration = self._configuration()
        pilot = self._pilot()
        if pilot and configuration.plan.same(number, pilot):
            number = subscriber
        line = configuration.line(number)
        if line is None:
            raise SipError(404)
        user = configuration.user_of_number(line.number)
        if line.number != subscriber and (user is None or user != configuration.user_of_number(subscriber)):
            raise SipError(403)
        return line.number

    def state(self, watch: Watch) -> Hashable:
        return self.waiting(watch.resource)

    def document(self, watch: Watch, state: Hashable, before: Hashable, version: int) -> bytes:
        return message_summary(cast(MessagesWaiting, state), watch.uri(self._pilot() or watch.resource))

    # what happens

    def changed(self, number: str) -> None:
        """Other messages wait at a line now; its phones hear of it, each by the node at which it has registered."""
        self._notifier.changed(self.name, number)
        for registration in self._registrar.bindings.contacts(number):
            key = (number, registration.contact)
            if key in self._registrar.elsewhere:
                continue
            unasked = self._unasked.get(key)
            if unasked is None:
                unasked = self._unasked[key] = _Unasked()
            self._tell(registration, unasked)

    def _appeared(self, registration: Registration) -> None:
        """A phone has registered: it hears of new messages, of none it need not hear."""
        key = (registration.number, registration.contact)
        unasked = self._unasked[key] = _Unasked()

        def later() -> None:
            if self._unasked.get(key) is unasked and self.waiting(registration.number).new:
                self._tell(registration, unasked)

        self._timers.after(SUBSCRIBES_WITHIN, later)

    def _disappeared(self, registration: Registration) -> None:
        self._unasked.pop((registration.number, registration.contact), None)

    def _tell(self, registration: Registration, unasked: "_Unasked") -> None:
        """Send a NOTIFY unless one is under way, after which what is so then is sent."""
        number = registration.number
        hop = self._registrar.bindings.hop(registration)
        if unasked.is_deaf or any(
            (one.dialog.hop.host, one.dialog.hop.port) == (hop.host, hop.port)
            for one in self._notifier.of(self.name, number)
        ):
            return
        waiting = self.waiting(number)
        if unasked.is_sending or waiting == unasked.told:
            return
        unasked.is_sending = True
        unasked.told = waiting

        def answered(response: Response) -> None:
            unasked.is_sending = False
            if response.status in _NOT_KNOWN:
                unasked.is_deaf = True
                log.debug("The phone of line {number} at {contact} takes no NOTIFY of messages: {status}",
                          number=number, contact=registration.contact, status=response.status)  # fmt: skip
            elif response.status < 300:
                if self._unasked.get((number, registration.contact)) is unasked:
                    self._tell(registration, unasked)
            else:
                unasked.told = None

        me = sip_uri(number, self._domain)
        notify(
            self._notifier.endpoint, hop, target(registration), me, self.name, SUMMARY,
            message_summary(waiting, sip_uri(self._pilot() or number, self._domain)), answered, registration.path,
        )  # fmt: skip


class _Unasked:
    """What one contact was told without having subscribed; a deaf one is not told again."""

    __slots__ = ("is_deaf", "is_sending", "told")

    def __init__(self) -> None:
        self.is_deaf = False
        self.is_sending = False
        self.told: MessagesWaiting | None = None


def message_summary(waiting: MessagesWaiting, account: str) -> bytes:
    """The body of application/simple-message-summary; ``account`` is the URI at which the messages are heard."""
    return (
        f"Messages-Waiting: {'yes' if waiting.new else 'no'}\r\n"
        f"Message-Account: {account}\r\n"
        f"Voice-Message: {waiting.new}/{waiting.old} (0/0)\r\n"
    ).encode()
