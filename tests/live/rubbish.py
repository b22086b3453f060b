"""Octets that are no SIP, or nearly: made by hypothesis, the same in every run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.live.requests import OFFER, request

T = TypeVar("T")

METHODS = (
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY", "SUBSCRIBE",
    "MESSAGE", "PUBLISH",
)  # fmt: skip
EXTRA = (
    "Route: <sip:10.0.0.1;lr>\r\nRecord-Route: <sip:10.0.0.1;lr>\r\n",
    "Require: 100rel, timer\r\nSupported: 100rel\r\nSession-Expires: 90;refresher=uac\r\nMin-SE: 90\r\n",
    "Refer-To: <sip:1201@example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\nReplaces: a;to-tag=b;from-tag=c\r\n",
    'Authorization: Digest username="1201", realm="magroup", nonce="x", uri="sip:a", response="0"\r\nExpires: 60\r\n',
    "P-Asserted-Identity: \"A\" <sip:1@x>\r\nDiversion: <sip:2@x>\r\nReason: SIP;cause=200\r\nRAck: 1 1 INVITE\r\n",
)
PIECES = (
    b"\r\n", b"\n", b"\r", b"\0", b'"', b"<", b">", b"\\", b"%00", b"%", b";", b":", b",", b"\xff\xfe", b"\xc3", b" ",
    b"\r\n ", b"\r\n\r\n", b"@", b"sip:", b"4294967296", b"-1", b"\xf0\x9f\x98\x80", b"\x1b[2J", b"SIP/2.0", b"a" * 300,
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing done to a message at a place of it, 0 to 1: some octets cut out, and a piece put in."""

    place: float
    cut: int
    piece: bytes

    def do(self, data: bytes) -> bytes:
        at = int(self.place * len(data))
        return data[:at] + self.piece + data[at + self.cut :]


@dataclass(frozen=True)
class Mutant:
    """A message that was good once, made anew for each sender."""

    method: str
    extra: str
    body: bytes
    changes: tuple[Change, ...]
    length: float
    """How much of it is sent."""

    def message(self, target: str, sent_by: str, transport: str = "UDP") -> bytes:
        good = request(self.method, target, sent_by, transport=transport, extra=self.extra, body=self.body)
        return self.changed(good)

    def changed(self, data: bytes) -> bytes:
        """What comes of a good message."""
        for change in self.changes:
            data = change.do(data)
        return data[: max(1, int(self.length * len(data)))]


changes = st.builds(
    Change, st.floats(0, 1), st.one_of(st.just(0), st.integers(0, 30)), st.sampled_from(PIECES) | st.just(b"")
)
mutants = st.builds(
    Mutant,
    st.sampled_from(METHODS) | st.sampled_from(("INVITE", "REGISTER", "OPTIONS")),
    st.sampled_from(EXTRA) | st.just(""),
    st.just(b"") | st.just(OFFER),
    st.lists(changes, min_size=0, max_size=3).map(tuple),
    st.just(1.0) | st.floats(0, 1),
)
noise = st.binary(min_size=1, max_size=600) | st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map(b"".join)


def examples(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """``count`` different ones, or nearly as many."""
    found: list[T] = []

    def keep(one: T) -> None:
        found.append(one)

    made: Callable[[], None] = given(strategy)(keep)
    settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(made)()  # fmt: skip
    return found
