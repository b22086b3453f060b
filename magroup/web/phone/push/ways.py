"""How a phone is reached: by HTTP at an address that we know, or over SIP where it is registered with remotecc."""

from collections.abc import Callable
from functools import partial

from magroup.model.configuration import Configuration
from magroup.model.lines import Phone, Registration
from magroup.web.phone.push.place import HTTP_PORT, Place, place_of
from magroup.web.phone.push.post import Post
from magroup.web.phone.push.pusher import Send
from magroup.web.phone.trust import Registrations, may_be

HARDWARE_DIGITS = 12
"""Of a MAC address."""

BySip = Callable[[Registration], Send | None]
"""What sends an object to the phone that has registered so; None where it does not know remotecc."""


class Ways:
    """``registrations`` gives those of a line (as stored), ``chosen`` the setting: auto, http, sip, off.

    An address that an administrator has set goes before that of the registration; where neither address nor
    credentials are set, SIP goes before HTTP: it needs no password and no way for phones to ask us.
    """

    def __init__(
        self, configuration: Callable[[], Configuration], registrations: Registrations, post: Post, by_sip: BySip,
        chosen: Callable[[], str], port: int = HTTP_PORT,
    ) -> None:  # fmt: skip
        self._configuration = configuration
        self._registrations = registrations
        self._post = post
        self._by_sip = by_sip
        self._chosen = chosen
        self._port = port

    def __call__(self, device: str) -> Send | None:
        """For a casefolded device name."""
        phone = self._configuration().phone(device)
        chosen = self._chosen()
        if phone is None or chosen == "off":
            return None
        registration = self.registration(phone)
        by_sip = self._by_sip(registration) if registration is not None else None
        if chosen == "sip" or (chosen == "auto" and by_sip and not (phone.address or phone.push_user)):
            return by_sip
        place = self._place(phone, registration)
        return partial(self._post, phone, place) if place is not None else None

    def registration(self, phone: Phone) -> Registration | None:
        """That of this device among those of its lines: the one with its hardware address, or the newest of unknown."""
        configuration = self._configuration()
        lines = filter(None, map(configuration.line, phone.lines))
        found = [one for line in lines for one in self._registrations(line.number) if may_be(phone, one)]
        return max(found, key=lambda one: (is_certain(phone, one), one.expires_at), default=None)

    def _place(self, phone: Phone, registration: Registration | None) -> Place | None:
        if phone.address:
            return place_of(phone.address, self._port)
        # Behind a proxy the address is that of the proxy.
        if registration is None or registration.path:
            return None
        return place_of(registration.received[0], self._port)


def is_certain(phone: Phone, registration: Registration) -> bool:
    """Whether the registration names the hardware address that is in the device's name."""
    hardware = phone.device_name.casefold().removeprefix("sep")
    return len(hardware) == HARDWARE_DIGITS and hardware in registration.instance.casefold()
