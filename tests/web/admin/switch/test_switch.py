"""The tab Switch: who sees it, registrations, trunks, sound, layers, and states in other lists."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from time import thread_time
from typing import Any, TypeVar
from urllib.parse import urlencode

from magroup.cti.switch import Accept
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.people import Privilege as P
from magroup.model.people import User
from magroup.model.standing import LinkStanding
from magroup.web.admin.switch.registrations import REGISTRATIONS
from tests.web.admin.site import HOME, rows, said
from tests.web.admin.switch.site import PBX, SwitchCase, office, registration
from tests.web.connection import Browser

T = TypeVar("T")
PAGES = ("switch", "switch/registrations", "switch/bans", "switch/number", "switch/layers", "switch/layers?of=dialogs")
EVIL = '<script>alert(1)</script>"\'=1+1'


class Privileges(SwitchCase):
    """Admin, and nothing else."""

    def test_table(self) -> None:
        for privileges in [(), *((one,) for one in P), *combinations((P.SETTINGS, P.USER_ADMINISTRATION, P.ADMIN), 2),
                           tuple(one for one in P if one is not P.ADMIN), tuple(P)]:  # fmt: skip
            self.web.reconfigure(users=office(Maria_Rossi=privileges).users)
            self.web.register(one := registration("1071"))
            is_seen = P.ADMIN in privileges
            for page in PAGES:
                answer = self.browser.at(page)
                self.assertEqual(answer.code, 200 if is_seen else 403, (privileges, page))
                self.assertEqual('href="/static/admin/switch.css"' in answer.text, is_seen)
            csrf = self.browser.hidden("/LogonPage.asp", "csrf") if is_seen else ""
            fields = {"csrf": csrf, "number": one.number, "contact": one.contact}
            answer = self.browser.send(f"{REGISTRATIONS}/end", fields)
            self.assertEqual(answer.code, 303 if is_seen else 403, said(answer))
            self.assertEqual(len(self.web.standing.registrations()), 0 if is_seen else 1)

    def test_tab(self) -> None:
        for privileges, is_seen in (((P.ADMIN,), True), ((P.USER_ADMINISTRATION, P.SETTINGS), False)):
            self.begin(office(Maria_Rossi=privileges))
            page = self.browser.page("groups" if is_seen else "users")
            self.assertEqual("Switch" in page.xpath("//header//a/text()"), is_seen)

    def test_nobody(self) -> None:
        for page in PAGES:
            self.assertIn(Browser(self.web).get(HOME + page).code, (302, 401))

    def test_links_to_lines_are_for_who_sees_them(self) -> None:
        self.begin(office(Maria_Rossi=(P.ADMIN,)))
        self.bench.phone("1071")
        page = self.browser.page(REGISTRATIONS)
        self.assertEqual(page.xpath("//tbody//a"), [])
        self.assertEqual(rows(page)[0][0], "1071Maria Rossi")

    def test_without_a_token(self) -> None:
        self.bench.phone("1071")
        (one,) = self.web.standing.registrations()
        for csrf in ("", "x" * 43):
            fields = {"csrf": csrf, "number": one.number, "contact": one.contact}
            self.assertEqual(self.browser.send(f"{REGISTRATIONS}/end", fields).code, 403)
        self.assertEqual(self.browser.at(f"{REGISTRATIONS}/end?number=1071&contact={one.contact}").code, 405)
        self.assertEqual(len(self.web.standing.registrations()), 1)


class Overloaded(SwitchCase):
    """What there is too much of, on the page and in the metrics."""

    def test_figures(self) -> None:
        shedding = self.bench.telephony.shedding
        self.assertNotIn("verload", self.browser.at("switch").text)
        self.assertIn("magroup_overload_share 0.0", self.browser.get("/metrics").text)
        shedding.overload.pressure = 1.25
        shedding._look()
        self.addCleanup(shedding.stop)
        shedding._longest = (0.25, 0.0)
        shedding.refused.update({"INVITE": 7, "OPTIONS": 1})
        self.bench.clock.rightNow += 90
        self.assertNotIn("lost", self.browser.at("switch").text)
        lost = replace(self.web.standing.strain(), lost=3)
        self.patch(type(self.web.standing), "strain", lambda _: lost)
        text = " ".join(self.browser.at("switch").text.split())
        self.assertIn("Overload for 90 s: 100 % of the new calls are refused now.", text)
        self.assertIn("Refused in overloads since the start: 7 new calls, 1 other request.", text)
        self.assertIn("SIP messages lost since the start: 3.", text)
        self.assertIn('250 <span class="of">ms at most', text)
        lines = self.browser.get("/metrics").text.splitlines()
        refused = "magroup_overload_refused_total"
        self.assertLessEqual({
            "magroup_overload_share 1.0", "magroup_sip_wait_seconds 0.25", f'{refused}{{method="INVITE"}} 7.0',
            f'{refused}{{method="OPTIONS"}} 1.0', "magroup_sip_lost_total 3.0",
        }, set(lines))  # fmt: skip


class Registrations(SwitchCase):
    """Which phones there are."""

    def test_listed(self) -> None:
        instance = '"<urn:uuid:00000000-0000-0000-0000-0123456789ab>"'
        phones = (Phone("SEP0123456789AB", "CP-8845", ("1071",)), Phone("SEPFFFFFFFFFFFF", "", ("1071",)),
                  Phone("soft", "", ("1071",)))  # fmt: skip
        self.web.reconfigure(phones=phones)
        self.web.register(registration("1071", user_agent="Cisco-CP8845/12.8", instance=instance))
        self.bench.phone("1175")
        first, second = rows(self.browser.page(REGISTRATIONS))
        self.assertEqual(first, [
            "1071Maria Rossi", "not asked yet", "SEP0123456789AB soft Cisco-CP8845/12.8",
            "udp 192.0.2.1:5060sip:1071@192.0.2.1:5060", "before the start", "60 min", "End",
        ])  # fmt: skip
        self.assertEqual((second[0], second[4]), ("1175Rafael Hidalgo", "14.11.2023 23:13"))
        self.bench.run(70, 0.5)
        self.assertRegex(rows(self.browser.page(REGISTRATIONS))[1][1], r"^answers\d+ s ago$")

    def test_silent(self) -> None:
        self.bench.phone("1175").unplug()
        self.bench.run(240, 0.5)
        (row,) = rows(self.browser.page(REGISTRATIONS))
        self.assertEqual(row[1], "silent: it did not answer twice")
        figures = self.browser.page("switch").xpath("//dl[@id='figures']//dd")
        self.assertEqual([one.text_content() for one in figures][:3], ["0", "1 of 9", "1 of 1"])

    def test_searched(self) -> None:
        self.web.register(
            registration("1071", user_agent="Yealink T54W", received=("192.0.2.7", 5060)),
            registration("1175", user_agent="baresip"),
            registration("1175", "sip:x@198.51.100.1", user_agent="Linphone"),
        )  # fmt: skip
        for wanted, found in (
            ("", ["1071", "1175", "1175"]), ("yealink", ["1071"]), ("hidalgo", ["1175", "1175"]),
            ("192.0.2.7", ["1071"]), ("1175 linphone", ["1175"]), ("198.51.100.1", ["1175"]), ("nobody", []), ("%", []),
            ("'; drop table x", []),
        ):  # fmt: skip
            page = self.browser.page(f"{REGISTRATIONS}?{urlencode({'q': wanted})}")
            self.assertEqual([row[0][:4] for row in rows(page)], found, wanted)

    def test_wrong_pages(self) -> None:
        self.bench.phone("1071")
        for page in ("0", "-1", "x", "99999999999", "2", "²"):
            self.assertEqual(len(rows(self.browser.page(f"{REGISTRATIONS}?{urlencode({'page': page})}"))), 1)
        for query in ("q=%ff", "q=a&q=b", f"q={'x' * 1001}", "page=%00"):
            self.assertEqual(self.browser.at(f"{REGISTRATIONS}?{query}").code, 400, query)

    def test_ended(self) -> None:
        self.web.register(registration("1071"), registration("1071", "sip:1071@198.51.100.9"), registration("1175"))
        page = self.browser.page(f"{REGISTRATIONS}?q=1071")
        (form, _) = page.xpath("//form[@method='post']")
        fields = dict(form.form_values())
        location = self.done(self.browser.send(form.get("action"), fields), "unregistered")
        self.assertIn("q=1071", location)
        self.assertIn("comes back when it next registers", self.browser.at(location).text)
        self.assertEqual(sorted(one.contact for one in self.web.standing.registrations()),
                         ["sip:1071@198.51.100.9", "sip:1175@192.0.2.1:5060"])  # fmt: skip
        self.done(self.browser.send(form.get("action"), fields), "unregistered_before")
        (change,) = [one for one in self.web.kept.audit if one.what == "registration"]
        self.assertEqual((change.who, change.key, change.old), ("Maria.Rossi", "1071", "sip:1071@192.0.2.1:5060"))

    def test_end_of_what_is_not_there(self) -> None:
        self.bench.phone("1071")
        csrf = dict(self.browser.page(REGISTRATIONS).xpath("//form[@method='post']")[0].form_values())["csrf"]
        for fields, code in (
            ({}, 303), ({"number": "1071", "contact": "sip:x"}, 303), ({"number": EVIL, "contact": EVIL}, 303),
            ({"number": b"\xff", "contact": "x"}, 400), ({"number": ["1", "2"]}, 400), ({"contact": "x" * 2049}, 400),
            ({"number": "\0"}, 400),
        ):  # fmt: skip
            self.assertEqual(self.browser.send(f"{REGISTRATIONS}/end", {"csrf": csrf, **fields}).code, code)
        self.assertEqual(len(self.web.standing.registrations()), 1)

    def test_markup(self) -> None:
        """What phones and people call themselves is shown as it is, and does nothing."""
        value = self.web.current.value
        users = tuple(replace(user, last_name=EVIL) if user.lines == ("1071",) else user for user in value.users)
        self.web.reconfigure(users=users, phones=(Phone(EVIL, EVIL, ("1071",)),))
        contact = "sip:1071@192.0.2.1;x='%3Cb%3E'"
        self.web.register(registration("1071", contact, user_agent=EVIL))
        for path in (REGISTRATIONS, "switch", "users/phones", "users/lines", "switch/number?caller=1071&number=1071"):
            page = self.browser.page(path)
            self.assertEqual(page.xpath("//main//script | //main//b"), [], path)
        row = rows(self.browser.page(REGISTRATIONS))[0]
        self.assertIn(EVIL, row[2])
        self.assertIn(f"Maria {EVIL}", row[0])
        form = self.browser.page(REGISTRATIONS).xpath("//form[@method='post']")[0]
        self.assertEqual(dict(form.form_values())["contact"], contact)
        self.done(self.browser.send(form.get("action"), dict(form.form_values())), "unregistered")


class Many(SwitchCase):
    """Ten thousand of them."""

    def setUp(self) -> None:
        numbers = [str(100_000 + at) for at in range(10_000)]
        begin = office()
        users = tuple(
            User(1000 + at, f"user{number}", f"First{at}", f"Last{at}", lines=(number,))
            for at, number in enumerate(numbers)
        )  # fmt: skip
        self.begin(begin.changed(
            lines=(*begin.lines, *(Line(number, "secret") for number in numbers)), users=(*begin.users, *users),
            phones=tuple(Phone(f"SEP{at:012X}", "CP-8845", (number,)) for at, number in enumerate(numbers)),
        ))  # fmt: skip
        self.web.register(*(
            registration(number, f"sip:{number}@10.{at // 250}.{at % 250}.1", user_agent="Cisco-CP8845/12.8.1")
            for at, number in enumerate(numbers)
        ))  # fmt: skip
        self.in_threads = 0.0

    def elsewhere(self, work: Callable[[], T]) -> Any:
        """In a thread, whose time is not the reactor's."""

        async def run() -> T:
            begun = thread_time()
            try:
                return work()
            finally:
                self.in_threads += thread_time() - begun

        return run()

    def seconds(self, path: str) -> float:
        """Of the reactor for one page, the best of three."""
        parts = self.web.site._surroundings.admin
        object.__setattr__(parts, "in_thread", self.elsewhere)
        found = []
        for _ in range(3):
            self.in_threads = 0.0
            begun = thread_time()
            answer = self.browser.at(path)
            found.append(thread_time() - begun - self.in_threads)
            self.assertEqual(answer.code, 200)
        return min(found)

    def test_quick_and_complete(self) -> None:
        """Together: ten thousand take their time to begin."""
        for path in (REGISTRATIONS, f"{REGISTRATIONS}?page=150", f"{REGISTRATIONS}?q=last9999", "switch",
                     "switch/layers", "users/lines?q=1000", "users/phones?page=7"):  # fmt: skip
            self.assertLess(self.seconds(path), 0.1, path)
        page = self.browser.page(f"{REGISTRATIONS}?page=200")
        self.assertEqual(page.xpath("//nav[@class='pager']/span/text()"), ["9951 to 10000 of 10000"])
        self.assertEqual(len(rows(page)), 50)
        (row,) = rows(self.browser.page(f"{REGISTRATIONS}?q=first77+last77+sip:100077"))
        self.assertEqual(row[0], "100077First77 Last77")


