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


Phone = tuple[str, str, str]
"""The user, the address and the User-Agent of a phone, the names cut to 64 characters."""


class KnownAlgorithms:
    """Remembers, by user, address and User-Agent, what a phone answered last, or since when it has owed an answer.

    A phone that comes back without credentials later than 2 s after a first challenge, and has never answered one, is
    asked for MD5 only; not where it repeats a request. At most 16384 phones are remembered, the latest ones.
    """

    def __init__(self, algorithms: Sequence[str]) -> None:
        self._all = tuple(algorithms)
        self._is_simple = len(self._all) == 1 or MD5 not in self._all
        self._phones: OrderedDict[Phone, str | tuple[float, str]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._phones)

    def offered(self, request: Request, address: str, now: float) -> tuple[str, ...]:
        """The algorithms to challenge a request without credentials with."""
        return self._all if self._is_simple else self.offered_to(_phone(request, address), "", now)

    def offered_to(self, phone: Phone, branch: str, now: float) -> tuple[str, ...]:
        """The same by what there is of the request, whose topmost Via has that ``branch``, "" where it is no repeat."""
        if self._is_simple:
            return self._all
        if _MD5_ONLY.match(phone[2]):
            return (MD5,)
        known = self._phones.get(phone)
        if known is None:
            self._remember(phone, (now, branch))
        elif known == MD5 or (isinstance(known, tuple) and now - known[0] > PATIENCE and not known[1] == branch != ""):
            return (MD5,)
        return self._all

    def answered(self, request: Request, address: str, algorithm: str) -> None:
        """A request was authenticated with ``algorithm``."""
        if not self._is_simple:
            self.answered_by(_phone(request, address), algorithm)

    def answered_by(self, phone: Phone, algorithm: str) -> None:
        """The same by what there is of the request."""
        if not self._is_simple and self._phones.get(phone) != algorithm:
            self._remember(phone, algorithm)

    def tried(self, request: Request, address: str) -> None:
        """A request had credentials, but wrong ones: the phone owes no answer."""
        phone = _phone(request, address)
        if isinstance(self._phones.get(phone), tuple):
            del self._phones[phone]

    def _remember(self, phone: Phone, what: str | tuple[float, str]) -> None:
        if phone not in self._phones and len(self._phones) >= MOST_PHONES:
            self._phones.popitem(last=False)
        self._phones[phone] = what


def _phone(request: Request, address: str) -> Phone:
    return request.from_.uri.user[:64], address, request.get("User-Agent")[:64]
