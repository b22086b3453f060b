"""From where another switch has diverted a call to us (Diversion, RFC 5806; History-Info, RFC 7044)."""

from collections.abc import Iterable
from typing import Final

from magroup.model.numbers import bare, is_diallable
from magroup.sip.errors import GrammarError
from magroup.sip.headers import Address, parse_address
from magroup.sip.message import Request
from magroup.switch.identity import number_of

MOST_READ: Final = 20
"""Values that are looked at; whoever sends more has sent the call in circles."""


def diverted_from(request: Request) -> tuple[str, ...]:
    """The numbers that sent the call on, the first one first; values that cannot be read are passed over.

    Diversion says it plainly, the latest first. History-Info lists every target in its order, the present one last.
    """
    if "Diversion" not in request.headers and "History-Info" not in request.headers:
        return ()
    latest_first = diverting(request)
    if latest_first:
        return tuple(reversed(latest_first))
    targets = history(request)
    called = bare(request.uri.number)
    while targets and bare(targets[-1]) == called:
        targets.pop()
    return tuple(targets)


def diverting(request: Request) -> list[str]:
    """The numbers of Diversion, the latest one first."""
    return _numbers(request.items("Diversion")[:MOST_READ])


def history(request: Request) -> list[str]:
    """The numbers of History-Info, in their order."""
    return _numbers(request.items("History-Info")[-MOST_READ:])


def _numbers(values: Iterable[str]) -> list[str]:
    found = []
    for value in values:
        address = _read(value)
        number = number_of(address.uri) if address is not None else ""
        if is_diallable(number):
            found.append(number)
    return found


def _read(value: str) -> Address | None:
    try:
        return parse_address(value)
    except GrammarError:
        return None
