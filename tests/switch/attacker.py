"""Somebody at an address who sends what the test says, byte by byte, and reads what comes back."""

from magroup.sip.message import parse_message
from tests.live.requests import read, request
from tests.switch.bench import Bench


class Attacker:
    """``received`` are the datagrams that came back."""

    def __init__(self, bench: Bench, host: str = "192.0.2.66") -> None:
        self.bench = bench
        self.host = host
        self.received: list[bytes] = []
        self._wire = bench.network.open(host, 5060, lambda data, *source: self.received.append(data))

    def send(self, data: bytes) -> bytes:
        """Send it; the last that came back for it, b"" for nothing."""
        self.received.clear()
        self._wire.send(data, "127.0.0.1", 5060)
        self.bench.run()
        return self.received[-1] if self.received else b""

    def ask(self, method: str, user: str, extra: str = "", target: str = "") -> bytes:
        """Send a request from and to ``user``; what came back."""
        return self.send(request(
            method, target or f"sip:{user}@127.0.0.1", f"{self.host}:5060", caller=f"<sip:{user}@127.0.0.1>",
            extra=extra,
        ))  # fmt: skip

    def status(self, method: str, user: str, extra: str = "") -> int:
        """Of the answer, 0 for none."""
        data = self.ask(method, user, extra)
        return read(data).status if data else 0

    def nonce(self, method: str = "REGISTER", user: str = "1047") -> str:
        """One that was sent here."""
        headers = parse_message(self.ask(method, user)).headers
        (value, *_) = headers.get("WWW-Authenticate") or headers["Proxy-Authenticate"]
        return value.partition('nonce="')[2].partition('"')[0]

    def guess(self, user: str = "1047", method: str = "REGISTER", nonce: str = "", password: str = "0" * 64) -> int:
        """Answer a challenge with something for a hash; the status that came back, 0 for none."""
        found = nonce or self.nonce(method, user)
        name = "Authorization" if method != "INVITE" else "Proxy-Authorization"
        return self.status(method, user, credentials(name, user, found, password))


def credentials(name: str, user: str, nonce: str, response: str, algorithm: str = "SHA-256") -> str:
    """A header line."""
    return (
        f'{name}: Digest username="{user}", realm="magroup", nonce="{nonce}", uri="sip:{user}@127.0.0.1", '
        f'response="{response}", algorithm={algorithm}, qop=auth, nc=00000001, cnonce="c"\r\n'
    )
