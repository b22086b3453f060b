"""Nonces that need no memory until they are used, and the counts they were used with (RFC 7616 sections 3.3, 5.4)."""

import hmac
import struct
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from os import urandom
from typing import NamedTuple

_STAMP = struct.Struct(">Q")
_RANDOM = 6
_MAC = 16
_TEXT = 40
_TO_TEXT = bytes.maketrans(b"+/", b"-_")
_FROM_TEXT = bytes.maketrans(b"-_", b"+/")
WINDOW = 64
_ALL = (1 << WINDOW) - 1
LARGEST_COUNT = 2**32 - 1


class _Use(NamedTuple):
    """When a nonce was made, the highest count seen, and which of the 64 counts up to it were seen (bit 0: itself)."""

    made: float
    highest: int
    seen: int


class Nonces:
    """Makes nonces under a secret ``key`` and says of one that comes back whether it may be used (once more).

    A nonce is 8 bytes of time (ms), 6 random bytes and 16 of the keyed BLAKE2b (RFC 7693) of these and of the
    ``place`` it is made for, in base64: who has it has received what was sent there. It lives ``lifetime`` seconds;
    another key makes all nonces void. At most ``limit`` used nonces are remembered: when the
    oldest is forgotten, all nonces made up to its time become stale, so that none can be replayed.
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
        self._used: OrderedDict[str, _Use] = OrderedDict()
        self._floor = float("-inf")

    def __len__(self) -> int:
        """How many used nonces are remembered."""
        return len(self._used)

    def make(self, now: float, place: str = "") -> str:
        stamp = _STAMP.pack(max(0, int(now * 1000))) + self._random(_RANDOM)
        return b2a_base64(stamp + self._sign(stamp, place), newline=False).translate(_TO_TEXT).decode("ascii")

    def is_of(self, nonce: str, place: str) -> bool:
        """Whether ``nonce`` was made for ``place``, however long ago."""
        return self._made(nonce, place) is not None

    def use(self, nonce: str, count: int | None, now: float, place: str = "") -> bool:
        """Whether ``nonce`` is ours and for ``place``, young enough, and was not used with ``count`` yet.

        It counts as used then.

        Counts may come out of order within 64. None, an answer without qop, needs a nonce that was never used.
        """
        use = self._used.get(nonce)
        made = self._made(nonce, place) if use is None else use.made
        if made is None or not 0 <= now - made <= self.lifetime:
            return False
        if use is None:
            if made <= self._floor:
                return False
            if count is None:
                self._remember(nonce, _Use(made, LARGEST_COUNT, _ALL), now)
            else:
                self._remember(nonce, _Use(made, count, 1), now)
            return True
        if count is None:
            return False
        ahead = count - use.highest
        if ahead > 0:
            self._used[nonce] = _Use(made, count, ((use.seen << ahead) | 1) & _ALL if ahead < WINDOW else 1)
            return True
        if ahead <= -WINDOW or use.seen >> -ahead & 1:
            return False
        self._used[nonce] = _Use(made, use.highest, use.seen | 1 << -ahead)
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
            data = a2b_base64(nonce.encode("ascii").translate(_FROM_TEXT))
        except Base64Error:
            return None
        if not hmac.compare_digest(self._sign(data[:-_MAC], place), data[-_MAC:]):
            return None
        made: int = _STAMP.unpack_from(data)[0]
        return made / 1000

    def _remember(self, nonce: str, use: _Use, now: float) -> None:
        used = self._used
        while used and (len(used) >= self._limit or now - next(iter(used.values())).made > self.lifetime):
            _, oldest = used.popitem(last=False)
            self._floor = max(self._floor, oldest.made)
        used[nonce] = use
