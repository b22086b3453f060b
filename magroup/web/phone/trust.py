"""Which phone asks: its name is no proof, so it must ask from its own address, or with its token (spec 5)."""

import hmac
import re
from collections.abc import Callable, Iterable

from twisted.logger import Logger

from magroup.model.configuration import Configuration
from magroup.model.lines import Phone, Registration
from magroup.web.admission.client import Client
from magroup.web.phone.push.place import place_of

LONGEST_NAME = 32
_HARDWARE = re.compile(r"0{8}-0{4}-0{4}-0{4}-([0-9a-f]{12})[>\"]*\Z")
"""What Cisco's phones make of their hardware address; the UUIDs of others end as they like."""

SECONDS_BETWEEN_LINES = 10.0
MOST_REMEMBERED = 1000

Registrations = Callable[[str], Iterable[Registration]]


class Untrusted(Exception):
    """Nobody says which phone asks, or it is none of ours, or it is not where it should be."""


class Trust:
    """``registrations`` gives those of a line (as stored), ``believes_names`` whether the network is a closed one."""

    log = Logger()

    def __init__(
        self, registrations: Registrations, believes_names: Callable[[], bool], seconds: Callable[[], float]
    ) -> None:  # fmt: skip
        self._registrations = registrations
        self._believes_names = believes_names
        self._seconds = seconds
        self._told: dict[str, float] = {}

    def phone(self, configuration: Configuration, name: str, token: str, client: Client) -> Phone:
        """The phone with this device name. Raises Untrusted, always the same to who asks; the log says why."""
        phone = configuration.phone(name) if 0 < len(name) <= LONGEST_NAME else None
        if phone is None:
            raise self._refused(client, f"there is no phone {name[:LONGEST_NAME]!r}")
        if token and phone.token and hmac.compare_digest(token.encode(), phone.token.encode()):
            return phone
        if self._believes_names() or (client.is_certain and client.address in self.addresses(configuration, phone)):
            return phone
        raise self._refused(client, f"it is not the address of {phone.device_name}")

    def addresses(self, configuration: Configuration, phone: Phone) -> set[str]:
        """Where the phone is: as an administrator has said, or else where it has registered its lines from."""
        if phone.address:
            place = place_of(phone.address)
            return {place.host if place is not None else phone.address}
        found: set[str] = set()
        for number in phone.lines:
            line = configuration.line(number)
            if line is not None:
                found.update(one.received[0] for one in self._registrations(line.number) if may_be(phone, one))
        return found

    def _refused(self, client: Client, why: str) -> Untrusted:
        now = self._seconds()
        if now - self._told.get(client.address, -SECONDS_BETWEEN_LINES) >= SECONDS_BETWEEN_LINES:
            if len(self._told) >= MOST_REMEMBERED:
                self._told.clear()
            self._told[client.address] = now
            self.log.warn("a phone at {address} is refused: {why}", address=client.address, why=why)
        return Untrusted(why)


def may_be(phone: Phone, registration: Registration) -> bool:
    """Whether the registration can be this phone's: one that names a hardware address belongs to that device."""
    found = _HARDWARE.search(registration.instance.casefold())
    name = phone.device_name.casefold()
    return found is None or not name.startswith("sep") or name.removeprefix("sep") == found.group(1)
