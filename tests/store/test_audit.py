"""The audit trail: entries are added with their change, read in pages, and never changed."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from twisted.trial.unittest import SynchronousTestCase

import magroup
from magroup.model.audit import Change
from magroup.model.records import ChangesWanted
from magroup.store.audit import LARGEST_PAGE, LONGEST_TEXT, masked, page, record, record_all
from tests.store.databases import new_database

CHANGE = Change(1e9, "Ann", "192.0.2.1", "group", "3", '{"name": "Board"}', '{"name": "Bored"}')


class Trail(SynchronousTestCase):
    """On SQLite."""

    def setUp(self) -> None:
        self.database = new_database(self)

    def add(self, *changes: Change) -> None:
        self.database.do(record_all, changes)

    def keys(self, **options: object) -> list[str]:
        limit: Any = options.pop("limit", 100)
        wanted = ChangesWanted(**options)  # type: ignore[arg-type]
        return [entry.change.key for entry in self.database.do(page, 0, limit, wanted).entries]

    def test_it_comes_back(self) -> None:
        self.database.do(record, CHANGE)
        self.assertEqual([entry.change for entry in self.database.do(page).entries], [CHANGE])

    def test_not_without_the_change(self) -> None:
        def fail(connection: Connection) -> None:
            record(connection, CHANGE)
            raise KeyError

        self.assertRaises(KeyError, self.database.do, fail)
        self.assertEqual(self.keys(), [])

    def test_pages(self) -> None:
        self.add(*(replace(CHANGE, key=str(number)) for number in range(5)))
        seen: list[str] = []
        before = 0
        for size in (2, 2, 1):
            found = self.database.do(page, before, 2)
            self.assertEqual(len(found.entries), size)
            seen += [entry.change.key for entry in found.entries]
            self.database.do(record, replace(CHANGE, key="newer"))
            before = found.next
        self.assertEqual((seen, before), (["4", "3", "2", "1", "0"], 0))
        for limit, expected in ((0, 1), (-5, 1), (10**9, 8)):
            self.assertEqual(len(self.keys(limit=limit)), expected)
        self.assertGreater(LARGEST_PAGE, 8)

    def test_chosen(self) -> None:
        self.add(
            replace(CHANGE, key="a"), replace(CHANGE, key="b", who=""), replace(CHANGE, key="c", what="login"),
            replace(CHANGE, key="d", who="Ben"),
        )  # fmt: skip
        for options, expected in (
            ({"who": "Ann"}, ["c", "a"]), ({"who": ""}, ["b"]), ({"what": "login"}, ["c"]), ({"key": "d"}, ["d"]),
            ({"who": "Ann", "what": "group"}, ["a"]), ({"who": "x\0'; DROP TABLE audit"}, []),
        ):  # fmt: skip
            self.assertEqual(self.keys(**options), expected, options)

    def test_half_open_range(self) -> None:
        self.add(*(replace(CHANGE, at=at, key=str(at)) for at in (1.0, 2.0, 2.5, 3.0)))
        self.assertEqual(self.keys(start=2.0, end=3.0), ["2.5", "2.0"])
        self.assertEqual((self.keys(start=2.5), self.keys(end=1.5)), (["3.0", "2.5"], ["1.0"]))

    def test_secrets_are_masked(self) -> None:
        new: dict[str, object] = {"name": "x", "password_hash": "h", "secret": "s", "pin": "1"}
        new["lines"] = [{"secret": "t", "push_password": ""}]
        self.database.do(record, replace(CHANGE, old="", new=json.dumps(new)))
        (entry,) = self.database.do(page).entries
        self.assertEqual(
            json.loads(entry.change.new),
            {
                "name": "x", "password_hash": "***", "secret": "***", "pin": "***",
                "lines": [{"secret": "***", "push_password": ""}],
            },
        )  # fmt: skip

    def test_hostile_text(self) -> None:
        for text in ("{not json", "[" * 200_000, "\0", "\ud800", "x" * 10**6, "</script>", "=1+1"):
            self.add(replace(CHANGE, key=text[:50], old=text, new=text))
        for entry in self.database.do(page).entries:
            self.assertLessEqual(len(entry.change.new), LONGEST_TEXT)
            self.assertNotIn("\0", entry.change.new)

    @given(st.recursive(st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
    def test_any_json(self, value: object) -> None:
        self.assertEqual(masked(masked(value)), masked(value))

    def test_nothing_changes_entries(self) -> None:
        """In the whole program nothing updates or deletes rows of the table."""
        for file in Path(magroup.__path__[0]).rglob("*.py"):
            text = file.read_text("utf-8")
            self.assertIsNone(re.search(r"(update|delete|drop_table)\([^)]*\baudit\b", text), file)
