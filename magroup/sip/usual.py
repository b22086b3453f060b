"""A REGISTER in the form that nearly all phones give it, read by one pattern (RFC 3261 section 10.2, RFC 7616)."""

import re
from typing import Final, NamedTuple

LONGEST: Final = 2048
_TOKEN: Final = r"[A-Za-z0-9\-.!%*_+`'~]+"
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?"
_PORT: Final = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4})"
_PARAMS: Final = r"(?:;transport=[A-Za-z]{3}|;user=phone|;lr)*"
_NAME: Final = r'(?:"[^"\\\x00-\x1f\x7f]*" ?|[A-Za-z0-9][A-Za-z0-9 ]*)?'
_TEXT: Final = r"[!-~](?:[ -~]*[!-~])?"
_QUOTED: Final = r"[!#-\[\]-~ ]+"


def _who(name: str) -> str:
    return rf"{_NAME}<sip:(?P<{name}>[A-Za-z0-9_.+\-]+)@{_HOST}(?::{_PORT})?{_PARAMS}>"


def _once(name: str, begins: str, what: str) -> str:
    """What begins so, if it was not there before; named by the first group in it."""
    return f"{begins}(?({name})(?!)){what}"


def _compiled(pattern: str) -> re.Pattern[str]:
    """Groups that come later may be asked for by their number only."""
    for number, name in enumerate(re.findall(r"\(\?P<(\w+)>", pattern), 1):
        pattern = pattern.replace(f"(?({name})", f"(?({number})")
    return re.compile(pattern)


_HEADERS: Final = "|".join(
    (
        _once("via", "Via: ", rf"(?P<via>SIP/2\.0/(?P<transport>UDP|TCP|TLS) (?P<host>{_HOST})(?::(?P<port>{_PORT}))?"
              rf"(?P<early>;rport)?;branch=(?P<branch>z9hG4bK{_TOKEN})(?P<late>;rport)?)"),
        _once("from", "From: ", rf"(?P<from>{_who('from_user')};tag={_TOKEN})"),
        _once("to", "To: ", rf"(?P<to>{_who('to_user')})"),
        _once("call_id", "Call-ID: ", r"(?P<call_id>[!-+\--~]{1,255})"),
        _once("cseq", "CSeq: ", "(?P<cseq>[0-9]{1,9}) REGISTER"),
        _once("contact", "Contact: ", r"(?P<contact>[!-)+\--~](?:[ -+\--~]*[!-+\--~])?)"),
        _once("expires", "Expires: ", "(?P<expires>[0-9]{1,9})"),
        _once("agent", "User-Agent: ", rf"(?P<agent>{_TEXT})"),
        _once("forwards", "Max-Forwards: ", "(?P<forwards>[0-9]{1,3})"),
        _once("length", "Content-Length: ", "(?P<length>0)"),
        _once("credentials", "Authorization: ", rf"(?P<credentials>{_TEXT})"),
        _once("packages", "Allow-Events: ", rf"(?P<packages>{_TEXT})"),
        r"(?:Accept|Accept-Encoding|Accept-Language|Allow|Date|Event|Organization|Reason|Route|Subject|Supported|Mac"
        r"|P-[A-Za-z\-]+|X-[A-Za-z\-]+): [^\r\n]*",
    )
)  # fmt: skip
_REGISTER: Final = _compiled(
    rf"REGISTER (?P<target>sip:{_HOST}(?::{_PORT})?{_PARAMS}) SIP/2\.0\r\n(?:(?:{_HEADERS})\r\n)+\r\n\Z"
)
_FIELDS: Final = "|".join(
    (
        _once("user", 'username="', f'(?P<user>{_QUOTED})"'),
        _once("realm", 'realm="', f'(?P<realm>{_QUOTED})"'),
        _once("nonce", 'nonce="', f'(?P<nonce>{_QUOTED})"'),
        _once("uri", 'uri="', f'(?P<uri>{_QUOTED})"'),
        _once("response", 'response="', '(?P<response>[0-9a-f]{32,64})"'),
        _once("algorithm", "algorithm=", '(?P<algorithm>MD5|SHA-256|"MD5"|"SHA-256")'),
        _once("cnonce", 'cnonce="', f'(?P<cnonce>{_QUOTED})"'),
        _once("qop", "qop=", '(?P<qop>auth|"auth")'),
        _once("nc", "nc=", "(?P<nc>[0-9a-fA-F]{8})"),
        _once("opaque", 'opaque="', f'(?P<opaque>{_QUOTED})"'),
    )
)  # fmt: skip
_CREDENTIALS: Final = _compiled(rf"Digest (?:(?:{_FIELDS})(?:, ?|\Z))+\Z")


class Usual(NamedTuple):
    """The parts of such a REGISTER, "" for one that is not there; ``from_`` and ``to`` are whole values.

    It has no body, one Via, ``rport`` among it before or behind the branch, one To without a tag, and nothing that a
    registrar may be unable to do. ``contact`` is one value, whatever is in it.
    """

    target: str
    via: str
    transport: str
    host: str
    port: str
    early: str
    branch: str
    late: str
    from_: str
    from_user: str
    to: str
    to_user: str
    call_id: str
    cseq: str
    contact: str
    expires: str
    agent: str
    forwards: str
    length: str
    credentials: str
    packages: str


class Given(NamedTuple):
    """Digest credentials with ``qop=auth``; ``algorithm`` is "" where none is named."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    cnonce: str
    qop: str
    nc: str
    opaque: str


def read_usual(data: bytes) -> Usual | None:
    """A REGISTER; None for what has to be read as any message."""
    if len(data) > LONGEST or not data.isascii():
        return None
    found = _REGISTER.match(data.decode("ascii"))
    if found is None:
        return None
    usual = Usual._make(found.groups(""))
    if not (usual.branch and usual.from_ and usual.to and usual.call_id and usual.cseq):
        return None
    return None if usual.early and usual.late else usual


def read_given(credentials: str) -> Given | None:
    """The value of an Authorization header; None for what has to be read as any credentials."""
    found = _CREDENTIALS.match(credentials)
    if found is None:
        return None
    given = Given._make(found.groups(""))
    return given if given.nc and given.qop and given.cnonce else None
