"""Asterisk's devices: which can be rung, and which are not to be disturbed or are forwarded, as their states say."""

from collections.abc import Callable
from typing import Final

from magroup.ami.message import Message
from magroup.cti.events import BackInService, DeviceEvent, OutOfService

_GONE: Final = frozenset({"UNAVAILABLE", "INVALID"})
_FEATURES: Final = {"Custom:DND": "dnd", "Custom:DEVDND": "dnd", "Custom:CF": "cf", "Custom:DEVCF": "cf"}
MOST_DEVICES: Final = 50_000


class Devices:
    """``is_line`` says which are watched. What is not known to be gone can be rung."""

    def __init__(self, technology: str, is_line: Callable[[str], bool]) -> None:
        self._technology = technology
        self._is_line = is_line
        self._gone: set[str] = set()

    def in_service(self, number: str) -> bool:
        return self._is_line(number) and number not in self._gone

    def changed(self, message: Message, now: float) -> list[DeviceEvent]:
        """What a DeviceStateChange means."""
        technology, _, number = message.get("Device").partition("/")
        if technology.upper() != self._technology.upper() or not number or len(number) > 64:
            return []
        is_gone = message.get("State").upper() in _GONE
        before = number in self._gone
        if is_gone and len(self._gone) < MOST_DEVICES:
            self._gone.add(number)
        else:
            self._gone.discard(number)
        if before is is_gone or not self._is_line(number):
            return []
        return [(OutOfService if is_gone else BackInService)(number, now)]


def feature_of(message: Message) -> tuple[str, str]:
    """``dnd`` or ``cf`` and the line, where FreePBX says by a device's state that it has changed; else two ""."""
    device = message.get("Device")
    for prefix, feature in _FEATURES.items():
        number = device.removeprefix(prefix)
        if number != device and number.isascii() and number.isdigit():
            return feature, number
    return "", ""
