"""Devices, connections and their like, as ECMA-323 writes them: what the peer has sent is kept as it is."""

import re
from dataclasses import dataclass
from functools import lru_cache

DIALLING_NUMBER = "dialingNumber"
_CANONICAL = re.compile(r"N<([^<>;]*)[^<>]*>")
_SCHEME = re.compile(r"(?:tel|sips?):([^@;?]*)", re.IGNORECASE)
_DISPLAYED = re.compile(r";displayNumber=([^;]*)")


@dataclass(frozen=True)
class DeviceId:
    """A device as the peer names it; ``type_of_number`` "" where the peer does not say it."""

    identifier: str
    type_of_number: str = DIALLING_NUMBER

    @property
    def number(self) -> str:
        """The number in it: only that may be compared, since switches write what they like around it."""
        return number_in(self.identifier)


@lru_cache(maxsize=20_000)
def number_in(identifier: str) -> str:
    """The number in ``N<2001>;displayNumber=2001``, ``tel:2001;phone-context=...``, ``sip:2001@...`` or ``2001``."""
    if (found := _CANONICAL.match(identifier)) is not None:
        if found[1]:
            return found[1]
        shown = _DISPLAYED.search(identifier)
        return shown[1] if shown else ""
    if (found := _SCHEME.match(identifier)) is not None:
        return found[1]
    return identifier.partition(";")[0].strip()


@dataclass(frozen=True)
class ConnectionID:
    """A connection: a call at a device. ``device`` None where only the call is meant, ``call_id`` "" the device."""

    call_id: str
    device: DeviceId | None = None

    @property
    def number(self) -> str:
        """The device's number."""
        return self.device.number if self.device is not None else ""


@dataclass(frozen=True)
class Subject:
    """A party of an event: a device, or the word that stands in its place (``notKnown``, ``notRequired`` ...)."""

    device: DeviceId | None = None
    status: str = ""

    @property
    def number(self) -> str:
        return self.device.number if self.device is not None else ""


NOT_KNOWN = Subject(status="notKnown")
NOT_REQUIRED = Subject(status="notRequired")


def device(number: str) -> DeviceId:
    return DeviceId(number)


def subject(number: str) -> Subject:
    """The party with this number, ``notKnown`` where it has none."""
    return Subject(DeviceId(number)) if number else NOT_KNOWN
