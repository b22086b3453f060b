"""A SIP failure knows the status code and reason phrase it is answered with (RFC 3261 section 21)."""

from collections.abc import Mapping
from typing import Final

PHRASES: Final = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    199: "Early Dialog Terminated", 200: "OK", 202: "Accepted", 204: "No Notification",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    410: "Gone", 412: "Conditional Request Failed", 413: "Request Entity Too Large", 414: "Request-URI Too Long",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required",
    422: "Session Interval Too Small", 423: "Interval Too Brief", 429: "Provide Referrer Identity",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
    483: "Too Many Hops", 484: "Address Incomplete", 485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending", 493: "Undecipherable",
    500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large",
    600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable",
}  # fmt: skip


def phrase(status: int) -> str:
    """The reason phrase of a status code, that of its class's x00 code when it is not a known one."""
    return PHRASES.get(status) or PHRASES.get(status // 100 * 100, "Unknown")


class SipError(Exception):
    """A request that is answered with ``status``; ``headers`` go into the response as they are.

    A header with several values (challenges, say) has a list of them, one for each line.
    """

    def __init__(
        self, status: int, reason: str = "", headers: Mapping[str, str | list[str]] | None = None
    ) -> None:
        self.status = status
        self.reason = reason or phrase(status)
        self.headers: Mapping[str, str | list[str]] = headers or {}
        super().__init__(f"{status} {self.reason}")


class GrammarError(SipError):
    """Text that is not SIP: 400 with what is wrong as the reason phrase."""

    def __init__(self, what: str, status: int = 400) -> None:
        super().__init__(status, what)
