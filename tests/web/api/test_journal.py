"""The journal in the API: searched, paged, as CSV, to whom, and who has looked."""

import csv
from collections.abc import Iterable
from dataclasses import fields, replace
from io import StringIO
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import Deferred

from magroup.model.calls import CallRecord, LegOutcome, Reason, ReasonCode
from magroup.model.people import Privilege
from magroup.store.errors import StoreError
from magroup.store.journal.rows import insert_calls
from tests.store.calls import call, ended
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company, header
from tests.web.rest.company import COMPANY

CALL = replace(
    ended(call("node/1", 1_700_000_000.0)), group_id=45, caller_number="+41315551234", caller_name='=HYPERLINK("x")',
)  # fmt: skip


def made(number: int, **changes: Any) -> CallRecord:
    """Another call, a minute later than the one before."""
    id = f"node-{number}"
    leg = replace(CALL.legs[0], call_id=id, id=f"{id}/1")
    return replace(CALL, id=id, started_at=1_700_000_000.0 + 60 * number, **{"legs": (leg,), **changes})


class JournalCase(ApiCase):
    """``put`` has calls end."""

    async def put(self, *calls: CallRecord) -> None:
        await self.database.run(insert_calls, calls)

    async def ids(self, query: str = "") -> list[str]:
        return [one["id"] for one in (await self.done("GET", f"/journal{query}"))["items"]]

    async def rows(self, query: str = "", **headers: str) -> list[dict[str, str]]:
        """The rows of an answer in CSV."""
        reply = await self.send("GET", f"/journal{query}", **headers)
        self.assertEqual((reply.code, reply.content_type), (200, "text/csv; charset=utf-8; header=present"), reply)
        return list(csv.DictReader(StringIO(reply.body, newline="")))

    def looks(self) -> list[tuple[str, str, str]]:
        return [(one.who, one.key, one.new) for one in self.kept.audit if one.what == "journal"]


