"""Who Asterisk's channels are for people, and how they are in a call."""

from collections.abc import Callable

from magroup.ami.channel import Channel, State
from magroup.cti.types import ConnectionState, Party
from magroup.model.numbers import LONGEST_LOCAL_EXTENSION


class Parties:
    """``is_line`` says whether a peer is a line that is watched; other peers with a short number are phones too."""

    def __init__(self, is_line: Callable[[str], bool]) -> None:
        self._is_line = is_line

    def of(self, channel: Channel) -> Party:
        """The same for the channel's life: a line or another short number of the PBX, else somebody outside."""
        if channel.party is None:
            channel.party = self._find(channel)
        return channel.party

    def called(self, number: str) -> Party:
        """Who was called, by number."""
        inside = not number or self._is_line(number) or len(number) <= LONGEST_LOCAL_EXTENSION
        return Party(number, external=not inside)

    def _find(self, channel: Channel) -> Party:
        peer = channel.peer
        if self._is_line(peer) or (peer.isascii() and peer.isdigit() and len(peer) <= LONGEST_LOCAL_EXTENSION):
            return Party(peer, _name(channel) if channel.number == peer and not channel.is_called else "")
        number = channel.dialled or channel.number if channel.is_called else channel.number
        return Party(number or peer, "" if channel.is_called else _name(channel), external=True)

    def state(self, channel: Channel, is_own: bool) -> ConnectionState:
        """NULL: nobody is told of it yet. ``is_own``: it is rung for a call that it is to make."""
        if is_own and not channel.is_up:
            return ConnectionState.INITIATED
        if channel.is_up or not channel.is_called:
            return ConnectionState.HOLD if channel.is_held else ConnectionState.CONNECTED
        if channel.state == State.RINGING or self.of(channel).external:
            return ConnectionState.ALERTING
        return ConnectionState.NULL


def _name(channel: Channel) -> str:
    """The caller's; many phones give their number for it."""
    return channel.caller if channel.caller != channel.number else ""
