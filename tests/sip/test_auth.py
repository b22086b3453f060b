"""Digest: the examples of the RFCs, every refusal, replay, stale nonces, and our answers to other servers."""

import hashlib
import re
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.auth import MOST_CREDENTIALS, Authenticator
from magroup.sip.challenge import MOST_ATTEMPTS, Answers, Credentials, Refused
from magroup.sip.digest import MD5, SHA256, credentials_hash, parse_challenges, parse_digest, response_hash
from magroup.sip.errors import SipError
from magroup.sip.known_algorithms import MOST_PHONES, KnownAlgorithms
from magroup.sip.message import Request, Response
from magroup.sip.nonce import Nonces

KEY = bytes(range(32))
SECRETS = {"alice": "open sesame", "bob": "b0b:secret", 'quo"te': "q", "émilie": "pässwörd", "empty": ""}
ADDRESS = "192.0.2.7"


def request(
    method: str = "REGISTER", target: str = "sip:magroup", user_agent: str = "", user: str = "alice"
) -> Request:
    headers = {
        "Via": ["SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1"], "From": [f"<sip:{user}@magroup>;tag=1"],
        "To": [f"<sip:{user}@magroup>"], "Call-ID": ["c1"], "CSeq": [f"1 {method}"],
    }  # fmt: skip
    if user_agent:
        headers["User-Agent"] = [user_agent]
    return Request(method, target, headers)


def refusal(error: SipError) -> Response:
    headers = {name: value if isinstance(value, list) else [value] for name, value in error.headers.items()}
    return Response(error.status, error.reason, headers)


def challenges(error: SipError) -> list[dict[str, str]]:
    return [fields for value in next(iter(refusal(error).headers.values())) for fields in parse_challenges(value)]


def counter() -> Callable[[int], bytes]:
    numbers = iter(range(1_000_000))
    return lambda size: next(numbers).to_bytes(size, "big")


class Phone:
    """A client written apart from the code under test: builds an Authorization value from its parts."""

    def __init__(self, user: str, secret: str, fields: dict[str, str], algorithm: str = MD5) -> None:
        self.user, self.secret, self.nonce, self.realm = user, secret, fields["nonce"], fields["realm"]
        self.algorithm = algorithm

    def hash(self, text: str) -> str:
        name = "md5" if self.algorithm == MD5 else "sha256"
        return hashlib.new(name, text.encode("utf-8", "surrogateescape")).hexdigest()

    def authorization(
        self,
        method: str = "REGISTER",
        uri: str = "sip:magroup",
        nc: int | None = 1,
        cnonce: str = "c0ffee",
        **change: str,
    ) -> str:
        a1 = self.hash(f"{self.user}:{self.realm}:{self.secret}")
        a2 = self.hash(f"{method}:{uri}")
        count = "" if nc is None else f"{nc:08x}"
        middle = "" if nc is None else f"{count}:{cnonce}:auth:"
        written = {
            "username": '"' + self.user.replace("\\", "\\\\").replace('"', '\\"') + '"',
            "realm": f'"{self.realm}"', "nonce": f'"{self.nonce}"', "uri": f'"{uri}"',
            "response": '"' + self.hash(f"{a1}:{self.nonce}:{middle}{a2}") + '"', "algorithm": self.algorithm,
        }  # fmt: skip
        if nc is not None:
            written |= {"cnonce": f'"{cnonce}"', "qop": "auth", "nc": count}
        written |= change
        return "Digest " + ", ".join(f"{name}={value}" for name, value in written.items() if value)


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
            nonce = nonces.make(1000.0)
            self.assertEqual([nonces.use(nonce, count, 1001.0) for count in counts], accepted, counts)

    @settings(deadline=None)
    @given(st.lists(st.one_of(st.none(), st.integers(0, 200)), max_size=60))
    def test_no_count_twice(self, counts: list[int | None]) -> None:
        nonces = self.nonces()
        nonce = nonces.make(1000.0)
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

    def test_old_nonces_are_forgotten(self) -> None:
        nonces = self.nonces()
        for i in range(50):
            nonces.use(nonces.make(1000.0 + i * 10), 1, 1000.0 + i * 10)
        self.assertLessEqual(len(nonces), 7)

    def test_a_short_key_is_refused(self) -> None:
        self.assertRaises(ValueError, Nonces, b"short", 60)


class ServerTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.failures: list[tuple[str, str]] = []
        self.auth = Authenticator(
            "magroup", SECRETS.get, KEY, 60, failed=lambda *what: self.failures.append(what), random=counter()
        )

    def refused(self, message: Request, now: float = 1000.0, proxy: bool = False) -> SipError:
        error = self.assertRaises(SipError, self.auth.check, message, now, proxy, ADDRESS)
        assert isinstance(error, SipError)
        return error

    def phone(self, user: str = "alice", secret: str | None = None, algorithm: str = MD5) -> Phone:
        fields = challenges(self.refused(request()))[0]
        self.failures.clear()
        return Phone(user, SECRETS.get(user, "") if secret is None else secret, fields, algorithm)

    def signed(self, value: str, method: str = "REGISTER", target: str = "sip:magroup") -> Request:
        message = request(method, target)
        message.headers["Authorization"] = [value]
        return message

    def check(self, value: str, now: float = 1001.0) -> str:
        return self.auth.check(self.signed(value), now, address=ADDRESS)


class Server(ServerTestCase):
    """Who is let in."""

    def test_challenges(self) -> None:
        error = self.refused(request())
        self.assertEqual((error.status, list(error.headers)), (401, ["WWW-Authenticate"]))
        first, second = refusal(error).headers["WWW-Authenticate"]
        pattern = r'Digest realm="magroup", nonce="[A-Za-z0-9_-]{40}", algorithm=%s, qop="auth"\Z'
        self.assertRegex(first, pattern % SHA256)
        self.assertRegex(second, pattern % MD5)
        error = self.refused(request("INVITE"), proxy=True)
        self.assertEqual((error.status, list(error.headers)), (407, ["Proxy-Authenticate"]))
        self.assertEqual(self.failures, [])

    def test_realm_is_quoted(self) -> None:
        auth = Authenticator('a "b" \\', SECRETS.get, KEY)
        error = auth.challenge(0.0)
        self.assertEqual({fields["realm"] for fields in challenges(error)}, {'a "b" \\'})

    def test_right_answers(self) -> None:
        for user in ("alice", "bob", 'quo"te', "émilie"):
            for algorithm in (MD5, SHA256):
                self.assertEqual(self.check(self.phone(user, algorithm=algorithm).authorization()), user)
        self.assertEqual(self.failures, [])

    def test_user_with_realm(self) -> None:
        self.assertEqual(self.check(self.phone("alice@magroup", "open sesame").authorization()), "alice")
        self.assertEqual(self.check(self.phone("alice@MAGROUP", "open sesame").authorization()), "alice")
        self.refused(self.signed(self.phone("alice@elsewhere", "open sesame").authorization()))

    def test_spellings(self) -> None:
        phone = self.phone()
        plain = phone.authorization(nc=1)
        for nc, change in enumerate(
            (
                {"qop": '"auth"'}, {"algorithm": '"md5"'}, {"algorithm": ""}, {"username": "alice"},
                {"uri": "sip:magroup"}, {"opaque": '""'}, {"nonce": phone.nonce},
            ), 2,
        ):  # fmt: skip
            self.assertEqual(self.check(phone.authorization(nc=nc, **change)), "alice", change)
        upper = re.sub(r'response="(.*?)"', lambda match: match[0].upper(), plain)
        self.assertEqual(self.check(upper.replace("RESPONSE", "response")), "alice")
        self.assertEqual(self.check(phone.authorization(nc=20).replace(", ", ",\t ").replace("=", " = ")), "alice")

    def test_uri_may_name_the_server_otherwise(self) -> None:
        phone = self.phone()
        for nc, (uri, target) in enumerate(
            (
                ("sip:magroup", "sip:magroup:5060"), ("sip:magroup", "sip:MAGROUP;transport=tcp"),
                ("sip:4321@magroup", "sip:4321@magroup:5060;user=phone"), ("sip:%34321@magroup", "sip:4321@magroup"),
                ("sip:192.0.2.1:5060", "sip:magroup"), ("sip:192.0.2.1:5060", "sip:4321@magroup"),
            ), 1,
        ):  # fmt: skip
            message = self.signed(phone.authorization("INVITE", uri, nc), "INVITE", target)
            self.assertEqual(self.auth.check(message, 1001.0, address=ADDRESS), "alice", uri)

    def test_proxy_header(self) -> None:
        message = request("INVITE")
        message.headers["Authorization"] = [self.phone().authorization("INVITE")]
        self.assertEqual(self.refused(message, proxy=True).status, 407)
        message.headers["Proxy-Authorization"] = [self.phone().authorization("INVITE")]
        self.assertEqual(self.auth.check(message, 1001.0, proxy=True, address=ADDRESS), "alice")

    def test_others_credentials_are_passed_over(self) -> None:
        message = self.signed("Basic QWxhZGRpbjpvcGVu")
        other = self.phone()
        other.realm = "elsewhere"
        message.headers["Authorization"] += [other.authorization(), "rubbish", self.phone().authorization()]
        self.assertEqual(self.auth.check(message, 1001.0, address=ADDRESS), "alice")
        self.assertEqual(self.failures, [])

    def test_one_of_two_answers_is_enough(self) -> None:
        old, new = self.phone(), self.phone()
        self.check(old.authorization())
        message = self.signed(old.authorization())
        message.headers["Authorization"].append(new.authorization())
        self.assertEqual(self.auth.check(message, 1001.0, address=ADDRESS), "alice")

    def test_a_stale_answer_counts_more_than_a_wrong_one(self) -> None:
        old, wrong = self.phone(), self.phone("alice", "wrong")
        self.check(old.authorization())
        for values in ([old.authorization(), wrong.authorization()], [wrong.authorization(), old.authorization()]):
            message = self.signed("")
            message.headers["Authorization"] = values
            self.assertEqual([fields.get("stale") for fields in challenges(self.refused(message))], ["true"])

    def test_who_makes_up_a_nonce_learns_nothing_of_the_password(self) -> None:
        """Nor does who has one that was sent elsewhere: it is asked to answer to another, right or wrong."""
        elsewhere = self.auth.nonces.make(1000.0, "192.0.2.99")
        for nonce in ("A" * 40, elsewhere, "x"):
            for secret in (SECRETS["alice"], "wrong"):
                phone = Phone("alice", secret, {"nonce": nonce, "realm": "magroup"})
                answer = challenges(self.refused(self.signed(phone.authorization())))
                self.assertEqual([fields.get("stale") for fields in answer], ["true"] * len(answer), (nonce, secret))
        self.assertEqual(self.failures, [])

    def test_one_network_of_ipv6_is_one_place(self) -> None:
        nonce = self.auth.nonces.make(1000.0, "2001:db8::")
        message = self.signed(Phone("alice", "open sesame", {"nonce": nonce, "realm": "magroup"}).authorization())
        self.assertEqual(self.auth.check(message, 1001.0, address="2001:db8::5:1"), "alice")

    def test_refused_as_if_wrong(self) -> None:
        self.auth.refused = lambda user, address: (user, address) == ("alice", ADDRESS)
        right, wrong = self.phone(), self.phone(secret="wrong")
        answers = [self.refused(self.signed(phone.authorization())) for phone in (right, wrong)]
        fields = [[{**one, "nonce": ""} for one in challenges(answer)] for answer in answers]
        self.assertEqual(fields[0], fields[1])
        self.assertEqual(len(self.failures), 1)

    def test_changed_secret_holds_at_once(self) -> None:
        secrets = {"alice": "one"}
        auth = Authenticator("magroup", secrets.get, KEY, 60)
        phone = Phone("alice", "one", {"nonce": auth.nonces.make(1000.0), "realm": "magroup"})
        self.assertEqual(auth.check(self.signed(phone.authorization(nc=1)), 1000.0), "alice")
        secrets["alice"] = "two"
        self.assertRaises(SipError, auth.check, self.signed(phone.authorization(nc=2)), 1000.0)
        phone.secret = "two"
        self.assertEqual(auth.check(self.signed(phone.authorization(nc=3)), 1000.0), "alice")
        del secrets["alice"]
        self.assertRaises(SipError, auth.check, self.signed(phone.authorization(nc=4)), 1000.0)

    def test_unknown_algorithms_are_refused_when_made(self) -> None:
        self.assertRaises(ValueError, Authenticator, "r", SECRETS.get, KEY, 60, ["MD4"])
        self.assertRaises(ValueError, Authenticator, "r", SECRETS.get, KEY, 60, [])


