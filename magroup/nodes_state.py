"""What is kept in the database and true in memory, told to the other nodes with each change, and taken from them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cluster.bus import Bus
from magroup.cluster.shared import Shared
from magroup.cluster.wire import of_kind
from magroup.groups.application import Application
from magroup.groups.forwarding import ForwardingChange
from magroup.model.accounts import Session, Token
from magroup.model.audit import Change
from magroup.model.clock import Clock, ahead
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding
from magroup.model.lines import Registration
from magroup.model.messages import Message
from magroup.model.presence import PresenceState
from magroup.rtp.library import SoundLibrary
from magroup.store.access_writer import AccessWriter, by_the_calendar
from magroup.store.accounts import Accounts
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.state_writer import StateWriter, ending_by_the_calendar
from magroup.switch.features import take_do_not_disturb
from magroup.telephony import Telephony
from magroup.voicemail.mailboxes import Mailboxes
from magroup.web.admission import Admission

log = Logger()

PRESENCE = "presence"
APPLICATION = "application forwarding"
LINE = "line forwarding"
UNDISTURBED = "do not disturb"
REGISTRATION = "registration"
MESSAGE = "message"
GREETING = "greeting"
SOUNDS = "sounds"
SESSION = "session"
TOKEN = "token"


class SharedWriter(StateWriter):
    """Writes, and tells the others."""

    def __init__(self, shared: Shared, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._shared = shared
        self.by_this_node: Callable[[Registration], Registration] = lambda registration: registration
        """As other nodes reach the phone."""

    def save_presence(self, user_name: str, presence: PresenceState) -> None:
        super().save_presence(user_name, presence)
        self._shared.put(PRESENCE, user_name.casefold(), presence)

    def save_application_forwarding(self, member_id: int, forwarding: Forwarding) -> None:
        super().save_application_forwarding(member_id, forwarding)
        self._shared.put(APPLICATION, str(member_id), forwarding)

    def save_line_forwarding(self, number: str, forwarding: Forwarding) -> None:
        super().save_line_forwarding(number, forwarding)
        self._shared.put(LINE, number, forwarding)

    def save_do_not_disturb(self, number: str, is_on: bool) -> None:
        super().save_do_not_disturb(number, is_on)
        self._shared.put(UNDISTURBED, number, is_on)

    def save_registration(self, registration: Registration) -> None:
        super().save_registration(registration)
        self.tell_registration(registration, False)

    def remove_registration(self, number: str, contact: str) -> None:
        super().remove_registration(number, contact)
        self._shared.put(REGISTRATION, f"{number} {contact}", None)

    def save_message(self, message: Message) -> None:
        super().save_message(message)
        self._shared.put(MESSAGE, message.id, message)

    def remove_message(self, message_id: str) -> None:
        super().remove_message(message_id)
        self._shared.put(MESSAGE, message_id, None)

    def tell_registration(self, registration: Registration, is_silent: bool) -> None:
        """A phone of this node, and whether it does not answer."""
        key = f"{registration.number} {registration.contact}"
        told = ending_by_the_calendar(self.by_this_node(registration), self.clock)
        self._shared.put(REGISTRATION, key, [told, is_silent])


class SharedAccessWriter(AccessWriter):
    """The same of logins."""

    def __init__(self, shared: Shared, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._shared = shared

    def save_session(self, session: Session) -> None:
        super().save_session(session)
        self._shared.put(SESSION, session.key, by_the_calendar(session, ahead(self.clock)))

    def end_session(self, key: str) -> None:
        super().end_session(key)
        self._shared.put(SESSION, key, None)


class SharedAccounts(Accounts):
    """The same of tokens."""

    def __init__(self, shared: Shared, database: Database, current: CurrentConfiguration) -> None:
        super().__init__(database, current)
        self._shared = shared

    async def add_token(self, token: Token, change: Change) -> Token | None:
        stored = await super().add_token(token, change)
        if stored is not None:
            self._shared.put(TOKEN, str(stored.id), stored)
        return stored

    async def delete_tokens(self, ids: Sequence[int], user_key: str, changes: Sequence[Change]) -> None:
        await super().delete_tokens(ids, user_key, changes)
        for id in ids:
            self._shared.put(TOKEN, str(id), None)


def take_logins(shared: Shared, admission: Admission, clock: Clock) -> None:
    """Logins and tokens of other nodes hold here."""

    def session(key: str, value: Any, node: str) -> None:
        if value is None:
            admission.sessions.take_away(key)
        else:
            admission.sessions.take(by_the_calendar(of_kind(value, Session), -ahead(clock)))

    def token(key: str, value: Any, node: str) -> None:
        if value is None:
            admission.tokens.take_away(int(key))
        else:
            admission.tokens.take(of_kind(value, Token))

    shared.kind(SESSION, session)
    shared.kind(TOKEN, token)


def take_state(shared: Shared, application: Application, telephony: Telephony, writer: SharedWriter) -> None:
    """What other nodes say of people, lines and phones holds here."""
    registrar = telephony.registrar

    def presence(key: str, value: Any, node: str) -> None:
        application.presence.take(key, of_kind(value, PresenceState))

    def of_member(key: str, value: Any, node: str) -> None:
        application.forwarding.take(ForwardingChange(of_kind(value, Forwarding), member_id=int(key)))

    def of_line(key: str, value: Any, node: str) -> None:
        application.forwarding.take(ForwardingChange(of_kind(value, Forwarding), number=key))

    def undisturbed(key: str, value: Any, node: str) -> None:
        take_do_not_disturb(telephony.switch, key, value is True)

    def registration(key: str, value: Any, node: str) -> None:
        number, _, contact = key.partition(" ")
        if value is None:
            registrar.take_away(number, contact)
        else:
            found, is_silent = of_kind(value, tuple[Registration, bool])
            by = ahead(writer.clock)
            registrar.take(replace(found, expires_at=found.expires_at - by) if by else found, node, is_silent)

    for kind, take in (
        (PRESENCE, presence), (APPLICATION, of_member), (LINE, of_line), (UNDISTURBED, undisturbed),
        (REGISTRATION, registration),
    ):  # fmt: skip
        shared.kind(kind, take)
    registrar.silence = writer.tell_registration


def take_mail(shared: Shared, mailboxes: Mailboxes) -> None:
    """What nodes do with the same mailboxes is known to all of them."""

    def message(key: str, value: Any, node: str) -> None:
        if value is None:
            mailboxes.take_away(key)
        else:
            mailboxes.take(of_kind(value, Message))

    def greeting(key: str, value: Any, node: str) -> None:
        mailboxes.take_greeting(key, value is True)

    shared.kind(MESSAGE, message)
    shared.kind(GREETING, greeting)
    mailboxes.tell_greeting = lambda box, is_there: shared.put(GREETING, box, is_there)


def share_sounds(bus: Bus, library: SoundLibrary) -> Callable[[], None]:
    """Sounds that others have changed are read again; what is returned tells them of those changed here."""

    def again(node: str, body: bytes) -> None:
        Deferred.fromCoroutine(library.refresh()).addErrback(
            lambda failure: log.failure("sounds that node {node} has changed are not read", failure, node=node)
        )

    bus.listen(SOUNDS, again)
    return lambda: bus.send(SOUNDS, b"")


def is_line(configuration: Configuration, number: str) -> bool:
    """Whether a line is stored with this number."""
    line = configuration.line(number)
    return line is not None and line.number == number
