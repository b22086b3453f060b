"""A change that the switch makes to a call's media for a service: when both ends are ready, and one at a time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.switch.phase import Phase

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg

log = Logger()
LOOK_EVERY = 0.1
MOST_LOOKS = 80
"""How often it is looked whether the ends' own changes are through: for eight seconds, glare included."""


def nothing() -> None:
    """What follows where nothing does."""


class Steering:
    """What ``leg`` of ``call`` wants: ``begin`` it when both ends are ready, ``then`` follows, or ``failed``.

    Once begun it is the call's only one until ``over``; a call that ends gives it up.
    """

    __slots__ = ("_failed", "_is_over", "_looks", "_then", "call", "leg")
    what = ""

    def __init__(
        self, call: "SwitchCall", leg: "Leg", then: Callable[[], None] = nothing, failed: Callable[[], None] = nothing
    ) -> None:  # fmt: skip
        self.call = call
        self.leg = leg
        self._then = then
        self._failed = failed
        self._looks = 0
        self._is_over = False

    @property
    def other(self) -> "Leg | None":
        """The other end, unless its phone is in another call now."""
        other = self.call.other(self.leg)
        return other if other is not None and other.is_up else None

    def begin(self) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Begin now, or as soon as the ends are ready."""
        if self.call.steering is None:
            self.call.steering = self
        self._look()

    def _look(self) -> None:
        call, leg = self.call, self.leg
        if self._is_over:
            return
        if call.phase is not Phase.TALKING or call.transfer is not None or leg not in (call.caller, call.peer):
            self.fail("the call is another one")
        elif (call.steering is None or call.steering is self) and self._are_ready():
            call.steering = self
            self.begin()
        elif self._looks >= MOST_LOOKS:
            self.fail("the phones change it without end")
        else:
            self._looks += 1
            call.switch.timers.after(LOOK_EVERY, self._look)

    def _are_ready(self) -> bool:
        ends = [end for end in (self.leg, self.other) if end is not None]
        return all(end.announcer is None and not end.session.modifier.is_busy for end in ends)

    def done(self) -> None:
        """What was wanted is so; what is left is only to be told to the other end."""
        then, self._then, self._failed = self._then, nothing, nothing
        then()

    def over(self) -> None:
        """Nothing is left to do."""
        self._is_over = True
        if self.call.steering is self:
            self.call.steering = None

    def fail(self, why: str) -> None:
        log.info("{what} for {device} came to nothing: {why}",
                 call=self.call.id, what=self.what, device=self.leg.device, why=why)  # fmt: skip
        self.abandon()

    def abandon(self) -> None:
        """It is of no use any more."""
        if self._is_over:
            return
        self.over()
        self._then = nothing
        failed, self._failed = self._failed, nothing
        failed()
