"""The grammar: RFC 4475 and RFC 5118 messages, and tables of headers."""

import contextlib
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.errors import GrammarError
from magroup.sip.headers import parse_address, parse_via, split_list
from magroup.sip.message import COMPACT, MessageError, Response, canonical_name, parse_message
from magroup.sip.uri import parse_uri
from tests.sip.messages import (
    GOOD_IPV6,
    IPV6,
    PARSER_ANSWERS,
    message,
    read_everything,
    rows,
    torture,
    torture_request,
    without_length,
)


class TortureTests(SynchronousTestCase):
    """RFC 4475: what the grammar makes of each file."""

    def test_outcomes(self) -> None:
        table = rows("RFC 4475")
        self.assertEqual(len(table), 50)
        for name, _section, kind, validity, outcome, *_ in table:
            outcomes = {item.strip() for item in outcome.split(",")}
            try:
                parsed = parse_message(torture(name))
            except MessageError as error:
                if kind == "request":
                    self.assertIn(str(error.status), outcomes, f"{name}: {error}")
                    self.assertIsNotNone(error.request, f"{name} cannot be answered")
                else:
                    self.assertIn("invalid", validity, f"{name}: {error}")
            else:
                read_everything(parsed)
                if kind == "request":
                    self.assertFalse(outcomes <= PARSER_ANSWERS, f"{name} was taken for a good request")
                else:
                    self.assertNotIn("invalid", validity, f"{name} was taken for a good response")

    def test_body_is_as_long_as_content_length_says(self) -> None:
        for name, _section, _kind, _validity, outcome, lengths, _text in rows("RFC 4475"):
            declared, _, found = (part.strip() for part in lengths.partition("/"))
            if not {item.strip() for item in outcome.split(",")} & PARSER_ANSWERS:
                body = parse_message(torture(name)).body
                self.assertEqual(len(body), int(found if declared == "-" else declared), name)

    def test_round_trip_keeps_every_value(self) -> None:
        for name in (row[0] for row in rows("RFC 4475")):
            try:
                parsed = parse_message(torture(name))
            except MessageError:
                continue
            again = parse_message(parsed.encode())
            self.assertEqual(without_length(again), without_length(parsed), name)
            self.assertEqual(again.body, parsed.body, name)

    def test_tortuous_invite(self) -> None:
        request = torture_request("wsinv.dat")
        self.assertEqual((request.method, request.cseq), ("INVITE", (9, "INVITE")))
        self.assertEqual((request.to.tag, request.to.uri.text), ("1918181833n", "sip:vivekg@chair-dnrc.example.com"))
        self.assertEqual((request.from_.tag, request.from_.name), ("98asjd8", 'J Rosenberg \\"'))
        self.assertEqual(request.number("Max-Forwards"), 68)
        self.assertEqual((request.via.host, request.via.branch), ("192.0.2.2", "390skdjuw"))
        vias = [parse_via(item) for item in request.items("Via")]
        self.assertEqual(
            [(via.transport, via.host, via.branch) for via in vias],
            [
                ("udp", "192.0.2.2", "390skdjuw"),
                ("tcp", "spindle.example.com", "z9hG4bK9ikj8"),
                ("udp", "192.168.255.111", "z9hG4bK30239"),
            ],
        )
        self.assertEqual(request.get("Newfangledheader"), "newfangled value continued newfangled value")
        self.assertEqual(request.get("Unknownheaderwithunusualvalue"), ";;,,;;,;")
        self.assertEqual(request.get("Subject"), "")
        contact = request.contact
        assert contact is not None
        self.assertEqual(contact.name, 'Quoted string ""')
        self.assertEqual(dict(contact.params), {"newparam": "newvalue", "secondparam": "", "q": "0.33"})
        self.assertEqual(len(request.body), 150)

    def test_wide_range_of_characters(self) -> None:
        request = torture_request("intmeth.dat")
        self.assertEqual(request.method, "!interesting-Method0123456789_*+`.%indeed'~")
        self.assertEqual(request.uri.host, "example.com")
        self.assertEqual(request.to.name, "BEL:\x07 NUL:\x00 DEL:\x7f")
        self.assertEqual(request.from_.name, "token1~` token2'+_ token3*%!.-")
        self.assertEqual(request.from_.params["fromparam''~+*_!.-%"], "работающий")
        self.assertEqual(request.from_.tag, "_token~1'+`*%!-.")
        answer = parse_message(request.respond(501).encode())
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            self.assertEqual(answer.headers[name], request.headers[name])

    def test_escapes(self) -> None:
        request = torture_request("esc01.dat")
        self.assertEqual((request.uri.host, request.uri.number), ("example.net", "sips:user@example.com"))
        self.assertEqual(request.to.uri.number, "user")
        contact = request.contact
        assert contact is not None
        self.assertEqual(contact.uri.number, "caller")
        self.assertEqual(dict(contact.uri.params), {"lr": "", "name": "value%41"})
        contacts = [parse_address(item) for item in torture_request("escnull.dat").items("Contact")]
        self.assertEqual([contact.uri.number for contact in contacts], ["\x00", "\x00\x00"])
        self.assertFalse(contacts[0].uri.same_as(contacts[1].uri))

    def test_percent_that_escapes_nothing(self) -> None:
        request = torture_request("esc02.dat")
        self.assertEqual(request.method, "RE%47IST%45R")
        self.assertEqual(len(request.items("Contact")), 2)
        self.assertEqual(request.to.name, "%Z%45")

    def test_parameters_stay_where_they_are(self) -> None:
        uri = torture_request("semiuri.dat").uri
        self.assertEqual((uri.user, uri.host, dict(uri.params)), ("user;par=u%40example.net", "example.com", {}))
        first, second = (torture_request(name).contact for name in ("cparam01.dat", "cparam02.dat"))
        assert first is not None and second is not None
        self.assertEqual((dict(first.params), dict(first.uri.params)), ({"unknownparam": ""}, {}))
        self.assertEqual((dict(second.params), dict(second.uri.params)), ({}, {"unknownparam": ""}))
        third = torture_request("regescrt.dat").contact
        assert third is not None
        self.assertEqual(third.uri.headers, "?Route=%3Csip:sip.example.com%3E")

    def test_long_values_are_whole(self) -> None:
        request = torture_request("longreq.dat")
        self.assertEqual(len(request.items("Via")), 34)
        self.assertEqual(request.to.uri.port, 6000)
        response = parse_message(request.respond(200, to_tag="x").encode())
        self.assertEqual(response.items("Via"), request.items("Via"))
        self.assertEqual(response.from_.tag, request.from_.tag)

    def test_transports(self) -> None:
        vias = [parse_via(item).transport for item in torture_request("transports.dat").items("Via")]
        self.assertEqual(vias, ["udp", "sctp", "tls", "unknown", "tcp"])

    def test_binary_body(self) -> None:
        request = torture_request("mpart01.dat")
        self.assertIn(b"\x00", request.body)
        self.assertTrue(request.body.endswith(b"--7a9cbec02ceef655--\r\n"))

    def test_octets_after_the_message_are_ignored(self) -> None:
        request = torture_request("dblreq.dat")
        self.assertEqual((request.method, request.body), ("REGISTER", b""))

    def test_reason_phrases(self) -> None:
        first, second = (parse_message(torture(name)) for name in ("unreason.dat", "noreason.dat"))
        assert isinstance(first, Response) and isinstance(second, Response)
        self.assertEqual(first.reason, "= 2**3 * 5**2 но сто девяносто девять - простое")
        self.assertEqual((second.status, second.reason), (100, ""))

    def test_old_invite(self) -> None:
        request = torture_request("inv2543.dat")
        self.assertEqual((request.via.branch, request.from_.tag, len(request.body)), ("", "", 105))
        self.assertEqual(dict(request.to.params), {"user": "phone"})

    def test_other_schemes(self) -> None:
        for name, scheme in (("unkscm.dat", "nobodyknowsthisscheme"), ("novelsc.dat", "soap.beep")):
            uri = torture_request(name).uri
            self.assertEqual((uri.scheme, uri.is_sip), (scheme, False))
        self.assertEqual(torture_request("unksm2.dat").to.uri.scheme, "isbn")


