"""The credentials of the pushes that are under way, which phones ask us about (authentication URL).

Where an administrator has set none, each push has a password of its own that means nothing before and after it: nothing
has to be set at the phone but the authentication URL, nothing is stored, and who listens on the network has nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from hmac import compare_digest
from secrets import token_urlsafe

from magroup.model.fixed import fixed
from magroup.model.lines import Phone

USER = "magroup"
LONGEST = 128
"""Characters of what a phone asks about."""


@fixed
class Credentials:
    """``host`` is the numeric address that the push goes to."""

    user: str
    password: str = field(repr=False)
    host: str


def _generated() -> str:
    return token_urlsafe(18)


class UnderWay:
    """By casefolded device name; there is one push to a phone at a time."""

    def __init__(self, generated: Callable[[], str] = _generated) -> None:
        self._generated = generated
        self._going: dict[str, Credentials] = {}

    def __len__(self) -> int:
        return len(self._going)

    @contextmanager
    def to(self, phone: Phone, host: str) -> Iterator[Credentials]:
        """A push to this phone, as long as the context lasts."""
        key = phone.device_name.casefold()
        if phone.push_user or phone.push_password:
            credentials = Credentials(phone.push_user, phone.push_password, host)
        else:
            credentials = Credentials(USER, self._generated(), host)
        self._going[key] = credentials
        try:
            yield credentials
        finally:
            if self._going.get(key) is credentials:
                del self._going[key]

    def knows(self, device: str, user: str, password: str, host: str) -> bool:
        """Whether a push with these credentials is on its way to the device, which asks from ``host``."""
        if max(map(len, (device, user, password))) > LONGEST:
            return False
        going = self._going.get(device.casefold())
        expected = going or Credentials(USER, self._generated(), host)
        # All are compared whatever the first says, so that time tells nothing.
        found = (_same(expected.user, user), _same(expected.password, password), _same(expected.host, host))
        return going is not None and all(found)


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
