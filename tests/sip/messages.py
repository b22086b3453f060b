"""Messages that are put together, and those of RFC 4475, for tests of the grammar."""

import contextlib
import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from magroup.sip.errors import GrammarError
from magroup.sip.headers import parse_address, parse_params, parse_via
from magroup.sip.message import MessageError, Request, Response, parse_message

TORTURE = Path(__file__).parents[3] / "shared" / "data" / "torture"
PARSER_ANSWERS = {"400", "505", "drop"}
"""Outcomes that come of the grammar; all others are decided by who gets the message."""

START = "OPTIONS sip:bob@example.com SIP/2.0"
HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc",
    "From": '"Ann" <sip:ann@example.com>;tag=1',
    "To": "<sip:bob@example.com>",
    "Call-ID": "call@example.com",
    "CSeq": "7 OPTIONS",
}


def message(start: str = START, body: bytes = b"", extra: str = "", **changes: str | None) -> bytes:
    """A good message with some headers changed (``call_id="x"``) or left out (None); ``extra`` lines at the end."""
    named = {name.replace("_", "-").lower(): value for name, value in changes.items()}
    lines = [start]
    for name, value in HEADERS.items():
        value = named.pop(name.lower(), value)
        if value is not None:
            lines.append(f"{name}: {value}")
    lines += [f"{name}: {value}" for name, value in named.items()]
    return ("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode() + body


def read_everything(parsed: Request | Response) -> None:
    """Look at a message in every way; only GrammarError may come of it."""
    for name in list(parsed.headers):
        parsed.get(name), parsed.items(name), parsed.tokens(name), parsed.number(name)
        for item in parsed.items(name):
            for read in (parse_address, parse_params, parse_via):
                with contextlib.suppress(GrammarError):
                    read(item)
    for attribute in ("call_id", "content_type", "via", "from_", "to", "cseq", "contact", "uri"):
        with contextlib.suppress(GrammarError):
            getattr(parsed, attribute, None)
    repr(parsed), parsed.encode()


def rows(title: str) -> list[list[str]]:
    """The rows of a table of the manifest, by a word of its heading."""
    text = (TORTURE / "manifest.md").read_text("utf-8")
    part = next(part for part in re.split(r"^# ", text, flags=re.MULTILINE) if part.startswith(title))
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def torture(name: str) -> bytes:
    return (TORTURE / "rfc4475" / name).read_bytes()


def torture_request(name: str) -> Request:
    parsed = parse_message(torture(name))
    assert isinstance(parsed, Request)
    return parsed


IPV6 = "2001:db8::9:1"
GOOD_IPV6 = {
    "references everywhere": dict(
        start="REGISTER sip:[2001:db8::10] SIP/2.0",
        cseq="98176 REGISTER",
        via=f"SIP/2.0/UDP [{IPV6}];branch=z9hG4bKas3-111",
        contact=f'"Caller" <sip:caller@[{IPV6}]>',
    ),
    "port inside the brackets": dict(start="OPTIONS sip:[2001:db8::10:5070] SIP/2.0"),
    "port outside the brackets": dict(start="OPTIONS sip:[2001:db8::10]:5070 SIP/2.0"),
    "received with brackets": dict(via=f"SIP/2.0/UDP [{IPV6}];received=[2001:db8::9:255];branch=z9hG4bKas3"),
    "received without brackets": dict(via=f"SIP/2.0/UDP [{IPV6}];received=2001:db8::9:255;branch=z9hG4bKas3"),
    "mixed Via": dict(extra="Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\nVia: SIP/2.0/TCP [2001:db8::b]:5060\r\n"),
    "mapped IPv4": dict(via="SIP/2.0/UDP [::ffff:192.0.2.2]:5060;branch=z9hG4bK1", contact="<sip:[::ffff:192.0.2.2]>"),
    "three colons": dict(via="SIP/2.0/UDP [2001:db8:::192.0.2.1];branch=z9hG4bKx"),
    "three colons in the Request-URI": dict(start="OPTIONS sip:u@[2001:db8:::192.0.2.1] SIP/2.0"),
    "two colons and IPv4": dict(via="SIP/2.0/UDP [2001:db8::192.0.2.1];branch=z9hG4bKx"),
}


def without_length(parsed: Request | Response) -> dict[str, list[str]]:
    return {name: values for name, values in parsed.headers.items() if name != "Content-Length"}


def good_files() -> list[bytes]:
    found = [message(), message(body=b"v=0\r\n", content_length="5")]
    for name in (row[0] for row in rows("RFC 4475")):
        try:
            parse_message(torture(name))
        except MessageError:
            continue
        found.append(torture(name))
    return found


GOOD = good_files()
POSITION = st.integers(0, 3500)
INSERTED = st.one_of(
    st.binary(min_size=1, max_size=4),
    st.sampled_from([bytes([char]) for char in b'"<>;,\n\r \\%:@=\x00'] + [b"\r\n", b"\r\n ", b"\r\n\r\n"]),
)
EDIT = st.one_of(
    st.tuples(st.just("insert"), POSITION, INSERTED),
    st.tuples(st.just("delete"), POSITION, st.integers(1, 40)),
    st.tuples(st.just("repeat"), POSITION, st.integers(1, 200)),
    st.tuples(st.just("cut"), POSITION, st.none()),
)
NAME = st.from_regex(r"X-[A-Z][a-z]{0,8}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(lambda text: text.strip(" \t"))


def edited(data: bytes, edits: list[tuple[str, int, Any]]) -> bytes:
    for verb, position, what in edits:
        if verb == "insert":
            data = data[:position] + what + data[position:]
        elif verb == "delete":
            data = data[:position] + data[position + what :]
        elif verb == "repeat":
            data = data[:position] + data[position : position + what] * 3 + data[position + what :]
        else:
            data = data[:position]
    return data
