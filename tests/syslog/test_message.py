"""Syslog messages by the grammar of RFC 5424, and those of events and of the audit trail."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import LogLevel
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.log import escaped, without_secrets
from magroup.model.audit import Change
from magroup.model.receivers import FACILITIES, HepPlace, SyslogPlace
from magroup.syslog.message import LONGEST_VALUE, Said, Sender, as_local, as_rfc5424
from magroup.syslog.words import of_change, of_event
from tests.syslog.grammar import frames, parse

SENDER = Sender("pbx.example.com", 4711, 32473)
AT = 1764365095.25
texts = st.text(st.characters() | st.sampled_from('"\\]=[\r\n\x00 é€😀\udc80'), max_size=60)


def said(**values: Any) -> Said:
    defaults = {"facility": 16, "severity": 6, "at": AT, "kind": "magroup.x", "text": "hello", "element": "magroup"}
    return Said(**(defaults | values))


class Written(SynchronousTestCase):
    """RFC 5424."""

    def test_as_it_is(self) -> None:
        message = said(parameters=(("call", 'a-1 "]\\'), ("n", "1")), text="Zürich rings")
        self.assertEqual(
            as_rfc5424(message, SENDER, 2048),
            b"<134>1 2025-11-28T21:24:55.250000Z pbx.example.com magroup 4711 magroup.x "
            b'[magroup@32473 call="a-1 \\"\\]\\\\" n="1"] \xef\xbb\xbfZ\xc3\xbcrich rings',
        )

    def test_without_anything(self) -> None:
        message = as_rfc5424(said(text="", kind=""), Sender(" \n", 1, 1), 480)
        self.assertEqual(message, b"<134>1 2025-11-28T21:24:55.250000Z - magroup 1 - -")
        self.assertEqual(parse(message).text, "")

    @given(
        st.integers(1, 23), st.integers(0, 7), st.floats(0, 4e9), texts, texts, texts,
        st.lists(st.tuples(texts | st.sampled_from(["call", "a", "b"]), texts), max_size=6, unique_by=lambda p: p[0]),
        st.integers(480, 3000),
    )  # fmt: skip
    def test_always_by_the_grammar(
        self, facility: int, severity: int, at: float, host: str, kind: str, text: str, parameters: Any, limit: int
    ) -> None:
        message = said(facility=facility, severity=severity, at=at, kind=kind, text=text, parameters=parameters)
        data = as_rfc5424(message, Sender(host, 1, 32473), limit)
        self.assertLessEqual(len(data), limit)
        found = parse(data)
        self.assertEqual((found.facility, found.severity), (facility, severity))
        self.assertAlmostEqual(found.at, at, places=3)
        for name, value in found.data.get("magroup@32473", {}).items():
            self.assertTrue(escaped(dict(parameters)[name]).startswith(value))
        self.assertTrue(escaped(text).startswith(found.text))
        self.assertNotRegex(data, rb"[\x00-\x1f\x7f]")

    def test_what_is_too_long(self) -> None:
        """The text is cut between characters, parameters go that have no room; nothing else suffers."""
        many = [(f"p{number}", "]" * 300) for number in range(9)]
        found = parse(as_rfc5424(said(text="é" * 5000, parameters=many), SENDER, 2048))
        self.assertEqual(list(found.data["magroup@32473"]), ["p0"])
        self.assertEqual(set(found.text), {"é"})
        found = parse(as_rfc5424(said(parameters=[("p", "é" * 600)]), SENDER, 8000))
        self.assertEqual(found.data["magroup@32473"]["p"], "é" * (LONGEST_VALUE // 2))
        found = parse(as_rfc5424(said(parameters=many, text="x" * 999), Sender("h" * 300, 1, 1), 480))
        self.assertEqual((found.data, len(found.host), found.text[:1]), ({}, 255, "x"))

    def test_names_that_cannot_be(self) -> None:
        bad = [(name, "x") for name in ("", "a b", 'a"', "a=b", "a]", "é", "a" * 33, "a\n")]
        self.assertEqual(parse(as_rfc5424(said(parameters=bad), SENDER, 2048)).data, {})

    def test_local(self) -> None:
        """As syslog(3): one line, the day of the month with a blank before a single digit."""
        one = said(at=AT - 86400 * 23, parameters=(("call", "a\n1"), ("n", "1")), text="a\nb é")
        message = as_local(one, SENDER, 480)
        self.assertRegex(
            message.decode(), r"\A<134>Nov  [56] \d\d:\d\d:\d\d magroup\[4711\]: magroup\.x call=a\\n1: a\\nb é\Z"
        )
        self.assertEqual({len(as_local(said(text="é" * 999), SENDER, limit)) for limit in (480, 481)}, {479, 481})


class Grammar(SynchronousTestCase):
    """The parser of the tests takes the RFC's examples, and not what is wrong."""

    def test_examples_of_the_rfc(self) -> None:
        for message in (
            b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed",
            b"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
            b'<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" '
            b'eventSource="Application" eventID="1011"] \xef\xbb\xbfAn application event log entry...',
            b'<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" '
            b'eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]',
        ):
            parse(message)

    def test_what_is_wrong(self) -> None:
        good = b'<34>1 2003-10-11T22:14:15.003Z h a 1 k [x@1 a="b"] text'
        parse(good)
        for old, new in (
            (b"<34>", b"<192>"), (b"<34>", b"<034>"), (b">1 ", b">2 "), (b"T22", b" 22"), (b" h ", b"  "),
            (b"x@1", b"x"), (b'"b"', b'"b]"'), (b'"b"', b'"b\\"'), (b"] text", b"]text"), (b" [", b"  ["),
            (b'[x@1 a="b"]', b'[x@1 a="b"][x@1]'), (b"text", b"\xc3\xa9"), (b" k ", b" %b " % (b"k" * 33)),
        ):  # fmt: skip
            self.assertRaises(ValueError, parse, good.replace(old, new))
        self.assertEqual(frames(b"3 abc2 de5 xy"), ([b"abc", b"de"], b"5 xy"))
        self.assertRaises(ValueError, frames, b"abc")


