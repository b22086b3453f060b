"""Keys of SRTP in offers and answers of our own, and in those that are passed on (RFC 4568)."""

from base64 import b64encode

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.offer_answer import accept, answer, offer
from magroup.sip.sdes import MOST_LINES, Crypto, Policy, Sdes, read, write
from magroup.sip.sdes_relay import as_answer, same_keys
from magroup.sip.sdp import SdpError, Session
from tests.sip import sdp_samples as samples
from tests.sip.sdp_samples import sdp

LONG, SHORT = "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"
OFF, OPTIONAL, REQUIRED = Policy
OURS = {LONG: b"o" * 30, SHORT: b"u" * 30}
THEIRS = b64encode(b"t" * 30).decode()
HOST, PORT = "10.0.0.2", 16384


def secure(*lines: str, protocol: str = "RTP/SAVP") -> bytes:
    """A peer's description with these a=crypto lines."""
    return sdp(f"""
        v=0
        o=- 1 1 IN IP4 10.0.0.1
        s=-
        c=IN IP4 10.0.0.1
        t=0 0
        m=audio 4000 {protocol} 0
    """) + "".join(f"a=crypto:{line}\r\n" for line in lines).encode()


def key(character: str) -> str:
    return f"inline:{b64encode(character.encode() * 30).decode()}"


PLAIN = secure(protocol="RTP/AVP")
BOTH = f"1 {SHORT} {key('a')}", f"2 {LONG} {key('b')}"


class Line(SynchronousTestCase):
    def test_read(self) -> None:
        for text, expected in (
            (f"1 {LONG} inline:{THEIRS}", ("1", LONG, b"")),
            (f"007 {SHORT.lower()} INLINE:{THEIRS}", ("007", SHORT, b"")),
            (f"1 {LONG} inline:{THEIRS}|2^31", ("1", LONG, b"")),
            (f"1 {LONG} inline:{THEIRS}|1048576", ("1", LONG, b"")),
            (f"1 {LONG} inline:{THEIRS}|2^20|1:4", ("1", LONG, b"\0\0\0\1")),
            (f"1 {LONG} inline:{THEIRS}|258:2", ("1", LONG, b"\1\2")),
            (f"1 {LONG} inline:{THEIRS} WSH=128 -NEW=1", ("1", LONG, b"")),
        ):  # fmt: skip
            self.assertEqual(read(text), Crypto(expected[0], expected[1], b"t" * 30, expected[2]), text)

    def test_not_ours(self) -> None:
        for text in (
            "", "1", f"1 {LONG}", f"x {LONG} inline:{THEIRS}", f"1 F8_128_HMAC_SHA1_80 inline:{THEIRS}",
            f"1 AES_256_CM_HMAC_SHA1_80 inline:{THEIRS}", f"1 {LONG} {THEIRS}", f"1 {LONG} inline:{THEIRS[:-4]}",
            f"1 {LONG} inline:{THEIRS}AAAA", f"1 {LONG} inline:{'=' * 40}", f"1 {LONG} inline:{THEIRS};inline:{THEIRS}",
            f"1 {LONG} inline:{THEIRS}|1:0", f"1 {LONG} inline:{THEIRS}|256:1", f"1 {LONG} inline:{THEIRS}|1:129",
            f"1 {LONG} inline:{THEIRS} UNENCRYPTED_SRTP", f"1 {LONG} inline:{THEIRS} KDR=1",
            f"1 {LONG} inline:{THEIRS} NEW=1",
        ):  # fmt: skip
            self.assertIsNone(read(text), text)

    @given(st.text(max_size=100), st.sampled_from(["", f"1 {LONG} ", f"1 {LONG} inline:{THEIRS}"]))
    def test_any_text(self, text: str, before: str) -> None:
        read(before + text)

    @given(st.binary(min_size=30, max_size=30), st.sampled_from([LONG, SHORT]))
    def test_written(self, master: bytes, suite: str) -> None:
        self.assertEqual(read(write("3", suite, master).removeprefix("a=crypto:")), Crypto("3", suite, master))


