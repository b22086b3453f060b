"""Nobody learns from an answer which lines there are: known and unknown ones get the same, byte by byte."""

import re
from dataclasses import replace
from itertools import product

from magroup.model.groups import Group
from magroup.model.lines import Line
from magroup.model.settings_protection import ProtectionSettings
from tests.switch.attacker import Attacker, credentials
from tests.switch.bench import BenchTest, company
from tests.switch.watching import WatchTest

LINES = {"1047": "with a phone", "1175": "without one", "1118": "without a secret", "1300": "on the PBX",
         "8973": "a group's number", "9999": "unknown"}  # fmt: skip
PATIENT = ProtectionSettings(wrong_passwords=10_000, unknown_lines=10_000, wrong_passwords_per_line=10_000)
EXTRA = {"SUBSCRIBE": "Event: presence\r\n", "PUBLISH": "Event: presence\r\n", "REFER": "Refer-To: <sip:1@x>\r\n",
         "REGISTER": "", "INVITE": "", "OPTIONS": "", "MESSAGE": "", "INFO": "", "NOTIFY": "Event: x\r\n",
         "UPDATE": "", "BYE": "", "CANCEL": ""}  # fmt: skip
RANDOM = (
    (re.compile(rb'nonce="[A-Za-z0-9_-]{40}"'), b'nonce="?"'),
    (re.compile(rb";tag=t[0-9a-f]{8}\b"), b";tag=ours"),
    (re.compile(rb";tag=t\d+\b"), b";tag=theirs"),
    (re.compile(rb"branch=z9hG4bKlive\d+"), b"branch=?"),
    (re.compile(rb"live-\d+@"), b"?@"),
    (re.compile(rb"\b198\.51\.\d+\.1\b"), b"HOST"),
)  # fmt: skip


class ConstantAnswers(WatchTest):
    """``bench`` has a line of each kind."""

    configuration = company(lines=("1047", "1175"), groups=(Group(1, "Board", number="8973"),))
    configuration = replace(
        configuration, lines=(*configuration.lines, Line("1118"), Line("1300", on_pbx=True)),
    )  # fmt: skip
    settings = replace(BenchTest.settings, protection=PATIENT)

    def setUp(self) -> None:
        super().setUp()
        self.phone = self.bench.phone("1047")

    def shape(self, answer: bytes, user: str) -> bytes:
        """An answer without what differs in each, and with the user under one name; what is ours has a fixed length."""
        for pattern, instead in RANDOM:
            answer = pattern.sub(instead, answer)
        return answer.replace(user.encode(), b"USER")

    def same(self, answers: dict[str, bytes], what: object) -> None:
        shapes = {self.shape(answer, user) for user, answer in answers.items()}
        self.assertEqual(len(shapes), 1, (what, answers))

    def test_without_credentials(self) -> None:
        """Each from an address of its own, as often as it likes."""
        for method, extra in EXTRA.items():
            for again in range(2):
                answers = {
                    user: Attacker(self.bench, f"198.51.{len(self.bench.network.wires)}.1").ask(method, user, extra)
                    for user in LINES
                }  # fmt: skip
                self.assertNotIn(b"", answers.values(), method)
                self.same(answers, (method, again))

    def test_from_one_address(self) -> None:
        """One after the other, sooner and later: what is remembered of a phone is remembered of nobody's too."""
        attacker = Attacker(self.bench)
        for method, seconds in product(("REGISTER", "INVITE", "SUBSCRIBE", "PUBLISH"), (0.0, 5.0, 5.0)):
            self.bench.run(seconds, 1.0)
            self.same({user: attacker.ask(method, user, EXTRA[method]) for user in LINES}, (method, seconds))

    def test_wrong_answers(self) -> None:
        """With a nonce that is ours, another's, none; by either algorithm; with and without the realm."""
        attacker = Attacker(self.bench)
        for method, algorithm, realm in product(
            ("REGISTER", "INVITE", "SUBSCRIBE", "PUBLISH"), ("SHA-256", "MD5", "SHA-1"), ("", "@magroup", "@other")
        ):
            for nonce in (attacker.nonce(), "A" * 40, ""):
                name = "Proxy-Authorization" if method == "INVITE" else "Authorization"
                digits = {"SHA-256": 64, "MD5": 32, "SHA-1": 40}[algorithm]
                answers = {
                    user: attacker.ask(
                        method, user,
                        credentials(name, user + realm, nonce, "0" * digits, algorithm).replace(
                            f'uri="sip:{user}{realm}@', f'uri="sip:{user}@'
                        ) + EXTRA[method],
                    )
                    for user in LINES
                }  # fmt: skip
                self.same(answers, (method, algorithm, realm, nonce))
                self.assertRegex(answers["1047"], rb"\ASIP/2.0 40[17] ")

    def test_whom_the_request_is_for(self) -> None:
        """A stranger who calls, watches or registers somebody, as somebody else."""
        attacker = Attacker(self.bench)
        for method in ("REGISTER", "INVITE", "SUBSCRIBE", "PUBLISH", "OPTIONS", "REFER"):
            answers = {
                user: attacker.ask(method, "stranger", EXTRA[method], target=f"sip:{user}@127.0.0.1") for user in LINES
            }  # fmt: skip
            self.same(answers, method)
