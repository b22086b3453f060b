"""What a switch reports (ECMA-269 clause 17 and 22): each event carries the call before and after it.

As calls, events of calls are initialised by hand.
"""

from dataclasses import dataclass
from typing import Final

from mypy_extensions import mypyc_attr

from magroup.cti.types import Call, Cause, Party
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding
from magroup.model.recording import Recorded

NOBODY: Final = Party("")


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class CallEvent:
    """Something happened to a call at ``device``; ``old`` is None for a call's first event, ``at`` clock seconds."""

    call: Final[Call]
    old: Final[Call | None]
    device: Final[str]
    at: Final[float]
    cause: Final[Cause]

    def __init__(self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL) -> None:
        self.call = call
        self.old = old
        self.device = device
        self.at = at
        self.cause = cause

    @property
    def call_id(self) -> str:
        return self.call.id

    def devices_changed(self) -> list[str]:
        """The devices whose part in the call is another than before; those that are out of it now are the last ones."""
        before = self.old.connections if self.old is not None else ()
        now = self.call.connections
        found = []
        for connection in now:
            for other in before:
                # A connection that has not changed is the very same in both, and to compare them takes long.
                if other is connection:
                    break
            else:
                found.append(connection.id.device)
        for connection in before:
            device = connection.id.device
            for other in now:
                if other.id.device == device:
                    break
            else:
                found.append(device)
        return found


@mypyc_attr(acyclic=True)
class Originated(CallEvent):
    """``device`` made the call and waits for the called one."""


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Offered(CallEvent):
    """The call arrived at ``device``, a route point: nothing happens to it until the application says so.

    ``diverted_from`` are the numbers that sent it on, the first one first.
    """

    diverted_from: Final[tuple[str, ...]]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        diverted_from: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.diverted_from = diverted_from


@mypyc_attr(acyclic=True)
class Delivered(CallEvent):
    """``device`` rings."""


@mypyc_attr(acyclic=True)
class Established(CallEvent):
    """``device`` answered."""


@mypyc_attr(acyclic=True)
class Held(CallEvent):
    """``device`` put the call on hold."""


@mypyc_attr(acyclic=True)
class Retrieved(CallEvent):
    """``device`` took the call back from hold."""


@mypyc_attr(acyclic=True)
class NetworkReached(CallEvent):
    """The call went out to ``device`` over a trunk; what follows there may not be reported."""


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Failed(CallEvent):
    """The call could not be completed to ``device``; ``detail`` is the switch's own text ("486 Busy Here")."""

    detail: Final[str]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        detail: str = "",
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.detail = detail


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Diverted(CallEvent):
    """The call left ``device`` for ``new_destination`` before it was answered there."""

    new_destination: Final[str]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        new_destination: str = "",
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.new_destination = new_destination


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Transferred(CallEvent):
    """``device`` left the call to ``transferred_to``; ``other_call_id`` is the call merged into this one, if any."""

    transferred_to: Final[Party]
    other_call_id: Final[str]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        transferred_to: Party = NOBODY, other_call_id: str = "",
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.transferred_to = transferred_to
        self.other_call_id = other_call_id


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class ConnectionCleared(CallEvent):
    """``device`` is out of the call; ``detail`` is the switch's own text."""

    detail: Final[str]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        detail: str = "",
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.detail = detail


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class CallCleared(CallEvent):
    """The call is over: its last event. ``device`` is who ended it ("" the switch itself)."""

    detail: Final[str]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        detail: str = "",
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.detail = detail


@mypyc_attr(acyclic=True)
class MessageEnded(CallEvent):
    """A message that was not repeated has been played in full to the caller at the route point."""


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class DigitsGenerated(CallEvent):
    """``device`` dialled ``digits`` (0-9 * # A-D) in the call: at a route point, or by a service to who it talks to."""

    digits: Final[str]

    def __init__(
        self, call: Call, old: Call | None, device: str, at: float, cause: Cause = Cause.NORMAL,
        digits: str = "",
    ) -> None:  # fmt: skip
        super().__init__(call, old, device, at, cause)
        self.digits = digits


@fixed
class DeviceEvent:
    """Something happened to a device outside of any call."""

    device: str
    at: float


class BackInService(DeviceEvent):
    """The line can be rung again (its first phone registered)."""


class OutOfService(DeviceEvent):
    """The line cannot be rung any more (its last phone is gone)."""


class DeviceCapabilitiesChanged(DeviceEvent):
    """What the line's phones can be told to do is another than before: snapshots are the same."""


@fixed
class ForwardingSet(DeviceEvent):
    """The line forwarding of ``device`` is another one from now on."""

    forwarding: Forwarding


@fixed
class DoNotDisturbSet(DeviceEvent):
    """``device`` is not to be disturbed from now on (``is_on``), or may be again."""

    is_on: bool


@fixed
class MessageRecorded(DeviceEvent):
    """What was recorded at ``device``, a route point, is complete, or could not be kept: told once for each recording.

    The call ``call_id`` may be over by then.
    """

    call_id: str
    recorded: Recorded


@fixed
class LinkChanged(DeviceEvent):
    """The switch cannot be seen or steered from now on, or can be again (``is_linked``); ``device`` is "".

    Told to all monitors. What is known of calls is kept meanwhile; once it is linked again, events tell what is
    different by then.
    """

    is_linked: bool
    reason: str = ""


Event = CallEvent | DeviceEvent
