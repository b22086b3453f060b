"""What lines are set to: forwarding and do not disturb, both of which are kept elsewhere (ECMA-269 clause 22)."""

from typing import TYPE_CHECKING

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import DoNotDisturbSet
from magroup.model.forwarding import NO_FORWARDING, Forwarding

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch


class NoForwardings:
    """As long as nobody keeps forwardings."""

    def of_line(self, device: str) -> Forwarding:
        return NO_FORWARDING

    def set_line(self, device: str, forwarding: Forwarding) -> None:
        raise ServiceError(Failure.NOT_SUPPORTED, "Lines cannot be forwarded")


def line_of(switch: "SipSwitch", device: str) -> str:
    """The line's number as stored. Raises ServiceError."""
    if not switch.is_line(device):
        raise ServiceError(Failure.INVALID_DEVICE, f"{device} is no line of this switch")
    return switch.party(device).number


def set_do_not_disturb(switch: "SipSwitch", device: str, is_on: bool) -> None:
    """What is set already is no news."""
    number = line_of(switch, device)
    if (number in switch.undisturbed) != is_on:
        switch.save_undisturbed(number, is_on)
        take_do_not_disturb(switch, number, is_on)


def take_do_not_disturb(switch: "SipSwitch", number: str, is_on: bool) -> None:
    """It is so, and saved: of the line with this number as it is stored."""
    if (number in switch.undisturbed) != is_on:
        (switch.undisturbed.add if is_on else switch.undisturbed.discard)(number)
        switch.report(DoNotDisturbSet(number, switch.clock.seconds(), is_on))
