"""Requests, challenges and a phone that answers them, for tests of digest."""

import hashlib
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.auth import Authenticator
from magroup.sip.digest import MD5, parse_challenges
from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response

KEY = bytes(range(32))
SECRETS = {"alice": "open sesame", "bob": "b0b:secret", 'quo"te': "q", "émilie": "pässwörd", "empty": ""}
ADDRESS = "192.0.2.7"


def request(
    method: str = "REGISTER", target: str = "sip:magroup", user_agent: str = "", user: str = "alice"
) -> Request:
    headers = {
        "Via": ["SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1"], "From": [f"<sip:{user}@magroup>;tag=1"],
        "To": [f"<sip:{user}@magroup>"], "Call-ID": ["c1"], "CSeq": [f"1 {method}"],
    }  # fmt: skip
    if user_agent:
        headers["User-Agent"] = [user_agent]
    return Request(method, target, headers)


def refusal(error: SipError) -> Response:
    headers = {name: value if isinstance(value, list) else [value] for name, value in error.headers.items()}
    return Response(error.status, error.reason, headers)


def challenges(error: SipError) -> list[dict[str, str]]:
    return [fields for value in next(iter(refusal(error).headers.values())) for fields in parse_challenges(value)]


def counter() -> Callable[[int], bytes]:
    numbers = iter(range(1_000_000))
    return lambda size: next(numbers).to_bytes(size, "big")


class Phone:
    """A client written apart from the code under test: builds an Authorization value from its parts."""

    def __init__(self, user: str, secret: str, fields: dict[str, str], algorithm: str = MD5) -> None:
        self.user, self.secret, self.nonce, self.realm = user, secret, fields["nonce"], fields["realm"]
        self.algorithm = algorithm

    def hash(self, text: str) -> str:
        name = "md5" if self.algorithm == MD5 else "sha256"
        return hashlib.new(name, text.encode("utf-8", "surrogateescape")).hexdigest()

    def authorization(
        self,
        method: str = "REGISTER",
        uri: str = "sip:magroup",
        nc: int | None = 1,
        cnonce: str = "c0ffee",
        **change: str,
    ) -> str:
        a1 = self.hash(f"{self.user}:{self.realm}:{self.secret}")
        a2 = self.hash(f"{method}:{uri}")
        count = "" if nc is None else f"{nc:08x}"
        middle = "" if nc is None else f"{count}:{cnonce}:auth:"
        written = {
            "username": '"' + self.user.replace("\\", "\\\\").replace('"', '\\"') + '"',
            "realm": f'"{self.realm}"', "nonce": f'"{self.nonce}"', "uri": f'"{uri}"',
            "response": '"' + self.hash(f"{a1}:{self.nonce}:{middle}{a2}") + '"', "algorithm": self.algorithm,
        }  # fmt: skip
        if nc is not None:
            written |= {"cnonce": f'"{cnonce}"', "qop": "auth", "nc": count}
        written |= change
        return "Digest " + ", ".join(f"{name}={value}" for name, value in written.items() if value)


class ServerTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.failures: list[tuple[str, str]] = []
        self.auth = Authenticator(
            "magroup", SECRETS.get, KEY, 60, failed=lambda *what: self.failures.append(what), random=counter()
        )

    def refused(self, message: Request, now: float = 1000.0, proxy: bool = False) -> SipError:
        error = self.assertRaises(SipError, self.auth.check, message, now, proxy, ADDRESS)
        assert isinstance(error, SipError)
        return error

    def phone(self, user: str = "alice", secret: str | None = None, algorithm: str = MD5) -> Phone:
        fields = challenges(self.refused(request()))[0]
        self.failures.clear()
        return Phone(user, SECRETS.get(user, "") if secret is None else secret, fields, algorithm)

    def signed(self, value: str, method: str = "REGISTER", target: str = "sip:magroup") -> Request:
        message = request(method, target)
        message.headers["Authorization"] = [value]
        return message

    def check(self, value: str, now: float = 1001.0) -> str:
        return self.auth.check(self.signed(value), now, address=ADDRESS)
