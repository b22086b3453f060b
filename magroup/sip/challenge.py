"""Answers to Digest challenges of other servers (RFC 3261 section 22.2 and 22.3, RFC 7616, RFC 8760)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from os import urandom

from magroup.sip.digest import (
    MD5,
    SHA256,
    credentials_hash,
    parse_challenges,
    parse_digest,
    quoted,
    response_hash,
    session_hash,
)
from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response

MOST_REALMS = 8
MOST_CHALLENGES = 16
MOST_ATTEMPTS = 3
_STRENGTH = {SHA256: 4, f"{SHA256}-SESS": 3, MD5: 2, f"{MD5}-SESS": 1}
_ANSWERS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class Refused(SipError):
    """The other side does not accept our credentials, or asks in a way that cannot be answered."""


@dataclass(frozen=True)
class Credentials:
    """A user name and password, for every realm that asks."""

    user_name: str
    password: str = field(default="", repr=False)


class _Challenge:
    """A challenge that is being answered, with the count of its nonce."""

    __slots__ = ("algorithm", "cnonce", "count", "fields", "ha1", "is_session", "qop")

    def __init__(self, fields: dict[str, str], credentials: Credentials, cnonce: str) -> None:
        self.fields = fields
        self.cnonce = cnonce
        self.count = 0
        named = fields.get("algorithm", MD5).upper()
        self.algorithm = named.removesuffix("-SESS")
        self.qop = "auth" if fields.get("qop") else ""
        self.ha1 = credentials_hash(self.algorithm, credentials.user_name, fields["realm"], credentials.password)
        self.is_session = named != self.algorithm
        if self.is_session:
            self.ha1 = session_hash(self.algorithm, self.ha1, fields["nonce"], cnonce)

    def answer(self, request: Request, user_name: str) -> str:
        self.count += 1
        fields, uri = self.fields, request.target
        count = f"{self.count:08x}"
        response = response_hash(
            self.algorithm, self.ha1, request.method, uri, fields["nonce"], self.qop, count, self.cnonce
        )
        parts = [
            f"Digest username={quoted(user_name)}", f"realm={quoted(fields['realm'])}",
            f"nonce={quoted(fields['nonce'])}", f"uri={quoted(uri)}", f'response="{response}"',
        ]  # fmt: skip
        if "algorithm" in fields:
            parts.append(f"algorithm={fields['algorithm']}")
        if self.qop or self.is_session:
            parts.append(f'cnonce="{self.cnonce}"')
        if self.qop:
            parts.append(f"qop=auth, nc={count}")
        if "opaque" in fields:
            parts.append(f"opaque={quoted(fields['opaque'])}")
        return ", ".join(parts)


class Answers:
    """The credentials for one peer, and the nonces it has given: they are used again until it wants others.

    ``cnonce`` makes the client nonces.
    """

    def __init__(self, credentials: Credentials, cnonce: Callable[[], str] = lambda: urandom(8).hex()) -> None:
        self.credentials = credentials
        self._cnonce = cnonce
        self._challenges: dict[tuple[str, str], _Challenge] = {}

    def answer(self, response: Response, request: Request, attempt: int = 0) -> dict[str, list[str]]:
        """The headers to put into ``request``, sent once more with a new CSeq, after the 401 or 407 ``response`` to it.

        ``attempt`` is how often this request was challenged before. Raises Refused after three, when our answer was
        wrong (and not just its nonce too old), or when nothing in the challenge can be answered.
        """
        asks, answers = _ANSWERS[response.status]
        chosen: dict[str, dict[str, str]] = {}
        for fields in _challenges(response, asks):
            realm = fields["realm"]
            if realm not in chosen or _strength(fields) > _strength(chosen[realm]):
                chosen[realm] = fields
        if not chosen:
            raise Refused(response.status, "No challenge that can be answered")
        if attempt >= MOST_ATTEMPTS:
            raise Refused(response.status, "Challenged again and again")
        tried = _tried(request, answers)
        for realm, fields in chosen.items():
            nonce = tried.get(realm)
            if nonce is not None and (fields.get("stale", "").lower() != "true" or fields["nonce"] == nonce):
                self._challenges.pop((answers, realm), None)
                raise Refused(response.status, "User name or password refused")
            if (answers, realm) not in self._challenges and len(self._challenges) >= MOST_REALMS:
                self._challenges.pop(next(iter(self._challenges)))
            self._challenges[answers, realm] = _Challenge(fields, self.credentials, self._cnonce())
        return self.repeat(request)

    def repeat(self, request: Request) -> dict[str, list[str]]:
        """The headers for another request to the same peer, with the nonces it gave last; none before a challenge."""
        headers: dict[str, list[str]] = {}
        for (name, _), challenge in self._challenges.items():
            headers.setdefault(name, []).append(challenge.answer(request, self.credentials.user_name))
        return headers

    def forget(self) -> None:
        """Start without nonces, as towards a peer that has been restarted."""
        self._challenges.clear()


def _challenges(response: Response, header: str) -> list[dict[str, str]]:
    """Those that can be answered, in order."""
    found: list[dict[str, str]] = []
    for value in response.headers.get(header, ()):
        found += [fields for fields in parse_challenges(value) if _strength(fields)]
        if len(found) >= MOST_CHALLENGES:
            break
    return found


def _strength(fields: dict[str, str]) -> int:
    """How good a challenge is; 0 for one that cannot be answered: an unknown algorithm, only auth-int, no nonce."""
    if "realm" not in fields or not fields.get("nonce"):
        return 0
    qop = fields.get("qop")
    if qop and "auth" not in (item.strip().lower() for item in qop.split(",")):
        return 0
    return _STRENGTH.get(fields.get("algorithm", MD5).upper(), 0)


def _tried(request: Request, header: str) -> dict[str, str]:
    """The nonces by realm that a request had answers to."""
    given = [parse_digest(value) for value in request.headers.get(header, ())]
    return {fields["realm"]: fields.get("nonce", "") for fields in given if fields and "realm" in fields}
