"""Scenarios: what is read, what is refused and in which words."""

import re
import tomllib
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.company import read_company
from magroup.cli.load import shipped
from magroup.load.company import company
from magroup.load.measures import VALUES
from magroup.load.reading import ScenarioError, check_sip, read, read_file
from magroup.load.scenario import Holding, Run
from magroup.load.settings_text import TABLES, settings, settings_text
from magroup.resources import resource
from tests.load.busy import BUSY
from tests.web.admission.kit import CHEAP

PHONES = '[[phones]]\nnumbers = "1000-1009"\n'
CALLERS = '[[callers]]\nnumbers = "2000"\ndial = "1000"\nrate = 1\n'


class Reading(SynchronousTestCase):
    """TOML to a scenario."""

    def refused(self, text: str) -> tuple[str, ...]:
        error: ScenarioError = self.assertRaises(ScenarioError, read, text)
        return error.problems

    def test_read(self) -> None:
        more = "after = [1, 2]\nanswer = { answer = 9, busy = 1 }\nhold = { share = 0.5 }\n"
        scenario = read(PHONES + more + CALLERS)
        (phones,), (callers,) = scenario.phones, scenario.callers
        self.assertEqual((phones.after, phones.answer), ([1, 2], {"answer": 9, "busy": 1}))
        self.assertEqual(phones.hold, Holding(share=0.5))
        self.assertEqual((callers.rate, callers.talk, scenario.run.seconds), (1, [5, 15], 60))

    def test_refused(self) -> None:
        for text, problem in (
            ("x = ", "is no TOML: Invalid value (at end of document)"),
            ("secnds = 1", "secnds is not a setting"),
            ("[run]\nsecond = 1", "run.second is not a setting; did you mean seconds?"),
            (PHONES + 'anser = "busy"', "phones[1].anser is not a setting; did you mean answer?"),
            (PHONES + PHONES + "hold = { sare = 1 }", "phones[2].hold.sare is not a setting; did you mean share?"),
            ("[[phones]]\nexpires = 60", "phones[1].numbers is missing"),
            (PHONES + "after = -1", "phones[1].after: expected `float` >= 0.0"),
            (PHONES + "after = [1]", "phones[1].after: it must be a number of seconds, or two: [least, most]"),
            (PHONES + "after = [3, 2]", "phones[1].after: 3 is above 2"),
            (PHONES + 'expires = "x"', "phones[1].expires: expected `int`, got `str`"),
            (PHONES + 'answer = "redirect"', "phones[1].redirect_to is missing: answer is redirect"),
            (PHONES + "answer = { busy = 0 }", "phones[1].answer: all weights are 0"),
            (PHONES + 'transfer = { to = "5-4" }', "phones[1].transfer.to: '5-4' ends before it begins"),
            (PHONES + 'transfer = { to = "5", consult = [2, 1] }', "phones[1].transfer.consult: 2 is above 1"),
            (PHONES + 'digits = { send = "12x" }',
             "phones[1].digits.send: '12x' is more than 0-9 * # A-D, commas, {number} and {other}"),
            (PHONES + 'digits = { send = "1" }\n[media]\nrtp = "none"',
             "phones[1].digits.by: telephone events are sent as sound is, and media.rtp is none"),
            (PHONES + '[media]\nrtp = "none"\nsrtp = true', "media.srtp: nothing is encrypted where media.rtp is none"),
            (PHONES + '[[mailboxes]]\nlines = []', "mailboxes[1].lines is empty"),
            ('[[phones]]\nnumbers = "1-x"', "phones[1].numbers: '1-x' is no range such as 1000-1999 or user1-user20"),
            ("[[phones]]\nnumbers = []", "phones[1].numbers is empty"),
            (CALLERS + "concurrent = 1", "callers[1]: either rate or concurrent must be set"),
            (CALLERS.replace("rate = 1", "concurrent = 2"),
             "callers[1].concurrent: 2 calls at a time take as many numbers"),
            (CALLERS.replace("rate = 1", ""), "callers[1]: either rate or concurrent must be set"),
            ('[server]\nsip = "tel:1"\n' + PHONES,
             "server.sip: 'tel:1' is no address such as sip:127.0.0.1:5060;transport=tcp"),
            ('[server]\nweb = "x"\n' + PHONES, "server.web: 'x' is no address such as http://127.0.0.1:8080"),
            ('[network]\naddresses = ["localhost"]\n' + PHONES,
             "network.addresses: 'localhost' is no IP address"),
            ('[network]\nrtp_ports = "5"\n' + PHONES, "network.rtp_ports: '5' is not a range such as 16384-32767"),
            ('[[presence]]\nusers = "u1"', "server.web is missing: there are presence, rest, gadgets or cisco_phones"),
            (PHONES + "[most]\ncalls_faild = 0", "most.calls_faild is nothing that is measured; did you mean "
             "calls_failed?"),
            (PHONES + "[most]\nring_delay = 5", "most.ring_delay needs one of p50, p90, p95, p99, p999, mean, max, "
             "count: ring_delay.p95 = 5"),
            (PHONES + "[least]\nring_delay.p7 = 5", "least.ring_delay.p7: it must be one of p50, p90, p95, p99, p999, "
             "mean, max, count"),
            ("", "nothing is to be done: no [[phones]], [[callers]], [[presence]], [[rest]], [[gadgets]], "
             "[[cisco_phones]]"),
        ):  # fmt: skip
            self.assertEqual(self.refused(text), (problem,), text)

    def test_all_problems_at_once(self) -> None:
        self.assertEqual(len(self.refused(PHONES + "after = [2, 1]\n" + CALLERS + "talk = [2, 1]\nconcurrent = 1")), 3)

    def test_too_many(self) -> None:
        (problem,) = self.refused('[[phones]]\nnumbers = "1-60000"\n[[phones]]\nnumbers = "100001-160000"\n')
        self.assertEqual(problem, "120000 phones, callers, users and devices; 100000 at most")

    @BUSY
    @given(st.text())
    def test_rubbish(self, text: str) -> None:
        """Whatever the text, it is a scenario, or there is a problem in one line."""
        try:
            read(text)
        except ScenarioError as error:
            self.assertTrue(all(error.problems))

    def test_files(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        file = folder / "x.toml"
        self.assertEqual(str(self.assertRaises(ScenarioError, read_file, file)),
                         f"{file} cannot be read: No such file or directory")  # fmt: skip
        file.write_bytes(b"\xff")
        self.assertEqual(str(self.assertRaises(ScenarioError, read_file, file)), f"{file} is not UTF-8 text")
        file.write_text("x = 1")
        self.assertEqual(str(self.assertRaises(ScenarioError, read_file, file)), f"{file}: x is not a setting")

    def test_addresses(self) -> None:
        for text, meant in (
            ("sip:127.0.0.1:5060", ("udp", "127.0.0.1", 5060)),
            ("sip:pbx.example;transport=TCP", ("tcp", "pbx.example", 5060)),
            ("sips:pbx.example", ("tls", "pbx.example", 5061)),
            ("sip:[::1]:5070", ("udp", "::1", 5070)),
        ):
            self.assertEqual(check_sip(text), meant)


class Shipped(SynchronousTestCase):
    """The scenarios that come with magroup."""

    def test_all_are_good(self) -> None:
        self.assertEqual(set(shipped()), {"plain", "manager", "registrations", "voicemail", "day"})
        for path in shipped().values():
            scenario = read_file(path)
            self.assertTrue(scenario.name and (scenario.most or scenario.least), path)

    def test_companies(self) -> None:
        """What --company prints can be imported."""
        for name, path in shipped().items():
            scenario = read_file(path)
            found = read_company(company(scenario), f"{name}.toml", hasher=CHEAP).configuration
            self.assertEqual(len(found.groups), len(scenario.groups))
            self.assertEqual({line.secret for line in found.lines if line.number == "2000"} - {"load2000"}, set())


class SettingsText(SynchronousTestCase):
    """``--settings``."""

    def test_each_has_a_meaning(self) -> None:
        text = settings_text()
        for _, name, what, _ in settings():
            self.assertRegex(text, rf"(?m)^(# {name}: |{name} = .*  # ){re.escape(what)}$")
        self.assertIn("\nrate = 0  # calls in a second\n", text)
        self.assertIn("\ntalk = [5, 15]  # seconds from the answer until the caller hangs up\n", text)
        self.assertIn("\n# dial: what they dial\n", text)

    def test_is_toml(self) -> None:
        """The defaults are those that are written."""
        parsed = tomllib.loads(settings_text())
        self.assertEqual(parsed["run"], msgspec.to_builtins(Run()))
        self.assertEqual(parsed["callers"][0]["expect"], ["answered"])

    def test_help_page(self) -> None:
        """It names every table and every value that is measured."""
        page = resource("help", "load.md").read_text("utf-8")
        for name in (*VALUES, *(title.strip("[]").split(".")[-1] for title in TABLES if title)):
            self.assertIn(name, page)
