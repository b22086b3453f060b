"""The tab Calls: who sees it, calls that are up, the journal, a call and its messages; whatever is asked."""

from dataclasses import replace
from time import thread_time
from typing import Any
from urllib.parse import quote

from lxml import html

from magroup.cti.types import ConnectionState as State
from magroup.model.calls import LegOutcome, Reason, ReasonCode, Story
from magroup.model.people import Privilege as P
from tests.web.admin.calls.captures import packets
from tests.web.admin.calls.site import CALLER, NOON, CallsCase, message, record, up
from tests.web.admin.site import HOME, company, rows, said

EVIL = '"><script>alert(1)</script><b>'
PATHS = ("calls", "calls/journal", "calls/call?id=a", "calls/text?id=a", "calls/pcap?id=a")


def arrows(page: Any) -> list[Any]:
    return list(page.xpath("//*[@data-arrow]"))


class Sight(CallsCase):
    """The tab and all its pages are for Admin."""

    def test_privileges(self) -> None:
        for privileges in ((), tuple(set(P) - {P.ADMIN}), (P.ADMIN,)):
            self.begin(company(Maria_Rossi=privileges))
            self.web.group_call("a")
            self.web.store(record("a"))
            answers = [self.browser.at(path).code for path in PATHS]
            self.assertEqual(answers, [200 if privileges == (P.ADMIN,) else 403] * len(PATHS), privileges)
            links = html.fromstring(self.browser.at("groups" if privileges else "/help/").text).xpath("//nav//a/text()")
            self.assertEqual("Calls" in links, privileges == (P.ADMIN,))
        for path in PATHS:
            self.assertEqual(self.browser.send(path, {}).code, 403, path)
            self.assertEqual(self.browser.web.ask(HOME + path).code, 302, path)


class Live(CallsCase):
    """Calls that are up."""

    def test_none(self) -> None:
        self.assertIn("There is no call now.", self.browser.at("calls").text)

    def test_states(self) -> None:
        for states, words in (
            ({}, "Beginning"), ({"n5555": State.QUEUED}, "Waiting"),
            ({"n1175": State.ALERTING, "n1071": State.ALERTING}, "Ringing Rafael Hidalgo, Maria Rossi"),
            ({"n1071": State.CONNECTED}, "Talking Maria Rossi"), ({"n1071": State.HOLD}, "On hold Maria Rossi"),
            ({"n4711": State.CONNECTED}, "Talking 4711"),
        ):  # fmt: skip
            self.web.up = [up("a", NOON - 3661, **states)]
            self.web.application.groups = {"a": 45}
            self.web.application.trails = {"a": (Reason(ReasonCode.MANAGER_RINGS, "Mar", 20),)}
            self.web.application.vips = {"a"}
            (row,) = rows(self.browser.page("calls"))
            self.assertEqual(row, ["10:58:59 1:01:01", "Hans Meier 0315551234 VIP", "Accounting 5555", words,
                                   "manager rings 20 s"])  # fmt: skip

    def test_many(self) -> None:
        """Ten thousand: fifty a page, the newest first, and soon."""
        self.web.up = [up(f"c{at}", NOON - at) for at in range(10_000)]
        began = thread_time()
        page = self.browser.page("calls?page=2")
        self.assertLess(thread_time() - began, 2.0)
        self.assertEqual([row[0] for row in rows(page)][:2], ["11:59:10 0:50", "11:59:09 0:51"])
        self.assertIn("51 to 100 of 10000", page.text_content())
        for odd in ("0", "-1", "x", "9999999999", "²"):
            self.assertEqual(len(rows(self.browser.page(f"calls?page={quote(odd)}"))), 50, odd)
        self.assertEqual(self.browser.at("calls?page=99999999999").code, 400)

    def test_markup(self) -> None:
        self.web.up = [up("a", name=EVIL, n4711=State.ALERTING)]
        self.assertNotIn("<script>alert", self.browser.at("calls").text)
        self.assertIn(EVIL, self.browser.page("calls").text_content())


