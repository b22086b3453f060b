"""The cookies that a phone keeps (Development Notes, "HTTP Response Headers": Set-Cookie)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from magroup.cli.simulated_phone.refusal import Refusal, Rule

MOST_PER_HOST = 4
MOST_HOSTS = 8
LONGEST = 255
IDLE = 30 * 60.0
"""Seconds after which the cookies of a host that is not asked are gone."""


@dataclass
class _Kept:
    cookies: dict[str, str] = field(default_factory=dict)
    used: float = 0.0


class Cookies:
    """By host; ``now`` is in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._hosts: dict[str, _Kept] = {}

    def header(self, host: str) -> str:
        """What is sent to the host; empty without cookies."""
        kept = self._hosts.get(host)
        if kept is None or self._now() - kept.used >= IDLE:
            self._hosts.pop(host, None)
            return ""
        kept.used = self._now()
        return "; ".join(f"{name}={value}" for name, value in kept.cookies.items())

    def take(self, host: str, header: str) -> None:
        """Keep what Set-Cookie says. Raises Refusal for what a phone has no room for."""
        if len(header.encode()) > LONGEST:
            raise Refusal(Rule.COOKIE, f"a cookie of {len(header.encode())} bytes, at most {LONGEST}")
        try:
            (morsel,) = SimpleCookie(header).values()
        except (CookieError, ValueError):
            raise Refusal(Rule.COOKIE, f"is no cookie: {header[:60]!r}") from None
        kept = self._hosts.setdefault(host, _Kept())
        kept.used = self._now()
        if morsel["max-age"] == "0":
            kept.cookies.pop(morsel.key, None)
            return
        kept.cookies[morsel.key] = morsel.coded_value
        if len(kept.cookies) > MOST_PER_HOST or len(self._hosts) > MOST_HOSTS:
            raise Refusal(Rule.COOKIE, f"more than {MOST_PER_HOST} cookies of a host, or of {MOST_HOSTS} hosts")

    def forget(self) -> None:
        """The window is closed."""
        self._hosts.clear()
