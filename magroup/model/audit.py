"""What the audit keeps of a change that somebody made."""

from typing import NamedTuple

from magroup.model.fixed import fixed


@fixed
class Change:
    """At ``at`` (UTC seconds) ``who`` changed, from the address ``where``, the ``what`` (such as group) called ``key``.

    ``old`` and ``new`` are what it was and is, as JSON objects; "" where there was or is none. No secrets are in them.
    """

    at: float
    who: str
    where: str
    what: str
    key: str
    old: str = ""
    new: str = ""


class Told(NamedTuple):
    """A change before it is said when, by whom and from where."""

    what: str
    key: str
    old: str = ""
    new: str = ""
