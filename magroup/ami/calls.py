"""Asterisk's channels and bridges as the port's calls: each event's effect, told in the order of CSTA; no I/O.

A call is what hangs together. After each event of Asterisk the calls that it touches are looked at anew, and what is
different is told, so that a late or repeated event, or a list of channels after the link was down, leads to the same.
"""

from collections.abc import Callable, Iterable
from typing import Final

from magroup.ami.channel import Channel, State
from magroup.ami.channels import Channels, number_in
from magroup.ami.endings import Endings
from magroup.ami.message import Message
from magroup.ami.parties import Parties
from magroup.ami.telling import Part, Telling
from magroup.cti.events import CallEvent, DigitsGenerated, Transferred
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party

Group = dict[str, Channel]


class CallBook:
    """The calls that are up. ``is_line`` says whether a peer is a line that is watched; ``node`` begins call ids.

    ``called`` is what own calls and consultations were asked to reach, by the channel's uid. Calls with a channel of
    the peer ``trunk``, or to a number of ``points``, are not told: they are those of the switch behind it.
    """

    def __init__(self, node: str, is_line: Callable[[str], bool], trunk: str = "") -> None:
        self.node: Final = node
        self.channels = Channels()
        self.calls: dict[str, Call] = {}
        self.endings = Endings()
        self.called: dict[str, str] = {}
        self.quiet: set[str] = set()
        """The uids of channels whose digits are those with which Asterisk begins a consultation."""
        self.points: frozenset[str] = frozenset()
        self._parties = Parties(is_line)
        self._trunk = trunk
        self._told: dict[str, Call] = {}
        self._members: dict[str, dict[str, str]] = {}
        self._in_call: dict[str, set[str]] = {}
        self._bridges: dict[str, str] = {}

    def apply(self, message: Message, now: float) -> list[CallEvent]:
        """What an event of Asterisk means."""
        if message.event == "DTMFEnd":
            return self._digit(message, now)
        before = self._note(message)
        touched = self.channels.apply(message)
        told: list[CallEvent] = []
        if message.event == "BlindTransfer" and touched:
            told = self._transferred(self.channels.all[touched[0]], message.get("Extension"), now)
        if before is not None:
            self._renamed(*before)
        return [*told, *self._refresh(touched, now)] if touched else told

    def replace(self, listed: Iterable[Message], now: float, unseen_since: float | None = None) -> list[CallEvent]:
        """These are the channels that there are, as the list after a login says; the calls are put right.

        Those that are gone have lasted until ``unseen_since``, for all we know.
        """
        before = set(self.channels.all)
        self.channels = self.channels.listed(listed)
        for uid in before - self.channels.all.keys():
            self.called.pop(uid, None)
            self.endings.forget_channel(uid)
        gone = [call_id for call_id, uids in self._in_call.items()
                if call_id in self.calls and uids.isdisjoint(self.channels.all)]  # fmt: skip
        for call_id in gone:
            self.endings.not_seen(call_id)
        told = self._refresh((), now if unseen_since is None else unseen_since, gone)
        return told + self._refresh(tuple(self.channels.all), now, tuple(self.calls))

    def channel(self, connection: ConnectionId) -> Channel | None:
        """The channel behind a connection."""
        return self.channels.all.get(self._members.get(connection.call_id, {}).get(connection.device, ""))

    def others(self, connection: ConnectionId) -> list[Channel]:
        """The channels of all others in the call."""
        members = self._members.get(connection.call_id, {})
        uids = [uid for device, uid in members.items() if device != connection.device]
        return [self.channels.all[uid] for uid in uids if uid in self.channels.all]

    def call_of(self, uid: str) -> Call | None:
        """The call that a channel is in."""
        channel = self.channels.all.get(uid)
        return self.calls.get(channel.call_id) if channel is not None else None

    def told(self, call: Call) -> Call | None:
        """The call as its last event showed it."""
        return self._told.get(call.id)

    def describe(self) -> dict[str, int]:
        """How much there is of what; nothing is left after the last call."""
        return {
            "calls": len(self.calls), "channels": len(self.channels.all), "bridges": len(self._bridges),
            "endings": len(self.endings), "called": len(self.called), "members": len(self._members),
            "grouped": len(self._in_call),
        }  # fmt: skip

    # Before and after an event

    def _note(self, message: Message) -> tuple[Channel, str] | None:
        if message.event == "DialEnd":
            self._note_forward(message)
        channel = self.channels.all.get(message.get("Uniqueid"))
        if channel is None:
            return None
        if message.event == "Hangup":
            self.endings.hung_up(channel, message)
        elif message.event in ("HangupRequest", "SoftHangupRequest") and channel.call_id in self.calls:
            self.endings.asked(channel.call_id, self._parties.of(channel).number)
        elif message.event == "Pickup":
            rang = self.channels.all.get(message.get("TargetUniqueid"))
            if rang is not None and rang.call_id in self.calls:
                self.endings.picked_up(rang.call_id, self._parties.of(rang).number, self._parties.of(channel).number)
        elif message.event == "Rename" and channel.is_called and channel.call_id in self.calls:
            return channel, self._parties.of(channel).number
        return None

    def _note_forward(self, message: Message) -> None:
        """The phone itself sent the call on (302)."""
        called = self.channels.all.get(message.get("DestUniqueid"))
        if called is not None and called.call_id in self.calls and (number := number_in(message.get("Forward"))):
            self.endings.diverts(called.call_id, self._parties.of(called).number, number, Cause.CALL_FORWARD)

    def _renamed(self, channel: Channel, before: str) -> None:
        """Another phone took the place of one that rang: it has picked the call up."""
        if channel.peer and (now := self._parties.of(channel).number) != before and not channel.is_up:
            channel.state = State.UP
            self.endings.picked_up(channel.call_id, before, now)

    def _digit(self, message: Message, now: float) -> list[CallEvent]:
        channel = self.channels.all.get(message.get("Uniqueid"))
        digit = message.get("Digit")
        call = self.calls.get(channel.call_id) if channel is not None else None
        if channel is None or call is None or message.get("Direction") != "Received" or len(digit) != 1:
            return []
        if self._is_asterisks(channel):
            return []
        return [DigitsGenerated(call, self._told.get(call.id), self._parties.of(channel).number, now, digits=digit)]

    def _is_asterisks(self, channel: Channel) -> bool:
        """Its digits are those with which Asterisk begins or ends a consultation, not somebody's."""
        return channel.uid in self.quiet or bool(channel.waits_in)

    # Which channels are which call

    def _refresh(self, touched: Iterable[str], now: float, calls: Iterable[str] = ()) -> list[CallEvent]:
        affected = set(calls)
        concerned = self._concerned(touched, affected)
        for channel in concerned:
            channel.is_gone = channel.is_gone or (channel.is_over and not self.channels.stays(channel))
        groups = self._groups(concerned)
        told: list[CallEvent] = []
        if joined := self._joined(groups):
            told.append(self._join(*joined, now))
            groups = self._groups(concerned)
        parts = self._assign(groups, affected)
        self._add_waiting(parts)
        unrung = [channel for channel in concerned if channel.is_gone and channel.is_called and not channel.is_up]
        told += self._tell(affected, parts, unrung, now)
        over = [channel.uid for channel in concerned if channel.is_gone and channel.is_over]
        self.channels.forget(over)
        for uid in over:
            self.called.pop(uid, None)
            self.endings.forget_channel(uid)
        return told

    def _concerned(self, touched: Iterable[str], affected: set[str]) -> list[Channel]:
        """All that hangs together with what is touched or was in a call with it, the oldest first; their calls too."""
        todo = [*touched]
        spread: set[str] = set()
        found: Group = {}
        while todo or affected - spread:
            for call_id in affected - spread:
                spread.add(call_id)
                todo += self._in_call.get(call_id, ())
                todo += [uid for uid in self.channels.waiting
                         if self._bridges.get(self.channels.all[uid].waits_in) == call_id]  # fmt: skip
            while todo:
                channel = self.channels.all.get(todo.pop())
                if channel is None or channel.uid in found:
                    continue
                found[channel.uid] = channel
                todo += self.channels.group(channel)
                bridges = (self._bridges.get(bridge, "") for bridge in (channel.bridge, channel.waits_in))
                affected |= {call_id for call_id in (channel.call_id, *bridges) if call_id in self.calls}
        return sorted(found.values(), key=lambda channel: channel.born)

    def _groups(self, channels: Iterable[Channel]) -> list[Group]:
        groups: list[Group] = []
        done: set[str] = set()
        for channel in channels:
            if channel.is_gone or channel.uid in done:
                continue
            group = self.channels.group(channel)
            done |= set(group)
            groups.append(dict(sorted(group.items(), key=lambda item: item[1].born)))
        return groups

    def _assign(self, groups: list[Group], affected: set[str]) -> dict[str, list[Part]]:
        """Each group's call id, and who is how in it. What is in a call's bridge is that call."""
        taken: set[str] = set()
        parts: dict[str, list[Part]] = {}
        for call_id in affected:
            self._in_call.pop(call_id, None)
        for group in sorted(groups, key=lambda group: not self._claims(group)):
            seen = self._seen(group)
            call_id = self._id_of(group, seen, taken) if seen else ""
            for channel in group.values():
                channel.call_id = call_id
            if not call_id:
                continue
            taken.add(call_id)
            affected.add(call_id)
            self._in_call[call_id] = set(group)
            self._bridges |= {channel.bridge: call_id for channel in group.values() if channel.bridge}
            is_new = call_id not in self.calls
            if is_new:
                called = next((self.called[uid] for uid in group if uid in self.called), "")
                self._begin(call_id, seen[0], called or self.channels.number_called(group.values()))
            parts[call_id] = [self._part(channel, is_new) for channel in seen]
        return parts

    def _seen(self, group: Group) -> list[Channel]:
        """Those in it that people are told of."""
        for channel in group.values():
            if channel.exten in self.points or (self._trunk and channel.peer == self._trunk):
                return []
        return [channel for channel in group.values()
                if self.channels.is_seen(channel) and self._state(channel) is not ConnectionState.NULL]  # fmt: skip

    def _claims(self, group: Group) -> list[str]:
        bridges = dict.fromkeys(channel.bridge for channel in group.values() if channel.bridge)
        return [self._bridges[bridge] for bridge in bridges if self._bridges.get(bridge, "") in self.calls]

    def _id_of(self, group: Group, seen: list[Channel], taken: set[str]) -> str:
        for call_id in (*self._claims(group), *(channel.call_id for channel in seen)):
            if call_id in self.calls and call_id not in taken:
                return call_id
        if not _makes_a_call(seen):
            return ""
        seen[0].calls += 1
        again = f".{seen[0].calls}" if seen[0].calls > 1 else ""
        return f"{self.node}-{seen[0].uid}{again}"

    def _begin(self, call_id: str, calling: Channel, called: str) -> None:
        """A call that nobody takes part in yet; when it began is set by the first one who does."""
        self.calls[call_id] = Call(call_id, self._parties.of(calling), self._parties.called(called), -1.0)
        self.endings.seeks(call_id, called)

    def _part(self, channel: Channel, is_new: bool) -> Part:
        inbound = channel.is_called and channel.uid not in self.channels.own and not (is_new and channel.waits_in)
        return Part(self._parties.of(channel), self._state(channel), bool(inbound), channel)

    def _state(self, channel: Channel) -> ConnectionState:
        return self._parties.state(channel, channel.uid in self.channels.own)

    def _add_waiting(self, parts: dict[str, list[Part]]) -> None:
        """Who consults somebody still holds the call that it left for that."""
        for uid in self.channels.waiting:
            channel = self.channels.all[uid]
            if not channel.is_gone and (call_id := self._bridges.get(channel.waits_in, "")) in parts:
                parts[call_id].append(Part(self._parties.of(channel), ConnectionState.HOLD, channel.is_called, channel))

    # Transfers

    def _joined(self, groups: list[Group]) -> tuple[str, str, Channel] | None:
        """Who came into a call from another one that somebody was in as well: the call, who that was, who came."""
        for group in groups:
            for call_id in self._claims(group)[:1]:
                for channel in group.values():
                    other = self.calls.get(channel.call_id)
                    if other is None or other.id == call_id or not self.channels.is_seen(channel):
                        continue
                    here = {one.id.device for one in self.calls[call_id].connections}
                    both = here & {one.id.device for one in other.connections} - {self._parties.of(channel).number}
                    if both:
                        return call_id, min(both), channel
        return None

    def _join(self, call_id: str, transferer: str, target: Channel, now: float) -> CallEvent:
        other = target.call_id
        for one in (call_id, other):
            if (channel := self.channel(ConnectionId(one, transferer))) is not None:
                channel.is_gone = True
        self.endings.is_joined(other, transferer)
        party = self._parties.of(target)
        call = self.calls[call_id].without(transferer)
        state = self._state(target)
        call = call.with_connection(Connection(ConnectionId(call_id, party.number), state, party, True, now))
        return self._told_so(Transferred(call, self._told.get(call_id), transferer, now, Cause.TRANSFER, party, other))

    def _transferred(self, transferer: Channel, extension: str, now: float) -> list[CallEvent]:
        """Without consultation; who is left is on the way to the extension."""
        old = self.calls.get(transferer.call_id)
        device = self._parties.of(transferer).number
        if old is None or old.connection(device) is None:
            return []
        call = old.without(device)
        self.endings.seeks(old.id, extension)
        return [self._told_so(Transferred(call, self._told.get(old.id), device, now, Cause.TRANSFER, Party(extension)))]

    def _told_so(self, event: CallEvent) -> CallEvent:
        self.calls[event.call_id] = self._told[event.call_id] = event.call
        return event

    # What is told

    def _tell(
        self, affected: set[str], parts: dict[str, list[Part]], unrung: list[Channel], now: float
    ) -> list[CallEvent]:
        """Calls that end come first, then those that have been told of, then new ones."""
        told: list[CallEvent] = []
        known = [call_id for call_id in self.calls if call_id in affected]
        for call_id in sorted(known, key=lambda one: (one in parts, one not in self._told)):
            failed = [channel for channel in unrung if channel.call_id == call_id]
            told += self._tell_of(call_id, parts.get(call_id, []), failed, now)
        return told

    def _tell_of(self, call_id: str, parts: list[Part], unrung: list[Channel], now: float) -> list[CallEvent]:
        call = self.calls[call_id]
        if call.started_at < 0:
            call = Call(call.id, call.calling, call.called, now)
        parts = _best(parts)
        before = self._members.get(call_id, {})
        members = {part.party.number: part.channel.uid for part in parts}
        telling = Telling(call, self._told.get(call_id), self.endings, now)
        telling.parts(parts)
        for channel in unrung:
            device = self._parties.of(channel).number
            if call.connection(device) is None and device not in members:
                telling.fails(device, self.endings.of_unrung(call, device, channel))
        first = self.endings.of_call(call_id)[0]
        for left in sorted(call.connections, key=lambda one: one.id.device != first):
            device = left.id.device
            if device not in members:
                was = self.channels.all.get(before.get(device, ""))
                telling.leaves(device, self.endings.of(telling.call, device, was))
        if parts:
            self.calls[call_id], self._members[call_id] = telling.call, members
            if telling.told is not None:
                self._told[call_id] = telling.told
            return telling.events
        telling.ends()
        self._forget(call_id)
        return telling.events

    def _forget(self, call_id: str) -> None:
        del self.calls[call_id]
        self._told.pop(call_id, None)
        self._members.pop(call_id, None)
        self._in_call.pop(call_id, None)
        self._bridges = {bridge: one for bridge, one in self._bridges.items() if one != call_id}
        self.endings.forget_call(call_id)


def _makes_a_call(seen: list[Channel]) -> bool:
    """Whether a call begins with these. Who was called is alone before the caller is there, and when the caller has
    left: that is none of its own, unless it consults somebody or goes on by itself.
    """
    first = seen[0]
    if len(seen) > 1 or not first.is_called or first.waits_in:
        return True
    return first.is_up and not first.bridge and not first.dialler and not first.is_over


_RANK: Final = (ConnectionState.CONNECTED, ConnectionState.HOLD, ConnectionState.ALERTING, ConnectionState.INITIATED)


def _best(parts: list[Part]) -> list[Part]:
    """One part for each device: of several channels, the one that is furthest."""
    found: dict[str, Part] = {}
    for part in parts:
        old = found.get(part.party.number)
        if old is None or _RANK.index(part.state) < _RANK.index(old.state):
            found[part.party.number] = part
    return list(found.values())
