"""Who is banned on the tab Switch, lifted there, and counted in the metrics."""

from dataclasses import replace

from magroup.model.settings_outside import OutsideSettings
from tests.switch.attacker import Attacker
from tests.web.admin.site import rows
from tests.web.admin.switch.site import SwitchCase

PAGE = "switch/bans"


class Attacks(SwitchCase):
    def setUp(self) -> None:
        super().setUp()
        self.guard = self.bench.telephony.guard

    def test_nobody(self) -> None:
        page = self.browser.page(PAGE)
        self.assertEqual(rows(page), [])
        self.assertIn("127.0.0.0/8", page.xpath("string(//main)"))

    def test_listed_and_lifted(self) -> None:
        Attacker(self.bench).ask("OPTIONS", "100", "User-Agent: sipcli\r\n")
        self.bench.run(60, 1)
        six = "2001:db8::7"
        for _ in range(300):
            self.guard.failed(six, "1071")
        self.assertTrue(self.bench.telephony.transports.bans.drops(six))
        first, second, line = rows(self.browser.page(PAGE))
        self.assertEqual(first[:2] + first[3:5], ["2001:db8::/64", "wrong passwords", "60 min", "1"])
        self.assertEqual(second[:2] + second[3:5], ["192.0.2.66", "scanner", "59 min", "0"])
        self.assertEqual(line[0], "1071")
        forms = self.browser.page(PAGE).xpath("//main//form[@method='post']")
        for form, what in zip(forms, ("ban", "ban", "guarded line"), strict=True):
            fields = dict(form.form_values())
            self.done(self.browser.send(form.get("action"), fields), "lifted")
            self.done(self.browser.send(form.get("action"), fields), "lifted_before")
            (change,) = [one for one in self.web.kept.audit if one.key == fields.get("place", fields.get("line"))]
            self.assertEqual((change.what, change.who, change.old), (what, "Maria.Rossi", "banned"))
        self.assertEqual(rows(self.browser.page(PAGE)), [])
        self.assertEqual((self.guard.bans(), self.guard.locked()), ([], {}))

    def test_what_is_not_there(self) -> None:
        Attacker(self.bench).ask("OPTIONS", "100", "User-Agent: sipcli\r\n")
        csrf = dict(self.browser.page(PAGE).xpath("//main//form[@method='post']")[0].form_values())["csrf"]
        for fields, code in (
            ({}, 303), ({"place": "<b>"}, 303), ({"place": b"\xff"}, 400), ({"place": "x" * 2000}, 400)
        ):  # fmt: skip
            self.assertEqual(self.browser.send(f"{PAGE}/lift", {"csrf": csrf, **fields}).code, code)
        self.assertEqual(self.browser.send(f"{PAGE}/lift", {"csrf": "", "place": "192.0.2.66"}).code, 403)
        self.assertEqual(len(self.guard.bans()), 1)

    def test_counted(self) -> None:
        Attacker(self.bench).ask("OPTIONS", "100", "User-Agent: sipcli\r\n")
        self.bench.phone("pbx", "127.0.0.99", register=False)
        phone = self.bench.phone("1071")
        self.bench.run(2.0)
        self.bench.telephony.outside.limit(replace(OutsideSettings(), refused=("0900",)), "")
        self.assertEqual(phone.dial("0900123").log, ["rejected 403"])
        lines = self.browser.get("/metrics").text.splitlines()
        for line in ('magroup_trunk_works{trunk="PBX"} 1.0', "magroup_sip_banned 1.0",
                     'magroup_sip_bans_total{reason="scanner"} 1.0',
                     'magroup_sip_bans_total{reason="unknown lines"} 0.0', "magroup_sip_guarded_lines 0.0",
                     "magroup_sip_banned_dropped_total 0.0", "magroup_outside_calls_total 0.0",
                     'magroup_outside_calls_refused_total{reason="refused number"} 1.0'):  # fmt: skip
            self.assertIn(line, lines)
        self.assertIn("Refused: refused number", self.browser.at(PAGE).text)
