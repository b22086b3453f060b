"""CSV that spreadsheets take for text, and times as they are sent and written."""

import csv
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.audit import Change
from magroup.web.api.csv_stream import cell, lines
from magroup.web.api.looks import HOUR, MOST_KEPT, Looks
from magroup.web.api.problem import ApiError
from magroup.web.api.times import moment, written
from magroup.web.identity import Identity

texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.text("=+-@\t\r\n\"',;0123*#a", max_size=8)
MOMENTS = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)\Z"


class CsvTests(SynchronousTestCase):
    """``cell`` and ``lines``."""

    def test_cells(self) -> None:
        for value, expected in (
            ("=1+1", "'=1+1"), ("+41315551234", "+41315551234"), ("+1+1", "'+1+1"), ("+4131 555", "'+4131 555"),
            ("*8", "*8"), ("#31#0315551234", "#31#0315551234"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("+41\n", "'+41\n"), ("+٤١", "'+٤١"), ("", ""), ("a=1", "a=1"),
            ("+", "'+"), ("+4*5", "'+4*5"), (-1, -1), (1.5, 1.5), (True, "yes"), (False, "no"),
        ):  # fmt: skip
            self.assertEqual(cell(value), expected)

    def test_lines(self) -> None:
        written = lines([("a", "b"), ('x"y', "1,2"), ("ü", "l\r\nm")])
        self.assertEqual(written.decode(), 'a,b\r\n"x""y","1,2"\r\nü,"l\r\nm"\r\n')

    @given(st.lists(st.lists(texts, min_size=2, max_size=3), max_size=3))
    def test_they_come_back(self, rows: list[list[str]]) -> None:
        text = lines(rows).decode()
        found = list(csv.reader(StringIO(text, newline="")))
        self.assertEqual(found, [[str(cell(value)) for value in row] for row in rows])
        for row in found:
            for value in row:
                self.assertFalse(value[:1] in ("=", "-", "@", "\t", "\r", "\n"))
                self.assertTrue(value[:1] != "+" or value[1:].isdigit())


class TimeTests(SynchronousTestCase):
    """``moment`` and ``written``."""

    def test_moments(self) -> None:
        for text, seconds in (
            ("0", 0.0), ("1700000000.5", 1_700_000_000.5), ("2023-11-14T22:13:20Z", 1_700_000_000.0),
            ("2023-11-14t23:13:20.25+01:00", 1_700_000_000.25), ("2023-11-14 22:13:20z", 1_700_000_000.0),
            ("1970-01-01T00:00:00-00:00", 0.0),
        ):  # fmt: skip
            self.assertEqual(moment("from", text), seconds, text)

    @given(st.text(max_size=30) | st.from_regex(MOMENTS))
    def test_anything(self, text: str) -> None:
        try:
            found = moment("from", text)
        except ApiError as refused:
            self.assertEqual((refused.status, refused.errors[0].field), (400, "from"))
        else:
            assert found is not None
            self.assertTrue(0 <= found < 1e11)

    def test_written(self) -> None:
        self.assertEqual(written(0.0), "")
        self.assertEqual(written(1_700_000_000.0625), "2023-11-14T22:13:20.062Z")


class LookTests(SynchronousTestCase):
    """``Looks``: once for a question, again in the next hour."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.told: list[Change] = []
        self.looks = Looks(self, self.clock.seconds)
        self.ann = Identity("Ann", frozenset(), "192.0.2.1")

    def change(self, identity: Identity, what: str, key: str, old: str = "", new: str = "") -> Change:
        return Change(self.clock.seconds(), identity.user_name, identity.address, what, key, old, new)

    def record(self, change: Change) -> None:
        self.told.append(change)

    def test_once_an_hour(self) -> None:
        for _ in range(3):
            self.looks.look(self.ann, "journal", asked={"q": "x"})
        self.looks.look(Identity("Ben", frozenset(), ""), "journal", asked={"q": "x"})
        self.clock.advance(HOUR)
        self.looks.look(self.ann, "journal", asked={"q": "x"})
        self.assertEqual([(one.at, one.who) for one in self.told], [(0.0, "Ann"), (0.0, "Ben"), (HOUR, "Ann")])

    def test_limit(self) -> None:
        """Rather told twice than remembered without an end."""
        for number in range(MOST_KEPT + 1):
            self.looks.look(self.ann, "journal", str(number))
        self.looks.look(self.ann, "journal", str(MOST_KEPT))
        self.looks.look(self.ann, "journal", "0")
        self.assertEqual(len(self.told), MOST_KEPT + 2)
