"""Rules for single settings: each takes a text and raises ValueError with the reason why it is refused."""

import ipaddress
import re
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from magroup.model.numbers import is_diallable
from magroup.model.pbx import AmiPlace, CstaPlace
from magroup.model.redis_place import RedisPlace

_LABEL = "[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\.?\Z")
_REALM = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")
_SERVICE_CODE = re.compile(r"[*#][0-9*#]{0,7}\Z")
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}\Z")
_PHONE_TONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\.(?:raw|wav)", re.IGNORECASE)
_ASTERISK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}")
_NODE = re.compile(r"[a-z0-9]{1,16}")
_NOT_NODES = ("ast", "csta", "pbx")  # the ids of a PBX's calls begin so
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")


def not_empty(text: str) -> None:
    """Anything but nothing."""
    if not text.strip():
        raise ValueError("must not be empty")


def address(text: str) -> None:
    """An IPv4 or IPv6 address in digits."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address") from None


def address_or_empty(text: str) -> None:
    """An address, or nothing."""
    if text:
        address(text)


def network(text: str) -> None:
    """An address or a network such as 10.0.0.0/8."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither an IP address nor a network such as 10.0.0.0/8") from None


def host(text: str) -> None:
    """A host name (RFC 1123) or an IP address."""
    if _HOST_NAME.match(text) is None:
        try:
            address(text)
        except ValueError:
            raise ValueError(f"{text!r} is neither a host name nor an IP address") from None


def host_or_empty(text: str) -> None:
    """A host, or nothing."""
    if text:
        host(text)


def realm(text: str) -> None:
    """A SIP domain that is a legal realm too."""
    if _REALM.match(text) is None:
        raise ValueError("must be 1-253 letters, digits, dots, dashes or underscores")


def header_text(text: str) -> None:
    """Printable ASCII, so that it can stand in a header."""
    if len(text) > 128 or not all(" " <= letter <= "~" for letter in text):
        raise ValueError("must be at most 128 printable ASCII characters")


def agent(text: str) -> None:
    """The beginning of a User-Agent: four characters or more, or it would fit too many."""
    header_text(text)
    if len(text.strip()) < 4:
        raise ValueError("must be at least 4 characters")


def digits_or_empty(text: str) -> None:
    """Up to eight digits."""
    if len(text) > 8 or not (text == "" or (text.isascii() and text.isdigit())):
        raise ValueError("must be at most 8 digits")


def number(text: str) -> None:
    """A number that can be dialled."""
    if not is_diallable(text):
        raise ValueError(f"{text!r} is no phone number: digits, * and #")


def number_or_empty(text: str) -> None:
    """A number that can be dialled, or nothing."""
    if text:
        number(text)


def uri_user_or_empty(text: str) -> None:
    """The part before the @ of a SIP address, without what would have to be escaped there. Raises ValueError."""
    if text and not re.fullmatch(r"[A-Za-z0-9._+*#-]{1,64}", text):
        raise ValueError("letters, digits and . _ + * # - only, 64 at most")


def service_code(text: str) -> None:
    """What phones dial for a service: * or #, and up to seven more of these and digits; or nothing."""
    if text and _SERVICE_CODE.match(text) is None:
        raise ValueError("must be * or # followed by at most 7 digits, * or #")


def instance(text: str) -> None:
    """A name that can be a part of a path."""
    if _INSTANCE.match(text) is None:
        raise ValueError("must be 1-63 letters, digits, spaces or . _ -, and begin with a letter or digit")


def time_zone(text: str) -> None:
    """A name from the IANA time zone database, or nothing."""
    if not text:
        return
    path = PurePosixPath(text)
    try:
        if path.is_absolute() or ".." in path.parts:
            raise ValueError
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(f"{text!r} is not a time zone such as Europe/Zurich") from None


def public_url(text: str) -> None:
    """An http or https address without query."""
    if not text:
        return
    url = _url(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username:
        raise ValueError("must be an address such as https://calls.example.com")
    host(url.hostname)


def origin(text: str) -> None:
    """Scheme and host of a site, the host perhaps with a star for its first label; nothing that ends a policy."""
    url = _url(text)
    name = (url.hostname or "").removeprefix("*.")
    if url.scheme not in ("http", "https") or not name or f"{url.scheme}://{url.netloc}" != text or url.username:
        raise ValueError("must be the address of a site such as https://*.webex.com")
    host(name)


def database_url(text: str) -> None:
    """A URL of a database that magroup knows, or nothing."""
    if not text:
        return
    if _url(text).scheme not in _DATABASES:
        raise ValueError("must begin with sqlite:// or postgresql://")


def redis_url(text: str) -> None:
    """A Redis URL, or nothing."""
    if text:
        RedisPlace.parse(text)


def is_socket_url(text: str) -> bool:
    """Whether a legal URL names a socket in the machine's file system."""
    return text.startswith("unix:")


def node_or_empty(text: str) -> None:
    """The name of a node, with which the ids of its calls begin, or nothing."""
    if text and (_NODE.fullmatch(text) is None or text in _NOT_NODES):
        raise ValueError(f"{text!r} is no name of a node: 1-16 small letters and digits, but none of ast, csta, pbx")


def cti(text: str) -> None:
    """``embedded``, or the place of a PBX beside it."""
    kind = text.partition(":")[0]
    if kind == "ami":
        host(AmiPlace.parse(text).host)
    elif kind == "csta":
        host(CstaPlace.parse(text).host)
    elif text != "embedded":
        raise ValueError("must be embedded, csta:tcp:host=HOST:port=PORT or ami:tcp:host=HOST")


def asterisk_name(text: str) -> None:
    """The name of a context or peer in Asterisk's configuration."""
    if _ASTERISK_NAME.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no name of Asterisk's configuration")


def asterisk_family(text: str) -> None:
    """The name of a family in Asterisk's database, or nothing."""
    if text:
        asterisk_name(text)


def without_password(url: str) -> str:
    """``url`` with its password, in the authority or in the query, replaced by three stars: fit for print."""
    hidden = re.sub(r"(?<=://)([^:@/]*):.*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&](?:password|passwd|sslpassword)=)[^&#]*", r"\1***", hidden)


def _url(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None  # the reason may hold a part of a password
    if not text.isprintable() or " " in text:
        raise ValueError("is not a URL: it contains blanks or control characters")
    return parts


def phone_tone(text: str) -> None:
    """The name of a tone on the phones' TFTP server."""
    if _PHONE_TONE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no name of a tone for phones, such as Chime.raw")
