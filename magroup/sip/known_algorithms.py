"""Which digest algorithms a phone is challenged with: some that know only MD5 fail on seeing SHA-256 (RFC 8760)."""

import re
from collections import OrderedDict
from collections.abc import Sequence

from magroup.sip.digest import MD5
from magroup.sip.message import Request

# baresip gives up with "Function not implemented" (seen with 1.0.0), and SIPp ends (seen with 3.6.1).
_MD5_ONLY = re.compile(r"baresip v?[0-2]\.|SIPp\b")
MOST_PHONES = 16384
PATIENCE = 2.0


class KnownAlgorithms:
    """Remembers, by user, address and User-Agent, what a phone answered last, or since when it has owed an answer.

    A phone that comes back without credentials later than 2 s after a first challenge, and has never answered one, is
    asked for MD5 only. At most 16384 phones are remembered, the latest ones.
    """

    def __init__(self, algorithms: Sequence[str]) -> None:
        self._all = tuple(algorithms)
        self._is_simple = len(self._all) == 1 or MD5 not in self._all
        self._phones: OrderedDict[tuple[str, str, str], str | float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._phones)

    def offered(self, request: Request, address: str, now: float) -> tuple[str, ...]:
        """The algorithms to challenge a request without credentials with."""
        if self._is_simple:
            return self._all
        if _MD5_ONLY.match(request.get("User-Agent")):
            return (MD5,)
        key = _key(request, address)
        known = self._phones.get(key)
        if known is None:
            self._remember(key, now)
        elif known == MD5 or (isinstance(known, float) and now - known > PATIENCE):
            return (MD5,)
        return self._all

    def answered(self, request: Request, address: str, algorithm: str) -> None:
        """A request was authenticated with ``algorithm``."""
        if self._is_simple:
            return
        key = _key(request, address)
        if self._phones.get(key) != algorithm:
            self._remember(key, algorithm)

    def tried(self, request: Request, address: str) -> None:
        """A request had credentials, but wrong ones: the phone owes no answer."""
        key = _key(request, address)
        if isinstance(self._phones.get(key), float):
            del self._phones[key]

    def _remember(self, key: tuple[str, str, str], what: str | float) -> None:
        if key not in self._phones and len(self._phones) >= MOST_PHONES:
            self._phones.popitem(last=False)
        self._phones[key] = what


def _key(request: Request, address: str) -> tuple[str, str, str]:
    return request.from_.uri.user[:64], address, request.get("User-Agent")[:64]
