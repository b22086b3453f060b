"""SIP and SIPS URIs (RFC 3261 section 19.1, IPv6 as RFC 5118 says)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from mypy_extensions import mypyc_attr

from magroup.sip.errors import GrammarError

_SIP: Final = re.compile(
    r"(?P<scheme>[sS][iI][pP][sS]?):"
    r"(?:(?P<user>[^@<>\"\s:]*)(?::(?P<password>[^@<>\"\s]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<params>(?:;[^;?<>\"\s@]+)*)"
    r"(?P<headers>\?[^<>\"\s@]*)?\Z"
)
_OTHER: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^<>\"\s]+)\Z")
_UNSAFE_IN_USER: Final = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/]")
NONE: Final[Mapping[str, str]] = MappingProxyType({})
LONGEST_KEPT: Final = 1024


@mypyc_attr(acyclic=True)
class Uri:
    """An immutable URI; ``text`` is as received, ``user`` still escaped, ``params`` by lower-case name ("" = flag)."""

    __slots__ = ("headers", "host", "params", "password", "port", "scheme", "text", "user")

    def __init__(
        self, text: str, scheme: str, user: str, password: str, host: str, port: int | None,
        params: Mapping[str, str], headers: str,
    ) -> None:  # fmt: skip
        self.text = text
        self.scheme = scheme
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.params = params
        self.headers = headers

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Uri {self.text}>"

    @property
    def is_sip(self) -> bool:
        return self.scheme in ("sip", "sips")

    @property
    def number(self) -> str:
        """The user part unescaped once, without parameters that a telephone-subscriber may carry; as ``readable``."""
        user = self.user if "%" not in self.user else unquote(self.user)
        return readable(user.split(";", 1)[0] if ";" in user else user)

    @property
    def transport(self) -> str:
        """``transport`` in lower case, "tls" for sips without one, "udp" when nothing is said."""
        named = self.params.get("transport")
        if named:
            named = named.lower()
            return "tls" if self.scheme == "sips" and named == "tcp" else named
        return "tls" if self.scheme == "sips" else "udp"

    def same_as(self, other: "Uri") -> bool:
        """Equal by the rules of RFC 3261 section 19.1.4."""
        if self.text == other.text:
            return True
        if not (self.is_sip and other.is_sip):
            return False
        if (
            self.scheme != other.scheme
            or unquote(self.user) != unquote(other.user)
            or unquote(self.password) != unquote(other.password)
            or self.host.lower() != other.host.lower()
            or self.port != other.port
            or _header_set(self.headers) != _header_set(other.headers)
        ):
            return False
        for name in {*self.params, *other.params}:
            mine, theirs = self.params.get(name), other.params.get(name)
            if mine is None or theirs is None:
                if name in ("user", "ttl", "method", "maddr", "transport"):
                    return False
            elif mine.lower() != theirs.lower():
                return False
        return True


def parse_uri(text: str) -> Uri:
    """The URI in ``text`` (no surrounding brackets or space). Raises GrammarError."""
    return _kept_uri(text) if len(text) <= LONGEST_KEPT else _read_uri(text)


def _read_uri(text: str) -> Uri:
    match = _SIP.match(text)
    if match is None:
        other = _OTHER.match(text)
        if other is None or other[1].lower() in ("sip", "sips"):
            raise GrammarError(f"Bad URI {readable(text[:40])}")
        return Uri(text, other[1].lower(), "", "", other[2], None, NONE, "")
    scheme, user, password, host, port, params, headers = match.groups()
    number = int(port) if port else None
    if number is not None and not 0 < number < 65536:
        raise GrammarError(f"Bad port {port}")
    found = _params(params) if params else NONE
    return Uri(text, scheme.lower(), user or "", password or "", host, number, found, headers or "")


_kept_uri: Final = lru_cache(maxsize=8192)(_read_uri)


def _header_set(headers: str) -> list[str]:
    return sorted(headers.lstrip("?").lower().split("&"))


def _params(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for item in text[1:].split(";"):
        name, _, value = item.partition("=")
        found[unquote(name).lower()] = unquote(value)
    return found


def readable(text: str) -> str:
    """``text`` for people and other peers: octets that are no UTF-8, kept as lone surrogates, become U+FFFD."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def escape_user(user: str) -> str:
    """``user`` as it may stand before the ``@`` of a URI."""
    if user.isascii() and user.isalnum():
        return user
    return _UNSAFE_IN_USER.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), user)


def sip_uri(user: str, host: str, port: int | None = None, transport: str = "") -> str:
    """The text of a SIP URI; an IPv6 ``host`` gets its brackets, default ports and UDP are left out."""
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    where = host if port is None or port == (5061 if transport == "tls" else 5060) else f"{host}:{port}"
    what = f"{escape_user(user)}@{where}" if user else where
    return f"sip:{what};transport={transport}" if transport and transport != "udp" else f"sip:{what}"
