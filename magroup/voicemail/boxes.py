"""Which mailboxes there are, and whose: the voicemail numbers of users, and those that groups overflow to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magroup.model.configuration import Configuration
from magroup.model.groups import OverflowTo
from magroup.model.languages import Language
from magroup.model.numbers import bare
from magroup.model.people import User


@dataclass(frozen=True)
class Box:
    """A mailbox: its number without separators, the users who share it, and the language of the first of them."""

    number: str
    users: tuple[User, ...] = ()
    language: Language = Language.ENGLISH

    @property
    def pins(self) -> tuple[str, ...]:
        """The hashes of the PINs that open it."""
        return tuple(user.voicemail_pin_hash for user in self.users if user.voicemail_pin_hash)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of its users, as stored: their message-waiting lamps are the box's."""
        return tuple(dict.fromkeys(number for user in self.users for number in user.lines))


class Boxes:
    """The mailboxes of a configuration, found by numbers in any spelling. ``language`` is that of nobody's boxes."""

    def __init__(self, configuration: Configuration, language: Language = Language.ENGLISH) -> None:
        self._configuration = configuration
        self._by_number: dict[str, Box] = {}
        canonical = configuration.plan.canonical
        users: dict[str, list[User]] = {}
        numbers: dict[str, str] = {}
        for user in configuration.users:
            if user.voicemail:
                numbers.setdefault(canonical(user.voicemail), bare(user.voicemail))
                users.setdefault(canonical(user.voicemail), []).append(user)
        for group in configuration.groups:
            if group.overflow.to is OverflowTo.VOICEMAIL:
                numbers.setdefault(canonical(group.overflow.target), bare(group.overflow.target))
        for key, number in numbers.items():
            owners = tuple(users.get(key, ()))
            spoken = Language.of(owners[0].language, language) if owners else language
            self._by_number[key] = Box(number, owners, spoken)

    def __len__(self) -> int:
        return len(self._by_number)

    def get(self, number: str) -> Box | None:
        """The box with this number."""
        return self._by_number.get(self._configuration.plan.canonical(number))

    def of_line(self, number: str) -> Box | None:
        """The box of the user whose line this is."""
        user = self._configuration.user_of_number(number)
        return self.get(user.voicemail) if user is not None and user.voicemail else None

    def pin_of_line(self, number: str) -> str:
        """The hash of the PIN of the user whose line this is."""
        user = self._configuration.user_of_number(number)
        return user.voicemail_pin_hash if user is not None else ""

    def group_of(self, numbers: Sequence[str]) -> int:
        """The id of the group that a call diverted from these numbers was made to; 0: none."""
        groups = (self._configuration.group_of_number(number) for number in numbers)
        return next((group.id for group in groups if group is not None), 0)

    def of_diversion(self, numbers: Sequence[str]) -> Box | None:
        """The box that a call diverted from these numbers, the first one first, is meant for.

        The last that names a box, or a line whose user has one, counts.
        """
        return next((box for number in reversed(numbers) if (box := self.get(number) or self.of_line(number))), None)

    def points(self, pilot: str) -> tuple[str, ...]:
        """The numbers to be called: the pilot, and those boxes that are no line and no manager number.

        None without a pilot, or where the pilot's number is taken.
        """
        if not pilot or self._is_taken(pilot):
            return ()
        canonical = self._configuration.plan.canonical
        own = [box.number for box in self._by_number.values() if not self._is_taken(box.number)]
        return (pilot, *(number for number in own if canonical(number) != canonical(pilot)))

    def line_boxes(self) -> Mapping[str, str]:
        """The number of the box of each line that has one."""
        return {line: box.number for box in self._by_number.values() for line in box.lines}

    def is_same(self, one: str, other: str) -> bool:
        """Whether both spellings mean the same number."""
        return self._configuration.plan.same(one, other)

    def _is_taken(self, number: str) -> bool:
        known = self._configuration.known(number)
        return known.line is not None or known.group is not None
