"""A small Asterisk for tests: phones, a dialplan that dials them, channels and bridges, told as AMI documents it.

The order of the events is that of Asterisk 12 and later; what only Asterisk itself could prove is not proved by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

Fields = list[tuple[str, str]]
DESCRIPTIONS = {0: "Down", 4: "Ring", 5: "Ringing", 6: "Up"}
CAUSES = {
    0: "Unknown", 1: "Unallocated (unassigned) number", 16: "Normal Clearing", 17: "User busy", 20: "Subscriber absent",
    21: "Call Rejected", 26: "Answered elsewhere",
}  # fmt: skip


@dataclass(eq=False)
class Chan:
    """A channel."""

    name: str
    uid: str
    linked: str
    state: int
    number: str
    caller: str = ""
    connected: str = ""
    exten: str = ""
    application: str = ""
    bridge: str = ""
    held_in: str = ""
    dialler: "Chan | None" = None
    then: Callable[[], None] | None = None
    pair: "Chan | None" = None
    phone: str = ""

    def fields(self, prefix: str = "") -> Fields:
        return [
            (f"{prefix}Channel", self.name), (f"{prefix}ChannelState", str(self.state)),
            (f"{prefix}ChannelStateDesc", DESCRIPTIONS[self.state]),
            (f"{prefix}CallerIDNum", self.number or "<unknown>"), (f"{prefix}CallerIDName", self.caller or "<unknown>"),
            (f"{prefix}ConnectedLineNum", self.connected or "<unknown>"), (f"{prefix}ConnectedLineName", "<unknown>"),
            (f"{prefix}Language", "en"), (f"{prefix}AccountCode", ""), (f"{prefix}Context", "from-internal"),
            (f"{prefix}Exten", self.exten), (f"{prefix}Priority", "1"), (f"{prefix}Uniqueid", self.uid),
            (f"{prefix}Linkedid", self.linked),
        ]  # fmt: skip


@dataclass
class Asterisk:
    """``tell`` sends an event. ``phones`` are those registered, ``names`` their callers' names."""

    tell: Callable[[str, Fields], None] = lambda event, fields: None
    phones: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    database: dict[tuple[str, str], str] = field(default_factory=dict)
    trunks: dict[str, str] = field(default_factory=dict)
    """Which trunk numbers that begin so go to."""
    channels: list[Chan] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    # What phones do

    def dial(self, caller: str, number: str) -> Chan:
        channel = self._new(caller, 4, number=caller, caller=self.names.get(caller, ""), exten=number)
        self.run(channel, number)
        return channel

    def arrives(self, trunk: str, caller: str, name: str, number: str) -> Chan:
        """From outside."""
        channel = self._new(trunk, 4, number=caller, caller=name, exten=number)
        self.run(channel, number)
        return channel

    def answer(self, phone: str) -> None:
        for channel in [one for one in self.channels if one.phone == phone and one.state == 5]:
            self.answered(channel)

    def hang_up(self, phone: str) -> None:
        channel = next(one for one in self.channels if one.phone == phone)
        self._event("HangupRequest", channel)
        self.end(channel, 21 if channel.state == 5 else 16)

    def hold(self, phone: str, is_on: bool = True) -> None:
        channel = next(one for one in self.channels if one.phone == phone)
        self._event("Hold" if is_on else "Unhold", channel)

    def press(self, phone: str, digit: str) -> None:
        channel = next(one for one in self.channels if one.phone == phone)
        self._event("DTMFBegin", channel, ("Digit", digit), ("Direction", "Received"))
        self._event("DTMFEnd", channel, ("Digit", digit), ("DurationMs", "100"), ("Direction", "Received"))

    def register(self, phone: str, is_on: bool = True) -> None:
        (self.phones.add if is_on else self.phones.discard)(phone)
        self.device(f"PJSIP/{phone}", "NOT_INUSE" if is_on else "UNAVAILABLE")

    def device(self, device: str, state: str) -> None:
        self.devices[device] = state
        self.tell("DeviceStateChange", [("Device", device), ("State", state)])

    # The dialplan

    def run(self, channel: Chan, exten: str) -> None:
        """Extension by extension: forwarding, do not disturb, then the phone or the trunk."""
        self._event("NewExten", channel, ("Extension", exten), ("Application", "Dial"), ("AppData", f"PJSIP/{exten}"))
        exten = self.database.get(("CF", exten), exten)
        trunk = next((name for prefix, name in self.trunks.items() if exten.startswith(prefix)), "")
        if ("DND", exten) in self.database:
            self.end(channel, 17)
        elif trunk:
            self._call(channel, trunk, exten, f"{exten}@{trunk}")
        elif exten in self.phones:
            self._call(channel, exten, exten, exten)
        else:
            self.end(channel, 20 if exten in ("3001", "3002", "3003") else 1)

    def _call(self, channel: Chan, peer: str, number: str, dialled: str) -> None:
        called = self._new(peer, 0, linked=channel.linked, number=number, connected=channel.number)
        called.dialler, called.application = channel, "AppDial"
        self._both("DialBegin", channel, called, ("DialString", dialled))
        if number in self.busy:
            self._both("DialEnd", channel, called, ("DialStatus", "BUSY"))
            self._gone(called, 17)
            self.end(channel, 17)
        elif peer == number:
            self.rings(called)

    def rings(self, called: Chan) -> None:
        called.state = 5
        self._event("Newstate", called)
        if called.dialler is not None:
            self._both("DialState", called.dialler, called, ("DialStatus", "RINGING"))

    def answered(self, channel: Chan) -> None:
        channel.state = 6
        self._event("Newstate", channel)
        if channel.then is not None:
            then, channel.then = channel.then, None
            then()
            return
        caller, channel.dialler = channel.dialler, None
        assert caller is not None
        self._both("DialEnd", caller, channel, ("DialStatus", "ANSWER"))
        for other in [one for one in self.channels if one.dialler is caller]:
            self._both("DialEnd", caller, other, ("DialStatus", "CANCEL"))
            self._gone(other, 26)
        if caller.state != 6:
            caller.state = 6
            self._event("Newstate", caller)
        if caller.pair is not None:
            self._optimise(caller, channel)
        else:
            bridge = self.new_bridge()
            self.enter(channel, bridge)
            self.enter(caller, bridge)

    def _optimise(self, second: Chan, channel: Chan) -> None:
        """The phone takes the place of the Local channel that called it."""
        first = second.pair
        assert first is not None
        bridge = first.bridge
        first.state = 6
        self._event("Newstate", first)
        self.tell("LocalOptimizationBegin", [*first.fields("LocalOne"), *second.fields("LocalTwo")])
        self.enter(channel, bridge, ("SwapUniqueid", first.uid))
        self.leave(first)
        self._gone(first, 0)
        self._gone(second, 0)

    # Ends

    def end(self, channel: Chan, cause: int) -> None:
        """It hangs up, and what depends on it."""
        if channel not in self.channels:
            return
        if channel.held_in:
            self._complete(channel)
            return
        if channel.dialler is not None and channel.pair is None:
            caller, channel.dialler = channel.dialler, None
            self._both("DialEnd", caller, channel, ("DialStatus", "BUSY" if cause in (17, 21) else "CANCEL"))
            self._gone(channel, cause)
            if not any(one.dialler is caller for one in self.channels):
                self.end(caller, cause)
            return
        for called in [one for one in self.channels if one.dialler is channel]:
            called.dialler = None
            self._both("DialEnd", channel, called, ("DialStatus", "CANCEL"))
            self._gone(called, 0)
        bridge = channel.bridge
        if bridge:
            self.leave(channel)
        pair, channel.pair = channel.pair, None
        self._gone(channel, cause)
        if pair is not None:
            pair.pair = None
            self.end(pair, cause)
        for other in [one for one in self.channels if bridge and one.bridge == bridge]:
            self.leave(other)
            if other.held_in:
                self._back(other)
            else:
                self.end(other, 16)
        for waiting in [one for one in self.channels if bridge and one.held_in == bridge]:
            waiting.held_in = ""

    def _gone(self, channel: Chan, cause: int) -> None:
        if channel in self.channels:
            self.channels.remove(channel)
            self._event("Hangup", channel, ("Cause", str(cause)), ("Cause-txt", CAUSES[cause]))

    # Transfers

    def redirect(self, channel: Chan, exten: str) -> None:
        """Out of whatever it does, to an extension; who is left alone in a bridge hangs up."""
        for called in [one for one in self.channels if one.dialler is channel]:
            called.dialler = None
            self._both("DialEnd", channel, called, ("DialStatus", "CANCEL"))
            self._gone(called, 0)
        bridge = channel.bridge
        if bridge:
            self.leave(channel)
        self.run(channel, exten)
        for other in [one for one in self.channels if bridge and one.bridge == bridge]:
            self.leave(other)
            self.end(other, 16)

    def blind_transfer(self, channel: Chan, exten: str) -> None:
        others = [one for one in self.channels if one.bridge == channel.bridge and one is not channel]
        self.tell("BlindTransfer", [
            ("Result", "Success"), *channel.fields("Transferer"), *others[0].fields("Transferee"),
            ("BridgeUniqueid", channel.bridge), ("IsExternal", "No"), ("Context", "from-internal"),
            ("Extension", exten),
        ])  # fmt: skip
        for other in others:
            self.leave(other)
            self.run(other, exten)
        self.leave(channel)
        self._gone(channel, 16)

    def consult(self, channel: Chan, exten: str) -> None:
        """The transferer goes to a bridge of its own, from which a Local channel calls."""
        channel.held_in = channel.bridge
        self.leave(channel)
        first = self._new("", 0, name=f"Local/{exten}@from-internal-{next(self._numbers):08x};1", linked=channel.linked)
        second = self._new("", 4, name=f"{first.name[:-1]}2", linked=channel.linked, number=channel.number, exten=exten)
        first.pair, second.pair = second, first
        self.tell("LocalBridge", [*first.fields("LocalOne"), *second.fields("LocalTwo"), ("Context", "from-internal"),
                                  ("Exten", exten), ("LocalOptimization", "Yes")])  # fmt: skip
        bridge = self.new_bridge()
        self.enter(channel, bridge)
        self.enter(first, bridge)
        self.run(second, exten)

    def cancel_consultation(self, channel: Chan) -> None:
        bridge, held = channel.bridge, channel.held_in
        self.leave(channel)
        channel.held_in = ""
        self.enter(channel, held)
        for other in [one for one in self.channels if one.bridge == bridge]:
            self.end(other, 16)

    def _back(self, channel: Chan) -> None:
        """Who was consulted is gone."""
        held, channel.held_in = channel.held_in, ""
        self.enter(channel, held)

    def _complete(self, channel: Chan) -> None:
        """The transferer has hung up: whom it consulted takes its place."""
        consulting, held = channel.bridge, channel.held_in
        channel.held_in = ""
        self.leave(channel)
        target = next(one for one in self.channels if one.bridge == consulting)
        self.leave(target)
        self.enter(target, held)
        self.tell("AttendedTransfer", [
            ("Result", "Success"), *channel.fields("OrigTransferer"), ("OrigBridgeUniqueid", held),
            *channel.fields("SecondTransferer"), ("SecondBridgeUniqueid", consulting), ("DestType", "Bridge"),
            ("DestBridgeUniqueid", held),
        ])  # fmt: skip
        self._gone(channel, 16)

    def originate(self, peer: str, uid: str, then: Callable[[Chan], None]) -> None:
        channel = self._new(peer, 0, uid=uid, number=peer, connected=peer)
        channel.then = lambda: then(channel)
        self.tell("DialBegin", [*channel.fields("Dest"), ("DialString", peer)])
        self.rings(channel)

    def pick_up(self, channel: Chan, target: Chan) -> None:
        """As Asterisk 22 does it: the one that picks up has the call, and the one that rang is hung up at last."""
        self.tell("Pickup", [*channel.fields(), *target.fields("Target")])
        channel.dialler, target.dialler = target.dialler, None
        self.answered(channel)
        self._gone(target, 26)

    # Words

    def new_bridge(self) -> str:
        bridge = f"b{next(self._numbers):08x}-0000-4000-8000-000000000000"
        self.tell("BridgeCreate", [("BridgeUniqueid", bridge), ("BridgeType", "basic"), ("BridgeNumChannels", "0")])
        return bridge

    def enter(self, channel: Chan, bridge: str, *more: tuple[str, str]) -> None:
        channel.bridge = bridge
        self._event("BridgeEnter", channel, ("BridgeUniqueid", bridge), ("BridgeType", "basic"), *more)

    def leave(self, channel: Chan) -> None:
        bridge, channel.bridge = channel.bridge, ""
        if bridge:
            self._event("BridgeLeave", channel, ("BridgeUniqueid", bridge), ("BridgeType", "basic"))

    def _new(
        self, peer: str, state: int, name: str = "", uid: str = "", linked: str = "", number: str = "",
        caller: str = "", connected: str = "", exten: str = "",
    ) -> Chan:  # fmt: skip
        place = next(self._numbers)
        uid = uid or f"1764350000.{place}"
        name = name or f"PJSIP/{peer}-{place:08x}"
        channel = Chan(name, uid, linked or uid, state, number, caller, connected, exten, phone=peer)
        self.channels.append(channel)
        self._event("Newchannel", channel)
        return channel

    def _event(self, event: str, channel: Chan, *more: tuple[str, str]) -> None:
        self.tell(event, [*channel.fields(), *more])

    def _both(self, event: str, channel: Chan, called: Chan, *more: tuple[str, str]) -> None:
        self.tell(event, [*channel.fields(), *called.fields("Dest"), *more])
