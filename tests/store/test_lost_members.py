"""Members whose user is gone are deleted, at the start and every day."""

import sqlite3
from dataclasses import replace
from typing import Any

from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.daily import DAY, DailyCheck
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member, VipEntry
from magroup.model.lines import Line
from magroup.model.numbers import NumberPlan
from magroup.model.people import User
from magroup.store import CurrentConfiguration, StoreError, load, replace_all
from magroup.store.audit import page
from magroup.store.lost_members import LostMember, delete_lost_members
from tests.store.databases import SqliteFile

COMPANY = Configuration(
    users=(User(1, "Ann", lines=("10",)), User(2, "Ben", lines=("11",))),
    lines=(Line("10"), Line("11")),
    groups=(Group(3, "Board"),),
    members=(Member(7, 3, "Ann", "10", "Ann", True, 1), Member(8, 3, "Ben", "11", "Ben", False, 2)),
    vips=(VipEntry(1, 7, "079"),),
)


class LostMembers(SynchronousTestCase):
    """Another program has deleted Ann."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.database = SqliteFile(self)
        self.current = CurrentConfiguration(self.database.do(replace_all, COMPANY))
        self.daily: Any = DailyCheck(self.database, self.current, self.clock)  # type: ignore[arg-type]

    def delete_ann(self) -> None:
        with sqlite3.connect(self.database.file) as other:
            other.executescript("DELETE FROM user_lines WHERE user_id = 1; DELETE FROM users WHERE id = 1")
        other.close()

    def test_nobody_is_lost(self) -> None:
        self.assertEqual(self.database.do(delete_lost_members, NumberPlan(), 5.0), ((), None))
        self.assertEqual(self.database.do(load, NumberPlan()), self.current.value)

    def test_deleted(self) -> None:
        self.delete_ann()
        lost, configuration = self.database.do(delete_lost_members, NumberPlan(), 5.0)
        self.assertEqual(lost, (LostMember(7, "Board", "Ann", "10"),))
        expected = replace(COMPANY, users=COMPANY.users[1:], members=COMPANY.members[1:], vips=(), version=2)
        self.assertEqual(configuration, expected)
        self.assertEqual(self.database.do(load, NumberPlan()), configuration)
        self.assertEqual([entry.change.key for entry in self.database.do(page).entries], ["7"])

    def test_every_day(self) -> None:
        self.daily.start()
        self.delete_ann()
        self.clock.advance(DAY - 1)
        self.assertEqual(len(self.current.value.members), 2)
        with capturedLogs() as events:
            self.clock.advance(1)
        self.assertEqual([member.short_name for member in self.current.value.members], ["Ben"])
        (event,) = events
        self.assertEqual((event["name"], event["number"], event["group"]), ("Ann", "10", "Board"))
        runs = self.database.runs
        self.clock.advance(DAY)
        self.assertEqual(self.database.runs, runs + 1)
        self.daily.stop()
        self.daily.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_without_a_database(self) -> None:
        self.daily.start()
        self.database.failures = [StoreError("away"), ValueError("odd")]
        with capturedLogs() as events:
            self.clock.advance(DAY)
        self.assertEqual([event["reason"] for event in events], ["away"])
        self.clock.advance(DAY)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.delete_ann()
        self.clock.advance(DAY)
        self.assertEqual(len(self.current.value.members), 1)
