"""Digest: the examples of the RFCs, what is read, and our answers to other servers."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.auth import Authenticator
from magroup.sip.challenge import MOST_ATTEMPTS, Answers, Credentials, Refused
from magroup.sip.digest import MD5, SHA256, credentials_hash, parse_challenges, parse_digest, response_hash
from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response
from magroup.sip.nonce import BRIEF, Nonces
from tests.sip.digests import KEY, SECRETS, counter, refusal, request


class Vectors(SynchronousTestCase):
    """The examples that the RFCs print."""

    def test_rfc_2617(self) -> None:
        ha1 = credentials_hash(MD5, "Mufasa", "testrealm@host.com", "Circle Of Life")
        nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
        self.assertEqual(
            response_hash(MD5, ha1, "GET", "/dir/index.html", nonce, "auth", "00000001", "0a4f113b"),
            "6629fae49393a05397450978507c4ef1",
        )

    def test_rfc_2069(self) -> None:
        ha1 = credentials_hash(MD5, "Mufasa", "testrealm@host.com", "CircleOfLife")
        self.assertEqual(
            response_hash(MD5, ha1, "GET", "/dir/index.html", "dcd98b7102dd2f0e8b11d0f600bfb0c093"),
            "1949323746fe6a43ef61f9606e7febea",
        )

    def test_rfc_7616(self) -> None:
        nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
        cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        for algorithm, response in (
            (MD5, "8ca523f5e9506fed4657c9700eebdbec"),
            (SHA256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ):
            ha1 = credentials_hash(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
            found = response_hash(algorithm, ha1, "GET", "/dir/index.html", nonce, "auth", "00000001", cnonce)
            self.assertEqual(found, response)


class Parsing(SynchronousTestCase):
    """Header values as phones write them."""

    def test_tolerated(self) -> None:
        for text, fields in (
            ('Digest username="a",realm="r"', {"username": "a", "realm": "r"}),
            ('  DIGEST\t Username = "a" ,\t realm  =  "r" , ', {"username": "a", "realm": "r"}),
            ('Digest ,, nc=00000001,,qop="auth"', {"nc": "00000001", "qop": "auth"}),
            (r'Digest username="a\"b\\c"', {"username": r"a\b".replace("\\", '"') + "\\c"}),
            ('Digest uri="sip:a@b;x=y,z", opaque=""', {"uri": "sip:a@b;x=y,z", "opaque": ""}),
            ("Digest uri=sip:a@b;x=y", {"uri": "sip:a@b;x=y"}),
            ('Digest username="émilie"', {"username": "émilie"}),
        ):
            self.assertEqual(parse_digest(text), fields, text)

    def test_refused(self) -> None:
        for text in (
            "", "Digest", "Basic QWxhZGRpbg==", "NoOneKnowsThisScheme opaque-data=here", "Digest=1",
            'Digest username="a', 'Digest username="a" realm="r"', 'Digest username="a", username="b"',
            'Digest username="a", Digest realm="r"', 'Digest username="a\nb"', 'Digest x=";" ; y=1',
            "Digest " + "a" * 5000,
        ):  # fmt: skip
            self.assertIsNone(parse_digest(text), text)

    def test_hostile_text_is_read_in_linear_time(self) -> None:
        for text in (
            "Digest " + 'a="' * 1300,
            "Digest " + "a" * 4000,
            "Digest " + '\\"' * 2000,
            "Digest " + ", " * 2000,
        ):
            self.assertIn(parse_digest(text), (None, {}))

    def test_several_challenges_in_one_value(self) -> None:
        found = parse_challenges('Digest realm="a", nonce="1", Basic realm="b", Digest realm="c",nonce="2"')
        self.assertEqual(found, [{"realm": "a", "nonce": "1"}, {"realm": "c", "nonce": "2"}])

    @settings(deadline=None)
    @given(st.text(max_size=300))
    def test_any_text(self, text: str) -> None:
        fields = parse_digest("Digest " + text)
        self.assertTrue(fields is None or all(name == name.lower() for name in fields))
        self.assertIsInstance(parse_challenges(text), list)


class NonceTests(SynchronousTestCase):
    """The window of counts, the lifetime, and the bound of what is remembered."""

    def nonces(self, limit: int = 100) -> Nonces:
        return Nonces(KEY, 60, counter(), limit)

    def test_counts(self) -> None:
        for counts, accepted in (
            ([1, 2, 3], [True, True, True]),
            ([1, 1], [True, False]),
            ([5, 3, 4, 3, 5, 6], [True, True, True, False, False, True]),
            ([100, 37, 36], [True, True, False]),
            ([1, 65, 1, 2, 64], [True, True, False, True, True]),
            ([1, 64, 1], [True, True, False]),
            ([0, 0xFFFFFFFF, 1], [True, True, False]),
            ([None, None], [True, False]),
            ([None, 1], [True, False]),
            ([1, None], [True, False]),
        ):
            nonces = self.nonces()
            for brief in (False, True):
                nonce = nonces.make(1000.0, "here", brief)
                found = [nonces.use(nonce, count, 1001.0, "here") for count in counts]
                self.assertEqual(found, accepted, (counts, brief))

    @settings(deadline=None)
    @given(st.lists(st.one_of(st.none(), st.integers(0, 200)), max_size=60), st.booleans())
    def test_no_count_twice(self, counts: list[int | None], brief: bool) -> None:
        nonces = self.nonces()
        nonce = nonces.make(1000.0, "", brief)
        accepted = [count for count in counts if nonces.use(nonce, count, 1000.0)]
        self.assertEqual(len(accepted), len(set(accepted)))
        self.assertTrue(None not in accepted or len(accepted) == 1)
        self.assertEqual(bool(accepted), bool(counts))

    def test_lifetime(self) -> None:
        nonces = self.nonces()
        nonce = nonces.make(1000.0)
        self.assertFalse(nonces.use(nonce, 1, 999.0))
        self.assertTrue(nonces.use(nonce, 1, 1060.0))
        self.assertFalse(nonces.use(nonce, 2, 1060.1))

    def test_a_brief_one_lives_five_minutes_or_less(self) -> None:
        for lifetime, lives in ((3600, BRIEF), (60, 60)):
            nonces = Nonces(KEY, lifetime, counter())
            nonce = nonces.make(1000.0, "", True)
            self.assertFalse(nonces.use(nonce, 1, 999.0))
            self.assertTrue(nonces.use(nonce, 1, 1000.0 + lives))
            self.assertFalse(nonces.use(nonce, 2, 1000.1 + lives))

    def test_what_was_forgotten_stays_void_when_nonces_live_longer(self) -> None:
        nonces = self.nonces()
        first = nonces.make(1000.0)
        self.assertTrue(nonces.use(first, 1, 1000.0))
        self.assertTrue(nonces.use(nonces.make(1100.0), 1, 1100.0))
        self.assertEqual(len(nonces), 1)
        nonces.lifetime = 3600
        self.assertFalse(nonces.use(first, 1, 1100.0))

    def test_foreign_nonces(self) -> None:
        nonces = self.nonces()
        nonce = nonces.make(1000.0)
        other = Nonces(bytes(32), 60, counter())
        self.assertFalse(other.use(nonce, 1, 1000.0))
        changed = [nonce[:i] + ("A" if nonce[i] != "A" else "B") + nonce[i + 1 :] for i in range(len(nonce))]
        for text in (*changed, "", nonce[:-1], nonce + "A", "é" * 40, "?" * 40, "=" * 40):
            self.assertFalse(nonces.use(text, 1, 1000.0), text)
        self.assertEqual(len(nonces), 0)

    def test_forgotten_nonces_cannot_be_replayed(self) -> None:
        nonces = self.nonces(limit=3)
        made = [nonces.make(1000.0 + i) for i in range(5)]
        unused = nonces.make(1001.0)
        for nonce in made:
            self.assertTrue(nonces.use(nonce, 1, 1010.0))
        self.assertEqual(len(nonces), 3)
        self.assertEqual([nonces.use(nonce, 1, 1010.0) for nonce in made], [False] * 5)
        self.assertFalse(nonces.use(unused, 1, 1010.0))
        self.assertTrue(nonces.use(nonces.make(1010.0), 1, 1010.0))

    def test_many_calls_make_no_nonce_of_a_registration_stale(self) -> None:
        nonces = self.nonces(limit=3)
        registered = nonces.make(1000.0)
        self.assertTrue(nonces.use(registered, 1, 1000.0))
        for at in range(10):
            self.assertTrue(nonces.use(nonces.make(1001.0 + at, "", True), 1, 1020.0))
        self.assertEqual(len(nonces), 4)
        self.assertEqual([nonces.use(registered, count, 1020.0) for count in (1, 2)], [False, True])

    def test_old_nonces_are_forgotten(self) -> None:
        nonces = self.nonces()
        for i in range(50):
            nonces.use(nonces.make(1000.0 + i * 10), 1, 1000.0 + i * 10)
        self.assertLessEqual(len(nonces), 7)

    def test_a_short_key_is_refused(self) -> None:
        self.assertRaises(ValueError, Nonces, b"short", 60)


class Client(SynchronousTestCase):
    """Our answers to other servers."""

    def setUp(self) -> None:
        self.answers = Answers(Credentials("alice", "open sesame"), lambda: "cn0nce")

    def challenged(self, *values: str, status: int = 401) -> Response:
        return Response(status, "", {"WWW-Authenticate" if status == 401 else "Proxy-Authenticate": list(values)})

    def one(self, value: str, message: Request | None = None) -> dict[str, str]:
        headers = self.answers.answer(self.challenged(value), message or request())
        fields = parse_digest(headers["Authorization"][0])
        assert fields
        return fields

    def test_is_accepted_by_our_own_server(self) -> None:
        for algorithms in ([SHA256, MD5], [MD5], [SHA256]):
            for proxy in (False, True):
                for user in SECRETS.keys() - {"empty"}:
                    auth = Authenticator("magroup", SECRETS.get, KEY, 60, algorithms)
                    answers = Answers(Credentials(user, SECRETS[user]))
                    message = request("INVITE", "sip:4321@magroup;transport=tcp")
                    error = self.assertRaises(SipError, auth.check, message, 1000.0, proxy)
                    message.headers |= answers.answer(refusal(error), message)
                    self.assertIn(f"algorithm={algorithms[0]}", str(message.headers))
                    self.assertEqual(auth.check(message, 1000.0, proxy), user)
                    for _ in range(3):
                        message.headers |= answers.repeat(message)
                        self.assertEqual(auth.check(message, 1001.0, proxy), user)
                    message.headers |= answers.repeat(message)
                    error = self.assertRaises(SipError, auth.check, message, 1100.0, proxy)
                    message.headers |= answers.answer(refusal(error), message)
                    self.assertEqual(auth.check(message, 1100.0, proxy), user)

    def test_strongest(self) -> None:
        for offered, taken in (
            (["MD5", "SHA-256"], "SHA-256"), (["SHA-256", "MD5"], "SHA-256"), (["MD5-sess", "MD5"], "MD5"),
            (["MD5", "SHA-256-sess"], "SHA-256-sess"), (["SHA-512-256", "md5"], "md5"), (["AKAv1-MD5", "MD5"], "MD5"),
        ):  # fmt: skip
            values = [f'Digest realm="r", nonce="n", algorithm={name}, qop="auth"' for name in offered]
            for said in (values, [", ".join(values)]):
                headers = self.answers.answer(self.challenged(*said), request())
                self.assertEqual(len(headers["Authorization"]), 1)
                self.assertIn(f"algorithm={taken},", headers["Authorization"][0])

    def test_fields(self) -> None:
        fields = self.one('Digest realm="a \\"r\\"", nonce="n\\\\1", opaque="o", qop="auth-int,auth", domain="x"')
        self.assertEqual(
            {name: fields[name] for name in fields if name != "response"},
            {"username": "alice", "realm": 'a "r"', "nonce": "n\\1", "uri": "sip:magroup", "cnonce": "cn0nce",
             "qop": "auth", "nc": "00000001", "opaque": "o"},
        )  # fmt: skip
        self.answers.forget()
        self.assertEqual(
            self.one('Digest realm="r", nonce="n"').keys(), {"username", "realm", "nonce", "uri", "response"}
        )
        self.assertNotIn("qop", self.one('Digest realm="r", nonce="n", qop=""'))

    def test_session_algorithms(self) -> None:
        for algorithm, name in (("MD5-sess", "md5"), ("SHA-256-sess", "sha256")):

            def hashed(text: str, name: str = name) -> str:
                return hashlib.new(name, text.encode()).hexdigest()

            self.answers.forget()
            fields = self.one(f'Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}')
            a1 = hashed(f"{hashed('alice:r:open sesame')}:n:cn0nce")
            a2 = hashed("REGISTER:sip:magroup")
            self.assertEqual(fields["response"], hashed(f"{a1}:n:00000001:cn0nce:auth:{a2}"))

    def test_counts_grow_while_the_nonce_is_used(self) -> None:
        counts = [self.one('Digest realm="r", nonce="n", qop="auth"')["nc"]]
        for _ in range(2):
            fields = parse_digest(self.answers.repeat(request())["Authorization"][0])
            assert fields
            counts.append(fields["nc"])
        self.assertEqual(counts, ["00000001", "00000002", "00000003"])
        self.assertEqual(self.one('Digest realm="r", nonce="m", qop="auth"')["nc"], "00000001")

    def test_nothing_to_repeat_before_a_challenge(self) -> None:
        self.assertEqual(self.answers.repeat(request()), {})

    def test_several_realms(self) -> None:
        values = [f'Digest realm="{realm}", nonce="n", qop="auth"' for realm in "ab"]
        headers = self.answers.answer(self.challenged(*values, status=407), request())
        self.assertEqual([len(lines) for lines in headers.values()], [2])
        message = request()
        message.headers |= headers
        headers = self.answers.answer(self.challenged('Digest realm="c", nonce="n"'), message)
        self.assertEqual(
            {name: len(lines) for name, lines in headers.items()}, {"Proxy-Authorization": 2, "Authorization": 1}
        )

    def test_gives_up(self) -> None:
        message = request()
        for n, (values, attempt) in enumerate(
            (
                ([], 0), (["Basic realm=x"], 0), (['Digest realm="r"'], 0), (['Digest nonce="n"'], 0),
                (['Digest realm="r", nonce="n", qop="auth-int"'], 0),
                (['Digest realm="r", nonce="n", algorithm=SHA-3'], 0),
                (['Digest realm="r", nonce="n\nX: y"'], 0), (['Digest realm="r", nonce="n"'], MOST_ATTEMPTS),
            )
        ):  # fmt: skip
            error = self.assertRaises(Refused, self.answers.answer, self.challenged(*values), message, attempt)
            self.assertEqual(error.status, 401, n)

    def test_gives_up_after_a_wrong_answer(self) -> None:
        message = request()
        message.headers |= self.answers.answer(self.challenged('Digest realm="r", nonce="n"'), message)
        for value in (
            'Digest realm="r", nonce="m"',
            'Digest realm="r", nonce="n", stale=true',
            'Digest realm="r", nonce="m", stale=x',
        ):
            self.assertRaises(Refused, self.answers.answer, self.challenged(value), message, 1)
        headers = self.answers.answer(self.challenged('Digest realm="r", nonce="m", stale=TRUE'), message, 1)
        self.assertIn('nonce="m"', headers["Authorization"][0])

    def test_password_is_not_shown(self) -> None:
        self.assertNotIn("sesame", repr(Credentials("alice", "open sesame")))

    @settings(deadline=None)
    @given(st.lists(st.text(max_size=120), max_size=4))
    def test_any_challenge(self, values: list[str]) -> None:
        answers = Answers(Credentials("alice", "x"))
        try:
            headers = answers.answer(self.challenged(*values, *(f"Digest {value}" for value in values)), request())
        except Refused:
            return
        self.assertNotRegex(str(list(headers.values())), r"[\r\n]")
