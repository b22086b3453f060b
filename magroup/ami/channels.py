"""Which channels there are and how they hang together, by what AMI's events say of them; no I/O, no clock.

Events may come late, twice or not at all: each carries its channel's whole state, which is taken as it comes.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from magroup.ami.channel import Channel, State, local_number, local_pair
from magroup.ami.message import Message

MOST_CHANNELS: Final = 20_000
MOST_ENDED: Final = 2000

_STATE_ONLY: Final = frozenset({"Newchannel", "Newstate", "NewCallerid", "NewConnectedLine", "NewAccountCode"})


class Channels:
    """The channels that are up. ``apply`` gives the uids of those that an event may have changed.

    ``own`` are uids that calls were given that we made; ``silent`` of those that nobody is told of; ``waiting`` of
    those that hold a call for a consultation.
    """

    def __init__(self) -> None:
        self.all: dict[str, Channel] = {}
        self.own: set[str] = set()
        self.silent: set[str] = set()
        self._in_bridge: dict[str, dict[str, None]] = {}
        self._dialled: dict[str, dict[str, None]] = {}
        self._pairs: dict[str, dict[str, None]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._born = 0
        self.waiting: set[str] = set()

    def apply(self, message: Message) -> tuple[str, ...]:
        """Take over what an event says."""
        event = message.event
        if event in ("DialBegin", "DialState", "DialEnd"):
            return self._dial(event, message)
        if event in ("AttendedTransfer", "BlindTransfer"):
            return self._transfer(event, message)
        channel = self._of(message)
        if channel is None:
            return ()
        if event in _STATE_ONLY:
            pass
        elif event == "NewExten":
            self._let_go(channel)
        elif event == "BridgeEnter":
            self._enter(channel, message.get("BridgeUniqueid"))
        elif event == "BridgeLeave":
            self._leave(channel, message.get("BridgeUniqueid"))
        elif event in ("Hold", "Unhold"):
            channel.is_held = event == "Hold"
        elif event == "Pickup":
            return self._pick_up(channel, message)
        elif event == "Rename":
            channel.rename(message.get("Newname"))
        elif event == "Hangup":
            return self._hang_up(channel)
        elif event == "CoreShowChannel":
            self._show(channel, message)
        else:
            return ()
        return (channel.uid,)

    def of_name(self, name: str) -> Channel | None:
        return next((channel for channel in self.all.values() if channel.name == name), None)

    def in_bridge(self, bridge: str) -> Iterator[Channel]:
        """Those in the bridge, or just leaving it for somewhere."""
        return (self.all[uid] for uid in self._in_bridge.get(bridge, ()))

    def is_seen(self, channel: Channel) -> bool:
        """Whether it is a part of a call that people know of."""
        if not channel.peer or channel.is_gone or channel.uid in self.silent:
            return False
        if channel.is_expected and not channel.is_called:
            return bool(channel.bridge) and any(other is not channel for other in self.in_bridge(channel.bridge))
        return channel.is_called or channel.state >= State.RING or channel.uid in self.own

    def group(self, start: Channel) -> dict[str, Channel]:
        """All channels that hang together with this one: by bridges, by who dialled whom, by halves of Local ones."""
        found = {start.uid: start}
        todo = [start]
        while todo:
            for uid in self._beside(todo.pop()):
                if uid not in found and (other := self.all.get(uid)) is not None and not other.is_gone:
                    found[uid] = other
                    todo.append(other)
        return found

    def number_called(self, group: Iterable[Channel]) -> str:
        """What a group of channels wants to reach, "" where nothing says so."""
        for channel in group:
            if channel.exten and not channel.is_called and channel.peer and not channel.waits_in:
                return channel.exten
        for channel in group:
            if number := channel.dialled or local_number(channel.name):
                return number
        return ""

    def forget(self, uids: Iterable[str]) -> None:
        """Remove channels that are over."""
        for uid in tuple(uids):
            channel = self.all.pop(uid, None)
            if channel is None:
                continue
            self._unlink(self._in_bridge, channel.bridge, uid)
            self._unlink(self._dialled, channel.dialler, uid)
            self._unlink(self._pairs, local_pair(channel.name), uid)
            for other in self._dialled.pop(uid, ()):
                if other in self.all:
                    self.all[other].dialler = ""
            self.waiting.discard(uid)
            self.own.discard(uid)
            self.silent.discard(uid)
            self._ended[uid] = None
            if len(self._ended) > MOST_ENDED:
                self._ended.popitem(last=False)

    def listed(self, messages: Iterable[Message]) -> "Channels":
        """The channels that a list says there are, with what is known of them beside; those not in it are over."""
        new = Channels()
        new._ended = self._ended
        for message in messages:
            uid = message.get("Uniqueid")
            new.own |= {uid} & self.own
            new.silent |= {uid} & self.silent
            new.apply(message)
            if uid in self.all and uid in new.all:
                new.all[uid].inherit(self.all[uid])
        new._link_dialled()
        self.forget(tuple(uid for uid in self.all if uid not in new.all))
        return new

    def _link_dialled(self) -> None:
        """Who rings was dialled by who has the same Linkedid and waits."""
        callers: dict[str, str] = {}
        for channel in self.all.values():
            if not channel.bridge and not channel.is_called:
                callers.setdefault(channel.linked, channel.uid)
        for channel in self.all.values():
            if channel.is_called and not channel.bridge and not channel.dialler:
                self._link_dialler(channel, callers.get(channel.linked, ""))

    def _of(self, message: Message, prefix: str = "") -> Channel | None:
        """The channel that an event is about, which may be new; None where it is over, or nothing is said."""
        uid = message.get(f"{prefix}Uniqueid")
        if not uid or len(uid) > 150 or uid in self._ended:
            return None
        channel = self.all.get(uid)
        if channel is None:
            if len(self.all) >= MOST_CHANNELS or message.event == "Hangup":
                return None
            self._born += 1
            channel = self.all[uid] = Channel(uid, message.get(f"{prefix}Channel")[:200], self._born)
            if pair := local_pair(channel.name):
                self._pairs.setdefault(pair, {})[uid] = None
            made_by = message.get(f"{prefix}Linkedid")
            # Its own state may be told before the dial, and before anybody else is in its bridge.
            channel.is_expected = (
                message.event == "Newchannel" and message.get("ChannelState") == str(int(State.DOWN))
                and made_by not in ("", uid)
            )  # fmt: skip
        if message.event != "Rename":
            channel.update(message, prefix)
        return channel

    def _beside(self, channel: Channel) -> Iterator[str]:
        if channel.bridge:
            yield from self._in_bridge.get(channel.bridge, ())
        if channel.dialler:
            yield channel.dialler
        yield from self._dialled.get(channel.uid, ())
        if pair := local_pair(channel.name):
            yield from self._pairs.get(pair, ())

    # What happens

    def _dial(self, event: str, message: Message) -> tuple[str, ...]:
        caller, called = self._of(message), self._of(message, "Dest")
        if called is None:
            return (caller.uid,) if caller is not None else ()
        if event == "DialEnd":
            called.status = message.get("DialStatus")
        else:
            called.is_called = True
            called.dialled = called.dialled or number_in(message.get("DialString"))
            if caller is not None:
                self._let_go(caller)
                if not called.dialler and not (called.bridge and caller.bridge):
                    self._link_dialler(called, caller.uid)
        return tuple(channel.uid for channel in (caller, called) if channel is not None)

    def _enter(self, channel: Channel, bridge: str) -> None:
        if not bridge or (channel.bridge == bridge and not channel.is_leaving):
            return
        before = channel.bridge
        if before != bridge:
            # Who goes elsewhere holds nothing there; of a consultation Asterisk says only that it holds before.
            channel.is_held = False
        occupied = any(self._counts(other) for other in self.in_bridge(bridge) if other is not channel)
        self._move(channel, bridge)
        if channel.waits_in == bridge or not self._is_waited_for(channel.waits_in, channel):
            self._wait(channel, "")
        if before and before != bridge and not occupied and self._is_waited_for(before, channel):
            self._wait(channel, before)
        for uid in tuple(self._dialled.get(channel.uid, ())):
            if self.all[uid].is_up and self.all[uid].bridge not in ("", bridge):
                self._link_dialler(self.all[uid], "")

    def _leave(self, channel: Channel, bridge: str) -> None:
        """Where to is not known yet: until then it counts as being there."""
        if channel.bridge == bridge:
            channel.is_leaving = True
            self._link_dialler(channel, "")

    def _let_go(self, channel: Channel) -> None:
        """It runs through the dialplan, and so is in no bridge."""
        if channel.is_leaving:
            self._move(channel, "")

    def _hang_up(self, channel: Channel) -> tuple[str, ...]:
        """A channel that held a call for a consultation stays a while: its end may be what joins the two."""
        channel.is_over = True
        channel.is_leaving = True
        return (channel.uid,)

    def _transfer(self, event: str, message: Message) -> tuple[str, ...]:
        if message.get("Result").lower() != "success" or message.get("DestType") in ("Threeway", "Fail"):
            return ()
        if event == "BlindTransfer":
            transferer = self._of(message, "Transferer")
            if transferer is None:
                return ()
            beside = [other.uid for other in self.in_bridge(transferer.bridge)]
            transferer.is_gone = True
            return (transferer.uid, *beside)
        return self._attended(message)

    def _attended(self, message: Message) -> tuple[str, ...]:
        """Whoever is left in the two bridges is in one of them, whether its own event has come yet or not."""
        gone = [self._of(message, f"{which}Transferer") for which in ("Orig", "Second")]
        bridges = [bridge for which in ("Orig", "Second") if (bridge := message.get(f"{which}BridgeUniqueid"))]
        into = message.get("DestBridgeUniqueid") or (bridges[0] if bridges else "")
        changed = [channel.uid for channel in gone if channel is not None]
        for bridge in bridges:
            for channel in tuple(self.in_bridge(bridge)):
                changed.append(channel.uid)
                if channel not in gone and into and channel.bridge != into:
                    self._move(channel, into)
        return tuple(dict.fromkeys(changed))

    def _pick_up(self, channel: Channel, message: Message) -> tuple[str, ...]:
        """It is in the place of the one that rang; that is hung up afterwards."""
        rang = self._of(message, "Target")
        self.silent.discard(channel.uid)
        channel.is_called, channel.exten = True, ""
        if rang is None:
            return (channel.uid,)
        self._link_dialler(channel, rang.dialler)
        rang.is_gone = True
        return channel.uid, rang.uid

    def _show(self, channel: Channel, message: Message) -> None:
        channel.is_called = message.get("Application") == "AppDial" or channel.state == State.RINGING
        if bridge := message.get("BridgeId"):
            self._move(channel, bridge)

    # How it hangs together

    def stays(self, channel: Channel) -> bool:
        """Whether a channel that is over was holding a call for a consultation which goes on, so that they may join."""
        if channel.is_gone or not channel.waits_in:
            return False
        there = [other for other in self.in_bridge(channel.waits_in) if other is not channel and other.peer]
        here = [other for other in self.group(channel).values() if other is not channel and self.is_seen(other)]
        return all(any(not other.is_gone and not other.is_over for other in some) for some in (there, here))

    def _wait(self, channel: Channel, bridge: str) -> None:
        channel.waits_in = bridge
        (self.waiting.add if bridge else self.waiting.discard)(channel.uid)

    def _counts(self, channel: Channel) -> bool:
        return bool(channel.peer) and not channel.is_gone and not channel.is_leaving and not channel.is_over

    def _is_waited_for(self, bridge: str, by: Channel) -> bool:
        """Whether there is somebody else in the bridge."""
        return bool(bridge) and any(self._counts(other) for other in self.in_bridge(bridge) if other is not by)

    def _move(self, channel: Channel, bridge: str) -> None:
        self._unlink(self._in_bridge, channel.bridge, channel.uid)
        channel.bridge = bridge
        channel.is_leaving = False
        if bridge:
            self._in_bridge.setdefault(bridge, {})[channel.uid] = None

    def _link_dialler(self, channel: Channel, dialler: str) -> None:
        self._unlink(self._dialled, channel.dialler, channel.uid)
        channel.dialler = dialler
        if dialler:
            self._dialled.setdefault(dialler, {})[channel.uid] = None

    def _unlink(self, table: dict[str, dict[str, None]], key: str, uid: str) -> None:
        if key in table:
            table[key].pop(uid, None)
            if not table[key]:
                del table[key]


def number_in(text: str) -> str:
    """The number in what Dial was given: ``0791234567@provider``, ``provider/sip:0791234567@host`` or ``1175``."""
    for part in reversed(text.partition("@")[0].split("/")):
        part = part.removeprefix("sip:")
        if part and all(character in "+*#0123456789" for character in part):
            return part[:64]
    return ""
