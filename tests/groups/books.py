"""A settings book over SQLite whose work is done at once, and a company with numbers in two spellings."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import insert
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.settings_book import ListedSetting, SettingsBook, SettingsRefusedError
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Overflow
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.settings_layers import Layers
from magroup.model.settings_reading import Given, Path, SettingsError
from magroup.reloading import Reload
from magroup.store import CurrentConfiguration
from magroup.store import tables as t
from magroup.store.audit import page, record
from magroup.store.settings import load_settings
from tests.store.databases import new_database

BY = ("Ann", "192.0.2.1")
COMPANY = Configuration(
    users=(User(1, "ann", lines=("1047",), voicemail="0315555000"), User(2, "ben", voicemail="+41315555000")),
    lines=(Line("1047"), Line("0315551000"), Line("+41315551000"), Line("*9911")),
    groups=(Group(1, "Board", number="8973", overflow=Overflow.parse("voicemail:0315555111")),),
)


SMALL = replace(COMPANY, users=COMPANY.users[:1], lines=COMPANY.lines[:2])
"""No two numbers of it are the same in any country."""


def given_by(place: str, **values: object) -> dict[Path, Given]:
    """A layer; __ stands for the dot."""
    return {tuple(name.split("__")): Given(value, place) for name, value in values.items()}


async def at_once(work: Callable[[], Any]) -> Any:
    return work()


class BookCase(SynchronousTestCase):
    """A book over SQLite, whose work is done at once."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.next: Layers | SettingsError = Layers()
        self.start(Layers())

    def start(self, layers: Layers, company: Configuration = COMPANY) -> list[str]:
        """Start anew; what is logged."""
        self.next = layers
        self.current = CurrentConfiguration(company)
        self.reload = Reload(self.read, layers)
        self.book = SettingsBook(
            self.reload, self.database.do(load_settings), self.current, self.database, Clock(), record, at_once
        )  # fmt: skip
        with capturedLogs() as events:
            self.book.begin()
        return [formatEvent(event) for event in events]

    def read(self) -> Layers:
        if isinstance(self.next, SettingsError):
            raise self.next
        return self.next

    def change(self, values: Mapping[str, object], expected: str = "") -> list[str]:
        return self.successResultOf(Deferred.fromCoroutine(self.book.change(values, *BY, expected)))

    def refused(self, values: Mapping[str, object]) -> dict[str, tuple[str, str]]:
        """Problem and sentence by field; nothing has changed."""
        before = self.database.do(load_settings), self.reload.settings, self.book.tag, self.trail()
        failed = Deferred.fromCoroutine(self.book.change(values, *BY))
        error = self.failureResultOf(failed, SettingsRefusedError).value
        self.assertEqual((self.database.do(load_settings), self.reload.settings, self.book.tag, self.trail()), before)
        return {one.field: (str(one.problem), one.sentence) for one in error.errors}

    def read_again(self, layers: Layers | SettingsError) -> list[str]:
        """What is logged."""
        self.next = layers
        with capturedLogs() as events:
            self.successResultOf(Deferred.fromCoroutine(self.book.read_again()))
        return [formatEvent(event) for event in events]

    def put(self, **rows: str) -> None:
        """What another version has stored."""
        made = [
            {"name": name.replace("__", "."), "value": text, "changed_at": 0, "changed_by": ""}
            for name, text in rows.items()
        ]
        self.database.do(lambda connection: connection.execute(insert(t.settings), made).close())

    def trail(self) -> list[tuple[str, str, Any, Any]]:
        """The audit, the newest first: who, name, old, new."""
        entries = self.database.do(page).entries
        return [
            (one.change.who, one.change.key, json.loads(one.change.old or "0"), json.loads(one.change.new or "0"))
            for one in entries
        ]

    def listed(self, name: str) -> ListedSetting:
        return next(one for one in self.book.listing() if one.name == name)
