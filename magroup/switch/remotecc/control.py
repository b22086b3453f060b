"""Phones with remotecc, told something by whoever asks for it: by their registrations."""

from collections.abc import Callable

from magroup.model.lines import Registration
from magroup.sip.bindings import target
from magroup.sip.endpoint import Endpoint
from magroup.switch.registrar import Registrar
from magroup.switch.remotecc.phone import knows_remotecc
from magroup.switch.remotecc.refer import OBJECT, REQUEST, multipart, refer
from magroup.switch.remotecc.requests import datapassthroughreq, initiatecallreq, statuslineupdatereq

LARGEST_OBJECT = 32_768
"""Bytes of an object; a menu of a hundred items is smaller."""

TEXT_SECONDS = 10

Heard = Callable[[int], None]
"""Gets the final status: 2xx where the phone has taken it, 408 where it does not answer."""


class RemoteControl:
    """Of the phones that are registered at ``registrar``."""

    def __init__(self, endpoint: Endpoint, registrar: Registrar) -> None:
        self._endpoint = endpoint
        self._registrar = registrar

    def knows(self, registration: Registration) -> bool:
        """Whether the phone can be told anything."""
        return knows_remotecc(registration.user_agent)

    def dial(self, registration: Registration, number: str, heard: Heard) -> None:
        """Let it call ``number``, as if that had been dialled there."""
        self.tell(registration, initiatecallreq(number), heard)

    def show_text(self, registration: Registration, words: str, heard: Heard) -> None:
        """Show a line of text for some seconds."""
        self.tell(registration, statuslineupdatereq(words, TEXT_SECONDS), heard)

    def show(self, registration: Registration, thing: bytes, priority: int, heard: Heard) -> None:
        """Let it take an object in XML: a text, a menu, what is to be executed. Raises ValueError: too large."""
        if len(thing) > LARGEST_OBJECT:
            raise ValueError(f"an object for a phone has {LARGEST_OBJECT} bytes at most, not {len(thing)}")
        parts = ((REQUEST, datapassthroughreq(priority)), (OBJECT, _declared(thing)))
        content_type, body = multipart(self._endpoint.layer.token() * 2, parts)
        self.tell(registration, body, heard, content_type)

    def tell(self, registration: Registration, body: bytes, heard: Heard, content_type: str = REQUEST) -> None:
        """Send it."""
        hop = self._registrar.bindings.hop(registration)
        refer(self._endpoint, hop, target(registration), content_type, body, heard, registration.path)


def _declared(thing: bytes) -> bytes:
    """With the encoding, without which a phone takes it for that of its user's language."""
    is_declared = thing.isascii() or thing.startswith(b"<?xml")
    return thing if is_declared else b'<?xml version="1.0" encoding="utf-8"?>' + thing
