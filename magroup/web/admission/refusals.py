"""What a request is refused with: Werkzeug's exceptions, with the header fields that belong to them."""

import math
from typing import Any

from werkzeug.exceptions import Forbidden, HTTPException, TooManyRequests, Unauthorized

CHALLENGE = "WWW-Authenticate"


class LoginNeeded(HTTPException):
    """A page that needs a login: the browser is sent to the login page at ``location``."""

    code = 302

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


class WrongCredentials(Exception):
    """No user has this name and this password."""


class CredentialsNeeded(Unauthorized):
    """401 with a challenge (RFC 9110 section 11.6.1, whose realm is always a quoted string)."""

    def __init__(self, challenge: str) -> None:
        super().__init__()
        self.challenge = challenge

    def get_headers(self, *arguments: Any, **named: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*arguments, **named), (CHALLENGE, self.challenge)]


class ScopeNeeded(Forbidden):
    """403 for a token without the scope (RFC 6750 section 3.1)."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token has no scope {scope}.")
        self.scope = scope

    def get_headers(self, *arguments: Any, **named: Any) -> list[tuple[str, str]]:
        challenge = f'Bearer error="insufficient_scope", scope="{self.scope}"'
        return [*super().get_headers(*arguments, **named), (CHALLENGE, challenge)]


def basic_needed(realm: str) -> Unauthorized:
    return CredentialsNeeded(f'Basic realm="{realm}", charset="UTF-8"')


def token_needed(realm: str, error: str = "") -> Unauthorized:
    """``error`` as in RFC 6750 section 3.1, "" where no token was sent."""
    return CredentialsNeeded(f'Bearer realm="{realm}"' + (f', error="{error}"' if error else ""))


def too_many(seconds: float) -> TooManyRequests:
    """Try again after so many seconds."""
    return TooManyRequests("Too many failed logins. Try again later.", retry_after=max(1, math.ceil(seconds)))


def from_elsewhere() -> Forbidden:
    return Forbidden("This request comes from a page of another site.")
