"""The switch as the application sees it: monitors, call-control services, and route points whose calls it steers.

Services return as soon as they are accepted and raise ServiceError when they are refused; what then happens to the
call is known from events only (events are the truth).
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from magroup.cti.call_control import CallControl
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import Event
from magroup.cti.types import Call, Cause, ConnectionId, Party
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarded
from magroup.model.recording import Recording

Listener = Callable[[Event], None]

Forwards = Callable[[str], Forwarded]
"""Where a call to a number goes by line forwarding."""

PicksUp = Callable[[str, str], ConnectionId]
"""Where the call rings that a device picks up by code, at a number or, with "", anywhere. Raises ServiceError."""


def nothing_to_pick_up(device: str, number: str) -> ConnectionId:
    """As long as nobody says what may be picked up."""
    raise ServiceError(Failure.NO_ACTIVE_CALL, "No call to pick up")


class Monitor(Protocol):
    """A running monitor; ``stop`` may be called more than once."""

    def stop(self) -> None: ...


class Accept(StrEnum):
    """What a caller at a route point gets while nobody has answered."""

    RINGING = "ringing"
    """180 Ringing: the caller's own switch makes the tone."""
    EARLY_MEDIA = "earlyMedia"
    """Messages are heard without the call being answered (183 with SDP)."""
    ANSWER = "answer"
    """The call is answered (200)."""


@fixed
class Ring:
    """A device to ring for a call, as whom the caller is shown there, and the numbers it was diverted from."""

    device: str
    shown_as: Party
    diverted_from: tuple[str, ...] = ()


class RoutePoints(Protocol):
    """Devices whose calls wait for the application's word: the manager numbers.

    A call that arrives at one is reported by Offered and then belongs to the application until Established (it talks),
    Diverted (it went elsewhere) or CallCleared. Unknown or ended calls: every method does nothing, since the caller
    may hang up at any moment and the event about it is on its way.
    """

    def route_register(self, devices: Iterable[str]) -> None:
        """The route points from now on, in place of the former ones; calls already there stay."""
        ...

    def accept_call(self, call_id: str, how: Accept) -> None:
        """Tell the caller how it stands. Repeating it, or ANSWER after EARLY_MEDIA, is allowed; no step back."""
        ...

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        """Play sound files by name, in order, once (MessageEnded follows) or over and over; replaces what plays.

        ``ringback`` and ``busy`` are the switch's own tones, a whole path is that of a message that was recorded. Names
        that cannot be played are left out; with nothing left, MessageEnded follows at once, or ringback is heard where
        something was to be repeated.
        Accepts the call with EARLY_MEDIA if it was not accepted before.
        """
        ...

    def record_message(self, call_id: str, recording: Recording) -> None:
        """Record what the caller says from now on, in place of what is being recorded. Answers the call.

        It ends by ``stop_message`` too, and when the call ends or leaves the route point. MessageRecorded follows, for
        an unknown or ended call at once: FAILED.
        """
        ...

    def stop_message(self, call_id: str) -> None:
        """End what is played, and what is recorded."""
        ...

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        """Ring devices for the call beside those that ring already. Delivered or Failed follows for each.

        The first to answer has the call: Established, and ConnectionCleared (ANSWERED_ELSEWHERE) for the others.
        """
        ...

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        """Stop ringing devices; ConnectionCleared with ``cause`` follows for each that rang."""
        ...

    def deflect(self, call_id: str, ring: Ring) -> None:
        """Send the call away from the route point to any number: Diverted follows, then what becomes of it there.

        If the new destination fails the caller hears so, and the call ends.
        """
        ...

    def clear(self, call_id: str, cause: Cause) -> None:
        """End the call: refused with the cause's status before an answer, else its tone (busy) and a release.

        NORMAL_CLEARING has no tone.
        """
        ...


class Switch(CallControl, RoutePoints, Protocol):
    """A switching function: the embedded SIP switch, one reached by CTI, or FakeSwitch in tests."""

    @property
    def is_linked(self) -> bool:
        """Whether events come and services are taken; LinkChanged tells of each change. Always so where no link is."""
        ...

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        """Report every event of ``device`` (a number), of all devices when empty, in the order they happen."""
        ...

    def calls(self) -> Sequence[Call]:
        """All calls that are up (snapshot)."""
        ...

    def snapshot_device(self, device: str) -> Sequence[Call]:
        """The calls ``device`` takes part in. ServiceError(INVALID_DEVICE) for an unknown number."""
        ...

    def in_service(self, device: str) -> bool:
        """Whether the line can be rung now."""
        ...