class OwnSound(SynchronousTestCase):
    """Announcements: who offers what, and what both take."""

    def answer(self, policy: Policy, offered: bytes) -> tuple[list[str], Crypto | None]:
        """Its m= and a=crypto lines, and the peer's key."""
        built, agreed = answer(Session.parse(offered), HOST, PORT, sdes=Sdes(policy, OURS.__getitem__))
        return self.lines(built), agreed.srtp

    def lines(self, built: bytes) -> list[str]:
        return [line for line in built.decode().split("\r\n") if line.startswith(("m=", "a=crypto"))]

    def test_secure_offers(self) -> None:
        """The best of the offer that we have too, by its tag, whatever is set."""
        strange = f"1 AEAD_AES_128_GCM inline:{THEIRS}", f"4 {SHORT} {key('a')}", f"2 {LONG} {key('b')}"
        for policy in Policy:
            for protocol in ("RTP/SAVP", "RTP/SAVPF"):
                lines, theirs = self.answer(policy, secure(*strange, protocol=protocol))
                self.assertEqual(lines, [f"m=audio {PORT} {protocol} 0", f"a=crypto:4 {SHORT} {key('u')}"])
                self.assertEqual(theirs, Crypto("4", SHORT, b"a" * 30))

    def test_nothing_in_common(self) -> None:
        """488; another stream may do."""
        wrong = [f"1 {LONG} inline:short", f"2 F8_128_HMAC_SHA1_80 {key('a')}"]
        for policy in Policy:
            for offered in (secure(), secure(*wrong), secure(*[wrong[1]] * MOST_LINES, f"1 {LONG} {key('a')}")):
                error = self.assertRaises(SdpError, self.answer, policy, offered)
                self.assertEqual((error.status, error.warning), (488, 399))
        again = secure(*wrong) + b"m=audio 4002 RTP/AVP 0\r\n"
        self.assertEqual(self.answer(OFF, again)[0], ["m=audio 0 RTP/SAVP 0", f"m=audio {PORT} RTP/AVP 0"])
        self.assertEqual(self.assertRaises(SdpError, self.answer, REQUIRED, again).status, 488)

    def test_plain_offers(self) -> None:
        self.assertEqual(self.answer(OPTIONAL, PLAIN), ([f"m=audio {PORT} RTP/AVP 0"], None))
        error = self.assertRaises(SdpError, self.answer, REQUIRED, PLAIN)
        self.assertEqual((error.status, error.warning), (488, 302))

    def test_keys_in_plain_offers(self) -> None:
        """Some phones write so that they can do either."""
        secured = [f"m=audio {PORT} RTP/AVP 9 101", f"a=crypto:1 {SHORT} {key('u')}"]
        for policy in (OPTIONAL, REQUIRED):
            lines, theirs = self.answer(policy, samples.SNOM)
            self.assertEqual(lines, secured)
            assert theirs is not None
            self.assertEqual(theirs.suite, SHORT)
        self.assertEqual(self.answer(OFF, samples.SNOM), (secured[:1], None))

    def test_either_of_two_streams(self) -> None:
        lines, _ = self.answer(OPTIONAL, samples.SRTP_OR_PLAIN)
        self.assertEqual([line.split()[1] for line in lines if line.startswith("m=")], [str(PORT), "0"])

    def test_without_keys(self) -> None:
        """Who has no SRTP refuses it."""
        error = self.assertRaises(SdpError, answer, Session.parse(secure(*BOTH)), HOST, PORT)
        self.assertEqual((error.status, error.warning), (488, 302))
        self.assertRaises(SdpError, accept, Session.parse(secure(*BOTH)))

    def offer(self, policy: Policy, remote: bytes) -> list[str]:
        return self.lines(offer(HOST, PORT, sdes=Sdes(policy, OURS.__getitem__), remote=remote))

    def test_own_offers(self) -> None:
        """As the other end has described itself, unless it is set otherwise."""
        keys = [f"a=crypto:1 {LONG} {key('o')}", f"a=crypto:2 {SHORT} {key('u')}"]
        plain, secured = (f"m=audio {PORT} {protocol} 0 8 9 101" for protocol in ("RTP/AVP", "RTP/SAVP"))
        for policy, remote, expected in (
            (OFF, secure(*BOTH), [plain]), (OFF, b"", [plain]),
            (OPTIONAL, b"", [plain]), (OPTIONAL, PLAIN, [plain]), (OPTIONAL, b"rubbish", [plain]),
            (OPTIONAL, b"v=0\r\n", [plain]), (OPTIONAL, secure(*BOTH), [secured, *keys]),
            (OPTIONAL, secure(*BOTH, protocol="RTP/AVP"), [plain, *keys]),
            (REQUIRED, b"", [secured, *keys]), (REQUIRED, PLAIN, [secured, *keys]),
        ):  # fmt: skip
            self.assertEqual(self.offer(policy, remote), expected, (policy, remote))

    def accept(self, policy: Policy, answered: bytes) -> Crypto | None:
        return accept(Session.parse(answered), sdes=Sdes(policy, OURS.__getitem__)).srtp

    def test_answers(self) -> None:
        for tag, suite in (("1", LONG), ("2", SHORT)):
            for policy in (OPTIONAL, REQUIRED):
                for protocol in ("RTP/SAVP", "RTP/AVP"):
                    found = self.accept(policy, secure(f"{tag} {suite} {key('t')}", protocol=protocol))
                    self.assertEqual(found, Crypto(tag, suite, b"t" * 30))
        self.assertIsNone(self.accept(OPTIONAL, PLAIN))
        self.assertIsNone(self.accept(OFF, PLAIN))

    def test_answers_to_nothing_of_ours(self) -> None:
        for policy, answered in (
            (REQUIRED, PLAIN), (OPTIONAL, secure()), (OPTIONAL, secure(f"1 {SHORT} {key('t')}")),
            (OPTIONAL, secure(f"3 {LONG} {key('t')}")), (OFF, secure(f"1 {LONG} {key('t')}")),
        ):  # fmt: skip
            error = self.assertRaises(SdpError, self.accept, policy, answered)
            self.assertEqual((error.status, error.warning), (488, 302))


