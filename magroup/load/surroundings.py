"""What all virtual phones and callers of a worker share."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from magroup.load.call_times import CallTimes
from magroup.load.chance import Chance
from magroup.load.measures import Measures
from magroup.load.scenario import Media as MediaTable
from magroup.model.clock import DelayedCall
from magroup.rtp import tone
from magroup.rtp.media import Media
from magroup.rtp.sound import Sound
from magroup.sip.timers import Timers

CALLERS_HERTZ, PHONES_HERTZ = 440.0, 620.0


@dataclass(frozen=True)
class Surroundings:
    """``hosts`` are those that sound may be sent to; ``sinks`` are ports by own address where it is not listened to."""

    timers: Timers
    measures: Measures
    chance: Chance
    times: CallTimes
    media: Media
    sound: MediaTable
    hosts: Collection[str]
    sinks: dict[str, int]
    domain: str

    def now(self) -> float:
        return self.timers.clock.seconds()

    def after(self, seconds: float, do: Callable[..., None], *arguments: object) -> DelayedCall:
        """Do something later, to the millisecond: with the wheel of SIP's timers calls would end ten at a time."""
        call: DelayedCall = self.timers.clock.callLater(seconds, do, *arguments)
        return call


@lru_cache(maxsize=4)
def voice(hertz: float) -> Sound:
    """What one side says: a tone that is faded twice a second, so that no packet after the first is like silence."""
    return tone.tone(f"{hertz:g} Hz", [1.0], [hertz])
