"""AmiSwitch: an Asterisk behind the port. It has no route points: manager numbers reach us over a SIP trunk."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final
from uuid import uuid4

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure as TwistedFailure

from magroup.ami.control import AmiControl
from magroup.ami.devices import feature_of
from magroup.ami.link import AmiLink
from magroup.ami.message import Message
from magroup.ami.options import Pbx
from magroup.ami.session import AmiError
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import ForwardingSet, LinkChanged, MessageRecorded
from magroup.cti.switch import Accept, Listener, Monitor, Ring
from magroup.cti.types import Call, Cause
from magroup.model.clock import Clock
from magroup.model.recording import Recorded, Recording, RecordingEnd
from magroup.model.standing import LinkStanding

MOST_PENDING: Final = 100_000


class AmiSwitch(AmiControl):
    """Implements ``Switch`` as far as AMI goes. ``is_line`` says which numbers are lines of the PBX.

    After each login the channels are listed, and what is different from before is told; then LinkChanged.
    """

    def __init__(
        self, clock: Clock, link: AmiLink, pbx: Pbx, is_line: Callable[[str], bool],
        token: Callable[[], str] = lambda: f"magroup-{uuid4().hex}", node: str = "ast",
    ) -> None:  # fmt: skip
        super().__init__(clock, link, pbx, is_line, token, node)
        self._pending: deque[Message] | None = None
        self.is_linked = False
        self.since = 0.0
        self.place = ""
        self.lines: Callable[[], Collection[str]] = tuple
        link.up, link.down, link.event = self._up, self._down, self._heard

    def start(self) -> None:
        """Link."""
        self._link.start()

    def stop(self) -> None:
        """End the link."""
        self._link.stop()

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        return self._monitors.start(listener, device)

    def calls(self) -> Sequence[Call]:
        return tuple(self._book.calls.values())

    def snapshot_device(self, device: str) -> Sequence[Call]:
        if not self._is_line(device):
            raise ServiceError(Failure.INVALID_DEVICE, f"{device[:40]} is no line of the PBX")
        return tuple(call for call in self.calls() if call.connection(device))

    def in_service(self, device: str) -> bool:
        return self._devices.in_service(device)

    def describe(self) -> dict[str, int]:
        """How much there is of what."""
        return self._book.describe() | {"awaited": len(self._awaited), "linked": int(self.is_linked)}

    def standing(self) -> LinkStanding:
        """How the link stands. Asterisk tells of all lines; what it can do it does not say."""
        lines, link = self.lines(), self._link
        why, at = link.trouble
        in_service = sum(map(self.in_service, lines))
        monitored = len(lines) if self.is_linked else 0
        reason = "" if self.is_linked else link.reason or "The channels are listed"
        return LinkStanding(
            "Asterisk (AMI)", self.place, self.is_linked, self.since, reason, why, at, None, len(lines), in_service,
            monitored, calls=len(self.calls()),
        )  # fmt: skip

    # Route points, of which there are none

    def route_register(self, devices: Iterable[str]) -> None:
        """Calls to them are not told: the PBX's own routes lead over the trunk to us, where they are."""
        self._book.points = frozenset(devices)

    def accept_call(self, call_id: str, how: Accept) -> None:
        """No call waits here."""

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        """No call waits here."""

    def record_message(self, call_id: str, recording: Recording) -> None:
        failed = Recorded(recording.path, 0.0, RecordingEnd.FAILED)
        self._monitors.tell([MessageRecorded("", self._clock.seconds(), call_id, failed)])

    def stop_message(self, call_id: str) -> None:
        """No call waits here."""

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        """No call waits here."""

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        """No call waits here."""

    def deflect(self, call_id: str, ring: Ring) -> None:
        """No call waits here."""

    def clear(self, call_id: str, cause: Cause) -> None:
        """No call waits here."""

    # The link

    def _up(self) -> None:
        self._pending = deque()
        Deferred.fromCoroutine(self._look_around()).addErrback(self._not_looked)

    async def _look_around(self) -> None:
        """What there is now; what happens meanwhile is taken afterwards."""
        devices = await self._link.ask("DeviceStateList", until="DeviceStateListComplete")
        channels = await self._link.ask("CoreShowChannels", until="CoreShowChannelsComplete")
        now = self._clock.seconds()
        for message in devices.listed:
            self._monitors.tell(self._devices.changed(message, now))
        listed = (message for message in channels.listed if message.event == "CoreShowChannel")
        self._monitors.tell(self._book.replace(listed, now, self.since or now))
        pending, self._pending = self._pending or deque(), None
        for message in pending:
            self._take(message)
        self._link.is_well()
        self.is_linked, self.since = True, now
        self._monitors.tell([LinkChanged("", now, True)])
        self._look()

    def _not_looked(self, failure: TwistedFailure) -> None:
        if failure.check(AmiError) is None:
            self.log.failure("AMI: the list of channels cannot be used", failure=failure)
        self._link.abandon(f"no list of channels: {failure.getErrorMessage()}")

    def _down(self, reason: str) -> None:
        self._pending = None
        self._give_up_waiting(reason)
        if self.is_linked:
            self.is_linked, self.since = False, self._clock.seconds()
            self._monitors.tell([LinkChanged("", self.since, False, reason)])

    def _heard(self, message: Message) -> None:
        if self._pending is None:
            self._take(message)
            self._look()
        elif len(self._pending) < MOST_PENDING:
            self._pending.append(message)
        else:
            self._link.abandon("too much happens while the channels are listed")

    def _take(self, message: Message) -> None:
        now = self._clock.seconds()
        if message.event == "DeviceStateChange":
            self._monitors.tell(self._devices.changed(message, now))
            feature, number = feature_of(message)
            if feature and self._is_line(number):
                self._feature_changed(feature, number, message.get("State"))
        elif message.event == "OriginateResponse":
            self._originated(message)
        else:
            try:
                events = self._book.apply(message, now)
            except Exception:
                self.log.failure("AMI: {event} cannot be taken", event=message.event)
                self._link.abandon("an event was not understood")
                return
            self._monitors.tell(events)

    def _originated(self, message: Message) -> None:
        """A phone that could not be rung never has a channel."""
        name = message.get("Channel")
        if message.get("Response").lower() == "failure" and self._is_line(name.partition("/")[2]):
            self._unrung.add(name)

    def _feature_changed(self, feature: str, number: str, state: str) -> None:
        """Set by somebody at a phone or in FreePBX."""
        if feature == "dnd":
            self._undisturbed(number, state.upper() not in ("NOT_INUSE", "UNKNOWN", "INVALID"))
            return
        done = Deferred.fromCoroutine(self._tell_forwarding(number))
        done.addErrback(lambda failure: self.log.info("AMI: {why}", why=failure.getErrorMessage()))

    async def _tell_forwarding(self, number: str) -> None:
        forwarding = await self._features.forwarding(number)
        self._monitors.tell([ForwardingSet(number, self._clock.seconds(), forwarding)])