class Journal(JournalCase):
    """``/journal`` and ``/journal/{call_id}``."""

    async def test_a_call(self) -> None:
        await self.put(CALL)
        (shown,) = (await self.done("GET", "/journal"))["items"]
        self.assertEqual(shown["legs"], [{
            "id": "node/1-1", "number": "1047", "name": "Tijana", "user_name": "", "member_id": 1, "group_id": 1,
            "inbound": True, "ringing_at": 1700000002.0, "answered_at": 1700000005.0, "ended_at": 1700000060.0,
            "outcome": "answered", "cause": "",
        }])  # fmt: skip
        self.assertEqual(shown["trail"][0], {
            "code": "manager_rings", "who": "Tij", "seconds": 0, "detail": "", "words": "manager rings",
        })  # fmt: skip
        self.assertEqual(shown["trail_in_words"], "answered by Tij")
        self.assertEqual(set(shown) - {"trail_in_words"}, {field.name for field in fields(CALL)})
        german = await self.done("GET", f"/journal/{quote('node/1', safe='')}?language=de")
        self.assertEqual(german["trail_in_words"], "angenommen von Tij")
        self.assertEqual(german["legs"], shown["legs"])
        await self.refused(404, "GET", "/journal/node")
        await self.refused(404, "GET", "/journal/%27%3b--")

    async def test_filters(self) -> None:
        leg = CALL.legs[0]
        await self.put(
            made(1), made(2, group_id=26), made(3, caller_number="0315551234", caller_name="Ünal"),
            made(4, legs=(replace(leg, user_name=ADMIN, outcome=LegOutcome.MISSED),)),
            made(5, legs=(replace(leg, number="1175"),), called_number="5678"),
        )  # fmt: skip
        for query, expected in (
            ("", "5 4 3 2 1"), ("?order=asc", "1 2 3 4 5"), ("?group_id=26", "2"), ("?number=1175", "5"),
            ("?number=%2B41315551234", "5 4 2 1"), ("?number=031%20555%2012%2034", "3"), ("?q=ÜNAL", "3"),
            ("?user_name=maria.rossi", "4"), ("?user_name=MARIA.ROSSI&outcome=missed", "4"),
            ("?user_name=maria.rossi&outcome=answered", ""), ("?outcome=missed", "4"),
            ("?number=8973&q=5551", "4 3 2 1"),
            ("?from=1700000120&to=1700000240", "3 2"), ("?from=2023-11-14T22:15:20Z&to=2023-11-14T22:16:20Z", "2"),
            ("?from=2023-11-14T23:15:20%2B01:00&order=asc&limit=1", "2"), ("?user_name=nobody", ""),
        ):  # fmt: skip
            found = await self.ids("?" + quote(query[1:], safe="=&%.:-"))
            self.assertEqual(found, [f"node-{number}" for number in expected.split()], query)

    async def test_other_spellings(self) -> None:
        """A number is found however it was sent to the switch."""
        await self.stop_serving()
        await self.begin(replace(company(), plan=replace(COMPANY.plan, country_code="41")))
        await self.put(made(1), made(2, caller_number="0315551234"), made(3, caller_number="0041315551234"))
        for number in ("%2B41315551234", "0315551234", "0041%2031%20555-12-34"):
            self.assertEqual(await self.ids(f"?number={number}"), ["node-3", "node-2", "node-1"], number)

    async def test_pages_hold(self) -> None:
        await self.put(*map(made, range(5)))
        page = await self.done("GET", "/journal?limit=2")
        await self.put(made(9))
        seen = [one["id"] for one in page["items"]]
        while page["next"]:
            page = await self.done("GET", f"/journal?limit=2&cursor={page['next']}")
            seen += [one["id"] for one in page["items"]]
        self.assertEqual(seen, ["node-4", "node-3", "node-2", "node-1", "node-0"])

    async def test_wrong_queries(self) -> None:
        for query, field in (
            ("from=yesterday", "from"), ("to=2023-11-14", "to"), ("to=2023-11-14T22:15:20", "to"), ("from=-1", "from"),
            ("from=2023-13-14T22:15:20Z", "from"), ("from=99999999999", "from"), ("from=1e5", "from"), ("to=", "to"),
            ("from=9999-12-31T23:59:59-23:59", "from"), ("group_id=0", "group_id"), ("group_id=x", "group_id"),
            ("number=", "number"), ("number=-", "number"), ("user_name=", "user_name"), ("outcome=won", "outcome"),
            ("order=up", "order"), ("language=xx", "language"), ("format=xml", "format"), ("limit=0", "limit"),
            ("limit=1001", "limit"), ("cursor=x", "cursor"), ("cursor=WzFd", "cursor"), ("q=" + "x" * 256, "q"),
            ("from_=1", "from_"), ("rows=x", "rows"), ("from=1&from=2", "from"),
        ):  # fmt: skip
            await self.refused(400, "GET", f"/journal?{query}", field=field)
        for cursor in (quote("WyJ4IiwxXQ"), "W10", "WzFlOTk5LCJ4Il0", "WzEsIngiLDNd"):
            await self.refused(400, "GET", f"/journal?cursor={cursor}", field="cursor")
        for text in ("%25", "%00", "%27%22%3b--", "%5c", "%F0%9F%98%80", "*" * 255):
            self.assertEqual(await self.ids(f"?q={text}&number={text}&user_name={text}"), [], text)

    async def test_who_may(self) -> None:
        """Reports shows calls to groups and on members' lines; Reports4Eyes alone shows nothing here."""
        member = COMPANY.members[0].number
        await self.put(
            made(1), made(2, group_id=0, legs=()), made(3, group_id=0, legs=(replace(CALL.legs[0], number=member),)),
            made(4, group_id=0, legs=(replace(CALL.legs[0], number="0999", group_id=0),)),
        )  # fmt: skip
        for privileges, code, expected in (
            ((Privilege.ADMIN,), 200, "4 3 2 1"), ((Privilege.REPORTS,), 200, "3 1"), ((), 403, ""),
            ((Privilege.REPORTS_4_EYES, Privilege.GROUPS), 403, ""),
        ):  # fmt: skip
            self.current.replace(self.with_privileges(privileges))
            token = await self.token(ASSISTANT, ["journal:read"])
            reply = await self.send("GET", "/journal", bearer=token)
            self.assertEqual(reply.code, code, reply)
            if code == 200:
                self.assertEqual([one["id"][-1] for one in reply.json["items"]], expected.split())
            for id, found in (("node-3", code), ("node-2", 404 if privileges == (Privilege.REPORTS,) else code)):
                self.assertEqual((await self.send("GET", f"/journal/{id}", bearer=token)).code, found)
        token = await self.token(ADMIN, ["audit:read", "calls:read"])
        await self.refused(403, "GET", "/journal", bearer=token)

    def with_privileges(self, privileges: Iterable[Privilege]) -> Any:
        return replace(self.current.value, users=company(Rafael_Hidalgo=privileges).users)

    async def test_looks_are_audited(self) -> None:
        """Once for a user and a question in an hour, however many pages."""
        await self.put(*map(made, range(3)))
        for query in ("?limit=1", "?limit=2", "?q=x", "?q=x&order=asc", "?format=csv", "?from=1&outcome=missed"):
            await self.send("GET", f"/journal{query}")
        await self.done("GET", "/journal/node-1")
        await self.done("GET", "/journal/node-1?language=fr")
        self.assertEqual(self.looks(), [
            (ADMIN, "", "{}"), (ADMIN, "", '{"q": "x"}'), (ADMIN, "", '{"format": "csv"}'),
            (ADMIN, "", '{"from": "1", "outcome": "missed"}'), (ADMIN, "node-1", ""),
        ])  # fmt: skip
        await self.refused(400, "GET", "/journal?from=x")
        await self.refused(404, "GET", "/journal/other")
        self.assertEqual(len(self.looks()), 5)


