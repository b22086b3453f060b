"""Which mailboxes there are, and whose: the voicemail numbers of users, and those that groups overflow to."""

from collections.abc import Mapping, Sequence

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import OverflowTo
from magroup.model.languages import Language
from magroup.model.numbers import bare
from magroup.model.people import User


@fixed
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
    """The mailboxes of a configuration, found by numbers in any spelling. ``language`` is that of nobody's boxes.

    ``before`` are those of the configuration before: what is made from the very same things is taken over.
    """

    def __init__(
        self, configuration: Configuration, language: Language = Language.ENGLISH, before: "Boxes | None" = None
    ) -> None:  # fmt: skip
        self._configuration = configuration
        self._language = language
        self._of_users: dict[str, Box]
        self._by_number: dict[str, Box]
        self._points: dict[str, tuple[str, ...]] = {}
        if before is None or not before._has("users", self):
            self._of_users = _of_users(configuration, language)
        else:
            self._of_users = before._of_users
        if before is None or not (before._has("users", self) and before._has("groups", self)):
            self._by_number = self._of_users | _of_groups(configuration, self._of_users, language)
        else:
            self._by_number = before._by_number
            if before._has("lines", self):
                self._points = before._points

    def __len__(self) -> int:
        return len(self._by_number)

    def all(self) -> tuple[Box, ...]:
        """Every box, in no order."""
        return tuple(self._by_number.values())

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
        if pilot not in self._points:
            self._points[pilot] = self._called_at(pilot)
        return self._points[pilot]

    def is_as(self, other: "Boxes") -> bool:
        """Whether the boxes and those who share them are the very same."""
        return self._by_number is other._by_number

    def is_same(self, one: str, other: str) -> bool:
        """Whether both spellings mean the same number."""
        return self._configuration.plan.same(one, other)

    def _has(self, kind: str, other: "Boxes") -> bool:
        """Whether the users, groups or lines of ``other`` are the very same, and mean the same numbers."""
        own, others = self._configuration, other._configuration
        is_same = getattr(own, kind) is getattr(others, kind)
        return is_same and own.plan == others.plan and self._language is other._language

    def _called_at(self, pilot: str) -> tuple[str, ...]:
        is_taken, own = self._configuration.is_taken, self._configuration.plan.canonical(pilot)
        if not pilot or is_taken(own):
            return ()
        boxes = self._by_number.items()
        return (pilot, *(box.number for canonical, box in boxes if canonical != own and not is_taken(canonical)))


def _of_users(configuration: Configuration, language: Language) -> dict[str, Box]:
    """By canonical number."""
    canonical = configuration.plan.canonical
    owners: dict[str, list[User]] = {}
    for user in configuration.users:
        if user.voicemail:
            owners.setdefault(canonical(user.voicemail), []).append(user)
    return {
        key: Box(bare(users[0].voicemail), tuple(users), Language.of(users[0].language, language))
        for key, users in owners.items()
    }


def _of_groups(configuration: Configuration, others: Mapping[str, Box], language: Language) -> dict[str, Box]:
    """Those that are of no user, by canonical number."""
    canonical = configuration.plan.canonical
    targets = (group.overflow.target for group in configuration.groups if group.overflow.to is OverflowTo.VOICEMAIL)
    numbers: dict[str, str] = {}
    for target in targets:
        numbers.setdefault(canonical(target), target)
    return {key: Box(bare(number), (), language) for key, number in numbers.items() if key not in others}