class Journal(CallsCase):
    """Searched and paged."""

    def test_empty(self) -> None:
        self.assertIn("There are no records of calls yet.", self.browser.at("calls/journal").text)

    def test_shown(self) -> None:
        self.web.store(record("a", is_vip=True, overflow="number:4321", transferred_to="b"),
                       record("b", NOON + 60, legs=(), trail=(), answered_at=0.0, ended_at=NOON + 69, called_name="",
                              group_id=0, caller_name="", caller_number=""))  # fmt: skip
        self.assertEqual(rows(self.browser.page("calls/journal")), [
            ["01.03.2026 12:01:00", "Anonymous", "5555", "Not answered", "0:09", ""],
            ["01.03.2026 12:00:00", "Hans Meier 0315551234", "Accounting 5555 VIP Overflow Transferred",
             "Answered by Maria Rossi", "1:09", "greeting; Raf busy; answered by Mar after 8 s"],
        ])  # fmt: skip

    def test_found(self) -> None:
        self.web.store(
            record("a", NOON), record("b", NOON + 3600, caller_number="0790000000", caller_name="Zoë %_x"),
            record("c", NOON + 7200, group_id=26, called_number="5544", legs=()),
        )  # fmt: skip
        for query, ids in (
            ("", "cba"), ("from=2026-03-01T13:00", "cb"), ("to=2026-03-01T13:00", "a"),
            ("from=2026-03-01T13:00&to=2026-03-01T13:01", "b"), ("number=079 000 00 00", "b"), ("number=1175", "ba"),
            ("person=rafael.hidalgo", "ba"), ("person=Rafael HIDALGO", "ba"), ("person=gone", ""), ("group=26", "c"),
            ("outcome=busy", "ba"), ("outcome=missed", ""), ("q=zoë", "b"), ("q=%25_", "b"),
            ("q='; DROP TABLE calls", ""),
            ("person=maria.rossi&outcome=busy", ""), ("group=999999999", ""),
        ):  # fmt: skip
            page = self.browser.page(f"calls/journal?{quote(query, safe='=&')}".replace("%2525", "%25"))
            found = [url.rpartition("=")[2] for url in page.xpath("//tbody//a/@href")]
            self.assertEqual(found, list(ids), query)

    def test_wrong(self) -> None:
        for query, wrong in (
            ({"from": "yesterday"}, {"from": "A date"}), ({"to": "0000-00-00T00:00"}, {"to": "A date"}),
            ({"from": "9999-12-31T23:59"}, {}), ({"from": "0001-01-01T00:00"}, {}),
            ({"from": "2026-03-02T00:00", "to": "2026-03-01T00:00"}, {"to": "not after"}),
            ({"number": "( )"}, {"number": "no number"}), ({"group": "x"}, {"group": "no such group"}),
            ({"group": "-1"}, {"group": "no such"}), ({"outcome": EVIL}, {"outcome": "Choose"}),
        ):  # fmt: skip
            text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
            answer = self.browser.at(f"calls/journal?{text}")
            if not wrong:
                self.assertEqual(answer.code, 200, said(answer))
                continue
            page = self.refused(answer, **wrong)
            for name, value in query.items():
                if name not in ("group", "outcome"):
                    self.assertEqual(page.xpath(f"//input[@name='{name}']/@value"), [value])
        for bad in ("q=%ff", "q=a%00b", "q=a&q=b", "q=" + "x" * 201, "after=" + "1" * 301):
            self.assertEqual(self.browser.at(f"calls/journal?{bad}").code, 400, bad)

    def test_pages(self) -> None:
        self.web.store(*(record(f"c{at:03}", NOON + at) for at in range(120)))
        path, seen = "calls/journal?q=hans", []
        while path:
            page = self.browser.page(path)
            seen += [url.rpartition("=")[2] for url in page.xpath("//tbody//a/@href")]
            path = "".join(page.xpath("//a[@rel='next']/@href"))
        self.assertEqual(seen, [f"c{at:03}" for at in reversed(range(120))])
        for odd in ("x", "nan x", "inf", "1", "-1e300 '; --", "1e999 a"):
            self.assertEqual(self.browser.at(f"calls/journal?after={quote(odd)}").code, 200, odd)

    def test_markup(self) -> None:
        self.web.store(record("a", caller_name=EVIL, called_name=EVIL))
        for path in ("calls/journal", f"calls/journal?q={quote(EVIL)}", f"calls/journal?person={quote(EVIL)}"):
            self.assertNotIn("<script>alert", self.browser.at(path).text)
        self.assertEqual(rows(self.browser.page(f"calls/journal?q={quote(EVIL)}"))[0][1], f"{EVIL} 0315551234")