class Overview(SwitchCase):
    """Trunks, sound, CTI, ports, versions."""

    def test_trunks(self) -> None:
        self.bench.phone("pbx", "127.0.0.99", register=False)
        self.web.reconfigure(trunks=(PBX, Trunk(2, "Carrier", "127.0.0.98", prefix="9", ping_interval=60)))
        self.bench.run(40, 0.5)
        table = [row[:4] for row in rows(self.browser.page("switch"))]
        self.assertEqual(table, [
            ["PBX", "up: 200 OK", "udp 127.0.0.99:5060", ""],
            ["Carrier", "does not answer: no answer", "udp 127.0.0.98:5060", ""],
        ])  # fmt: skip
        listed = rows(self.browser.page("users/trunks"))
        self.assertEqual([row[-1] for row in listed], ["does not answer: no answer", "up: 200 OK"])

    def test_sound(self) -> None:
        phone = self.bench.phone("1071")
        talk = phone.dial("5555")
        (call,) = self.bench.switch.calls()
        self.bench.switch.accept_call(call.id, Accept.EARLY_MEDIA)
        self.bench.switch.play_message(call.id, ["Waiting1.wav"], True)
        self.bench.run(1, 0.02)
        row = rows(self.browser.page("switch"))[-1]
        self.assertEqual(row[:2], [f"1071{call.id}", "Waiting1.wav"])
        for layer in ("calls", "dialogs", "streams", "transactions"):
            text = self.browser.page(f"switch/layers?of={layer}").text_content()
            self.assertIn("1071" if layer == "calls" else "", text)
        talk.session.bye()
        self.bench.run(1)
        self.assertIn("Nothing is played", self.browser.at("switch").text)

    def test_rest(self) -> None:
        text = " ".join(self.browser.page("switch").text_content().split())
        for said_there in ("all devices: 2 listeners", "udp 127.0.0.1:5060", "Twisted", "magroup"):
            self.assertIn(said_there, text)

    def test_link_to_a_pbx(self) -> None:
        """Not there without one; whatever a PBX calls its services stays text."""
        self.assertNotIn("Link to the PBX", self.browser.at("switch").text)
        now = self.bench.clock.seconds()
        up = LinkStanding(
            "CSTA III", "pbx.example.com:1040 (TLS)", True, now - 7200, "", "Connection was lost", now - 7260,
            ("answerCall", "<i>holdCall"), 30, 28, 29, ("1175",), 3, 2,
        )  # fmt: skip
        for link, wanted in (
            (up, {"State": "up for 2 h", "PBX": "CSTA III at pbx.example.com:1040 (TLS)",
                  "Last trouble": "Connection was lost 2 h ago", "Lines on the PBX": "28 of 30 in service",
                  "Monitors": "29 of 30 lines without one: 1175",
                  "Calls": "3 of the PBX, 2 more over the trunk to magroup", "Services": "answerCall, <i>holdCall"}),
            (replace(up, is_up=False, since=now - 90, why="The login is refused", services=None, monitored=0),
             {"State": "down for 90 s", "Why": "The login is refused",
              "Monitors": "0 of 30 lines without one: 1175 ...",
              "Services": "the PBX does not say which it has: each is tried"}),
            (LinkStanding("Asterisk (AMI)", "10.0.0.9:5038", False, why="It is not connected yet"),
             {"State": "down", "Why": "It is not connected yet", "Last trouble": "none since the start",
              "Monitors": "0 of 0 lines"}),
        ):  # fmt: skip
            self.web.standing.link = lambda link=link: link
            (listed,) = self.browser.page("switch").xpath("//div[@id='link']/dl")
            said = [" ".join(one.text_content().split()) for one in listed]
            found = dict(zip(said[::2], said[1::2], strict=True))
            self.assertEqual({name: found[name] for name in wanted}, wanted)

    def test_layers(self) -> None:
        """As many lines as are useful, whatever there is."""
        dialogs = self.bench.telephony.endpoint.dialogs
        for at in range(500):
            dialogs[f"call{at}", "tag"] = "<i>" + "x" * 1000  # type: ignore[assignment]
        self.addCleanup(dialogs.clear)
        page = self.browser.page("switch/layers?of=dialogs")
        lines = page.xpath("//pre")[0].text_content().strip().splitlines()
        self.assertEqual((len(lines), max(map(len, lines))), (200, 300))
        self.assertIn("The first 200 of 500.", page.text_content())
        for name, code in (("secrets", 404), ("../x", 404), ("x" * 41, 400), ("%ff", 400)):
            self.assertEqual(self.browser.at(f"switch/layers?of={name}").code, code, name)