class Refusals(ServerTestCase):
    """Who is not, and how that is answered."""

    def test_wrong_answers_are_reported(self) -> None:
        for user, secret, seen in (
            ("alice", "wrong", "alice"), ("nobody", "x", "nobody"), ("empty", "", "empty"), ("n" * 200, "x", "n" * 64),
            ("ALICE", "open sesame", "ALICE"), ("\udcff", "x", "\udcff"),
        ):  # fmt: skip
            self.assertIs(self.stale(self.phone(user, secret).authorization()), False, user)
            self.assertEqual(self.failures, [(ADDRESS, seen)])

    def stale(self, value: str, now: float = 1001.0) -> bool:
        """Whether the refusal says that only the nonce is too old."""
        error = self.refused(self.signed(value), now)
        self.assertEqual(error.status, 401)
        (said,) = {fields.get("stale") for fields in challenges(error)}
        return said == "true"

    def test_known_and_unknown_users_get_the_same(self) -> None:
        known = self.refused(self.signed(self.phone("alice", "wrong").authorization()))
        unknown = self.refused(self.signed(self.phone("nobody", "wrong").authorization()))
        without_nonce = [re.sub(r'nonce="[^"]*"', "", str(refusal(error).headers)) for error in (known, unknown)]
        self.assertEqual(without_nonce[0], without_nonce[1])
        self.assertEqual((known.status, known.reason), (unknown.status, unknown.reason))

    def test_unusable_credentials_are_challenged_and_not_counted(self) -> None:
        phone = self.phone()
        for value in (
            "NoOneKnowsThisScheme opaque-data=here", "Basic QWxhZGRpbjpvcGVu", "Digest", "",
            'Digest username="alice", realm="magroup", nonce="", uri="sip:magroup", response=""',
            *(phone.authorization(**{name: ""}) for name in ("username", "nonce", "uri", "response", "cnonce")),
            phone.authorization().replace(", nc=00000001", ""), phone.authorization() + ", nc=2",
            phone.authorization(algorithm="MD5-sess"), phone.authorization(algorithm="SHA-512-256"),
            phone.authorization(qop="auth-int"), phone.authorization(qop='"auth, auth-int"'),
        ):  # fmt: skip
            error = self.refused(self.signed(value))
            self.assertEqual((error.status, len(challenges(error))), (401, 2), value)
            self.assertNotIn("stale", challenges(error)[0])
        for written in ("1", "0000000g", "-0000001", "+0000001", "000000001", "0x000001", "0000_001", "\u0661" * 8):
            value = phone.authorization().replace("nc=00000001", f"nc={written}")
            self.assertEqual(self.refused(self.signed(value)).status, 401, written)
        self.assertEqual(self.failures, [])

    def test_another_uri(self) -> None:
        for uri in ("sips:magroup", "sip:bob@magroup", "tel:4321", "rubbish", "*"):
            error = self.refused(self.signed(self.phone().authorization(uri=uri)))
            self.assertEqual((error.status, error.headers), (400, {}), uri)

    def test_another_called_number(self) -> None:
        message = self.signed(self.phone().authorization("INVITE", "sip:4321@magroup"), "INVITE", "sip:0900@magroup")
        self.assertEqual(self.refused(message).status, 400)
        message = self.signed(self.phone().authorization("INVITE", "tel:4321"), "INVITE", "tel:0900")
        self.assertEqual(self.refused(message).status, 400)

    def test_another_method(self) -> None:
        self.assertIs(self.stale(self.phone().authorization("INVITE")), False)
        self.assertEqual(self.failures, [(ADDRESS, "alice")])

    def test_replay(self) -> None:
        for nc in (1, None):
            value = self.phone().authorization(nc=nc)
            self.assertEqual(self.check(value), "alice")
            self.assertIs(self.stale(value), True)
        self.assertEqual(self.failures, [])

    def test_out_of_order(self) -> None:
        phone = self.phone()
        for nc in (3, 1, 2, 10):
            self.assertEqual(self.check(phone.authorization(nc=nc)), "alice")
        for nc in (3, 1, 2, 10):
            self.assertIs(self.stale(phone.authorization(nc=nc)), True)

    def test_old_nonce(self) -> None:
        phone = self.phone()
        self.assertEqual(self.check(phone.authorization(nc=1), 1060.0), "alice")
        self.assertIs(self.stale(phone.authorization(nc=2), 1061.0), True)
        phone.secret = "wrong"
        self.assertIs(self.stale(phone.authorization(nc=3), 1061.0), False)

    def test_nonce_of_before_a_restart(self) -> None:
        phone = self.phone()
        self.auth = Authenticator("magroup", SECRETS.get, bytes(32), 60)
        self.assertIs(self.stale(phone.authorization()), True)
        phone.nonce = "made up"
        self.assertIs(self.stale(phone.authorization()), True)

    def test_answers_in_one_message_are_limited(self) -> None:
        wrong, right = self.phone("alice", "wrong"), self.phone()
        message = self.signed(wrong.authorization())
        message.headers["Authorization"] = [wrong.authorization()] * MOST_CREDENTIALS + [right.authorization()]
        self.refused(message)
        self.assertEqual(len(self.failures), MOST_CREDENTIALS)

    @settings(deadline=None)
    @given(st.data())
    def test_no_changed_answer_is_right(self, data: st.DataObject) -> None:
        auth = Authenticator("magroup", SECRETS.get, KEY, 60)
        nonce = auth.nonces.make(1000.0)
        algorithm = data.draw(st.sampled_from([MD5, SHA256]))
        value = Phone("alice", "open sesame", {"nonce": nonce, "realm": "magroup"}, algorithm).authorization()
        fields = parse_digest(value)
        assert fields
        where = data.draw(st.integers(0, len(value) - 1))
        with_what = data.draw(st.characters(codec="utf-8", exclude_characters="\r\n"))
        changed = value[:where] + with_what + value[where + 1 :]
        after = parse_digest(changed)
        try:
            user = auth.check(self.signed(changed), 1001.0)
        except SipError as error:
            self.assertIn(error.status, (400, 401))
            return
        assert after
        self.assertEqual(user, "alice")
        for name in ("username", "realm", "nonce", "uri", "cnonce", "nc", "qop"):
            self.assertEqual(after.get(name), fields[name])
        self.assertEqual(after["response"].lower(), fields["response"])

    @settings(deadline=None)
    @given(st.text(max_size=200), st.text(max_size=40))
    def test_any_text(self, text: str, user: str) -> None:
        auth = Authenticator("magroup", SECRETS.get, KEY, 60)
        nonce = auth.nonces.make(1000.0)
        for value in (
            text, f"Digest {text}",
            f'Digest realm="magroup",username="{user}",nonce="{nonce}",uri="sip:magroup",response="{text}"',
        ):  # fmt: skip
            error = self.assertRaises(SipError, auth.check, self.signed(value), 1000.0)
            self.assertIn(error.status, (400, 401))