class OneCall(CallsCase):
    """A call, whether it is up or over."""

    def facts(self, page: Any) -> dict[str, str]:
        return {one[0].text: " ".join(one[1].text_content().split()) for one in page.xpath("//dl[@class='facts']/div")}

    def test_over(self) -> None:
        self.web.store(record("a", is_vip=True, transferred_to="b"))
        page = self.browser.page("calls/call?id=a")
        self.assertEqual(self.facts(page), {
            "Caller": "Hans Meier 0315551234", "Called": "Accounting 5555", "Group": "Accounting",
            "Began": "01.03.2026 12:00:00", "Answered": "12:00:09", "Ended": "12:01:09 by 0315551234",
            "Lasted": "1:09", "Talked": "1:00", "Result": "Answered by Maria Rossi", "VIP": "Yes",
            "Cause": "normalClearing", "Went on in": "b", "Id": "a",
        })  # fmt: skip
        self.assertEqual(page.xpath("//ol[@class='steps']/li")[1].text_content(), "manager rings 20 s")
        self.assertEqual(rows(page)[1], ["Rafael Hidalgo 1175", "Called for Accounting", "12:00:01", "", "12:00:04", "",
                                         "Busy", "486 Busy Here"])  # fmt: skip
        self.assertEqual(rows(page)[0][1:7], ["Called out", "", "12:00:09", "12:01:09", "1:00", "Talked"])
        self.assertIn("None are kept of this call any more", page.text_content())
        self.assertEqual(page.xpath("//dd/a/@href"), [f"{HOME}calls/call?id=b"])

    def test_up(self) -> None:
        self.web.group_call("a")
        self.web.up = [up("a", n1071=State.CONNECTED, n1175=State.ALERTING)]
        self.web.application.groups = {"a": 45}
        page = self.browser.page("calls/call?id=a")
        facts = self.facts(page)
        self.assertEqual((facts["Group"], facts["State"]), ("Accounting", "Talking Maria Rossi"))
        self.assertEqual([row[6] for row in rows(page)], ["Talks", "Talks", "Rings"])
        self.assertEqual(len(arrows(page)), 16)

    def test_at_another_process(self) -> None:
        """What the other one knows of it is shown as if it were here, up or over; of none that there never was."""
        self.web.group_call("a")
        read = self.web.part.traces.find("a")
        assert read is not None
        self.web.elsewhere = {"b": read(), "c": read(), "d": read()}
        self.web.up = [up("b", n1071=State.CONNECTED)]
        self.web.stories = {"b": Story(45, (Reason(ReasonCode.LINE_BUSY, "Raf"),))}
        page = self.browser.page("calls/call?id=b")
        self.assertEqual(self.facts(page)["Group"], "Accounting")
        self.assertEqual([step.text_content() for step in page.xpath("//ol[@class='steps']/li")], ["Raf busy"])
        self.assertEqual(len(arrows(page)), 16)
        self.assertIn("INVITE sip:5555", self.browser.at("calls/text?id=b").text)
        self.assertIn("Raf busy", " ".join(rows(self.browser.page("calls"))[0]))
        self.web.store(record("c"))
        self.assertEqual(len(arrows(self.browser.page("calls/call?id=c"))), 16)
        self.assertEqual(arrows(html.fromstring(self.browser.at("calls/call?id=d").text)), [])
        self.assertEqual(self.browser.at("calls/call?id=e").code, 404)

    def test_picture(self) -> None:
        self.web.group_call("a")
        self.web.store(record("a"))
        page = self.browser.page("calls/call?id=a")
        names = page.xpath("//*[local-name()='text'][@class='name']/text()")
        self.assertEqual(names, ["Hans Meier", "magroup", "Maria Rossi", "Rafael Hidalgo"])
        told = [arrow.get("aria-label") for arrow in arrows(page)]
        self.assertEqual(told[:3], [
            "+0.000 s: INVITE from Hans Meier 0315551234 to magroup, with a session description",
            "+0.020 s: INVITE from Hans Meier 0315551234 to magroup, with a session description, again",
            "+0.040 s: 100 Trying from magroup to Hans Meier 0315551234",
        ])  # fmt: skip
        self.assertEqual(told[-1], "+0.300 s: 200 OK (BYE) from magroup to Hans Meier 0315551234")
        self.assertEqual(page.xpath("//*[@aria-current='true']"), [])
        for at, arrow in enumerate(arrows(page)):
            path = arrow.get("href").partition("#")[0]
            shown = self.browser.page(path)
            text = shown.xpath("//section[@id='message']/pre")[0].text_content()
            self.assertEqual(arrows(shown).index(shown.xpath("//*[@aria-current='true']")[0]), at)
            for secret in ("0123456789abcdef", "c2VjcmV0", ":secret@"):
                self.assertNotIn(secret, text)
        self.assertIn("SIP/2.0 200 OK", text)
        self.assertEqual(shown.xpath("//section[@id='message']//a/@rel"), ["prev"])

    def test_files(self) -> None:
        self.web.group_call("a b/<é")
        self.web.store(record("a b/<é"))
        id = quote("a b/<é", safe="")
        text = self.browser.at(f"calls/text?id={id}")
        self.assertEqual(text.headers["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(text.headers["content-disposition"], "attachment; filename*=UTF-8''call-a-b-.txt")
        self.assertEqual(text.text.count(" UTC  "), 16)
        found = packets(self.browser.at(f"calls/pcap?id={id}").body)
        self.assertEqual(len(found), 16)
        self.assertEqual(found[0].source, ("192.0.2.11", 5060))
        self.assertEqual(found[5].target, ("2001:db8::13", 40311))
        for body in (text.body, b"".join(one.data for one in found)):
            for secret in (b"0123456789abcdef", b"c2VjcmV0", b":secret@"):
                self.assertNotIn(secret, body)
        self.assertEqual(self.looked(), [("sip trace", "a b/<é", '{"saved": "txt"}'),
                                         ("sip trace", "a b/<é", '{"saved": "pcap"}')])  # fmt: skip

    def test_hostile(self) -> None:
        """Markup, controls and marks that turn text round in what a peer has sent."""
        self.web.group_call("a", EVIL.replace('"', "'") + "\u202e\x7f")
        self.web.store(record("a", trail=(Reason(ReasonCode.ANSWERED, EVIL),), cause=EVIL))
        page = self.browser.page("calls/call?id=a")
        number = arrows(page)[0].get("href").partition("message=")[2].partition("#")[0]
        for path in ("calls/call?id=a", f"calls/call?id=a&message={number}"):
            text = self.browser.at(path).text
            self.assertNotIn("<script>alert", text)
            self.assertNotIn("\u202e", text)
        self.assertIn("<script>", page.xpath("//*[local-name()='text'][@class='name']/text()")[0])

    def test_not_there(self) -> None:
        self.web.store(record("a"))
        for id in ("", "b", "x" * 200, "'; DROP TABLE calls; --", "../../etc/passwd", "\u202e"):
            for page in ("call", "text", "pcap"):
                self.assertEqual(self.browser.at(f"calls/{page}?id={quote(id)}").code, 404, id)
        for query in ("id=" + "x" * 201, "id=%ff", "id=%00", "id=a&id=b"):
            self.assertEqual(self.browser.at(f"calls/call?{query}").code, 400, query)
        self.assertEqual(self.browser.at("calls/text?id=a").code, 404)
        self.web.group_call("a")
        for query in ("message=0", "message=x", "message=99999999999", "page=0", "page=x", "page=999999"):
            self.assertEqual(self.browser.at(f"calls/call?id=a&{query}").code, 200, query)
        self.assertEqual(self.browser.at("calls/call?id=a&message=" + "9" * 21).code, 400)

    def test_just_ended(self) -> None:
        """Neither up nor in the journal: its messages are shown to nobody before the record is there."""
        self.web.group_call("a")
        answer = self.browser.at("calls/call?id=a")
        self.assertEqual(answer.code, 404)
        self.assertIn("Its record is being written", answer.text)
        self.assertIn(f'content="2; url={HOME}calls/call?id=a&amp;tries=1"', answer.text)
        self.assertIn("a line without records", self.browser.at("calls/call?id=a&tries=5").text)
        self.assertEqual([self.browser.at(f"calls/{page}?id=a").code for page in ("text", "pcap")], [404, 404])
        self.assertEqual(self.looked(), [])

    def test_lines_without_records(self) -> None:
        """Their legs of calls that are over are nobody's business."""
        self.web.group_call("a")
        lines = tuple(replace(line, no_records=line.number == "1175") for line in self.web.current.value.lines)
        self.web.current.replace(self.web.current.value.changed(lines=lines))
        self.web.up = [up("a", n1071=State.CONNECTED)]
        self.assertEqual(len(arrows(self.browser.page("calls/call?id=a"))), 16)
        self.web.up = []
        self.web.store(record("a"))
        page = self.browser.page("calls/call?id=a")
        self.assertEqual(len(arrows(page)), 12)
        self.assertNotIn("Rafael Hidalgo", page.xpath("//*[local-name()='svg']")[0].text_content())
        self.assertNotIn("1175", self.browser.at("calls/text?id=a").text)

    def test_much(self) -> None:
        """Pages of pictures; the beginning is gone, and some of the middle."""
        self.web.store(record("a"))
        self.web.clock.advance(60)
        self.web.say("a", CALLER, "in-1", *[(False, message("INVITE sip:1@h SIP/2.0", "in-1"))] * 600)
        page = self.browser.page("calls/call?id=a&page=5")
        self.assertEqual(len(arrows(page)), 100)
        words = " ".join(page.text_content().split())
        self.assertIn("401 to 500 of 500", words)
        self.assertIn("100 messages in the middle are not kept", words)
        self.assertIn("The beginning of this call is not kept any more", words)
        last = arrows(page)[-1].get("href").partition("#")[0]
        self.assertEqual(len(arrows(self.browser.page(last))), 100)

    def test_told(self) -> None:
        """Looks at the journal and at messages are in the audit trail, once an hour for each question."""
        self.web.group_call("a")
        self.web.store(record("a"))
        for path in ("calls", "calls/journal?q=x", "calls/journal?q=x", "calls/call?id=a", "calls/call?id=a&page=1"):
            self.browser.at(path)
        self.assertEqual(self.looked(), [("journal", "", '{"q": "x"}'), ("journal", "a", ""), ("sip trace", "a", "")])

    def test_off(self) -> None:
        self.web.settings = replace(self.web.settings, trace=replace(self.web.settings.trace, memory=0))
        self.web.store(record("a", legs=(), answered_at=0.0))
        self.assertIn("the setting trace.memory is 0", self.browser.at("calls/call?id=a").text)

    def test_figures(self) -> None:
        self.web.group_call("a")
        text = self.web.ask("/metrics").text
        self.assertIn("magroup_sip_trace_messages 16.0", text)
        self.assertIn("magroup_sip_trace_messages_taken_total 16.0", text)

    def test_outcomes_have_words(self) -> None:
        legs = tuple(replace(record("a").legs[1], id=f"a/{outcome}", outcome=outcome) for outcome in LegOutcome)
        self.web.store(record("a", legs=legs))
        found = [row[6] for row in rows(self.browser.page("calls/call?id=a"))]
        self.assertEqual(found, ["Answered", "Missed", "Not answered", "Answered elsewhere", "Busy", "Declined",
                                 "Not reached"])  # fmt: skip
