"""One setting as it is declared: a field of a table with what is known of it beside its name and type."""

from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeVar

from magroup.model.fixed import fixed

T = TypeVar("T")


@fixed
class Described:
    """What is known of a setting beside its name, type and default.

    ``check`` looks at a text, or at each text of a list, and raises ValueError with the reason for a refusal;
    ``secret``: a password in it is hidden in print. ``at_start``: a change holds from the next start on, else at once.
    ``storable`` False: it is found out before the database is open, or names what only whoever has the machine may
    choose, so that it cannot be set in the web; ``names_file`` says the same of single texts.
    """

    doc: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    check: Callable[[str], object] | None = None
    secret: bool = False
    at_start: bool = False
    storable: bool = True
    names_file: Callable[[str], bool] | None = None


def setting(
    default: T,
    doc: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    check: Callable[[str], object] | None = None,
    secret: bool = False,
    at_start: bool = False,
    storable: bool = True,
    names_file: Callable[[str], bool] | None = None,
) -> T:
    """A field of a table with its ``Described``."""
    described = Described(doc, unit, low, high, choices, check, secret, at_start, storable, names_file)
    made: Any = field(default=default, metadata={"described": described})
    return made  # type: ignore[no-any-return]
