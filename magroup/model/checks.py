"""What is wrong with a value that people give: each check returns one sentence, "" when nothing is."""

import re
from ipaddress import ip_network

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from magroup.model.numbers import is_diallable, is_pattern
from magroup.model.short_names import LONGEST as LONGEST_SHORT_NAME

_ADDRESS = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:;transport=(?:udp|tcp|tls))?"
)
_PREFIX = re.compile(r"\+?[0-9*#]{0,32}")
_PIN = re.compile("[0-9]{4,16}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


LONGEST_TEXT = 255
"""Characters of a text where nothing else is said."""

LARGEST_ID = 2**31 - 1
LONGEST_TIMEOUT = 86_400
MOST_STARS = 5


def text(value: str) -> str:
    """A text of one line."""
    if len(value) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters"
    if any(c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" for c in value):
        return "has characters that cannot be shown"
    return ""


def name(value: str) -> str:
    return "" if value == value.strip() else "begins or ends with a space"


def phone_number(value: str) -> str:
    return "" if is_diallable(value) else f"{value} is no phone number: digits, * and #, with or without a + before"


def vip_number(value: str) -> str:
    if is_pattern(value):
        return ""
    return f"{value} is no number for a VIP list: digits, X for any digit, ! at the end for any rest"


def prefix(value: str) -> str:
    return "" if _PREFIX.fullmatch(value) else f"{value} is no beginning of a number"


def short_name(value: str) -> str:
    return name(value) or (
        "" if len(value) <= LONGEST_SHORT_NAME else f"is longer than {LONGEST_SHORT_NAME} characters"
    )


def file_name(value: str) -> str:
    return f"{value} is no file name" if value.startswith(".") or set(value) & set("/\\") else name(value)


def language(value: str) -> str:
    return "" if _LANGUAGE.fullmatch(value) else f"{value} is no language, such as en or de-CH"


def address(value: str) -> str:
    found = _ADDRESS.fullmatch(value)
    if found and 0 < int(found[1] or 5060) < 65536:
        return ""
    return f"{value} is no address: host, host:port or host:port;transport=tcp"


def network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        return f"{value} is no IP address and no network such as 192.0.2.0/24"
    return ""


def pin(value: str) -> str:
    return "" if _PIN.fullmatch(value) else "is no PIN: 4 to 16 digits"


def password_hash(value: str) -> str:
    try:
        extract_parameters(value)
    except (InvalidHashError, ValueError):
        return "is no argon2 hash"
    return ""