class Csv(JournalCase):
    """The same as CSV."""

    async def test_calls(self) -> None:
        await self.put(CALL, made(1, caller_name="-1+1", answered_at=0.0, legs=(), trail=()))
        later, first = await self.rows("?format=csv&limit=1")
        self.assertEqual(first, {
            "id": "node/1", "started_at": "2023-11-14T22:13:20.000Z", "answered_at": "2023-11-14T22:13:25.000Z",
            "ended_at": "2023-11-14T22:14:20.000Z", "waiting_seconds": "5.0", "talking_seconds": "55.0",
            "caller_number": "+41315551234", "caller_name": '\'=HYPERLINK("x")', "called_number": "8973",
            "called_name": "Board", "group_id": "45", "is_vip": "no", "external": "no", "overflow": "",
            "cause": "Normal call clearing", "ended_by": "", "transferred_to": "", "transferred_from": "",
            "answered_by": "Tijana", "trail": "answered by Tij",
        })  # fmt: skip
        self.assertEqual((later["caller_name"], later["answered_at"], later["answered_by"]), ("'-1+1", "", ""))
        reply = await self.send("GET", "/journal?format=csv")
        self.assertEqual(header(reply, "Content-Disposition"), 'attachment; filename="calls.csv"')
        self.assertEqual(reply.body.count("\r\n"), 3)

    async def test_legs(self) -> None:
        await self.put(CALL, made(1, legs=(CALL.legs[0], replace(CALL.legs[0], id="2", name="@x"))))
        rows = await self.rows("?rows=legs&order=asc", Accept="text/csv")
        self.assertEqual([(row["call_id"], row["id"], row["name"]) for row in rows],
                         [("node/1", "node/1-1", "Tijana"), ("node-1", "node/1-1", "Tijana"), ("node-1", "2", "'@x")])
        first = rows[0]
        self.assertEqual((first["inbound"], first["ringing_seconds"], first["outcome"]), ("yes", "3.0", "answered"))

    async def test_accept(self) -> None:
        for accept, kind in (
            ("text/csv", "text/csv"), ("application/json", "application/json"), ("*/*", "application/json"),
            ("text/csv;q=0.5, application/json", "application/json"), ("text/csv, */*;q=0.1", "text/csv"),
            ("nonsense", "application/json"), ("text/html", "application/json"),
        ):  # fmt: skip
            reply = await self.send("GET", "/journal", Accept=accept)
            self.assertEqual(reply.content_type.partition(";")[0], kind, accept)
            self.assertEqual(header(reply, "Vary"), "Accept")
        self.assertEqual((await self.send("GET", "/journal?format=json", Accept="text/csv")).json["items"], [])
        self.assertEqual((await self.send("HEAD", "/journal?format=csv")).body, "")

    async def test_all_of_them(self) -> None:
        """Page by page; nothing found is a header alone."""
        await self.put(*map(made, range(450)))
        rows = await self.rows("?format=csv&order=asc")
        self.assertEqual([row["id"] for row in rows], [f"node-{number}" for number in range(450)])
        reply = await self.send("GET", "/journal?format=csv&q=zzz")
        self.assertTrue(reply.body.startswith("id,started_at,") and reply.body.count("\r\n") == 1, reply.body)

    async def test_nothing_after_the_first_page(self) -> None:
        """The database goes away: before the first page it is told, later the answer is broken off."""
        await self.put(*map(made, range(450)))
        records = self.api_service._parts.records
        works, pages = records.calls, 0

        async def fails(*arguments: Any) -> Any:
            nonlocal pages
            pages += 1
            if pages > fine:
                raise StoreError("away")
            return await works(*arguments)

        self.patch(records, "calls", fails)
        fine = 0
        reply = await self.refused(503, "GET", "/journal?format=csv")
        self.assertEqual(header(reply, "Content-Disposition"), "")
        pages, fine = 0, 1
        with self.assertRaises(self.failureException) as broken:
            await self.send("GET", "/journal?format=csv")
        # Of curl: transfer closed with data outstanding, or the connection reset.
        self.assertRegex(str(broken.exception), "^(18|56) != 0")
        self.flushLoggedErrors(StoreError)
        self.assertEqual(pages, 2)

    async def test_the_client_goes_away(self) -> None:
        """What it does not wait for is not read."""
        await self.put(*map(made, range(450)))
        records = self.api_service._parts.records
        works, waiting = records.calls, [Deferred[None]() for _ in range(2)]
        gone: Deferred[None] = Deferred(lambda _: waiting[1].callback(None))
        pages = 0

        async def waits(*arguments: Any) -> Any:
            nonlocal pages
            pages += 1
            if pages == 2:
                waiting[0].callback(None)
                await gone
            return await works(*arguments)

        self.patch(records, "calls", waits)
        sent = Deferred.fromCoroutine(self.curl("--max-time", "3", "-H", f"Authorization: Bearer {self.bearer}",
                                                f"http://{self.host}/api/v1/journal?format=csv"))  # fmt: skip
        sent.addErrback(lambda failure: failure.trap(self.failureException))
        await waiting[0]
        await sent
        await waiting[1]
        self.assertEqual(pages, 2)


class Words(JournalCase):
    """Reasons of every kind."""

    async def test_every_reason(self) -> None:
        trail = tuple(Reason(code, "Tij", 3, "away") for code in ReasonCode)
        await self.put(made(1, trail=trail))
        for language in ("en", "de", "fr"):
            shown = await self.done("GET", f"/journal/node-1?language={language}")
            self.assertEqual([reason["code"] for reason in shown["trail"]], [code.value for code in ReasonCode])
            self.assertTrue(all(reason["words"] and "{" not in reason["words"] for reason in shown["trail"]))
