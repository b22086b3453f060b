"""Values of header fields, a line of the input each: URIs, addresses, Via, parameters, digests."""

from contextlib import suppress

from magroup.sip import auth, challenge, contacts, digest, headers, nonce, uri
from magroup.sip.auth import Authenticator
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.contacts import Limits, read_contacts
from magroup.sip.digest import parse_challenges, parse_digest, quoted
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.headers import format_address, parse_address, parse_cseq, parse_params, parse_via, split_list
from magroup.sip.message import Request, Response
from magroup.sip.refer import parse_replaces
from magroup.sip.uri import parse_uri, readable, sip_uri
from tests.fuzz.target import Target, hold, same

_LINES = 12


def _check(data: bytes) -> None:
    for line in data.split(b"\n")[:_LINES]:
        text = line.decode("utf-8", "surrogateescape")
        _uri(text)
        _address(text)
        _rest(text)
        _digest(text)
        _challenged(text)


def _uri(text: str) -> None:
    try:
        found = parse_uri(text)
    except GrammarError:
        return
    same(str(found), text, "text")
    hold(found.same_as(found) and found.same_as(parse_uri(text)), "the same")
    hold(found.transport == found.transport.lower(), "transport")
    if found.is_sip:
        made = parse_uri(sip_uri(found.number, found.host.strip("[]"), found.port, "tcp"))
        same((made.number, made.host, made.port or found.port), (found.number, found.host, found.port), "made anew")


def _address(text: str) -> None:
    name = readable(text)
    with suppress(GrammarError):
        found = parse_address(text)
        hold(found.name.isprintable() or found.name, "name")
        same(parse_address(format_address(found.name, str(found.uri), ";tag=x")).uri.text, found.uri.text, "address")
    made = parse_address(format_address(name, "sip:a@b"))
    same((made.uri.text, made.params), ("sip:a@b", {}), "quoted name")
    hold(made.name == name or any(char < " " or char == "\x7f" for char in name), "quoted name", made.name, name)
    request = Request("REGISTER", "sip:b", {"Contact": [text]})
    with suppress(SipError):
        for wanted in read_contacts(request, Limits(), {}) or ():
            params = parse_params(wanted.params) if wanted.params else {}
            given = {
                name: value for name, value in parse_address(wanted.text).params.items() if name not in ("expires", "q")
            }
            same(params, given, "parameters of a contact")


def _rest(text: str) -> None:
    with suppress(GrammarError):
        via = parse_via(text)
        hold(via.port is None or 0 < via.port < 65536, "port")
        hold(via.sent_by, "sent-by")
    with suppress(GrammarError):
        number, _ = parse_cseq(text)
        hold(0 <= number < 2**31, "CSeq", number)
    with suppress(GrammarError):
        for name in parse_params(text):
            same(name, name.lower(), "name")
    with suppress(SipError):
        parse_replaces(text)
    same("".join(split_list(text)).replace(",", "").split(), text.replace(",", "").split()
         if '"' not in text and "<" not in text and " " not in text and text.isascii() and text.isprintable()
         else "".join(split_list(text)).replace(",", "").split(), "list")  # fmt: skip


def _digest(text: str) -> None:
    found = parse_digest(text)
    if found:
        made = "Digest " + ", ".join(f"{name}={quoted(value)}" for name, value in found.items())
        if len(made) <= digest.LONGEST_HEADER:
            same(parse_digest(made), found, "digest")
    for fields in parse_challenges(text):
        hold(all(name == name.lower() for name in fields), "names")
    checks = Authenticator("magroup", lambda user: "secret", b"k" * 16, random=lambda size: b"r" * size)
    request = Request("REGISTER", "sip:192.0.2.2", {"Authorization": [text], "Call-ID": ["c"], "CSeq": ["1 REGISTER"]})
    try:
        user = checks.check(request, 1000.0, address="192.0.2.1")
    except SipError as error:
        hold(error.status in (400, 401), "status")
    else:
        hold(False, "let in", user)


def _challenged(text: str) -> None:
    """What is answered to a challenge is one value that can be read, of the realm that asked."""
    answers = Answers(Credentials('an"n', "secret"), lambda: "c")
    request = Request("INVITE", "sip:192.0.2.2", {})
    try:
        given = answers.answer(Response(407, "", {"Proxy-Authenticate": [text]}), request)
    except SipError:
        return
    realms = {fields["realm"] for fields in parse_challenges(text) if "realm" in fields}
    for value in given["Proxy-Authorization"]:
        hold("\r" not in value and "\n" not in value, "line end", value)
        fields = parse_digest(value)
        if len(value) <= digest.LONGEST_HEADER:
            hold(fields and fields["realm"] in realms and fields["username"] == 'an"n', "answer", value)


SEEDS = (
    b"sip:ann:pw@192.0.2.1:5060;transport=tcp;user=phone?Subject=x&Replaces=a%3Bto-tag%3D1\nsips:a%20b@[2001:db8::1]:5"
    b"061;lr\ntel:+1-2;x=y",
    b'"A \\"quoted\\" name" <sip:1047@example.com:5070;ob>;expires=60;q=0.7;+sip.instance="<urn:uuid:f81d>";reg-'
    b"id=1\n"
    b'Bob B <sips:b@x>;tag=1\nsip:c@d;tag=2\n*\n<sip:a@b>;x="sip:a@b;y=1", <sip:c@d>',
    b'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport=1;received=1.2.3.4\nSIP / 2.0 / TLS [::1] : 5061 ;branch="x;y'
    b'";maddr=a;ttl=3',
    b'4711 INVITE\n;a=b;c;d="e;f"\na;to-tag=1;from-tag=2;early-only',
    b'Digest username="1047", realm="magroup", nonce="AAABjEn6eAByclJyclJy", uri="sip:192.0.2.2", response="0'
    b'0", opaque="a\\\\b", '
    b'algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c"\nDigest realm="m", nonce=n, algorithm=MD5-sess, qop="a'
    b'uth-int, auth", stale=true, '
    b'Basic realm="x", Digest realm="b",nonce="z"',
)
TOKENS = (
    b"Digest ", b"realm=", b"nonce=\"", b"username*=UTF-8''x", b"qop=auth", b"nc=0000000a", b"cnonce=\"\"",
    b"uri=\"sip:192.0.2.2\"", b"response=",
    b"algorithm=MD5", b"-sess", b"\\\"", b"\\", b"\"", b", ", b";", b"sip:", b"sips:", b"[::1]", b"%25", b"%00", b"%",
    b"@", b"<", b">", b";tag=",
    b";expires=", b";q=", b";+sip.instance=\"", b"SIP/2.0/UDP ", b" : ", b"*", b"?", b"&", b"=", b"N<1>",
)  # fmt: skip
TARGET = Target(
    "sip_values", _check, (uri, headers, digest, auth, challenge, nonce, contacts), SEEDS, TOKENS, 8 << 10, fresh=500
)
