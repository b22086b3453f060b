"""What a URI does that is no page: a number dialled, a tone played (Development Notes, "Internal URIs")."""

from typing import NamedTuple


class Effect(NamedTuple):
    """``Dial:2017`` is ("Dial", "2017")."""

    scheme: str
    rest: str


class Outcome(NamedTuple):
    """As a ResponseItem says it."""

    status: int = 0
    data: str = "Success"
