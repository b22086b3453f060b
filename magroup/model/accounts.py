"""What is kept of logins on the web: sessions of browsers, and tokens of programs. Secrets are kept as hashes only."""

import hashlib
from dataclasses import field
from typing import NamedTuple

from magroup.model.fixed import fixed


@fixed
class Session:
    """A login of a browser; ``key`` is the hash of what the browser has, times are UTC seconds.

    ``user_key`` is the casefolded user name, ``password`` the fingerprint of the password hash that was true at the
    login: with another password the session is over.
    """

    key: str = field(repr=False)
    user_key: str
    password: str = field(repr=False)
    address: str
    created_at: float
    used_at: float


@fixed
class Token:
    """A token of a program that acts for a user; ``expires_at`` and ``used_at`` 0: never. ``id`` 0: not stored yet.

    It is the user's with this casefolded name and this id, and nobody's when there is none.
    """

    id: int
    key: str = field(repr=False)
    user_key: str
    user_id: int
    name: str
    scopes: frozenset[str]
    created_at: float
    expires_at: float = 0.0
    used_at: float = 0.0


class StoredAccess(NamedTuple):
    """What is valid at the start."""

    sessions: tuple[Session, ...] = ()
    tokens: tuple[Token, ...] = ()


def key_of(secret: str) -> str:
    """How a session id or token is kept: it is long and random, so that a plain hash hides it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def fingerprint(password_hash: str) -> str:
    """Tells password hashes apart without being one."""
    return key_of(password_hash)[:32]
