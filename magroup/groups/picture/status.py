"""What the status display of a phone shows of a group (spec 5; manual, "Phone status display").

Two viewers who see the same get the same view, so that what is drawn for one is there for the other. They differ only
by calls of VIPs that not everybody may see.
"""

from collections.abc import Iterator
from functools import cached_property

from magroup.cti.types import Call, Connection, Party
from magroup.groups.picture.calls import LONGEST_NAME, name_of, other_end, state_of
from magroup.groups.picture.commands import State
from magroup.groups.picture.scene import Scene
from magroup.model.calls import Vip
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.lines import LineState, Phone
from magroup.model.people import User
from magroup.model.presence import Presence
from magroup.policy import Identity, identify, is_hidden, shown_name
from magroup.policy.identification import printable
from magroup.policy.rights import Rights

INDICES = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Of members in list order; those after the last have none."""

MOST_RINGING = 12
_ORDER = (State.ACTIVE, State.CALLING, State.RINGING, State.HELD)
"""Which call's symbol is shown: that of the one which makes the line's state."""

NOT_SEEN = "(!) PBX: "
"""Before the name of a group as long as the link to the PBX of its members is down, in all languages."""


@fixed
class CallSymbol:
    """A call of a member: whether it was made to the member, and whether the other end is outside."""

    inbound: bool
    external: bool


@fixed
class Tile:
    """A member. ``forwarded`` is the index of the member whom calls go to, "" where it is none of the group's; None for
    no forwarding.
    """

    member_id: int
    index: str
    short: str
    is_manager: bool = False
    presence: Presence = Presence.AVAILABLE
    line: LineState = LineState.IDLE
    call: CallSymbol | None = None
    forwarded: str | None = None


@fixed
class RingingCall:
    """Who calls, as the group identifies callers, and the short names of those whose phones ring."""

    caller: str
    number: str
    rung: tuple[str, ...]


@fixed
class StatusView:
    """A group. ``more``: how many members are not shown; ``shows_calls``: there may be ringing calls."""

    title: str
    tiles: tuple[Tile, ...] = ()
    more: int = 0
    shows_calls: bool = False
    ringing: tuple[RingingCall, ...] = ()


def displayed(configuration: Configuration, phone: Phone) -> tuple[Group, User] | None:
    """The group that a phone displays, which is that of its first line, and who sees it; None for no group, or one
    that may not be seen.
    """
    line = configuration.line(phone.lines[0]) if phone.lines else None
    group = configuration.group_by_id.get(line.displayed_group) if line is not None else None
    user = configuration.user_of_number(line.number) if line is not None else None
    if group is None or user is None or not Rights(user.name, user.privileges).reaches(configuration, group.id):
        return None
    return group, user


@fixed
class _SeenCall:
    """``seen_by`` are the keys of the users who see it; None for everybody."""

    call: Call
    state: State
    symbol: CallSymbol
    party: Party
    vip: Vip | None
    seen_by: frozenset[str] | None

    def is_seen(self, user_key: str) -> bool:
        return self.seen_by is None or user_key in self.seen_by


class GroupStatus:
    """A group at one moment, with at most so many tiles, to be viewed by any number of phones."""

    def __init__(self, scene: Scene, group: Group, most_tiles: int) -> None:
        self._scene = scene
        self._group = group
        self._members = scene.configuration.members_of(group.id)
        self._shown = self._members[:most_tiles]
        manager = scene.configuration.manager_of(group.id)
        self._manager = manager
        self._calls = {member.id: tuple(self._calls_of(member)) for member in self._looked_at}
        hidden = [call for calls in self._calls.values() for call in calls if call.seen_by is not None]
        self._peculiar = frozenset().union(*(call.seen_by for call in hidden if call.seen_by is not None))
        self._views: dict[str, StatusView] = {}

    def view(self, user_key: str) -> StatusView:
        """As the user with this casefolded name sees it: the same value for all who see the same."""
        key = user_key if user_key in self._peculiar else ""
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = self._made(key)
        return view

    @property
    def _looked_at(self) -> tuple[Member, ...]:
        """Calls of those who have no tile are listed too."""
        return self._members if self._group.show_calls else self._shown

    def _made(self, user_key: str) -> StatusView:
        tiles = tuple(self._tile(member, position, user_key) for position, member in enumerate(self._shown))
        ringing = tuple(self._ringing(user_key)) if self._group.show_calls else ()
        return StatusView(
            self._title(), tiles, len(self._members) - len(tiles), self._group.show_calls,
            ringing[:MOST_RINGING],
        )  # fmt: skip

    def _title(self) -> str:
        """The group's name; before it a sign where what phones of the PBX do is not known now."""
        name, configuration = printable(self._group.name), self._scene.configuration
        if self._scene.is_linked() or not any(
            (line := configuration.line(number)) is not None and line.on_pbx
            for member in self._members for number in configuration.numbers_of(member)
        ):  # fmt: skip
            return name
        return f"{NOT_SEEN}{name}"

    def _tile(self, member: Member, position: int, user_key: str) -> Tile:
        scene = self._scene
        seen = [call for call in self._calls[member.id] if call.is_seen(user_key)]
        call = min(seen, key=lambda one: _ORDER.index(one.state), default=None)
        number = scene.configuration.numbers_of(member)[0]
        forwarding = (scene.application(member.id) if member.is_manager else None) or scene.line(number)
        return Tile(
            member.id, _index(position), printable(member.short_name), member.is_manager,
            scene.presence(member.user_name).value, scene.line_state(number), call.symbol if call else None,
            self._target(forwarding) if forwarding else None,
        )  # fmt: skip

    def _target(self, forwarding: Forwarding) -> str:
        """The index of the one whom calls are forwarded to, "" for somebody who is not in the group."""
        configuration = self._scene.configuration
        match forwarding.to:
            case ForwardTo.MEMBER:
                target = configuration.member_by_id.get(forwarding.member_id)
                return self._indices.get(target.user_name.casefold(), "") if target is not None else ""
            case ForwardTo.NUMBER:
                user = configuration.user_of_number(forwarding.number)
                return self._indices.get(user.key, "") if user is not None else ""
            case _:
                return ""

    @cached_property
    def _indices(self) -> dict[str, str]:
        return {member.user_name.casefold(): _index(position) for position, member in enumerate(self._members)}

    def _calls_of(self, member: Member) -> Iterator[_SeenCall]:
        configuration = self._scene.configuration
        for number in configuration.numbers_of(member):
            for call in self._scene.calls(number):
                connection = call.connection(number)
                state = state_of(call, connection) if connection is not None else None
                if connection is not None and state is not None:
                    yield self._seen_call(member, call, connection, state)

    def _seen_call(self, member: Member, call: Call, connection: Connection, state: State) -> _SeenCall:
        vip, party = self._scene.vip(call.id), other_end(call, connection)
        seen_by = None
        if is_hidden(vip):
            seen_by = frozenset(
                one.user_name.casefold() for one in (member, self._manager) if one is not None
            )  # fmt: skip
        return _SeenCall(call, state, CallSymbol(connection.inbound, party.external), party, vip, seen_by)

    def _ringing(self, user_key: str) -> Iterator[RingingCall]:
        """The manager's first; a call that rings at several phones is one."""
        rung: dict[str, list[str]] = {}
        found: dict[str, _SeenCall] = {}
        for member in self._members:
            for one in self._calls[member.id]:
                if one.state is State.RINGING and one.symbol.inbound and one.is_seen(user_key):
                    found.setdefault(one.call.id, one)
                    rung.setdefault(one.call.id, []).append(printable(member.short_name))
        for call_id, one in found.items():
            yield self._identified(one, tuple(dict.fromkeys(rung[call_id])))

    def _identified(self, one: _SeenCall, rung: tuple[str, ...]) -> RingingCall:
        name = name_of(self._scene.configuration, one.party)
        short_name = self._manager.short_name if self._manager is not None else ""
        shown = identify(self._group, short_name, Identity(one.party.number, name))
        number = printable(shown.number)[:LONGEST_NAME]
        caller = shown_name(one.vip, printable(shown.name)[:LONGEST_NAME], number)
        return RingingCall(caller, number if number not in caller.split() else "", rung)


def _index(position: int) -> str:
    return INDICES[position] if position < len(INDICES) else ""
