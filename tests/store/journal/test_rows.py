"""Call records in the tables."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import CallRecord
from magroup.store import tables as t
from magroup.store.journal import call_by_id, calls_between
from magroup.store.journal.moving import AT_ONCE, take_calls
from magroup.store.journal.rows import insert_calls
from tests.store.calls import call, calls, ended
from tests.store.databases import new_database


class RowTests(SynchronousTestCase):
    """``insert_calls``, ``calls_between``, ``call_by_id``."""

    def setUp(self) -> None:
        self.database = new_database(self)

    def put(self, *records: CallRecord) -> int:
        return self.database.do(insert_calls, records)

    def ids_between(self, start: float, end: float, limit: int = 100) -> list[str]:
        """The ids of all pages."""
        page = self.database.do(calls_between, start, end, limit)
        found = [c.id for c in page.calls]
        while page.cursor:
            page = self.database.do(calls_between, start, end, limit, page.cursor)
            found += [c.id for c in page.calls]
        return found

    @settings(max_examples=40)
    @given(st.lists(calls, max_size=3, unique_by=lambda call: call.id))
    def test_round_trip(self, records: list[CallRecord]) -> None:
        self.database.do(lambda connection: connection.execute(t.calls.delete()).close())
        self.assertEqual(self.put(*records), len(records))
        for record in records:
            self.assertEqual(self.database.do(call_by_id, record.id), record)

    def test_each_id_once(self) -> None:
        first = ended(call("a"))
        self.assertEqual(self.put(first, ended(call("b"))), 2)
        self.assertEqual(self.put(replace(first, cause="later"), ended(call("c"))), 1)
        self.assertEqual(self.put(*[ended(call("d"))] * 3), 1)
        self.assertEqual(self.database.do(call_by_id, "a"), first)

    def test_taken(self) -> None:
        """Nothing is left for others to let go of; what is not committed is not stored."""
        records = [ended(call(f"call {number}")) for number in range(2 * AT_ONCE + 1)]
        self.assertEqual((self.database.do(take_calls, records), records), (0, []))
        self.assertEqual(len(self.ids_between(0.0, 1e12)), 2 * AT_ONCE + 1)

        def refuse(connection: Connection, calls: list[CallRecord]) -> None:
            take_calls(connection, calls)
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            self.database.do(refuse, [ended(call("another"))])
        self.assertIs(self.database.do(call_by_id, "another"), None)

    def test_unknown_id(self) -> None:
        self.assertIs(self.database.do(call_by_id, "x"), None)

    def test_half_open_range(self) -> None:
        self.put(*(ended(call(f"{moment}", moment)) for moment in (1000.0, 1000.5, 2000.0)))
        self.assertEqual(self.ids_between(1000.0, 2000.0), ["1000.0", "1000.5"])
        self.assertEqual(self.ids_between(1000.1, 2000.1), ["1000.5", "2000.0"])

    def test_pages(self) -> None:
        moments = [1000.125, 1000.125, 1000.125, 1000.126, 1001.0]
        self.put(*(ended(call(f"call {number} x", moment)) for number, moment in enumerate(moments)))
        everything = [f"call {number} x" for number in range(5)]
        for limit in (-1, 1, 2, 3, 4, 5, 6, 10**9):
            self.assertEqual(self.ids_between(0, 1e9, limit), everything)
        self.assertEqual(self.database.do(calls_between, 0, 1e9, 5).cursor, "")
        self.assertEqual(self.database.do(calls_between, 0, 1).calls, ())

    def test_wrong_cursor(self) -> None:
        for cursor in ("x", " ", "1;drop"):
            self.assertRaises(ValueError, self.database.do, calls_between, 0, 1e9, 1, cursor)

    def test_hostile_text(self) -> None:
        self.put(replace(ended(call("a")), caller_name="\ud800x\0y"), ended(call("b\udfff")))
        self.assertEqual(self.database.do(call_by_id, "a").caller_name, "?xy")
        self.assertEqual(self.put(ended(call("b\udfff"))), 0)
