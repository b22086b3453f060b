"""Stored settings: rows by name, written as what is different."""

from sqlalchemy import insert, select
from twisted.trial.unittest import SynchronousTestCase

from magroup.store import StoreError
from magroup.store import tables as t
from magroup.store.settings import load_settings, save_settings, values_of
from tests.store.databases import new_database


class StoredSettings(SynchronousTestCase):
    """On SQLite."""

    def setUp(self) -> None:
        self.database = new_database(self)

    def save(self, before: dict[str, str], after: dict[str, str], at: float = 1e9, who: str = "Ann") -> None:
        self.database.do(save_settings, before, after, at, who)

    def test_nothing(self) -> None:
        self.assertEqual(self.database.do(load_settings), {})
        self.save({}, {})
        self.assertEqual(self.database.rows(select(t.settings)), [])

    def test_they_come_back(self) -> None:
        first = {"sip.t1": "0.5", "log.json": "true", "http.listen": '["tcp:1"]', "language": '"d\\u00e9"'}
        self.save({}, first)
        self.assertEqual(self.database.do(load_settings), first)

    def test_only_what_is_different(self) -> None:
        first = {"a": "1", "b": "2", "c": "3"}
        second = {"a": "1", "b": "true", "d": "4"}
        self.save({}, first)
        self.save(first, second, 2e9, "Ben\0\ud800")
        self.assertEqual(
            self.database.rows(select(t.settings).order_by(t.settings.c.name)),
            [("a", "1", 1e9, "Ann"), ("b", "true", 2e9, "Ben?"), ("d", "4", 2e9, "Ben?")],
        )

    def test_true_is_not_one(self) -> None:
        self.save({}, {"a": "1"})
        self.save({"a": "1"}, {"a": "true"})
        self.assertEqual(self.database.do(load_settings), {"a": "true"})

    def test_changed_by_another(self) -> None:
        self.save({}, {"a": "1"})
        self.assertRaises(StoreError, self.save, {}, {"b": "1"})
        self.assertEqual(self.database.do(load_settings), {"a": "1"})

    def test_what_is_no_json(self) -> None:
        rows = {"a.b": "{", "c": "[" * 100_000, "d": "[1]"}
        given = [{"name": name, "value": text, "changed_at": 0, "changed_by": ""} for name, text in rows.items()]
        self.database.do(lambda connection: connection.execute(insert(t.settings), given).close())
        self.assertEqual(values_of(self.database.do(load_settings)), {("a", "b"): None, ("c",): None, ("d",): [1]})
