"""What a decision about a call is made from: the configuration and what people and phones are doing at that moment."""

from collections.abc import Container, Mapping
from dataclasses import field

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import NO_FORWARDING, Forwarding
from magroup.model.presence import AVAILABLE, PresenceState


@fixed
class Snapshot:
    """Configuration, presence by casefolded user name, application forwarding by member id, line forwarding by number.

    ``in_service`` contains the numbers (as stored) of the lines that can be rung now. ``voicemail`` is the pilot number
    of the voicemail; where there is none a mailbox is called at its own number.
    """

    configuration: Configuration = Configuration()
    presence: Mapping[str, PresenceState] = field(default_factory=dict)
    application_forwarding: Mapping[int, Forwarding] = field(default_factory=dict)
    line_forwarding: Mapping[str, Forwarding] = field(default_factory=dict)
    in_service: Container[str] = frozenset()
    voicemail: str = ""

    def presence_of(self, user_name: str) -> PresenceState:
        return self.presence.get(user_name.casefold(), AVAILABLE)

    def forwarding_of_member(self, member_id: int) -> Forwarding:
        return self.application_forwarding.get(member_id, NO_FORWARDING)

    def forwarding_of_line(self, number: str) -> Forwarding:
        return self.line_forwarding.get(number, NO_FORWARDING)
