"""The Authorization field and the cookie, of good clients and of bad ones."""

from base64 import b64encode

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.admission.authorization import Basic, Bearer, authorization, parse
from magroup.web.admission.cookie import SessionCookie
from tests.web.admission.kit import basic, cookie_of, request

ID = "a" * 43


class Authorization(SynchronousTestCase):
    """Basic and Bearer."""

    def test_basic(self) -> None:
        for user, password in (("raf", "secret"), ("ünï", "pässwörd"), ("a", ""), ("a", "b:c:"), ("", "x")):
            self.assertEqual(parse(basic(user, password).encode()), Basic(user, password))

    def test_written_differently(self) -> None:
        encoded = b64encode(b"raf:secret")
        for value in (b"basic " + encoded, b"BASIC " + encoded, b"  Basic   " + encoded + b" "):
            self.assertEqual(parse(value), Basic("raf", "secret"), value)

    def test_latin_1(self) -> None:
        self.assertEqual(parse(b"Basic " + b64encode("ä:ö".encode("latin-1"))), Basic("ä", "ö"))

    def test_bearer(self) -> None:
        self.assertEqual(parse(b"Bearer mag_abc-._~+/=="), Bearer("mag_abc-._~+/=="))

    def test_none(self) -> None:
        for value in (
            *(b"", b"Basic", b"Basic ", b"Basic !!!", b"Basic cmFm", b"Basic cmFmOnNlY3JldA", b"Digest a=b"),
            *(b"Bearer", b"Bearer ", b"Bearer a b", b"Bearer \xff", b"Bearer " + b"x" * 300, b"Negotiate x"),
            *(b"Basic " + b64encode(b"a\0:b"), b"Basic " + b64encode(b"a\nb:c"), b"Basic " + b64encode(b"a:b\0")),
            b"Basic " + b64encode(b"a:" + b"x" * 5000),
        ):
            self.assertIsNone(parse(value), value)

    def test_only_one_field(self) -> None:
        asked = request(Authorization=basic("a", "b"))
        self.assertEqual(authorization(asked), Basic("a", "b"))
        asked.requestHeaders.addRawHeader("Authorization", basic("c", "d"))
        self.assertIsNone(authorization(asked))
        self.assertIsNone(authorization(request()))

    def test_passwords_are_not_shown(self) -> None:
        self.assertNotIn("hush", repr((Basic("a", "hush"), Bearer("hush"))))

    @given(st.binary(max_size=200))
    def test_any(self, value: bytes) -> None:
        for field in (value, b"Basic " + value, b"Basic " + b64encode(value), b"Bearer " + value):
            self.assertIsInstance(parse(field), Basic | Bearer | None)


class Cookies(SynchronousTestCase):
    """The session's cookie."""

    def put(self, secure: bool, in_frames: bool = False) -> str:
        asked = request()
        SessionCookie("MA Group", in_frames).put(asked, ID, secure)
        (line,) = asked.responseHeaders.getRawHeaders(b"set-cookie")
        return str(line.decode())

    def test_attributes(self) -> None:
        plain, tls = f"magroup-MA-Group={ID}; Path=/; HttpOnly", f"__Host-magroup-MA-Group={ID}; Path=/; HttpOnly"
        for secure, in_frames, expected in (
            (False, False, f"{plain}; SameSite=Lax"),
            (False, True, f"{plain}; SameSite=Lax"),
            (True, False, f"{tls}; SameSite=Lax; Secure"),
            (True, True, f"{tls}; SameSite=None; Partitioned; Secure"),
        ):
            self.assertEqual(self.put(secure, in_frames), expected)

    def test_there_and_back(self) -> None:
        cookie = SessionCookie("MA Group")
        for secure in (False, True):
            asked = request()
            cookie.put(asked, ID, secure)
            back = request(cookie=f"a=b; {cookie_of(asked)};c")
            self.assertEqual(cookie.read(back, secure), ID)
            self.assertEqual(cookie.read(back, not secure), "")

    def test_removed(self) -> None:
        asked = request()
        SessionCookie("x").remove(asked, False)
        (line,) = asked.responseHeaders.getRawHeaders(b"set-cookie")
        self.assertEqual(line, b"magroup-x=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")

    def test_none(self) -> None:
        name = "magroup-x"
        for sent in (
            *("", name, f"{name}=", f"{name}=short", f"{name}={ID}x", f"{name}={ID[1:]}é", f"{name}='{ID}'"),
            *(f"x{name}={ID}", f"{name}={ID}; {name}={'b' * 43}", f"{name.upper()}={ID}", f"{name}={ID[1:]} "),
            *("=;=;;", f"{name}=={ID[1:]}"),
        ):
            self.assertEqual(SessionCookie("x").read(request(cookie=sent), False), "", sent)

    @given(st.lists(st.binary(max_size=80), max_size=4))
    def test_any(self, lines: list[bytes]) -> None:
        asked = request()
        for line in lines:
            asked.requestHeaders.addRawHeader(b"Cookie", b"magroup-x=" + line)
        self.assertIn(len(SessionCookie("x").read(asked, False)), (0, 43))
