"""Who asks for a digest: every refusal, replay, stale nonces, phones that are known."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from magroup.sip.auth import MOST_CREDENTIALS, Authenticator
from magroup.sip.digest import MD5, SHA256, parse_challenges, parse_digest
from magroup.sip.errors import SipError
from magroup.sip.known_algorithms import MOST_PHONES, KnownAlgorithms
from magroup.sip.message import Request
from magroup.sip.nonce import BRIEF
from tests.sip.digests import ADDRESS, KEY, SECRETS, Phone, ServerTestCase, challenges, refusal, request


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
        error = self.assertRaises(SipError, auth.check, request(), 0.0)
        self.assertEqual({fields["realm"] for fields in challenges(error)}, {'a "b" \\'})

    def test_right_answers(self) -> None:
        for user in ("alice", "bob", 'quo"te', "émilie"):
            for algorithm in (MD5, SHA256):
                self.assertEqual(self.check(self.phone(user, algorithm=algorithm).authorization()), user)
        self.assertEqual(self.failures, [])

    def test_nonces_for_calls_live_shorter_than_those_for_registrations(self) -> None:
        auth = Authenticator("magroup", SECRETS.get, KEY, 3600)
        for method, lives in (("REGISTER", [True, True, False]), ("INVITE", [True, False, False])):
            for later, right in zip((BRIEF, BRIEF + 1, 3601), lives, strict=True):
                error = self.assertRaises(SipError, auth.check, request(method), 1000.0)
                phone = Phone("alice", "open sesame", challenges(error)[0], MD5)
                message = self.signed(phone.authorization(method), method)
                if right:
                    self.assertEqual(auth.check(message, 1000.0 + later), "alice", (method, later))
                else:
                    self.assertRaises(SipError, auth.check, message, 1000.0 + later)

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
