"""What the picture of a group is made from, as it is at the moment of the question."""

from collections.abc import Callable, Sequence

from magroup.cti.call_control import Service
from magroup.cti.switch import Switch
from magroup.cti.types import Call, ConnectionId
from magroup.groups.application import Application
from magroup.groups.member_states import MemberStates
from magroup.model.calls import Vip
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding
from magroup.model.lines import LineState
from magroup.model.presence import PresenceState


@fixed
class Scene:
    """``presence`` takes a user name, ``application`` a member's id, ``line`` and what follows numbers as stored.

    ``calls`` gives the oldest first; ``can`` says why a service would be refused, as the port does;
    ``is_linked`` whether the switch, or the PBX beside it, is seen now.
    """

    configuration: Configuration
    presence: Callable[[str], PresenceState]
    application: Callable[[int], Forwarding]
    line: Callable[[str], Forwarding]
    line_state: Callable[[str], LineState]
    calls: Callable[[str], Sequence[Call]]
    vip: Callable[[str], Vip | None]
    can: Callable[[Service, ConnectionId], str]
    is_linked: Callable[[], bool] = lambda: True


def scene_of(
    configuration: Configuration, application: Application, states: MemberStates, switch: Switch
) -> Scene:  # fmt: skip
    """As everything is by these books, whatever they say when they are asked."""
    book = application.forwarding
    return Scene(
        configuration, application.presence.get, book.of_member, book.of_line, states.line_state, states.calls_at,
        application.vip, switch.can, lambda: switch.is_linked,
    )  # fmt: skip
