"""Nonces that need no memory until they are used, and the counts they were used with (RFC 7616 sections 3.3, 5.4)."""

import hmac
import struct
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from os import urandom

BRIEF = 300.0
"""Seconds that a nonce lives which is not for a registration: phones ask for one for each call and use it once."""
WINDOW = 64
LARGEST_COUNT = 2**32 - 1
_STAMP = struct.Struct(">Q")
_RANDOM = 6
_MAC = 16
_TEXT = 40
_TO_TEXT = bytes.maketrans(b"+/", b"-_")
_FROM_TEXT = bytes.maketrans(b"-_", b"+/")
_BRIEF_BIT = 1 << 63
_BRIEF_TEXT = "g"
"""What base64 makes of the six highest bits of a time with ``_BRIEF_BIT``."""
_ALL = (1 << WINDOW) - 1
# Most nonces are used once, with the count 1: these need no memory of their own.
_ONCE = 1 << WINDOW | 1
_WITHOUT_COUNT = LARGEST_COUNT << WINDOW | _ALL


class _Uses:
    """The nonces of one kind that were used, in the order of their first use; those made up to ``floor`` are void.

    Of each the highest count seen and, in the 64 bits below it, which of the counts up to it were (bit 0: itself).
    """

    __slots__ = ("counts", "floor")

    def __init__(self) -> None:
        self.counts: OrderedDict[str, int] = OrderedDict()
        self.floor = float("-inf")

    def remember(self, nonce: str, use: int, since: float, limit: int) -> None:
        """A first use; what was made before ``since`` and the oldest beyond ``limit`` are forgotten."""
        counts = self.counts
        while counts:
            oldest = next(iter(counts))
            made = _stamped(_bytes_of(oldest))
            if len(counts) < limit and made >= since:
                break
            del counts[oldest]
            self.floor = max(self.floor, made)
        counts[nonce] = use


class Nonces:
    """Makes nonces under a secret ``key`` and says of one that comes back whether it may be used (once more).

    A nonce is 8 bytes of time (ms; the highest bit: it is brief), 6 random bytes and 16 of the keyed BLAKE2b
    (RFC 7693) of these and of the ``place`` it is made for, in base64: who has it has received what was sent there.
    It lives ``lifetime`` seconds, a brief one at most ``BRIEF``; another key makes all nonces void. At most ``limit``
    used nonces of each kind are remembered: when the oldest is forgotten, all of its kind made up to its time become
    stale, so that none can be replayed, and calls, however many, make none of a registration stale.
    """

    def __init__(
        self, key: bytes, lifetime: float, random: Callable[[int], bytes] = urandom, limit: int = 65536
    ) -> None:
        if not 16 <= len(key) <= blake2b.MAX_KEY_SIZE:
            raise ValueError("The key of the nonces needs 16 to 64 bytes")
        self.lifetime = lifetime
        self._keyed = blake2b(key=key, digest_size=_MAC)
        self._random = random
        self._limit = limit
        self._lasting = _Uses()
        self._brief = _Uses()

    def __len__(self) -> int:
        """How many used nonces are remembered."""
        return len(self._lasting.counts) + len(self._brief.counts)

    def make(self, now: float, place: str = "", brief: bool = False) -> str:
        time = max(0, int(now * 1000))
        stamp = _STAMP.pack(time | _BRIEF_BIT if brief else time) + self._random(_RANDOM)
        return b2a_base64(stamp + self._sign(stamp, place), newline=False).translate(_TO_TEXT).decode("ascii")

    def is_of(self, nonce: str, place: str) -> bool:
        """Whether ``nonce`` was made for ``place``, however long ago."""
        return self._made(nonce, place) is not None

    def use(self, nonce: str, count: int | None, now: float, place: str = "") -> bool:
        """Whether ``nonce`` is ours and for ``place``, young enough, and was not used with ``count`` yet.

        It counts as used then.

        Counts may come out of order within 64. None, an answer without qop, needs a nonce that was never used.
        """
        if nonce.startswith(_BRIEF_TEXT):
            uses, lifetime = self._brief, min(self.lifetime, BRIEF)
        else:
            uses, lifetime = self._lasting, self.lifetime
        use = uses.counts.get(nonce)
        made = self._made(nonce, place) if use is None else _stamped(_bytes_of(nonce))
        if made is None or not 0 <= now - made <= lifetime:
            return False
        if use is None:
            if made <= uses.floor:
                return False
            first = _WITHOUT_COUNT if count is None else _ONCE if count == 1 else count << WINDOW | 1
            uses.remember(nonce, first, now - lifetime, self._limit)
            return True
        if count is None:
            return False
        highest, seen = use >> WINDOW, use & _ALL
        ahead = count - highest
        if ahead > 0:
            uses.counts[nonce] = count << WINDOW | (((seen << ahead) | 1) & _ALL if ahead < WINDOW else 1)
            return True
        if ahead <= -WINDOW or seen >> -ahead & 1:
            return False
        uses.counts[nonce] = use | 1 << -ahead
        return True

    def _sign(self, stamp: bytes, place: str) -> bytes:
        # A third of the time of an HMAC, and two of them were a twentieth of a registration.
        signed = self._keyed.copy()
        signed.update(stamp + place.encode())
        return signed.digest()

    def _made(self, nonce: str, place: str) -> float | None:
        """When a nonce of ours for ``place`` was made, None for any other text."""
        if len(nonce) != _TEXT or not nonce.isascii():
            return None
        try:
            data = _bytes_of(nonce)
        except Base64Error:
            return None
        return _stamped(data) if hmac.compare_digest(self._sign(data[:-_MAC], place), data[-_MAC:]) else None


def _bytes_of(nonce: str) -> bytes:
    return a2b_base64(nonce.encode("ascii").translate(_FROM_TEXT))


def _stamped(data: bytes) -> float:
    """When a nonce of ours was made, brief or not."""
    time: int = _STAMP.unpack_from(data)[0]
    return (time & ~_BRIEF_BIT) / 1000
