"""No secret is left in what is shown of SIP messages, however it was written; the rest stays as it was."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.redaction import redacted

SECRET = b"Pw9secret"
START = b"INVITE sip:1@h SIP/2.0\r\nFrom: <sip:2@h>;tag=1\r\n"

_blanks = st.text(" \t", max_size=3)
_fold = st.sampled_from(["\r\n ", "\r\n\t", "\n ", "\n\t", " ", "\t"])
_end = st.sampled_from(["\r\n", "\n", "\r"])
_user = st.sampled_from(["a", "sip", "sips", "1;phone-context=x", "+41.31", "a%20b", "http", "u?x/y"])
_filler = st.text("abc:;=,.&?%-/", max_size=8)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line with a secret in it."""
    secret = SECRET.decode()
    kind = draw(st.sampled_from(["credentials", "uri", "bracketed", "escaped", "header of a URI", "key", "digit"]))
    name = draw(st.sampled_from(["Authorization", "Proxy-Authorization", "AUTHORIZATION", "proxy-authorization"]))
    if kind == "credentials":
        value = f'Digest username="u",{draw(_fold)}response="{secret}"{draw(_fold)}, nonce="n"'
        return f"{name}{draw(_blanks)}:{draw(_fold)}{value}"
    if kind == "uri":
        scheme = draw(st.sampled_from(["sip:", "SIP:", "sips:", "http://", "https://"]))
        user = draw(_user) if "/" not in scheme else "u"
        return f"Contact: {scheme}{user}:{draw(st.sampled_from(['', 'x', '&=+$,']))}{secret}@host:5060;a=b"
    if kind == "bracketed":
        return f'To: "x" <sip:{draw(_user)}:{secret}@h>, <sip:1@h:5060>;x={draw(_filler)}'
    if kind == "escaped":
        return f"Refer-To: <sip:1@h?Referred-By=%3Csip%3A{draw(st.sampled_from(['u', '1']))}%3A{secret}%40h%3E>"
    if kind == "header of a URI":
        return f"Refer-To: <sip:1@h?a=b&{name}=Digest%20response%3D{secret}&c=d>"
    if kind == "key":
        return draw(st.sampled_from(["a=crypto:1 AES inline:", "k=clear:", "a=key-mgmt:mikey ", "A=ICE-PWD:"])) + secret
    return f"{draw(_blanks)}Signal{draw(_blanks)}={draw(_blanks)}{secret}"


class Redaction(SynchronousTestCase):
    """By table, and by whatever can be thought of."""

    @settings(max_examples=400)
    @given(st.lists(st.one_of(lines(), st.just(""), _filler.map(lambda text: f"X: {text}")), max_size=6), _end)
    def test_no_secret_is_left(self, made: list[str], end: str) -> None:
        data = START + "".join(line + end for line in made).encode()
        self.assertNotIn(SECRET, redacted(data))
        self.assertNotIn(SECRET, redacted("".join(line + end for line in made).encode()))

    @settings(max_examples=200)
    @given(st.binary(max_size=300), st.sampled_from([b"\r\n", b"\n"]))
    def test_anything(self, data: bytes, end: bytes) -> None:
        """It never fails, and the second time finds nothing more."""
        once = redacted(START + data)
        self.assertEqual(redacted(once), once)
        self.assertNotIn(SECRET, redacted(START + data + end + b"Authorization: " + SECRET))

    def test_shown(self) -> None:
        for given_, shown in (
            (b"Authorization: Digest a", b"Authorization: ***"),
            (b"Proxy-Authorization:Digest a\r\n b\r\nX: y", b"Proxy-Authorization: ***\r\nX: y"),
            (b"To: <sip:1:pw@h;x=y>;tag=2", b"To: <sip:1:***@h;x=y>;tag=2"),
            (b"Contact: sip:1@h:5060", b"Contact: sip:1@h:5060"),
            (b"Contact: <sip:h:5060>, <sip:1@h>", b"Contact: <sip:h:5060>, <sip:1@h>"),
            (b"Call-ID: a:b@h", b"Call-ID: a:b@h"),
            (b"WWW-Authenticate: Digest nonce=1", b"WWW-Authenticate: Digest nonce=1"),
            (b"Refer-To: <sip:1@h?Replaces=a%40h%3Bto-tag%3D1>", b"Refer-To: <sip:1@h?Replaces=a%40h%3Bto-tag%3D1>"),
            (b"Call-Info: <http://h:80/a@b:c@d>", b"Call-Info: <http://h:80/a@b:c@d>"),
        ):  # fmt: skip
            self.assertEqual(redacted(START + given_), START + shown)

    def test_body_keeps_its_length(self) -> None:
        body = (
            b"v=0\r\na=crypto:1 AES inline:key\r\nk=clear:x\r\na=ice-pwd:abc\r\na=fingerprint:sha-256 AB\r\n"
            b"Signal=5\r\nAuthorization: a\r\n\tb\r\nINVITE sip:u:pw@h SIP/2.0\r\n"
        )
        found = redacted(START + b"\r\n" + body)
        self.assertEqual(len(found), len(START) + 2 + len(body))
        self.assertIn(b"a=crypto:" + b"*" * 16, found)
        self.assertIn(b"a=fingerprint:sha-256 AB", found)
        self.assertIn(b"Signal=*\r\n", found)
        self.assertIn(b"sip:u:**@h", found)

    def test_digits(self) -> None:
        head = START + b"Content-Type: application/dtmf\r\n\r\n"
        self.assertEqual(redacted(head + b"5\r\n"), head + b"*\r\n")
        for other in (b"application/dtmf-relay", b"application/sdp"):
            head = START + b"c: " + other + b"\r\n\r\n"
            self.assertEqual(redacted(head + b"5\r\n"), head + b"5\r\n")

    def test_hostile_ones_take_no_time(self) -> None:
        """64 KiB of what makes careless patterns go back and forth."""
        for evil in (
            b"sip:" * 16_000 + b"@", b"?" * 64_000, b"http://a:b@" * 5_900, b"authorization" * 5_000,
            b"%3a%40" * 10_000 + b"sip:", b"\r\nauthorization" + b" \t" * 30_000, b"\r\n " * 20_000,
        ):  # fmt: skip
            redacted(START + evil)
