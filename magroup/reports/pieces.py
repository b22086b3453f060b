"""A range cut into whole units, which are summed already, and what lies before and behind them."""

from math import ceil, floor
from typing import NamedTuple

from magroup.model.report_range import Range


class Pieces(NamedTuple):
    """Units from ``first`` up to before ``last``, counted since 1970, and the rest of the range."""

    first: int
    last: int
    edges: tuple[Range, ...]


def pieces(asked: Range, unit: int) -> Pieces:
    """``unit`` in seconds. A range without a whole one is nothing but rest."""
    first, last = ceil(asked.start / unit), floor(asked.end / unit)
    if first >= last:
        return Pieces(first, first, (asked,) if asked.start < asked.end else ())
    edges = (Range(asked.start, first * unit), Range(last * unit, asked.end))
    return Pieces(first, last, tuple(edge for edge in edges if edge.start < edge.end))
