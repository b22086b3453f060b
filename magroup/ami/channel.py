"""Asterisk's channels: which device one is of, by its name, and what is known of it."""

import re
from enum import IntEnum
from typing import Final

from magroup.ami.message import Message
from magroup.cti.types import Party

_NAME: Final = re.compile(r"(?:(?P<technology>[A-Za-z0-9]+)/)(?P<peer>.+?)(?:-[0-9a-f]{8,}|-\d+)?\Z")
_LOCAL: Final = re.compile(r"Local/(?P<number>[^@]*)@.*;[12]\Z")
_HIDDEN: Final = ("<ZOMBIE>", "<MASQ>")
_PSEUDO: Final = frozenset(
    {"Announcer", "AsyncGoto", "Bridge", "CBAnn", "CBRec", "ConfBridge", "Local", "Message", "MulticastRTP", "Parked",
     "Recorder", "Snoop", "Surrogate", "UnicastRTP"}
)  # fmt: skip
_NOBODY: Final = frozenset({"", "<unknown>", "anonymous", "unknown", "Unknown"})


class State(IntEnum):
    """ChannelState, as far as it matters."""

    DOWN = 0
    RING = 4
    """It calls."""
    RINGING = 5
    """It is called."""
    UP = 6


def peer_of(name: str) -> str:
    """The peer of a channel, such as ``1175`` of PJSIP/1175-0000001a; "" of those that are nobody's phone or trunk."""
    found = _NAME.match(name)
    if found is None or found["technology"] in _PSEUDO or name.endswith(_HIDDEN):
        return ""
    return found["peer"].partition("/")[0]


def local_pair(name: str) -> str:
    """What both halves of a Local channel have in common; "" of other channels."""
    return name[:-2] if _LOCAL.match(name) else ""


def local_number(name: str) -> str:
    """The number that a Local channel was made to call."""
    found = _LOCAL.match(name)
    return found["number"] if found else ""


def known(text: str) -> str:
    """A caller id, "" where it says that there is none."""
    return "" if text in _NOBODY else text[:128]


class Channel:
    """One channel. ``uid`` is its Uniqueid and never changes; the name may, when it takes another one's place.

    ``is_expected``: somebody's call has made it, and who has dialled it is not said yet. ``bridge`` is where it is, or
    was until something else is known of it; ``waits_in`` the bridge it left for a consultation. ``dialler`` called it.
    ``party`` is who it is for people, found once; ``calls`` how many calls have their ids from it. ``is_over``: it has
    been ended. ``is_gone``: it counts no more, whatever Asterisk still does with it.
    """

    __slots__ = (
        "born",
        "bridge",
        "call_id",
        "caller",
        "calls",
        "dialled",
        "dialler",
        "exten",
        "is_called",
        "is_expected",
        "is_gone",
        "is_held",
        "is_leaving",
        "is_over",
        "linked",
        "name",
        "number",
        "party",
        "peer",
        "state",
        "status",
        "uid",
        "waits_in",
    )  # fmt: skip

    def __init__(self, uid: str, name: str, born: int = 0) -> None:
        self.born = born
        self.calls = 0
        self.uid = uid
        self.name = name
        self.peer = peer_of(name)
        self.party: Party | None = None
        self.linked = uid
        self.state = int(State.DOWN)
        self.number = ""
        self.caller = ""
        self.exten = ""
        self.dialled = ""
        self.bridge = ""
        self.waits_in = ""
        self.dialler = ""
        self.status = ""
        self.call_id = ""
        self.is_called = False
        self.is_expected = False
        self.is_held = False
        self.is_leaving = False
        self.is_gone = False
        self.is_over = False

    def rename(self, name: str) -> None:
        """It has another name from now on, and perhaps is another device's."""
        if name == self.name:
            return
        self.name = name[:200]
        peer, self.peer = self.peer, peer_of(self.name)
        if peer != self.peer:
            self.party = None

    def update(self, message: Message, prefix: str = "") -> None:
        """Take over what every event says of its channels; ``prefix`` is "Dest" of those that are called."""
        if state := message.get(f"{prefix}ChannelState"):
            self.state = int(state) if state.isascii() and state.isdigit() and len(state) < 3 else self.state
        if name := message.get(f"{prefix}Channel"):
            self.rename(name)
        self.linked = message.get(f"{prefix}Linkedid") or self.linked
        self.number = known(message.get(f"{prefix}CallerIDNum")) or self.number
        self.caller = known(message.get(f"{prefix}CallerIDName")) or self.caller
        exten = message.get(f"{prefix}Exten")
        if exten and not self.exten and exten[:1] in "+*#0123456789":
            self.exten = exten[:64]

    def inherit(self, old: "Channel") -> None:
        """Take over what a list of channels does not say."""
        self.calls = old.calls
        self.call_id, self.party, self.dialled, self.waits_in = old.call_id, old.party, old.dialled, ""
        self.exten = old.exten or self.exten
        self.is_called, self.is_held = old.is_called, old.is_held

    @property
    def is_up(self) -> bool:
        return self.state == State.UP
