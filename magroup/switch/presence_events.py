"""Presence by SIP: watched by SUBSCRIBE (RFC 3856), said by the own phone with PUBLISH (RFC 3903)."""

from collections.abc import Callable, Hashable
from typing import cast

from magroup.model.configuration import Configuration
from magroup.model.presence import Presence, PresenceState
from magroup.sip.errors import SipError
from magroup.sip.subscription import Watch
from magroup.switch.pidf import PIDF, Published, read_pidf, write_pidf


class PresenceEvents:
    """The event package ``presence``, whose resources are users by their casefolded names."""

    name = "presence"
    content_type = PIDF
    expires = 3600
    interval = 5.0

    def __init__(self, configuration: Callable[[], Configuration], get: Callable[[str], PresenceState]) -> None:
        self._configuration = configuration
        self._get = get

    def resource(self, number: str, subscriber: str) -> str:
        user = self._configuration().user_of_number(number)
        if user is None:
            raise SipError(404)
        return user.key

    def state(self, watch: Watch) -> Hashable:
        state = self._get(watch.resource)
        return state.value, state.message

    def document(self, watch: Watch, state: Hashable, before: Hashable, version: int) -> bytes:
        presence, message = cast(tuple[Presence, str], state)
        return write_pidf(watch.uri(), presence, message)


class PublishedPresence:
    """The compositor of ``presence``: ``published`` gets the line, the publication's key and the state."""

    name = "presence"
    content_type = PIDF
    expires = 3600

    def __init__(
        self, published: Callable[[str, str, Published], None], withdrawn: Callable[[str, str], None]
    ) -> None:  # fmt: skip
        self.published = published
        self.withdrawn = withdrawn

    def read(self, body: bytes) -> Published:
        return read_pidf(body)
