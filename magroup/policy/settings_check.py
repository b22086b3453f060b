"""Whether a configuration can live with other settings: how numbers are written, and which numbers are services."""

from collections.abc import Iterable, Iterator

from magroup.model.configuration import Configuration
from magroup.model.groups import OverflowTo
from magroup.model.numbers import NumberPlan, bare
from magroup.model.service_numbers import ServiceNumbers


def same_number_twice(configuration: Configuration, plan: NumberPlan) -> str:
    """Two of its numbers that are one and the same under another plan, as a sentence; "" where there are none."""
    used = [line.number for line in configuration.lines]
    used += [group.number for group in configuration.groups if group.number]
    for numbers in (used, _boxes(configuration)):
        if pair := _pair(numbers, configuration.plan, plan):
            return f"would make {pair[0]} and {pair[1]} the same number"
    return ""


def taken_by_service(configuration: Configuration, services: ServiceNumbers) -> str:
    """A number of a line or a group that a service would take, as a sentence; "" where there is none."""
    for number in _callable(configuration):
        if wrong := services.wrong(number, configuration.plan):
            return wrong
    return ""


def _callable(configuration: Configuration) -> Iterator[str]:
    yield from (line.number for line in configuration.lines)
    yield from (group.number for group in configuration.groups if group.number)


def _boxes(configuration: Configuration) -> list[str]:
    """The mailboxes, each once for each spelling."""
    of_users = (user.voicemail for user in configuration.users if user.voicemail)
    of_groups = (
        group.overflow.target for group in configuration.groups if group.overflow.to is OverflowTo.VOICEMAIL
    )  # fmt: skip
    return list(dict.fromkeys(map(bare, (*of_users, *of_groups))))


def _pair(numbers: Iterable[str], old: NumberPlan, new: NumberPlan) -> tuple[str, str] | None:
    """Two numbers that the new plan takes for one, and the old one did not."""
    found: dict[str, str] = {}
    for number in numbers:
        other = found.setdefault(new.canonical(number), number)
        if other is not number and not old.same(other, number):
            return other, number
    return None
