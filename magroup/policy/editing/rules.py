"""What every edit checks: texts, numbers and ids, and what is not in the configuration but decides about it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration, LastIds
from magroup.model.fixed import fixed
from magroup.model.service_numbers import ServiceNumbers
from magroup.policy.editing.errors import EditError, Problem


def _as_it_is(name: str) -> str:
    return name


@fixed
class Rules:
    """What edits must know beside the configuration.

    ``wave`` gives the stored name of a sound for callers, ``tone`` of one for the gadget, "" where there is none.
    """

    services: ServiceNumbers = ServiceNumbers()
    wave: Callable[[str], str] = _as_it_is
    tone: Callable[[str], str] = _as_it_is


def check_text(field: str, value: str, check: Callable[[str], str] | None = None, required: bool = False) -> str:
    """``value`` itself; ``check`` gives what is wrong with one that is not empty."""
    if required and not value.strip():
        raise EditError(Problem.MISSING, field, f"{field} is missing")
    if wrong := checks.text(value) or (check(value) if check and value else ""):
        raise EditError(Problem.INVALID, field, f"{field} {wrong}")
    return value


def check_integer(field: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise EditError(Problem.INVALID, field, f"{field} must be a whole number from {low} to {high}")
    return value


def check_number(
    configuration: Configuration, rules: Rules, number: str, group_id: int = 0, line: str = ""
) -> str:  # fmt: skip
    """A number of the group or the line that is edited: nobody else may have it in any spelling (spec 8)."""
    check_text("number", number, checks.phone_number)
    if wrong := rules.services.wrong(number, configuration.plan):
        raise EditError(Problem.TAKEN, "number", wrong)
    known = configuration.known(number)
    if known.group and known.group.id != group_id:
        raise EditError(Problem.TAKEN, "number", f"{number} is the number of the group {known.group.name}")
    if known.line and known.line.number != line:
        raise EditError(Problem.TAKEN, "number", f"{number} is a line")
    return number


def check_line(configuration: Configuration, number: str, field: str = "number") -> str:
    """The number of a line that exists, as that line has it."""
    check_text(field, number, checks.phone_number, required=True)
    line = configuration.line(number)
    if line is None:
        raise EditError(Problem.UNKNOWN, field, f"there is no line {number}")
    return line.number


def check_lines(configuration: Configuration, numbers: tuple[str, ...]) -> tuple[str, ...]:
    """Lines that exist, each once."""
    found = tuple(check_line(configuration, number, "lines") for number in numbers)
    if len(set(found)) < len(found):
        raise EditError(Problem.INVALID, "lines", "a line is in the list twice")
    return found


def check_room(field: str, amount: int, most: int) -> None:
    if amount >= most:
        raise EditError(Problem.FULL, field, f"there are {amount} already, and no more than {most} are possible")


def unknown(field: str, what: str, key: object) -> EditError:
    return EditError(Problem.UNKNOWN, field, f"there is no {what} {str(key)[: checks.LONGEST_TEXT]}")


def new_id(configuration: Configuration, kind: str) -> tuple[int, LastIds]:
    """An id that nothing of this kind ever had, and what the last ids are with it."""
    last = getattr(configuration.last_ids, kind)
    found = 1 + max((last, *(thing.id for thing in getattr(configuration, kind))))
    if found > checks.LARGEST_ID:
        raise EditError(Problem.FULL, "id", f"there are no more ids for {kind}")
    return found, replace(configuration.last_ids, **{kind: found})


def with_new(configuration: Configuration, kind: str, thing: Any) -> Configuration:
    """The configuration with ``thing`` under a new id, which is the last of its kind then."""
    id, last_ids = new_id(configuration, kind)
    things = (*getattr(configuration, kind), replace(thing, id=id))
    return configuration.changed(**{kind: things, "last_ids": last_ids})


def with_instead(configuration: Configuration, kind: str, old: Any, new: Any) -> Configuration:
    """The configuration with ``new`` in the place of ``old``; the very same where nothing is changed."""
    if old == new:
        return configuration
    things = tuple(new if thing is old else thing for thing in getattr(configuration, kind))
    return configuration.changed(**{kind: things})