class States(SwitchCase):
    """In the lists of lines and phones."""

    def test_lines(self) -> None:
        value = self.web.current.value
        lines = [replace(line, secret="") if line.number == "1201" else line for line in value.lines]
        lines = [replace(line, on_pbx=True) if line.number == "1202" else line for line in lines]
        self.web.reconfigure(lines=tuple(lines))
        self.bench.phone("1071")
        self.bench.phone("1175").unplug()
        self.bench.run(240, 0.5)
        states = {row[0]: row[-1] for row in rows(self.browser.page("users/lines"))}
        self.assertEqual([states[number] for number in ("1071", "1175", "1068", "1201", "1202")], [
            "registered: 1 phone", "does not answer: 1 phone registered, none answers",
            "not registered: no phone is registered", "no secret: no phone can register",
            "on the PBX: calls go over a trunk",
        ])  # fmt: skip
        colours = {
            row.xpath("string(./th)").strip(): row.xpath(".//span[contains(@class, 'state')]/@class")
            for row in self.browser.page("users/lines").xpath("//tbody/tr")
        }  # fmt: skip
        self.assertEqual((colours["1071"], colours["1175"]), (["state good"], ["state bad"]))

    def test_phones(self) -> None:
        phones = (Phone("desk", "", ("1071", "1175")), Phone("SEP0123456789AB", "", ("1175",)), Phone("none"))
        self.web.reconfigure(phones=phones)
        other = '"<urn:uuid:00000000-0000-0000-0000-aaaaaaaaaaaa>"'
        self.web.register(registration("1175", instance=other))
        states = {row[0]: row[-1] for row in rows(self.browser.page("users/phones"))}
        self.assertEqual(states, {
            "desk": "registered: from 192.0.2.1", "none": "not registered: it has no line",
            "SEP0123456789AB": "not registered: it has not registered any of its lines",
        })  # fmt: skip
