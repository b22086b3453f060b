"""Many numbers and names in few words: ``1000-1999``, and texts with the number in them."""

from collections.abc import Sequence

MOST = 100_000


def expanded(written: str | Sequence[str]) -> list[str]:
    """The numbers in ``1000-1999``, or in a list of such ranges and of single numbers, in order.

    The digits of both ends are as many as the first has: ``001-010``. Raises ValueError, also for more than 100,000.
    """
    found: list[str] = []
    for text in [written] if isinstance(written, str) else written:
        first, dash, last = text.strip().partition("-")
        if not first:
            raise ValueError("an empty text is no number")
        if not dash or not (first[-1].isdigit() or last[-1:].isdigit()):
            found.append(text.strip())
        else:
            found += _range(first.strip(), last.strip(), text, MOST - len(found))
        if len(found) > MOST:
            raise ValueError(f"more than {MOST} numbers")
    if len(set(found)) < len(found):
        raise ValueError("a number is there twice")
    return found


def _range(first: str, last: str, text: str, most: int) -> list[str]:
    stem = first.rstrip("0123456789")
    if not last.startswith(stem) or not (_is_digits(first[len(stem) :]) and _is_digits(last[len(stem) :])):
        raise ValueError(f"{text!r} is no range such as 1000-1999 or user1-user20")
    low, high = int(first[len(stem) :]), int(last[len(stem) :])
    if high < low:
        raise ValueError(f"{text!r} ends before it begins")
    if high - low >= most:
        raise ValueError(f"more than {MOST} numbers")
    width = len(first) - len(stem)
    return [f"{stem}{number:0{width}}" for number in range(low, high + 1)]


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def filled(text: str, number: str) -> str:
    """``text`` with the number in the place of ``{number}``."""
    return text.replace("{number}", number)
