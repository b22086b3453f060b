"""The audit trail in the API."""

import csv
from dataclasses import replace
from io import StringIO
from typing import Any

from magroup.model.audit import Change
from magroup.model.people import Privilege
from magroup.store.audit import LONGEST_TEXT, record_all
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company

CHANGE = Change(1_700_000_000.0, ADMIN, "192.0.2.1", "group", "45", '{"name": "Board"}', '{"name": "=1+1"}')


class Audit(ApiCase):
    """``/audit``."""

    async def put(self, *changes: Change) -> None:
        await self.database.run(record_all, changes)

    async def keys(self, query: str) -> list[str]:
        return [one["key"] for one in (await self.done("GET", f"/audit{query}"))["items"]]

    async def test_an_entry(self) -> None:
        await self.put(CHANGE, replace(CHANGE, old="", new="[1]"), replace(CHANGE, new='{"a": "' + "x" * LONGEST_TEXT))
        long, listed, first = (await self.done("GET", "/audit"))["items"]
        self.assertEqual(first, {
            "id": 1, "at": 1700000000.0, "who": ADMIN, "where": "192.0.2.1", "what": "group", "key": "45",
            "old": {"name": "Board"}, "new": {"name": "=1+1"},
        })  # fmt: skip
        self.assertEqual((listed["old"], listed["new"]), (None, {"value": [1]}))
        self.assertEqual(len(long["new"]["text"]), LONGEST_TEXT)

    async def test_filters(self) -> None:
        await self.put(
            replace(CHANGE, key="1", who=""), replace(CHANGE, key="2", what="login"), replace(CHANGE, key="3"),
            replace(CHANGE, key="4", at=CHANGE.at + 60), replace(CHANGE, key="5", who="Gone"),
        )  # fmt: skip
        for query, expected in (
            ("", "54321"), ("?who=maria.rossi", "432"), ("?who=", "1"), ("?who=Gone", "5"), ("?what=login", "2"),
            ("?key=3", "3"), ("?from=1700000060", "4"), ("?to=2023-11-14T22:14:20Z&what=group", "531"), ("?who=x", ""),
        ):  # fmt: skip
            self.assertEqual("".join(await self.keys(query)), expected, query)
        for query, field in (("from=x", "from"), ("limit=0", "limit"), ("cursor=x", "cursor"), ("q=x", "q"),
                             ("cursor=WyJ4Il0", "cursor")):  # fmt: skip
            await self.refused(400, "GET", f"/audit?{query}", field=field)
        # Cursors that nobody gets: of ids beyond those that there are.
        self.assertEqual(await self.keys("?cursor=Wy0xXQ"), [])
        self.assertEqual(len(await self.keys("?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDddCg")), 5)

    async def test_pages_hold(self) -> None:
        await self.put(*(replace(CHANGE, key=str(number)) for number in range(5)))
        page = await self.done("GET", "/audit?limit=2")
        await self.put(replace(CHANGE, key="new"))
        seen = [one["key"] for one in page["items"]]
        while page["next"]:
            page = await self.done("GET", f"/audit?limit=2&cursor={page['next']}")
            seen += [one["key"] for one in page["items"]]
        self.assertEqual("".join(seen), "43210")

    async def test_csv(self) -> None:
        await self.put(*(replace(CHANGE, key=str(number), where="=cmd") for number in range(250)))
        reply: Any = await self.send("GET", "/audit", Accept="text/csv")
        self.assertEqual(reply.content_type, "text/csv; charset=utf-8; header=present")
        rows = list(csv.DictReader(StringIO(reply.body, newline="")))
        self.assertEqual([row["key"] for row in rows], [str(number) for number in range(249, -1, -1)])
        self.assertEqual(rows[-1], {
            "id": "1", "at": "2023-11-14T22:13:20.000Z", "who": ADMIN, "where": "'=cmd", "what": "group", "key": "0",
            "old": CHANGE.old, "new": CHANGE.new,
        })  # fmt: skip

    async def test_who_may(self) -> None:
        everything_else = frozenset(Privilege) - {Privilege.ADMIN}
        self.current.replace(replace(self.current.value, users=company(Rafael_Hidalgo=everything_else).users))
        await self.refused(403, "GET", "/audit", bearer=await self.token(ASSISTANT))
        await self.refused(403, "GET", "/audit", bearer=await self.token(ADMIN, ["journal:read"]))
        await self.refused(405, "POST", "/audit", {})
        await self.refused(405, "DELETE", "/audit")
