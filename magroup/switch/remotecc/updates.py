"""What phones with remotecc show of lines: message lamp and forwarding of their own, busy lamps of others."""

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, cast

from magroup.model.lines import Registration
from magroup.model.messages import MessagesWaiting
from magroup.sip.bindings import target
from magroup.sip.endpoint import Endpoint
from magroup.sip.notify import notify
from magroup.sip.uri import sip_uri
from magroup.switch.pidf import PIDF
from magroup.switch.registrar import Registrar
from magroup.switch.remotecc.control import RemoteControl
from magroup.switch.remotecc.lamp import Lamp, lamp_document
from magroup.switch.remotecc.phone import takes_presence
from magroup.switch.remotecc.requests import bulkupdate
from magroup.switch.remotecc.teller import Heard, Teller


class OwnLine(NamedTuple):
    """``forwarded_to`` is a number, "" for no forwarding; ``to_voicemail``: it is that of the mailbox."""

    waiting: MessagesWaiting
    forwarded_to: str = ""
    to_voicemail: bool = False


class PhoneUpdates:
    """Tells each phone after it has registered, and when something changes.

    ``own`` gives the state of a line, ``lamp`` that of one that is watched, ``watched`` the lines that a phone of the
    line may watch: Cisco phones do not subscribe to them, and take no notice of those that they have no key for. They
    are told of them where their REGISTER says that they take it. ``watch`` is called when the first of these comes.
    """

    def __init__(
        self, endpoint: Endpoint, registrar: Registrar, control: RemoteControl, own: Callable[[str], OwnLine],
        lamp: Callable[[str], Lamp], watched: Callable[[str], Iterable[str]], domain: str,
        watch: Callable[[], None],
    ) -> None:  # fmt: skip
        self._endpoint = endpoint
        self._registrar = registrar
        self._control = control
        self._domain = domain
        self.own_lines = Teller("its line", lambda one: (one.number,), own, self._send_own)
        self.lamps = Teller("lamps", lambda one: watched(one.number), lamp, self._send_lamp)
        self._takes_presence: set[tuple[str, str]] = set()
        self._watch: Callable[[], None] | None = watch
        registrar.registered.append(self._registered)
        registrar.disappeared.append(self._disappeared)

    def line_changed(self, number: str) -> None:
        """Messages or forwarding of the line."""
        self.own_lines.changed(number)

    def lamp_changed(self, number: str) -> None:
        """What the line, or its user, is doing."""
        self.lamps.changed(number)

    def review(self) -> None:
        """Who is with whom may be another way."""
        self.lamps.review()

    def _registered(self, registration: Registration, body: bytes) -> None:
        if not self._control.knows(registration):
            return
        self.own_lines.registered(registration)
        key = (registration.number, registration.contact)
        if takes_presence(body):
            self._takes_presence.add(key)
            if self._watch is not None:
                self._watch()
                self._watch = None
        if key in self._takes_presence:
            self.lamps.registered(registration)

    def _disappeared(self, registration: Registration) -> None:
        self._takes_presence.discard((registration.number, registration.contact))
        self.own_lines.gone(registration)
        self.lamps.gone(registration)

    def _send_own(self, registration: Registration, number: str, state: Hashable, heard: Heard) -> None:
        self._control.tell(registration, bulkupdate(*cast(OwnLine, state)), heard)

    def _send_lamp(self, registration: Registration, number: str, state: Hashable, heard: Heard) -> None:
        uri = sip_uri(number, self._domain)
        notify(
            self._endpoint, self._registrar.bindings.hop(registration), target(registration), uri, "presence", PIDF,
            lamp_document(uri, number, state), lambda response: heard(response.status), registration.path,
        )  # fmt: skip
