"""Datagrams that wait for their turn: what belongs to calls goes before what begins something, phones come last."""

from collections import OrderedDict
from typing import Any, Final

LARGEST_PHONE: Final = 2048
"""What is larger than any phone's is no REGISTER of a phone."""

EACH: Final = 400
"""Octets that a datagram takes beside its own, however small it is."""

MOST_PHONES: Final = 40 << 20
MOST_NEW: Final = 8 << 20
MOST_OF_CALLS: Final = 16 << 20
"""Octets: all that a flood may take here. New calls for which that is too little would wait for seconds."""

CALLS, NEW, PHONES = 0, 1, 2
"""Requests within a dialog and responses; other requests; registrations."""


def kind_of(data: bytes) -> int:
    """CALLS, NEW or PHONES, by no more than a glance: who is told by both tags is in a dialog.

    A CANCEL has one tag as its INVITE has, and stays behind it.
    """
    if data.startswith(b"REGISTER ") and len(data) <= LARGEST_PHONE:
        return PHONES
    return CALLS if data.startswith(b"SIP/2.0 ") or data.count(b"tag=") > 1 else NEW


class Waiting:
    """Datagrams of one kind in the order in which they came, ``most`` octets at most, with ``EACH`` for each.

    Of those that are alike, which is what a peer repeats when it has waited for half a second, the first one is kept.
    """

    def __init__(self, most: int) -> None:
        self._all: OrderedDict[tuple[bytes, Any], float] = OrderedDict()
        self._room = most

    def __len__(self) -> int:
        return len(self._all)

    def has(self, data: bytes, address: Any) -> bool:
        """Whether one that is alike waits."""
        return (data, address) in self._all

    def put(self, data: bytes, address: Any, at: float) -> bool:
        """At the end; ``at`` is when it came. False: there is no room."""
        if len(data) + EACH > self._room:
            return False
        before = len(self._all)
        self._all.setdefault((data, address), at)
        if len(self._all) > before:
            self._room -= len(data) + EACH
        return True

    def take(self) -> tuple[bytes, Any, float]:
        """The first one: data, address, and when it came. Raises KeyError where there is none."""
        (data, address), at = self._all.popitem(last=False)
        self._room += len(data) + EACH
        return data, address, at

    def clear(self) -> None:
        while self._all:
            self.take()
