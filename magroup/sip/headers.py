"""Header field values that a server reads: addresses, Via, CSeq, parameters, lists (RFC 3261 sections 20 and 25)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from mypy_extensions import mypyc_attr

from magroup.sip.errors import GrammarError
from magroup.sip.uri import LONGEST_KEPT, NONE, Uri, parse_uri, readable

_TOKEN: Final = r"[A-Za-z0-9\-.!%*_+`'~]"
is_token: Final = re.compile(_TOKEN + r"+\Z").match
_QUOTED: Final = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
# What a display name need not be quoted for: token characters, white space, and all that is no ASCII.
_DISPLAY: Final = re.compile(r'[^\x00-\x08\x0e-\x1b"#$&(),/:;<=>?@\[\\\]^{|}\x7f]*\Z')
_PARAM: Final = re.compile(
    r"\s*;\s*([A-Za-z0-9\-.!%*_+`'~]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"<>]+))\s*)?", re.DOTALL
)
_PLAIN_PARAMS: Final = re.compile(r"(?:;[A-Za-z0-9\-.!%*_+`'~]+(?:=[^\s;,\"<>]+)?)+\Z")
_COMMON: Final = frozenset(("branch", "rport", "received", "tag", "transport", "lr", "expires", "ob"))
_SENT: Final = re.compile(
    r"\s*SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+"
    r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?:\s*:\s*([0-9]{1,5}))?\s*\Z",
    re.IGNORECASE,
)
_CSEQ: Final = re.compile(r"([0-9]{1,32})\s+(\S+)\Z")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MUST_ESCAPE: Final = re.compile(r'(["\\])')
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_TAGGED: Final = ">;tag="
LARGEST_CSEQ: Final = 2**31 - 1


@mypyc_attr(acyclic=True)
class Address:
    """An immutable name-addr or addr-spec with its header parameters: From, To, Contact, Route, Refer-To ...

    ``text`` is as received, ``name`` unquoted and as ``readable``.
    """

    __slots__ = ("name", "params", "tag", "text", "uri")

    def __init__(self, text: str, name: str, uri: Uri, params: Mapping[str, str]) -> None:
        self.text = text
        self.name = name
        self.uri = uri
        self.params = params
        self.tag = params.get("tag", "")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Address {self.text}>"


@mypyc_attr(acyclic=True)
class Via:
    """One Via value; ``transport`` in lower case, ``port`` None when not given, ``rport`` is among ``params``."""

    __slots__ = ("branch", "host", "params", "port", "text", "transport")

    def __init__(self, text: str, transport: str, host: str, port: int | None, params: Mapping[str, str]) -> None:
        self.text = text
        self.transport = transport
        self.host = host
        self.port = port
        self.params = params
        self.branch = params.get("branch", "")

    @property
    def sent_by(self) -> str:
        return f"{self.host.lower()}:{self.port or (5061 if self.transport == 'tls' else 5060)}"


def parse_address(text: str) -> Address:
    """A From, To, Contact ... value. Raises GrammarError."""
    # Tags are new each time, but whose they are is not: only that is worth keeping.
    named, is_tagged, tag = text.partition(_TAGGED)
    if is_tagged and is_plain(tag) and len(named) <= LONGEST_KEPT and "<" in named and ">" not in named:
        name, uri = _kept_named(named)
        return Address(text, name, uri, {"tag": tag})
    return _kept_address(text) if len(text) <= LONGEST_KEPT else _read_address(text)


def _read_address(text: str) -> Address:
    if "<" in text or text.startswith('"'):
        start = params_start(text)
        if not start:
            raise GrammarError("Bad address: no >")
        named, rest = text[: start - 1], text[start:]
        name, uri = _kept_named(named) if len(named) <= LONGEST_KEPT else _read_named(named)
    else:
        spec, semicolon, rest = text.partition(";")
        if "?" in spec or "," in spec:
            raise GrammarError("Bad address: this URI needs < and >")
        name, uri = "", parse_uri(spec.strip())
        rest = semicolon + rest
    return Address(text, name, uri, parse_params(rest) if rest and not rest.isspace() else NONE)


def params_start(text: str) -> int:
    """Where the header parameters of an address begin, 0 where a bracket is never closed."""
    if "<" in text or text.startswith('"'):
        quoted = _QUOTED.match(text) if '"' in text else None
        return text.find(">", quoted.end() if quoted else text.find("<")) + 1
    semicolon = text.find(";")
    return semicolon if semicolon >= 0 else len(text)


def _read_named(text: str) -> tuple[str, Uri]:
    """The name and the URI of what ends before ``>``."""
    name, start = "", text.find("<")
    quoted = _QUOTED.match(text) if '"' in text else None
    if quoted:
        name = _ESCAPED.sub(r"\1", quoted[1]) if "\\" in quoted[1] else quoted[1]
        start = quoted.end()
        if start >= len(text) or text[start] != "<":
            raise GrammarError("Bad address: no < after the display name")
    elif not start or _DISPLAY.match(text, 0, start):
        name = " ".join(text[:start].split())
    else:
        raise GrammarError("Bad display name")
    return readable(name), parse_uri(text[start + 1 :])


_kept_named: Final = lru_cache(maxsize=4096)(_read_named)
_kept_address: Final = lru_cache(maxsize=4096)(_read_address)


def parse_params(text: str) -> Mapping[str, str]:
    """``;name=value;flag`` as a mapping by lower-case name; "" for a flag. Raises GrammarError."""
    found = _common_params(text[1:]) if text.startswith(";") else None
    return _any_params(text) if found is None else found


def _common_params(text: str) -> dict[str, str] | None:
    """What follows the first semicolon. Nearly all are of these; None for what may be right all the same."""
    found: dict[str, str] = {}
    for item in text.split(";"):
        name, equals, value = item.partition("=")
        if name not in _COMMON or (equals and not is_plain(value)):
            return None
        found[name] = value
    return found


def is_plain(value: str) -> bool:
    """Whether the value of a parameter is of letters and digits, maybe with ``-`` and ``.`` between them."""
    return value.isalnum() or value.replace("-", "").replace(".", "").isalnum()


def _any_params(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if _PLAIN_PARAMS.match(text):
        for item in text[1:].split(";"):
            name, _, value = item.partition("=")
            found[name.lower()] = value
        return found
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _PARAM.match(text, position)
        if match is None:
            raise GrammarError("Bad parameter")
        quoted = match[2]
        found[match[1].lower()] = _ESCAPED.sub(r"\1", quoted) if quoted is not None else match[3] or ""
        position = match.end()
    return found


def parse_via(text: str) -> Via:
    """One Via value. Raises GrammarError."""
    # Branches are new each time, but the senders are the same: only these are worth keeping.
    sent, semicolon, params = text.partition(";")
    transport, host, port = _kept_sent(sent) if len(sent) <= LONGEST_KEPT else _read_sent(sent)
    if not semicolon:
        return Via(text, transport, host, port, NONE)
    found = _common_params(params)
    return Via(text, transport, host, port, _any_params(semicolon + params.rstrip()) if found is None else found)


def _read_sent(text: str) -> tuple[str, str, int | None]:
    match = _SENT.match(text)
    if match is None:
        raise GrammarError("Bad Via")
    transport, host, port = match.groups()
    number = int(port) if port else None
    if number is not None and not 0 < number < 65536:
        raise GrammarError("Bad Via port")
    return transport.lower(), host, number


_kept_sent: Final = lru_cache(maxsize=4096)(_read_sent)


def parse_cseq(text: str) -> tuple[int, str]:
    """(number, method). Raises GrammarError, also for numbers over 2**31 - 1 (RFC 3261 section 8.1.1.5)."""
    return _kept_cseq(text) if len(text) <= LONGEST_KEPT else _read_cseq(text)


def _read_cseq(text: str) -> tuple[int, str]:
    match = _CSEQ.match(text)
    if match is None or not is_token(match[2]):
        raise GrammarError("Bad CSeq")
    number = int(match[1])
    if number > LARGEST_CSEQ:
        raise GrammarError("CSeq number too large")
    return number, match[2]


_kept_cseq: Final = lru_cache(maxsize=1024)(_read_cseq)


def split_list(text: str) -> list[str]:
    """The items of a comma-separated value; commas inside quotes and angle brackets stay."""
    if "," not in text:
        return [text]
    if '"' not in text and "<" not in text:
        return [item.strip() for item in text.split(",")]
    items, start, quoted, bracket, position = [], 0, False, False, 0
    while position < len(text):
        char = text[position]
        if quoted:
            if char == "\\":
                position += 1
            elif char == '"':
                quoted = False
        elif bracket:
            bracket = char != ">"
        elif char == '"':
            quoted = True
        elif char == "<":
            bracket = True
        elif char == ",":
            items.append(text[start:position].strip())
            start = position + 1
        position += 1
    items.append(text[start:].strip())
    return items


def quote(text: str) -> str:
    """``text`` as a quoted-string: quotes and backslashes escaped, control characters (CR, LF ...) become spaces."""
    if text.isalnum():
        return f'"{text}"'
    return '"' + _MUST_ESCAPE.sub(r"\\\1", _CONTROL.sub(" ", text)) + '"'


def format_address(name: str, uri: str, params: str = "") -> str:
    """A name-addr with a safely quoted display name ("" for none) and header parameters such as ``;tag=x``."""
    return f"{quote(name)} <{uri}>{params}" if name else f"<{uri}>{params}"