class Ipv6Tests(SynchronousTestCase):
    """RFC 5118: the facts of the manifest's second table, one message each."""

    def test_accepted(self) -> None:
        for name, changes in GOOD_IPV6.items():
            parsed = parse_message(message(**changes))
            read_everything(parsed)
            self.assertEqual(without_length(parse_message(parsed.encode())), without_length(parsed), name)

    def test_reference_without_brackets_is_refused(self) -> None:
        with self.assertRaises(MessageError) as raised:
            parse_message(message("REGISTER sip:2001:db8::10 SIP/2.0", cseq="1 REGISTER"))
        self.assertEqual(raised.exception.status, 400)

    def test_host_and_port(self) -> None:
        inside, outside = parse_uri("sip:[2001:db8::10:5070]"), parse_uri("sip:[2001:db8::10]:5070")
        self.assertEqual((inside.host, inside.port), ("[2001:db8::10:5070]", None))
        self.assertEqual((outside.host, outside.port), ("[2001:db8::10]", 5070))

    def test_via(self) -> None:
        via = parse_via(f"SIP/2.0/UDP [{IPV6}]:6050;received=[2001:db8::9:255];branch=z9hG4bKas3")
        self.assertEqual((via.host, via.port, via.branch), (f"[{IPV6}]", 6050, "z9hG4bKas3"))
        self.assertEqual(via.params["received"], "[2001:db8::9:255]")

    def test_sdp_is_carried_as_it_is(self) -> None:
        audio = b"m=audio 6000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
        video = b"m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n"
        for body in (b"c=IN IP6 2001:db8::20\r\n", audio + video):
            self.assertEqual(parse_message(message(body=body, content_length=str(len(body)))).body, body)