class KnownPhones(ServerTestCase):
    """Phones that know MD5 only, or cannot bear to see SHA-256."""

    def offered(self, message: Request, now: float = 1000.0) -> list[str]:
        return [fields["algorithm"] for fields in challenges(self.refused(message, now))]

    def test_by_user_agent(self) -> None:
        for agent, algorithms in (
            ("baresip v1.0.0 (x86_64/linux)", [MD5]), ("baresip v3.16.0 (x86_64)", [SHA256, MD5]),
            ("Linphone-Daemon/5.1.65", [SHA256, MD5]), ("SIPp", [MD5]), ("SIPpy", [SHA256, MD5]),
        ):  # fmt: skip
            self.assertEqual(self.offered(request(user_agent=agent)), algorithms)

    def test_a_phone_that_never_answers_is_asked_for_md5(self) -> None:
        message = request(user_agent="Old phone")
        self.assertEqual(self.offered(message, 1000.0), [SHA256, MD5])
        self.assertEqual(self.offered(message, 1001.0), [SHA256, MD5])
        self.assertEqual(self.offered(message, 1030.0), [MD5])
        self.assertEqual(self.offered(request(user_agent="Another"), 1030.0), [SHA256, MD5])
        message.headers["Authorization"] = [self.phone().authorization()]
        self.auth.check(message, 1030.0, address=ADDRESS)
        del message.headers["Authorization"]
        self.assertEqual(self.offered(message, 1030.1), [MD5])

    def test_a_phone_that_repeats_a_request_is_asked_for_both(self) -> None:
        """Answers got lost; it did not refuse the algorithm."""
        phone = ("alice", ADDRESS, "Slow phone")
        for branch, now, algorithms in (
            ("b1", 1000.0, [SHA256, MD5]), ("b1", 1003.5, [SHA256, MD5]), ("b2", 1003.6, [MD5]), ("", 1003.7, [MD5]),
        ):  # fmt: skip
            offered = self.auth.first_challenges(phone, branch, now)
            self.assertEqual([fields["algorithm"] for text in offered for fields in parse_challenges(text)], algorithms)

    def test_a_phone_that_answered_by_sha_256_is_asked_for_both(self) -> None:
        message = request(user_agent="New phone")
        self.assertEqual(self.offered(message, 1000.0), [SHA256, MD5])
        message.headers["Authorization"] = [self.phone(algorithm=SHA256).authorization()]
        self.auth.check(message, 1000.1, address=ADDRESS)
        del message.headers["Authorization"]
        for now in (1030.0, 1060.0):
            self.assertEqual(self.offered(message, now), [SHA256, MD5])

    def test_a_wrong_password_is_an_answer(self) -> None:
        message = request(user_agent="Mistyped")
        self.offered(message, 1000.0)
        message.headers["Authorization"] = [self.phone("alice", "wrong", SHA256).authorization()]
        self.assertEqual(self.offered(message, 1000.1), [SHA256])
        del message.headers["Authorization"]
        self.assertEqual(self.offered(message, 1030.0), [SHA256, MD5])

    def test_stale_nonces_are_replaced_in_the_algorithm_used(self) -> None:
        for algorithm in (MD5, SHA256):
            message = request()
            message.headers["Authorization"] = [self.phone(algorithm=algorithm).authorization()]
            self.assertEqual(self.offered(message, 2000.0), [algorithm])

    def test_bounded(self) -> None:
        known = KnownAlgorithms((SHA256, MD5))
        for i in range(MOST_PHONES + 10):
            known.offered(request(user=f"u{i}"), ADDRESS, 0.0)
        self.assertEqual(len(known), MOST_PHONES)

    def test_one_algorithm_needs_no_memory(self) -> None:
        for algorithms in ([MD5], [SHA256]):
            known = KnownAlgorithms(algorithms)
            for now in (0.0, 100.0):
                self.assertEqual(known.offered(request(user_agent="baresip v1.0.0"), ADDRESS, now), tuple(algorithms))
            known.answered(request(), ADDRESS, algorithms[0])
            self.assertEqual(len(known), 0)


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
