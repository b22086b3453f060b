"""What phones have shown of themselves beside their registration: their event packages, and whether they obey."""

from magroup.model.lines import Registration
from magroup.sip.message import Request, Response

MOST_PACKAGES = 32
TALK = "talk"


class Phones:
    """By contact. Nothing of it is saved: a phone shows it anew with each REGISTER and each answer to a ping."""

    def __init__(self) -> None:
        self._packages: dict[tuple[str, str], frozenset[str]] = {}
        self._deaf: dict[tuple[str, str], str] = {}

    def __len__(self) -> int:
        """How many contacts something is known of."""
        return len(self._packages.keys() | self._deaf.keys())

    def learn(self, registration: Registration, message: Request | Response) -> None:
        """A message of the phone's, with its Allow-Events (RFC 6665 section 8.2.2) or without."""
        if "Allow-Events" not in message.headers:
            return
        packages = message.tokens("Allow-Events")
        if len(packages) <= MOST_PACKAGES:
            self._packages[registration.number, registration.contact] = packages

    def talks(self, registration: Registration) -> bool:
        """Whether the phone knows the event package ``talk``."""
        return TALK in self._packages.get((registration.number, registration.contact), ())

    def does_not_talk(self, registration: Registration) -> None:
        """The phone refused the event that it had shown."""
        self._packages.pop((registration.number, registration.contact), None)

    def is_deaf(self, registration: Registration) -> bool:
        """Whether the phone was asked to answer by itself and only rang, since it was started."""
        return self._deaf.get((registration.number, registration.contact)) == registration.call_id

    def was_deaf(self, registration: Registration) -> None:
        """The phone was asked to answer by itself, and rang."""
        self._deaf[registration.number, registration.contact] = registration.call_id

    def forget(self, registration: Registration) -> None:
        """The phone is gone."""
        key = registration.number, registration.contact
        self._packages.pop(key, None)
        self._deaf.pop(key, None)
