"""Digest authentication of requests: challenges and their verification (RFC 3261 section 22, RFC 7616, RFC 8760)."""

import hmac
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from os import urandom
from urllib.parse import unquote

from magroup.sip.addresses import place_of
from magroup.sip.digest import HASHES, MD5, SHA256, credentials_hash, parse_digest, quoted, response_hash
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.known_algorithms import KnownAlgorithms, Phone
from magroup.sip.message import Request
from magroup.sip.nonce import Nonces
from magroup.sip.uri import LONGEST_KEPT, parse_uri
from magroup.sip.usual import Given

MOST_CREDENTIALS = 4
MOST_CACHED = 65536
_HEX = frozenset("0123456789abcdefABCDEF")


class _Verdict(Enum):
    RIGHT = "right"
    STALE = "stale"
    WRONG = "wrong"
    UNUSABLE = "unusable"


class Authenticator:
    """Checks the Digest credentials of requests for one realm.

    ``secret_of`` gives the clear secret of a user, None for nobody; a user without a secret cannot authenticate.
    ``key`` (16 bytes or more) signs the nonces, which live ``nonce_lifetime`` seconds (``Nonces``). ``algorithms`` are
    offered in that order. ``failed`` is told the address and the user name, cut to 64 characters, of every wrong answer
    with a nonce that was made for that address; who has none learns nothing of the password. ``refused`` is asked
    whether a user who is right is refused at an address, as if the answer were wrong.
    """

    def __init__(
        self,
        realm: str,
        secret_of: Callable[[str], str | None],
        key: bytes,
        nonce_lifetime: float = 300.0,
        algorithms: Sequence[str] = (SHA256, MD5),
        failed: Callable[[str, str], None] | None = None,
        random: Callable[[int], bytes] = urandom,
        nonce_limit: int = 65536,
    ) -> None:
        if not algorithms or not HASHES.keys() >= set(algorithms):
            raise ValueError(f"Digest algorithms are {' and '.join(HASHES)}")
        self.realm = realm
        self.algorithms = tuple(algorithms)
        self.nonces = Nonces(key, nonce_lifetime, random, nonce_limit)
        self._secret_of = secret_of
        self.refused: Callable[[str, str], bool] = lambda user, address: False
        self._failed = failed
        self._known = KnownAlgorithms(self.algorithms)
        self._cache: dict[tuple[str, str], tuple[str, str]] = {}
        self._nobody = {name: credentials_hash(name, "", realm, random(16).hex()) for name in self.algorithms}
        self._suffix = f"@{realm.casefold()}"

    def check(self, request: Request, now: float, proxy: bool = False, address: str = "") -> str:
        """The user who sent ``request``, without ``@realm``; ``now`` in seconds, ``address`` of the sender.

        Raises SipError: 401 (407 when ``proxy``) with challenges, 400 for credentials of another Request-URI. ACK and
        CANCEL cannot be challenged (RFC 3261 section 22.1): do not check them.
        """
        verdict, algorithm = _Verdict.UNUSABLE, ""
        count = 0
        for value in request.headers.get("Proxy-Authorization" if proxy else "Authorization", ()):
            given = parse_digest(value)
            if given is None or given.get("realm") != self.realm:
                continue
            named = given.get("algorithm", MD5).upper()
            outcome, user = self._verify(given, named, request, now, address)
            if outcome is _Verdict.RIGHT:
                self._known.answered(request, address, named)
                return user
            if outcome is not _Verdict.UNUSABLE and verdict is not _Verdict.STALE:
                verdict, algorithm = outcome, named
            count += 1
            if count == MOST_CREDENTIALS:
                break
        offered = (algorithm,) if algorithm else self._known.offered(request, address, now)
        tail = ", stale=true" if verdict is _Verdict.STALE else ""
        values = self._challenges(offered, now, address, tail, request.method != "REGISTER")
        if proxy:
            raise SipError(407, headers={"Proxy-Authenticate": values})
        raise SipError(401, headers={"WWW-Authenticate": values})

    def first_challenges(self, phone: Phone, branch: str, now: float) -> list[str]:
        """The values of WWW-Authenticate for a REGISTER without credentials, by the branch of its topmost Via."""
        return self._challenges(self._known.offered_to(phone, branch, now), now, phone[1], "", False)

    def is_right(self, given: Given, method: str, target: str, now: float, phone: Phone) -> str:
        """The user whose right credentials these are, as of ``check``; the nonce counts as used then.

        "" where they are not, or not for us: ``check`` says why. Nothing has happened then.
        """
        user, realm, nonce, uri, response, algorithm, cnonce, _, count, _ = given
        algorithm = algorithm.strip('"') or MD5
        if realm != self.realm or algorithm not in self.algorithms or (uri != target and not _is_same(uri, target)):
            return ""
        name, ha1 = self._credentials(user, algorithm)
        expected = response_hash(algorithm, ha1, method, uri, nonce, "auth", count, cnonce)
        if not hmac.compare_digest(expected, response) or not name or self.refused(name, phone[1]):
            return ""
        if not self.nonces.use(nonce, int(count, 16), now, place_of(phone[1])):
            return ""
        self._known.answered_by(phone, algorithm)
        return name

    def _challenges(
        self, algorithms: Sequence[str], now: float, address: str, tail: str, brief: bool
    ) -> list[str]:
        """One value for each algorithm."""
        nonce = self.nonces.make(now, place_of(address), brief)
        return [
            f'Digest realm={quoted(self.realm)}, nonce="{nonce}", algorithm={algorithm}, qop="auth"{tail}'
            for algorithm in algorithms
        ]

    def _verify(
        self, given: dict[str, str], algorithm: str, request: Request, now: float, address: str
    ) -> tuple[_Verdict, str]:
        get = given.get
        user, nonce, uri, response = get("username"), get("nonce"), get("uri"), get("response")
        if not (user and nonce and uri and response) or algorithm not in self.algorithms:
            return _Verdict.UNUSABLE, ""
        qop, written, cnonce = get("qop", ""), "", ""
        count = None
        if qop:
            written, cnonce = get("nc", ""), get("cnonce", "")
            if qop.lower() != "auth" or not cnonce or len(written) != 8 or not _HEX.issuperset(written):
                return _Verdict.UNUSABLE, ""
            count = int(written, 16)
        if uri != request.target and not _is_same(uri, request.target):
            raise SipError(400, "Digest uri is not the Request-URI")
        name, ha1 = self._credentials(user, algorithm)
        expected = response_hash(algorithm, ha1, request.method, uri, nonce, qop, written, cnonce)
        right = hmac.compare_digest(expected.encode("ascii"), response.lower().encode("utf-8", "surrogateescape"))
        if not right or not name:
            if not self.nonces.is_of(nonce, place_of(address)):
                return _Verdict.STALE, ""
            self._known.tried(request, address)
            if self._failed is not None:
                self._failed(address, user[:64])
            return _Verdict.WRONG, ""
        if self.refused(name, address):
            return _Verdict.WRONG, ""
        return (_Verdict.RIGHT if self.nonces.use(nonce, count, now, place_of(address)) else _Verdict.STALE), name

    def _credentials(self, user: str, algorithm: str) -> tuple[str, str]:
        """The user's name and H(A1), for nobody "" and one that nothing fits; A1 has the name as it was sent."""
        name = user
        secret = self._secret_of(user)
        if secret is None and user.casefold().endswith(self._suffix):
            name = user[: -len(self._suffix)]
            secret = self._secret_of(name)
        if not secret:
            return "", self._nobody[algorithm]
        cached = self._cache.get((user, algorithm))
        if cached is not None and cached[0] == secret:
            return name, cached[1]
        if len(self._cache) >= MOST_CACHED:
            self._cache.clear()
        ha1 = credentials_hash(algorithm, user, self.realm, secret)
        self._cache[user, algorithm] = (secret, ha1)
        return name, ha1


def _is_same(uri: str, target: str) -> bool:
    if len(uri) > LONGEST_KEPT or len(target) > LONGEST_KEPT:
        return _same_target(uri, target)
    return _kept_same_target(uri, target)


def _same_target(uri: str, target: str) -> bool:
    """Whether a Digest uri names whom the request is for.

    Phones leave out ports and parameters and take any name or address of the server, some leave out the user too.
    """
    try:
        mine, theirs = parse_uri(uri), parse_uri(target)
    except GrammarError:
        return False
    return mine.scheme == theirs.scheme and mine.is_sip and unquote(mine.user) in ("", unquote(theirs.user))


_kept_same_target = lru_cache(maxsize=256)(_same_target)
