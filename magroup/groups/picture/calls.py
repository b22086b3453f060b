"""The calls of a member as a viewer sees them: what may not be seen is left out (spec 4; manual, "Call information").

Ringing calls are shown in full; of the active calls of others only that there are some, unless the group has *Show call
information*. A VIP call that only the manager is to see is left out for all but those at whose phones it is (spec 8).
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.groups.picture.commands import State, commands, pickup
from magroup.groups.picture.eyes import Eyes
from magroup.groups.picture.scene import Scene
from magroup.model.calls import Vip
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import Group
from magroup.policy import is_hidden, shown_name, words
from magroup.policy.identification import printable

LONGEST_NAME = 100
_TALKS = (ConnectionState.CONNECTED, ConnectionState.HOLD)
_STATES = {
    ConnectionState.ALERTING: State.RINGING,
    ConnectionState.CONNECTED: State.ACTIVE,
    ConnectionState.INITIATED: State.CALLING,
    ConnectionState.HOLD: State.HELD,
}


@fixed
class VipView:
    """That the caller, or the one called, is a VIP: with how many stars, and of a caller why."""

    level: int
    why: str


@fixed
class HiddenCall:
    """A call of which nobody but those in it see who is at the other end."""

    id: str
    device: str
    state: State
    direction: str
    hidden: bool = True
    mine: bool = False
    can: Mapping[str, str] | None = None


@fixed
class CallView:
    """A call with who is at the other end. ``consulting`` is the id of the call on hold that a consultation is for."""

    id: str
    device: str
    state: State
    direction: str
    name: str
    number: str
    picture: str
    since: float
    vip: VipView | None
    mine: bool
    can: Mapping[str, str]
    consulting: str


def calls_of(
    scene: Scene, group: Group, numbers: Sequence[str], own: frozenset[str], eyes: Eyes
) -> tuple[CallView | HiddenCall, ...]:  # fmt: skip
    """The calls at these lines, the oldest first; ``own`` are the lines whose calls their user steers."""
    found = [(call.started_at, call, number) for number in numbers for call in scene.calls(number)]
    if len(numbers) > 1:
        found.sort(key=lambda one: one[0])
    return tuple(_views(scene, group, [(call, number) for _, call, number in found], own, eyes))


def _views(
    scene: Scene, group: Group, calls: Sequence[tuple[Call, str]], own: frozenset[str], eyes: Eyes
) -> Iterator[CallView | HiddenCall]:  # fmt: skip
    for call, number in calls:
        connection = call.connection(number)
        state = state_of(call, connection) if connection is not None else None
        vip = scene.vip(call.id)
        if connection is None or state is None or (is_hidden(vip) and not eyes.is_own):
            continue
        direction = "in" if connection.inbound else "out"
        if state is not State.RINGING and not group.show_calls and not eyes.is_own:
            yield HiddenCall(call.id, number, state, direction, can={})
            continue
        mine = eyes.is_own and number in own
        consulted = held_beside(scene.calls(number), connection) if eyes.is_own else ""
        can: Mapping[str, str] = {}
        if mine:
            active = active_beside(scene.calls(number), connection.id) if state is State.HELD else None
            can = commands(scene.can, connection.id, state, bool(consulted), active, eyes.language)
        if state is State.RINGING and eyes.picks_up:
            can = pickup(scene.can, connection.id, eyes.language)
        yield _shown(scene.configuration, group, call, connection, state, vip, mine, can, consulted, eyes)


def _shown(
    configuration: Configuration, group: Group, call: Call, connection: Connection, state: State, vip: Vip | None,
    mine: bool, can: Mapping[str, str], consulted: str, eyes: Eyes,
) -> CallView:  # fmt: skip
    party = other_end(call, connection)
    known = configuration.known(party.number)
    name = name_of(configuration, party)
    person = known.user or known.contact
    if vip is not None and connection.inbound:
        name = shown_name(vip, name, party.number)
        vip_view = VipView(person.stars if person else 0, words(vip.reason, eyes.language))
    elif person is not None and not connection.inbound and person.stars >= max(1, group.vip_threshold):
        vip_view = VipView(person.stars, "")
    else:
        vip_view = None
    return CallView(
        call.id, connection.id.device, state, "in" if connection.inbound else "out", name, party.number,
        picture_url(person.picture if person else ""), since(call, connection, state), vip_view, mine, can, consulted,
    )  # fmt: skip


def since(call: Call, connection: Connection, state: State) -> float:
    """Since when it is so; of a conversation since the second one has come to it, or has put it on hold."""
    others = [
        one.since for one in call.connections if one.id.device != connection.id.device and one.state in _TALKS
    ]  # fmt: skip
    return max(connection.since, min(others)) if state is State.ACTIVE and others else connection.since


def state_of(call: Call, connection: Connection) -> State | None:
    """What the call is for the one at ``connection``; None where it is nothing to be shown."""
    state = _STATES.get(connection.state)
    if state is State.ACTIVE and not connection.inbound and not _talking(call, connection):
        return State.CALLING
    return state


def other_end(call: Call, connection: Connection) -> Party:
    """Whom the one at ``connection`` talks to; who calls, or was called, as long as nobody talks."""
    talking = _talking(call, connection)
    if connection.inbound and call.calling.number != connection.id.device:
        if not talking or call.connection(call.calling.number) is not None:
            return call.calling
        return talking[0]
    return talking[0] if talking else call.called


def name_of(configuration: Configuration, party: Party) -> str:
    """What is known of who is at that end, else the name that came with the call."""
    known = configuration.known(party.number)
    return known.name or (known.group.name if known.group else "") or printable(party.name)[:LONGEST_NAME]


def held_beside(calls: Sequence[Call], connection: Connection) -> str:
    """The id of the call that the device holds meanwhile, "" where the one at ``connection`` is no consultation.

    Of several that are held it is the last one that was put on hold.
    """
    if connection.inbound or connection.state is ConnectionState.HOLD:
        return ""
    found, since = "", 0.0
    for call in calls:
        beside = call.connection(connection.id.device) if call.id != connection.id.call_id else None
        if beside is not None and beside.state is ConnectionState.HOLD and beside.since >= since:
            found, since = call.id, beside.since
    return found


def active_beside(calls: Sequence[Call], held: ConnectionId) -> ConnectionId | None:
    """The device's part in the call that it talks in while it holds ``held``, if it does."""
    for call in calls:
        beside = call.connection(held.device) if call.id != held.call_id else None
        if beside is not None and beside.state is ConnectionState.CONNECTED:
            return beside.id
    return None


def picture_url(picture: str) -> str:
    """Where the picture with this name is; "" where there is none."""
    return f"/pictures/{quote(picture, safe='')}" if picture else ""


def _talking(call: Call, connection: Connection) -> list[Party]:
    return [one.party for one in call.connections if one.id.device != connection.id.device and one.state in _TALKS]
