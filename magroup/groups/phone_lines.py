"""What phones show of their own line and of those of the people in the same groups."""

from collections.abc import Iterator

from magroup.groups.application import Application
from magroup.groups.member_states import MemberStates
from magroup.model.configuration import Configuration
from magroup.model.forwarding import ForwardTo
from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.policy import target_of


class PhoneLines:
    """Numbers are those of lines, as stored."""

    def __init__(self, application: Application, states: MemberStates) -> None:
        self._application = application
        self._states = states

    @property
    def _configuration(self) -> Configuration:
        return self._application.snapshot.configuration

    def forwarded_to(self, number: str) -> tuple[str, bool]:
        """The number that calls of the line go to, "" for none, and whether it is the mailbox."""
        configuration = self._configuration
        forwarding = self._application.forwarding.of_line(number)
        to = target_of(configuration, forwarding, configuration.user_of_number(number))
        return to, bool(to) and forwarding.to is ForwardTo.VOICEMAIL

    def state(self, number: str) -> tuple[LineState, Presence]:
        """What the line is doing, and the presence of its user."""
        user = self._configuration.user_of_number(number)
        presence = self._application.presence.get(user.name).value if user is not None else Presence.AVAILABLE
        return self._states.line_state(number), presence

    def of_the_same_groups(self, number: str) -> Iterator[str]:
        """The lines of the others in the groups of the line's user."""
        configuration = self._configuration
        user = configuration.user_of_number(number)
        for own in configuration.members_of_user(user.name) if user is not None else ():
            for member in configuration.members_of(own.group_id):
                line = configuration.line(member.number)
                if line is not None and line.number != number:
                    yield line.number