class HeaderTests(SynchronousTestCase):
    """Folding, compact forms, lists, numbers."""

    def test_folding(self) -> None:
        for fold in ("\r\n ", "\r\n\t", "\r\n  \t ", "\r\n ", " \r\n "):
            parsed = parse_message(message(extra=f"Subject: one{fold}two\r\n"))
            self.assertEqual(parsed.get("Subject").split(), ["one", "two"])
            parsed = parse_message(message(cseq=f"7{fold}OPTIONS"))
            self.assertEqual(parsed.cseq, (7, "OPTIONS"))

    def test_compact_forms(self) -> None:
        for short, long in COMPACT.items():
            for spelled in (short, short.upper(), long.lower(), long.upper()):
                self.assertEqual(canonical_name(spelled), long)
        parsed = parse_message(
            b"OPTIONS sip:b SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bKx\r\nf:<sip:a>;tag=1\r\nt:<sip:b>\r\n"
            b"I:x\r\nCSEQ:1 OPTIONS\r\nm:<sip:c>\r\nL:2\r\nc:text/plain\r\nk:timer\r\n\r\nhello"
        )
        self.assertEqual(parsed.body, b"he")
        self.assertEqual((parsed.call_id, parsed.content_type), ("x", "text/plain"))
        self.assertEqual(parsed.tokens("Supported"), {"timer"})

    def test_compact_and_long_forms_are_one_header(self) -> None:
        parsed = parse_message(message(extra="v: SIP/2.0/TCP h2\r\nVIA: SIP/2.0/TCP h3\r\n"))
        self.assertEqual([parse_via(item).host for item in parsed.items("Via")], ["192.0.2.1", "h2", "h3"])

    def test_lists(self) -> None:
        table = {
            "a": ["a"],
            "a, b ,c": ["a", "b", "c"],
            "a,,b": ["a", "", "b"],
            '"x, y" <sip:a>, <sip:b>': ['"x, y" <sip:a>', "<sip:b>"],
            r'"x\", y" <sip:a>, <sip:b>': [r'"x\", y" <sip:a>', "<sip:b>"],
            "<sip:a,b@c;d,e>;q=1, <sip:f>": ["<sip:a,b@c;d,e>;q=1", "<sip:f>"],
            '"<" <sip:a>, ">" <sip:b>': ['"<" <sip:a>', '">" <sip:b>'],
            '"open, <sip:a>': ['"open, <sip:a>'],
            "<open, b": ["<open, b"],
            r'"end\\", b': [r'"end\\"', "b"],
        }
        for text, items in table.items():
            self.assertEqual(split_list(text), items)

    def test_line_ends(self) -> None:
        bare = message().replace(b"\r\n", b"\n")
        self.assertEqual(parse_message(bare).headers, parse_message(message()).headers)
        for wrong in ("X: a\nTo: <sip:eve>\r\n", "X: a\rTo: <sip:eve>\r\n", "X: a\r\r\n", "X: a\n\r\n", "\rX: a\r\n"):
            with self.assertRaises(MessageError) as raised:
                parse_message(message(extra=wrong))
            self.assertEqual(raised.exception.status, 400, wrong)

    def test_refused(self) -> None:
        table: dict[str, dict[str, Any]] = {
            "no From": dict(from_=None, **{"from": None}),
            "no colon": dict(extra="nonsense\r\n"),
            "space in a name": dict(extra="No Good: x\r\n"),
            "two Max-Forwards": dict(extra="Max-Forwards: 1\r\nMax-Forwards: 2\r\n"),
            "short body": dict(content_length="3", body=b"ab"),
            "negative length": dict(content_length="-1"),
            "length in words": dict(content_length="five"),
            "huge length": dict(content_length="9" * 40),
            "two lengths": dict(extra="Content-Length: 0\r\nl: 1\r\n", body=b"a"),
            "CSeq too large": dict(cseq="2147483648 OPTIONS"),
            "CSeq of another method": dict(cseq="1 INVITE"),
            "port 0": dict(start="OPTIONS sip:a@b:0 SIP/2.0"),
            "port 65536": dict(start="OPTIONS sip:a@b:65536 SIP/2.0"),
            "Via port": dict(via="SIP/2.0/UDP h:99999;branch=z9hG4bKx"),
            "unknown scheme without a colon": dict(start="OPTIONS bob SIP/2.0"),
            "sip without host": dict(start="OPTIONS sip: SIP/2.0"),
        }
        for name, changes in table.items():
            changes.pop("from_", None)
            with self.assertRaises(MessageError) as raised:
                parse_message(message(**changes))
            self.assertEqual(raised.exception.status, 400, name)
            self.assertIsNotNone(raised.exception.request, name)

    def test_numbers(self) -> None:
        for text, number in (
            ("0", 0), ("60", 60), ("60;x=1", 60), ("4294967295", 4294967295), ("4294967296", None),
            ("-1", None), ("1.5", None), ("", None), ("٣", None), ("9" * 5000, None),
        ):  # fmt: skip
            self.assertEqual(parse_message(message(expires=text)).number("Expires"), number, text)

    def test_missing_headers_read_as_nothing(self) -> None:
        parsed = parse_message(message())
        self.assertEqual((parsed.get("Expires"), parsed.items("Route"), parsed.number("Expires")), ("", [], None))
        self.assertEqual((parsed.contact, parsed.content_type, parsed.tokens("Supported")), (None, "", frozenset()))
        self.assertIsNone(parse_message(message(contact="*")).contact)

    def test_long_input_takes_linear_time(self) -> None:
        """Each of these would keep a quadratic parser busy for minutes."""
        size = 60_000
        units = [" ", "\t", '"', "\\", '\\"', "<", ">", ",", ";", ";a", ";a=b", '"a",', "<a>,", "a ", "%41", "[", "."]
        surroundings = [("", ""), ('"', ""), ("<sip:a@b>", "x"), ("sip:", "x"), ("SIP/2.0/UDP h", "x"), ("\r\n a", "x")]
        for unit in units:
            run = unit * (size // len(unit))
            for header in ("Subject", "Via", "From", "Contact", "CSeq"):
                for before, after in surroundings:
                    with contextlib.suppress(GrammarError):
                        parsed = parse_message(message(**{header: f"{before}{run}{after}"}))
                        parsed.items(header), parsed.contact
        for lines in ("a:\r\n" * 15000, "\r\n" * 30000, "X:\r\n" + " \r\n" * 20000, "A-" * 30000 + ": x\r\n"):
            with contextlib.suppress(GrammarError):
                parse_message(message(extra=lines))