class Words(SynchronousTestCase):
    """Events and changes."""

    def test_event(self) -> None:
        event = {
            "log_format": "{who} rings", "who": "Raf", "log_level": LogLevel.warn, "log_time": AT, "password": "x",
            "log_namespace": "magroup.groups.call", "call": "a-1", "z": object(), "yes": True,
        }  # fmt: skip
        found = of_event(without_secrets(event), 16)
        self.assertEqual((found.severity, found.kind, found.at), (4, "magroup.groups.call", AT))
        self.assertEqual(found.text, "Raf rings")
        self.assertEqual(
            found.parameters, [("call", "a-1"), ("who", "Raf"), ("password", "***"), ("yes", "True")]
        )  # fmt: skip

    def test_severities(self) -> None:
        for level, severity in (("debug", 7), ("info", 6), ("warn", 4), ("error", 3), ("critical", 2)):
            self.assertEqual(of_event({"log_level": LogLevel.levelWithName(level)}, 1).severity, severity)

    def test_failure(self) -> None:
        found = of_event({"log_failure": Failure(ValueError("two\nlines")), "log_format": "gone"}, 16)
        self.assertIn("gone: ValueError: two\\nlines", found.text)

    def test_change(self) -> None:
        found = of_change(Change(AT, "Ann", "192.0.2.1", "group", "Sales", '{"a": 1}', '{"a": 2}'), 10)
        self.assertEqual((found.severity, found.kind), (5, "audit"))
        self.assertEqual(found.text, 'Ann group Sales: {"a": 1} -> {"a": 2}')
        self.assertEqual(
            found.parameters, [("who", "Ann"), ("where", "192.0.2.1"), ("what", "group"), ("key", "Sales")]
        )  # fmt: skip
        failed = of_change(Change(AT, "", "192.0.2.1", "failed login", "ann"), 10)
        self.assertEqual((failed.severity, failed.text), (4, "- failed login ann"))


class Places(SynchronousTestCase):
    """Where receivers are."""

    def test_taken(self) -> None:
        for text in ("udp:192.0.2.1:514", "tcp:log.example.com:601", "tls:[2001:db8::1]:6514", "unix:/dev/log"):
            self.assertEqual(str(SyslogPlace.parse(text)), text)
        self.assertEqual(str(HepPlace.parse("udp:[::1]:9060")), "udp:[::1]:9060")
        self.assertEqual((FACILITIES["authpriv"], FACILITIES["local0"], FACILITIES["local7"]), (10, 16, 23))

    def test_refused(self) -> None:
        for text in (
            "udp:192.0.2.1", "udp::514", "udp:a:0", "udp:a:99999", "sctp:a:1", "unix:dev/log", f"unix:/{'x' * 120}",
            "udp:a b:514", "tcp:[a]:1", "udp:a:1:2", "unix:/dev/l\n", "x", "udp:a:514\n",
        ):  # fmt: skip
            self.assertRaises(ValueError, SyslogPlace.parse_or_none, text)
        for text in ("tcp:a:9060", "unix:/dev/log", "a:9060"):
            self.assertRaises(ValueError, HepPlace.parse_or_none, text)

    def test_pattern(self) -> None:
        self.assertIsNone(re.match(r"kern\Z", " ".join(FACILITIES)))
