"""The grammar: properties of anything at all, and what cannot be smuggled in."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.headers import format_address, quote, split_list
from magroup.sip.message import MessageError, Request, parse_message
from magroup.sip.uri import escape_user, parse_uri, sip_uri
from tests.sip.messages import EDIT, GOOD, HEADERS, NAME, TEXT, VALUE, edited, message, read_everything, without_length


class PropertyTests(SynchronousTestCase):
    """Whatever comes, only MessageError and GrammarError come of it."""

    def look(self, data: bytes) -> None:
        try:
            parsed = parse_message(data)
        except MessageError as error:
            if error.request is not None:
                repr(error.request)
            return
        read_everything(parsed)
        again = parse_message(parsed.encode())
        self.assertEqual(without_length(again), without_length(parsed))

    @settings(deadline=None)
    @given(st.binary(max_size=2000))
    def test_random_bytes(self, data: bytes) -> None:
        self.look(data)

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_random_bytes_in_a_header(self, data: bytes) -> None:
        for name in (b"X", b"Contact", b"Via", b"l"):
            self.look(message()[:-2] + name + b": " + data + b"\r\n\r\n")

    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(GOOD), st.lists(EDIT, min_size=1, max_size=6))
    def test_changed_messages(self, data: bytes, edits: list[tuple[str, int, Any]]) -> None:
        self.look(edited(data, edits))

    def test_truncated_messages(self) -> None:
        for data in GOOD:
            for end in range(len(data)):
                try:
                    parse_message(data[:end])
                except MessageError:
                    continue

    @settings(deadline=None)
    @given(st.dictionaries(NAME, st.lists(VALUE, min_size=1, max_size=3)), st.binary())
    def test_round_trip(self, extra: dict[str, list[str]], body: bytes) -> None:
        headers = {**{name: [value] for name, value in HEADERS.items()}, **extra}
        again = parse_message(Request("OPTIONS", "sip:bob@example.com", headers, body).encode())
        self.assertEqual(without_length(again), headers)
        self.assertEqual(again.body, body)


class InjectionTests(SynchronousTestCase):
    """What people are called, and what they dial, never becomes another header or parameter."""

    @settings(deadline=None)
    @given(TEXT)
    def test_display_name(self, name: str) -> None:
        self.called(name)

    def called(self, name: str) -> None:
        value = format_address(name, "sip:ann@example.com", ";tag=1")
        headers = {**{name: [value] for name, value in HEADERS.items()}, "From": [value]}
        again = parse_message(Request("OPTIONS", "sip:bob@example.com", headers).encode())
        self.assertEqual(set(without_length(again)), set(HEADERS))
        self.assertEqual((again.from_.uri.text, dict(again.from_.params)), ("sip:ann@example.com", {"tag": "1"}))
        self.assertEqual(again.from_.name, re.sub(r"[\x00-\x1f\x7f]+", " ", name))
        self.assertEqual(split_list(f"{value}, <sip:x>"), [value, "<sip:x>"])

    def test_known_attempts(self) -> None:
        attempts = ['a"\r\nEvil: 1\r\nX: "', 'a" <sip:eve@x>, "b', "a\\", 'a\\" <sip:eve>', "a\r\n b", "\r\n\r\nbody"]
        for name in attempts:
            self.called(name)
        self.assertEqual(quote('say "hi"\r\n\\'), '"say \\"hi\\" \\\\"')

    @settings(deadline=None)
    @given(TEXT.filter(bool))
    def test_user_part(self, user: str) -> None:
        uri = parse_uri(sip_uri(user, "example.com", 5070, "tcp"))
        self.assertEqual((uri.host, uri.port, dict(uri.params)), ("example.com", 5070, {"transport": "tcp"}))
        self.assertEqual(uri.password, "")
        self.assertEqual(uri.number, user.split(";", 1)[0])
        self.assertEqual(parse_uri(f"sip:{escape_user(user)}@h").user, uri.user)
