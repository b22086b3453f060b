"""An entry of a group's list as a viewer sees it: the member, presence, forwarding, line and calls (spec 4)."""

from collections.abc import Mapping

from magroup.groups.picture.calls import CallView, HiddenCall, calls_of, picture_url
from magroup.groups.picture.eyes import Eyes
from magroup.groups.picture.scene import Scene
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.lines import LineState
from magroup.model.people import User
from magroup.policy import target_of


@fixed
class PresenceView:
    """``by`` is who set it: the short name in this group, else the name."""

    value: str
    message: str
    since: float
    by: str


@fixed
class ForwardingView:
    """``shown`` is the number, or the name of the member, that calls go to; "" for the group."""

    to: ForwardTo
    shown: str
    by: str
    since: float


@fixed
class BothForwardings:
    line: ForwardingView | None
    application: ForwardingView | None


@fixed
class Targets:
    """Which numbers the user has to forward to."""

    mobile: bool
    voicemail: bool


@fixed
class MemberView:
    """An entry. ``can`` says what of it the viewer may do.

    ``on_phone`` is the group that the viewer's phone shows, 0 for none; None of others' phones and without a line.
    """

    id: int
    user: str
    name: str
    short: str
    number: str
    department: str
    picture: str
    manager: bool
    me: bool
    presence: PresenceView
    line: str
    forwarding: BothForwardings
    targets: Targets
    calls: tuple[CallView | HiddenCall, ...]
    can: Mapping[str, bool]
    on_phone: int | None


def member_view(scene: Scene, group: Group, member: Member, eyes: Eyes) -> MemberView:
    """The entry of ``member`` in its group."""
    configuration = scene.configuration
    user = configuration.user(member.user_name) or User(0, member.user_name)
    number, *others = configuration.numbers_of(member)
    presence, line = scene.presence(user.name), scene.line_state(number)
    own = frozenset(line.number for line in map(configuration.line, user.lines) if line is not None)
    own_line = configuration.line(number) if eyes.is_own else None
    return MemberView(
        member.id, user.name, user.full_name, member.short_name, member.number, user.department,
        picture_url(user.picture), member.is_manager, eyes.is_own,
        PresenceView(
            presence.value.name.lower(), presence.message, presence.since,
            _by(configuration, group.id, presence.changed_by),
        ),
        line.name.lower(),
        BothForwardings(
            _forwarding(configuration, group.id, scene.line(number), user),
            _forwarding(configuration, group.id, scene.application(member.id), user) if member.is_manager else None,
        ),
        Targets(bool(user.mobile), bool(user.voicemail)),
        calls_of(scene, group, (number, *others), own, eyes),
        {
            "presence": eyes.sets_state,
            "forward_line": eyes.sets_state,
            "forward_application": eyes.sets_state and member.is_manager,
            "dial": eyes.dials and not eyes.is_own and line is not LineState.OUT_OF_SERVICE,
        },
        own_line.displayed_group if own_line is not None else None,
    )  # fmt: skip


def _forwarding(
    configuration: Configuration, group_id: int, forwarding: Forwarding, user: User
) -> ForwardingView | None:  # fmt: skip
    if not forwarding:
        return None
    shown = target_of(configuration, forwarding, user) if forwarding.to is not ForwardTo.GROUP else ""
    target = configuration.member_by_id.get(forwarding.member_id) if forwarding.to is ForwardTo.MEMBER else None
    if target is not None and (person := configuration.user(target.user_name)):
        shown = person.full_name
    return ForwardingView(
        forwarding.to, shown, _by(configuration, group_id, forwarding.changed_by), forwarding.since
    )  # fmt: skip


def _by(configuration: Configuration, group_id: int, name: str) -> str:
    for member in configuration.members_of_user(name):
        if member.group_id == group_id:
            return member.short_name
    user = configuration.user(name)
    return user.full_name if user else name
