"""Searches in the journal find what a look at each call finds, in pages that hold."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.records import CallsWanted, Place
from magroup.store import replace_all
from magroup.store import tables as t
from magroup.store.journal import search as module
from magroup.store.journal.rows import insert_calls
from magroup.store.journal.search import call_if, search
from tests.store.databases import new_database

COMPANY = Configuration(
    users=(User(1, "Ann", lines=("1001",)),),
    lines=(Line("1001", "secret1"), Line("1002", "secret2")),
    groups=(Group(7, "Board"),),
    members=(Member(1, 7, "Ann", "1001", "Ann"),),
)

numbers = st.sampled_from(("1001", "1002", "+41311234567", "8973", "x%_\\y"))
names = st.sampled_from(("", "Ann", "Üli Müller", "ünal", "ИВАН", "a%b", "a_b"))
users = st.sampled_from(("", "Ann", "Ben"))
groups = st.sampled_from((0, 7, 8))
outcomes = st.sampled_from((LegOutcome.ANSWERED, LegOutcome.MISSED, LegOutcome.BUSY))
legs = st.builds(
    LegRecord, id=st.just("x"), call_id=st.just(""), number=numbers, name=names, user_name=users, group_id=groups,
    outcome=outcomes,
)  # fmt: skip
calls = st.builds(
    CallRecord, id=st.text("aBc-_1", min_size=1, max_size=3), started_at=st.integers(0, 5).map(float),
    caller_number=numbers, caller_name=names, called_number=numbers, called_name=names, group_id=groups,
    legs=st.lists(legs, max_size=3).map(tuple),
).map(lambda call: replace(call, legs=tuple(replace(leg, call_id=call.id) for leg in call.legs)))  # fmt: skip
moments = st.none() | st.integers(0, 6).map(float)
wanted = st.builds(
    CallsWanted, start=moments, end=moments, group_id=groups,
    numbers=st.lists(numbers, max_size=2, unique=True).map(tuple),
    user_names=st.lists(st.sampled_from(("Ann", "Ben")), max_size=2, unique=True).map(tuple),
    outcome=st.none() | outcomes, text=st.sampled_from(("", "", "ann", "müll", "ÜLI", "Иван", "%", "_", "\\", "41")),
    of_groups=st.booleans(), newest_first=st.booleans(),
)  # fmt: skip


def fits(call: CallRecord, asked: CallsWanted) -> bool:
    """The same by looking."""
    legs = call.legs
    of_user = [leg for leg in legs if not asked.user_names or leg.user_name in asked.user_names]
    texts = [call.caller_number, call.caller_name, call.called_number, call.called_name]
    texts += [text for leg in legs for text in (leg.number, leg.name, leg.user_name)]
    return all((
        asked.start is None or call.started_at >= asked.start,
        asked.end is None or call.started_at < asked.end,
        not asked.group_id or asked.group_id in (call.group_id, *(leg.group_id for leg in legs)),
        not asked.numbers
        or {call.caller_number, call.called_number, *(leg.number for leg in legs)} & {*asked.numbers},
        not asked.user_names or of_user,
        not asked.outcome or any(leg.outcome is asked.outcome for leg in of_user),
        any(asked.text.casefold() in text.casefold() for text in texts) or not asked.text,
        not asked.of_groups or call.group_id or any(leg.group_id or leg.number == "1001" for leg in legs),
    ))  # fmt: skip


class SearchTests(SynchronousTestCase):
    """On SQLite."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.database.do(replace_all, COMPANY)

    def put(self, records: list[CallRecord]) -> None:
        self.database.do(lambda connection: connection.execute(t.calls.delete()).close())
        self.database.do(insert_calls, records)

    def pages(self, asked: CallsWanted, limit: int) -> Iterator[tuple[CallRecord, ...]]:
        after: Place | None = None
        while True:
            found, after = self.database.look(search, asked, limit, after)
            self.assertLessEqual(len(found), limit)
            yield found
            if after is None:
                return

    @settings(max_examples=60)
    @given(st.lists(calls, max_size=8, unique_by=lambda call: call.id), wanted, st.integers(1, 4), st.integers(1, 5))
    def test_finds_what_there_is(
        self, records: list[CallRecord], asked: CallsWanted, limit: int, looked_through: int
    ) -> None:  # fmt: skip
        self.patch(module, "LOOKED_THROUGH", looked_through)
        self.put(records)
        found = [call for page in self.pages(asked, limit) for call in page]
        expected = [call for call in records if fits(call, asked)]
        expected.sort(key=lambda call: (call.started_at, call.id), reverse=asked.newest_first)
        self.assertEqual(found, expected)

    def test_pages_hold(self) -> None:
        """What is added meanwhile makes nothing come twice."""
        self.put([CallRecord(f"{number:02}", float(number), "1001") for number in range(6)])
        pages = self.pages(CallsWanted(), 2)
        seen = [call.id for call in next(pages)]
        self.database.do(insert_calls, [CallRecord("99", 99.0, "1001"), CallRecord("035", 3.5, "1001")])
        seen += [call.id for page in pages for call in page]
        self.assertEqual(seen, ["05", "04", "035", "03", "02", "01", "00"])

    def test_one_call(self) -> None:
        self.put([CallRecord("a", 1.0, "1002"), CallRecord("b", 1.0, "1002", group_id=7)])
        for id, of_groups, found in (
            ("a", False, True), ("a", True, False), ("b", True, True), ("\ud800", True, False),
        ):  # fmt: skip
            self.assertEqual(self.database.look(call_if, id, of_groups) is not None, found)

    def test_hostile_text(self) -> None:
        self.put([CallRecord("a", 1.0, "1002", caller_name="x")])
        for text in ("'; DROP TABLE calls; --", "\0", "\ud800", "%" * 255, "\\", "[a-z]", '"'):
            asked = CallsWanted(numbers=(text,), user_names=(text,), text=text)
            self.assertEqual(self.database.look(search, asked, 10).calls, ())
        self.assertEqual(len(self.database.look(search, CallsWanted(), 0).calls), 1)
