"""Where a login may lead: to this site, whatever the address is written like."""

from urllib.parse import urljoin, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.admission.targets import LONGEST, local_target

GOOD = (
    ("/", "/"),
    ("/help/settings", "/help/settings"),
    ("/Applications/inbound/MA Group/src/Jabber.asp", "/Applications/inbound/MA%20Group/src/Jabber.asp"),
    ("/Applications/inbound/MA%20Group/src/Jabber.asp", "/Applications/inbound/MA%20Group/src/Jabber.asp"),
    ("/a?b=c&d=e", "/a?b=c&d=e"),
    ("/a?next=http://other.example/", "/a?next=http://other.example/"),
    ("/a#part", "/a"),
    ("/ä", "/%C3%A4"),
    ("/a'b\"c<d>", "/a'b%22c%3Cd%3E"),
    ("/a.b/..c/c..", "/a.b/..c/c.."),
)
BAD = (
    *("", "help", "help/", "?a", "#a", "http://evil.example/", "HTTPS://evil.example", "javascript:alert(1)"),
    *("//evil.example", "///evil.example", "////evil.example", "//evil.example/%2f..", "/help//x", "/.//evil.example"),
    *("/\\evil.example", "\\\\evil.example", "/\\/evil.example", "/a\\b", "/a?b=\\"),
    *("/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%252fevil.example", "/%255Cevil.example"),
    *("/\tevil", "/\n/evil.example", "/a\r\nSet-Cookie: x=y", "/%0d%0aSet-Cookie:x=y", "/%250a", "\t/a", " /a", "/a\0"),
    *("/\u2028x", "/\u200bx", "/%e2%80%a8", "/../x", "/./x", "/x/..", "/%2e%2e/x", "/%252e/x", "/%", "/%zz", "/a%2"),
    *("/%ff", "/%c0%af", "/" + "x" * LONGEST, "/LogonPage.asp", "/logonpage.ASP?page=/a", "/LogonPage.asp/", "/logout"),
    *("/Logon%50age.asp", "@evil.example", ".evil.example", ":80"),
)


class Targets(SynchronousTestCase):
    """``local_target``."""

    def test_good(self) -> None:
        for text, expected in GOOD:
            self.assertEqual(local_target(text), expected, text)

    def test_bad(self) -> None:
        for text in BAD:
            self.assertIsNone(local_target(text), repr(text))

    def test_what_comes_out_stays_as_it_is(self) -> None:
        for text, expected in GOOD:
            self.assertEqual(local_target(local_target(text) or ""), expected, text)

    @given(st.text(st.sampled_from("/\\%.:@?#2f5cF09aä \t\n\r\0evil\u2028"), max_size=30).map(lambda text: "/" + text))
    @example("//evil.example")
    def test_any(self, text: str) -> None:
        found = local_target(text)
        if found is None:
            return
        self.assertRegex(found, r"\A/(?![/\\])[\x21-\x7e]*\Z")
        self.assertNotIn("\\", found)
        self.assertEqual(urlsplit(urljoin("https://ours.example/LogonPage.asp", found)).netloc, "ours.example")
