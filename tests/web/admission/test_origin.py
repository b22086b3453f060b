"""Pages of other sites, and the tokens of forms."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.admission.origin import form_token, has_form_token, is_from_elsewhere, is_ours_by_host
from tests.web.admission.kit import request


class Elsewhere(SynchronousTestCase):
    """Sec-Fetch-Site and Origin."""

    def test_fetch_metadata(self) -> None:
        for site, expected in (
            ("same-origin", False), ("none", False), ("same-site", True), ("cross-site", True), ("x", True), ("", True),
        ):  # fmt: skip
            self.assertEqual(is_from_elsewhere(request(Sec_Fetch_Site=site)), expected, site)

    def test_origin(self) -> None:
        for host, origin, expected in (
            ("calls.example.com", "http://calls.example.com", False),
            ("calls.example.com", "https://calls.example.com", False),
            ("calls.example.com", "https://CALLS.example.com:443", False),
            ("calls.example.com:8080", "http://calls.example.com:8080", False),
            ("calls.example.com:8080", "http://calls.example.com", True),
            ("calls.example.com", "http://calls.example.com:81", True),
            ("calls.example.com", "http://evil.example", True),
            ("calls.example.com", "http://calls.example.com.evil.example", True),
            ("calls.example.com", "null", True),
            ("calls.example.com", "", True),
            ("calls.example.com", "http://[", True),
            ("calls.example.com", "file://calls.example.com", True),
            ("[::1]:8080", "http://[::1]:8080", False),
            ("", "http://", True),
        ):
            self.assertEqual(is_from_elsewhere(request(Host=host, Origin=origin)), expected, (host, origin))

    def test_referer(self) -> None:
        for referer, expected in (
            ("http://calls.example.com/", False), ("https://calls.example.com/a?b=http://evil.example", False),
            ("http://evil.example/", True), ("http://evil.example/?http://calls.example.com/", True),
            ("http://calls.example.com@evil.example/", True), ("android-app://com.evil/", True), ("", True),
        ):  # fmt: skip
            self.assertEqual(is_from_elsewhere(request(Referer=referer)), expected, referer)
        asked = request(Referer="http://calls.example.com/", Origin="http://evil.example")
        self.assertTrue(is_from_elsewhere(asked))

    def test_public_url(self) -> None:
        asked = request(Host="10.0.0.7:8080", Origin="https://calls.example.com")
        self.assertTrue(is_from_elsewhere(asked))
        self.assertFalse(is_from_elsewhere(asked, "https://calls.example.com/"))

    def test_programs_say_nothing(self) -> None:
        self.assertFalse(is_from_elsewhere(request("POST")))

    @given(st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=40))
    def test_any(self, origin: str) -> None:
        self.assertTrue(is_from_elsewhere(request(Host="a.b.c", Origin=origin)))


class Hosts(SynchronousTestCase):
    """Names that a page of another site cannot have for its own."""

    def test_table(self) -> None:
        for host, expected in (
            ("127.0.0.1", True), ("127.0.0.1:8080", True), ("[::1]:8080", True), ("localhost", True),
            ("localhost:8080", True), ("a.localhost", True), ("", True), ("[::1", False), ("[x]", False),
            ("callisto", False), ("callisto:8080", False), ("xlocalhost", False),
            ("calls.example.com", True), ("CALLS.example.com:80", True),
            ("evil.example", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example:8080", False),
        ):  # fmt: skip
            self.assertEqual(is_ours_by_host(request(Host=host), "https://calls.example.com"), expected, host)
        self.assertFalse(is_ours_by_host(request(Host="calls.example.com")))


class Forms(SynchronousTestCase):
    """The token."""

    def test_of_the_session_only(self) -> None:
        token = form_token("one")
        self.assertNotEqual(token, form_token("two"))
        for asked, expected in (
            (request("POST", f"/?csrf={token}"), True),
            (request("POST", X_CSRF_Token=token), True),
            (request("POST", f"/?csrf={form_token('two')}"), False),
            (request("POST", f"/?csrf={token}&csrf={token}"), False),
            (request("POST", "/?csrf="), False),
            (request("POST", f"/?csrf={token}", X_CSRF_Token="x"), False),
            (request("POST", X_CSRF_Token=token + "é"), False),
            (request("POST"), False),
        ):
            self.assertEqual(has_form_token(asked, "one"), expected, asked.uri)