class PassedOn(SynchronousTestCase):
    """What the switch asks of the keys of others."""

    def test_same_keys(self) -> None:
        chosen = secure(f"2 {LONG} {key('z')}")
        for latest, expected in (
            (secure(f"2 {LONG} {key('b')}"), True), (secure(f"9 {LONG} {key('b')}|2^31 WSH=64"), True),
            (secure(f"2 {LONG} {key('c')}"), False), (secure(f"1 {SHORT} {key('a')}"), False), (PLAIN, False),
            (b"rubbish", False),
        ):  # fmt: skip
            self.assertIs(same_keys(secure(*BOTH), chosen, latest), expected, latest)
        self.assertTrue(same_keys(PLAIN, PLAIN, PLAIN))
        self.assertTrue(same_keys(secure(*BOTH, protocol="RTP/AVP"), PLAIN, PLAIN))
        self.assertFalse(same_keys(secure(*BOTH), secure(f"8 {LONG} {key('z')}"), secure(f"8 {LONG} {key('b')}")))

    def test_of_each_stream(self) -> None:
        video = f"m=video 5000 RTP/SAVP 96\r\na=crypto:1 {LONG} {key('v')}\r\n".encode()
        one, none = secure(f"1 {LONG} {key('a')}"), video.replace(b"5000", b"0")
        other = video.replace(key("v").encode(), key("w").encode())
        self.assertTrue(same_keys(one + video, one + video, one + video))
        self.assertFalse(same_keys(one + video, one + video, one + other))
        self.assertFalse(same_keys(one + video, one + video, one + none))
        self.assertTrue(same_keys(one + video, one + none, one + none))
        self.assertTrue(same_keys(one + video, one, one))

    def test_as_answer(self) -> None:
        """One key, of a suite that is offered, by the offer's tag."""
        own = secure(f"1 {LONG} {key('x')}|2^31", f"2 {SHORT} {key('y')}") + b"a=sendrecv\r\n"
        self.assertEqual(
            as_answer(own, secure(*BOTH)), secure(f"2 {LONG} {key('x')}|2^31") + b"a=sendrecv\r\n"
        )  # fmt: skip
        self.assertEqual(
            as_answer(own, secure(f"5 {SHORT} {key('a')}")), secure(f"5 {SHORT} {key('y')}") + b"a=sendrecv\r\n"
        )  # fmt: skip
        self.assertEqual(as_answer(own, PLAIN), secure() + b"a=sendrecv\r\n")
        self.assertEqual(as_answer(own, b""), own)
        self.assertEqual(as_answer(own, b"rubbish"), own)
        self.assertEqual(as_answer(PLAIN, secure(*BOTH)), PLAIN)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        sent = secure(*BOTH) + data
        as_answer(sent, secure(*BOTH))
        as_answer(secure(*BOTH), sent)
        for one in (sent, secure(*BOTH)):
            same_keys(sent, one, secure(*BOTH))
            same_keys(secure(*BOTH), one, sent)
