"""An admission without a database: its store in memory, its work done at once, time on a clock."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import parse_qs

from argon2 import PasswordHasher
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.web.resource import Resource
from twisted.web.server import Site

from magroup.model.accounts import Session, StoredAccess, Token
from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.model.settings import Settings
from magroup.web.admission.admission import Admission, Means
from magroup.web.admission.passwords import Passwords
from magroup.web.request import Request

T = TypeVar("T")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As fast as argon2 can be."""

HASHES = {word: CHEAP.hash(word) for word in ("secret", "ünïcode", "other")}


def user(name: str, *privileges: Privilege, password: str = "secret", id: int = 1) -> User:
    return User(id, name, password_hash=HASHES[password] if password else "", privileges=frozenset(privileges))


class AtOnce:
    """Threads that are none; ``works`` says what was done."""

    def __init__(self) -> None:
        self.works: list[str] = []

    async def run(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        self.works.append(work.__name__)
        return work(*arguments, **named)


@dataclass
class Kept:
    """The store: what was saved, and the audit trail. ``error`` is raised by what has to be done at once."""

    configuration: Configuration = field(default_factory=Configuration)
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    audit: list[Change] = field(default_factory=list)
    error: Exception | None = None
    last_token: int = 0

    def save_session(self, session: Session) -> None:
        self.sessions[session.key] = session

    def end_session(self, key: str) -> None:
        self.sessions.pop(key, None)

    def token_used(self, id: int, at: float) -> None:
        self.tokens[id] = replace(self.tokens[id], used_at=at)

    def record(self, change: Change) -> None:
        self.audit.append(change)

    async def set_password(self, user_key: str, old: str, new: str, change: Change | None) -> bool:
        self._fail()
        users = self.configuration.users
        if not any(one.key == user_key and one.password_hash == old for one in users):
            return False
        changed = (replace(one, password_hash=new) if one.key == user_key else one for one in users)
        self.configuration = replace(self.configuration, users=tuple(changed))
        self.audit += [change] if change else []
        return True

    async def add_token(self, token: Token, change: Change) -> Token | None:
        self._fail()
        if not any((one.key, one.id) == (token.user_key, token.user_id) for one in self.configuration.users):
            return None
        self.last_token += 1
        stored = replace(token, id=self.last_token)
        self.tokens[stored.id] = stored
        self.audit.append(change)
        return stored

    async def delete_tokens(self, ids: Sequence[int], user_key: str, changes: Sequence[Change]) -> None:
        self._fail()
        for id in ids:
            assert self.tokens[id].user_key == user_key
            del self.tokens[id]
        self.audit += changes

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Who, what and key of the audit trail."""
        return [(change.who, change.what, change.key) for change in self.audit]


def admission(
    kept: Kept, clock: Clock, settings: Settings | None = None, barred: Sequence[str] = (),
    logged_in: Callable[[User], None] = lambda user: None, threads: Any = None,
) -> Admission:  # fmt: skip
    """An admission over ``kept``, with what is in it already."""
    stored = StoredAccess(tuple(kept.sessions.values()), tuple(kept.tokens.values()))
    means = Means(
        lambda: kept.configuration, kept, kept, threads or AtOnce(), clock.seconds, stored, barred, logged_in,
    )  # fmt: skip
    made = Admission(settings or Settings(), means)
    cheap = Passwords(threads or AtOnce(), CHEAP)
    made.passwords = made.log_in._passwords = made._remembered._passwords = cheap
    return made


class _Channel:
    """The connection of a request that comes from nowhere."""

    def __init__(self, peer: Any, is_secure: bool) -> None:
        self._peer = peer
        self._is_secure = is_secure
        self.site = Site(Resource())
        self.transport = None

    def getPeer(self) -> Any:
        return self._peer

    def getHost(self) -> Any:
        return IPv4Address("TCP", "192.0.2.254", 8080)

    def isSecure(self) -> bool:
        return self._is_secure


def request(
    method: str = "GET", uri: str = "/", peer: str = "192.0.2.1", secure: bool = False, cookie: str = "", **headers: str
) -> Any:  # fmt: skip
    """A request as a route gets it; ``headers`` with _ for -, ``peer`` "unix" for a unix socket."""
    address: Any = UNIXAddress(b"/run/x") if peer == "unix" else (IPv6Address if ":" in peer else IPv4Address)(
        "TCP", peer, 40000
    )
    made: Any = Request(_Channel(address, secure))
    made.method, made.uri = method.encode(), uri.encode()
    made.path = made.uri.partition(b"?")[0]
    made.args = parse_qs(made.uri.partition(b"?")[2], keep_blank_values=True)
    for name, value in {"Host": "calls.example.com", **headers, **({"Cookie": cookie} if cookie else {})}.items():
        made.requestHeaders.addRawHeader(name.replace("_", "-"), value)
    return made


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def cookie_of(asked: Any) -> str:
    """What the browser sends back of the answer's cookie."""
    (line,) = asked.responseHeaders.getRawHeaders(b"set-cookie")
    return str(line.decode()).partition(";")[0]
