"""Telephone numbers: stored as typed, compared in one canonical form (E.164 where the plan allows it)."""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache

from magroup.model.fixed import fixed

_SEPARATORS = str.maketrans("", "", " -.()/\t\u00a0[]")
_DIALLABLE = re.compile(r"(?:\+(?=[0-9]))?[0-9*#]{1,32}\Z")
_PATTERN = re.compile(r"\+?[0-9Xx*#]{0,32}!?\Z")

LONGEST_LOCAL_EXTENSION = 5
"""Digits up to which a number without a prefix is an internal one and never gets the area code."""


def bare(number: str) -> str:
    """``number`` without the separators that people type: spaces, dashes, dots, brackets, slashes."""
    # Most have none, and it takes a tenth of the time to see that.
    return number if number.isalnum() else number.translate(_SEPARATORS)


def is_diallable(number: str) -> bool:
    """Whether ``number``, separators aside, is 1-32 digits, ``*`` or ``#``; a ``+`` before a first digit."""
    return _DIALLABLE.match(bare(number)) is not None


def is_pattern(number: str) -> bool:
    """Whether ``number`` is legal in a VIP list: digits, ``X`` for one digit, a trailing ``!`` for any rest."""
    stripped = bare(number)
    return stripped not in ("", "+") and _PATTERN.match(stripped) is not None


@fixed
class NumberPlan:
    """How numbers are written here: ``00`` international, ``0`` national, country and area code ("" unknown)."""

    international_prefix: str = "00"
    national_prefix: str = "0"
    country_code: str = ""
    area_code: str = ""

    @cached_property
    def canonical(self) -> Callable[[str], str]:
        """``canonical(number)``: the one form in which spellings of the same number are equal, as ``+41315311111``."""
        # Each plan keeps its own: to find the plan among others takes longer than to fold a number.
        return lru_cache(maxsize=65536)(lambda number: _fold(self, bare(number), "0123456789", 1))

    def same(self, one: str, other: str) -> bool:
        """Whether both spellings mean the same number."""
        return self.canonical(one) == self.canonical(other)

    def spellings(self, number: str) -> tuple[str, ...]:
        """``number`` as it is and in the ways in which it may be written here, sorted."""
        canonical = self.canonical(number)
        found = {number, bare(number), canonical}
        if canonical.startswith("+"):
            digits = canonical[1:]
            found |= {self.international_prefix + digits} if self.international_prefix else set()
            national = digits.removeprefix(self.country_code)
            if self.country_code and national != digits:
                found |= {self.national_prefix + national}
                found |= {national.removeprefix(self.area_code)} if national.startswith(self.area_code) else set()
        return tuple(sorted(one for one in found if one and self.same(one, number)))

    def matches(self, pattern: str, number: str) -> bool:
        """Whether ``number`` matches a VIP list entry (``+1509XXXXXXX``, ``0800!``)."""
        compiled = _compile(self, pattern)
        return compiled is not None and compiled.match(self.canonical(number)) is not None


def _fold(plan: NumberPlan, number: str, digits: str, least: int) -> str:
    """``number`` with its prefixes resolved, where at least so many characters follow them: a bare 0 is a number."""
    if number.startswith("+"):
        return number
    if _has_prefix(number, plan.international_prefix, least):
        return "+" + number[len(plan.international_prefix) :]
    if not plan.country_code or number.strip(digits):
        return number
    if _has_prefix(number, plan.national_prefix, least):
        return f"+{plan.country_code}{number[len(plan.national_prefix) :]}"
    if plan.area_code and len(number) > LONGEST_LOCAL_EXTENSION:
        return f"+{plan.country_code}{plan.area_code}{number}"
    return number


def _has_prefix(number: str, prefix: str, least: int) -> bool:
    return bool(prefix) and number.startswith(prefix) and len(number) >= len(prefix) + least


@lru_cache(maxsize=2048)
def _compile(plan: NumberPlan, pattern: str) -> re.Pattern[str] | None:
    if not is_pattern(pattern):
        return None
    stripped = bare(pattern).upper()
    any_rest = stripped.endswith("!")
    digits = _fold(plan, stripped.rstrip("!"), "0123456789X", 0 if any_rest else 1)
    body = "".join("[0-9]" if c == "X" else re.escape(c) for c in digits)
    return re.compile(body + (r".*\Z" if any_rest else r"\Z"))
