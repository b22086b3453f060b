"""What phones are told unasked: to each one thing after another, and again when it is another than was told."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from functools import partial

from twisted.logger import Logger

from magroup.model.lines import Registration

MOST_OF_A_PHONE = 100
_NOT_KNOWN = frozenset((403, 404, 405, 415, 481, 489, 501, 603))
"""What phones say to what they never want to hear of."""

Heard = Callable[[int], None]
Send = Callable[[Registration, str, Hashable, Heard], None]


class Teller:
    """``subjects`` gives what a phone is told of, ``state`` how that is now, ``send`` tells it and hears the status.

    A phone that was started anew is told everything; one that does not answer, when it registers or something changes.
    """

    log = Logger()

    def __init__(
        self, what: str, subjects: Callable[[Registration], Iterable[str]], state: Callable[[str], Hashable], send: Send
    ) -> None:  # fmt: skip
        self._what = what
        self._subjects = subjects
        self._state = state
        self._send = send
        self._phones: dict[tuple[str, str], _Phone] = {}
        self._told_of: dict[str, dict[_Phone, None]] = defaultdict(dict)

    def __len__(self) -> int:
        """How many phones are told."""
        return len(self._phones)

    def registered(self, registration: Registration) -> None:
        """The phone has registered, for the first time or once more."""
        key = (registration.number, registration.contact)
        phone = self._phones.get(key)
        if phone is not None and phone.registration.call_id != registration.call_id:
            self.gone(phone.registration)
            phone = None
        if phone is None:
            phone = self._phones[key] = _Phone(registration)
            self._learn(phone)
        phone.registration = registration
        phone.to_tell.update(dict.fromkeys(phone.subjects))
        self._tell(phone)

    def gone(self, registration: Registration) -> None:
        """The phone is not there any more."""
        phone = self._phones.pop((registration.number, registration.contact), None)
        if phone is not None:
            self._unlearn(phone)
            phone.to_tell.clear()

    def changed(self, subject: str) -> None:
        """It may be another way now."""
        for phone in tuple(self._told_of.get(subject, ())):
            phone.to_tell[subject] = None
            self._tell(phone)

    def review(self) -> None:
        """What phones are told of may be something else."""
        for phone in tuple(self._phones.values()):
            before = phone.subjects
            self._unlearn(phone)
            self._learn(phone)
            if phone.subjects != before:
                phone.told = {subject: phone.told[subject] for subject in phone.subjects if subject in phone.told}
                phone.to_tell = dict.fromkeys(phone.subjects)
                self._tell(phone)

    def _learn(self, phone: "_Phone") -> None:
        phone.subjects = tuple(dict.fromkeys(self._subjects(phone.registration)))[:MOST_OF_A_PHONE]
        for subject in phone.subjects:
            self._told_of[subject][phone] = None

    def _unlearn(self, phone: "_Phone") -> None:
        for subject in phone.subjects:
            phones = self._told_of[subject]
            del phones[phone]
            if not phones:
                del self._told_of[subject]
        phone.subjects = ()

    def _tell(self, phone: "_Phone") -> None:
        """The next thing, unless one is under way, after which it comes."""
        while phone.to_tell and not phone.is_sending:
            subject = next(iter(phone.to_tell))
            del phone.to_tell[subject]
            state = self._state(subject)
            if subject not in phone.deaf_to and phone.told.get(subject) != state:
                phone.is_sending = True
                phone.told[subject] = state
                self._send(phone.registration, subject, state, partial(self._heard, phone, subject))

    def _heard(self, phone: "_Phone", subject: str, status: int) -> None:
        phone.is_sending = False
        if status in _NOT_KNOWN:
            phone.deaf_to.add(subject)
            self.log.debug("The phone of line {number} does not want to hear of {what}: {status}",
                           number=phone.registration.number, what=self._what, status=status)  # fmt: skip
        elif status >= 300:
            phone.told.pop(subject, None)
            phone.to_tell.clear()
        self._tell(phone)


class _Phone:
    """What one contact was told."""

    __slots__ = ("deaf_to", "is_sending", "registration", "subjects", "to_tell", "told")

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self.subjects: tuple[str, ...] = ()
        self.told: dict[str, Hashable] = {}
        self.to_tell: dict[str, None] = {}
        self.deaf_to: set[str] = set()
        self.is_sending = False
