"""The parts of the API without a network: paths, ETags, cursors, rates, old versions."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Paged, cursor_of, page_of
from magroup.web.api.paths import Paths
from magroup.web.api.problem import ApiError
from magroup.web.api.rates import RequestRates
from magroup.web.api.superseded import MOST_KEPT, Superseded
from magroup.web.api.tags import read_tags, tag_of


def _operation(method: str, path: str) -> Operation:
    return Operation(method=method, path=path, id=f"{method} {path}", summary="", tag="", run=lambda call: Answer())


class PathTests(SynchronousTestCase):
    """Which operation a path means."""

    paths = Paths([
        _operation(*line.split()) for line in (
            "GET /groups", "POST /groups", "GET /groups/{group_id}", "GET /groups/{group_id}/members",
            "GET /lines/{number}", "GET /lines/all",
        )
    ])  # fmt: skip

    def test_found(self) -> None:
        for path, methods, values in (
            (b"/groups", "GET POST", {}),
            (b"/groups/45", "GET", {"group_id": 45}),
            (b"/groups/45/members", "GET", {"group_id": 45}),
            (b"/lines/%2B41%2F1", "GET", {"number": "+41/1"}),
            (b"/lines/all", "GET", {}),
            (b"/lines/%C3%A4", "GET", {"number": "ä"}),
        ):
            operations, found = self.paths.find(path)
            self.assertEqual((" ".join(operations), found), (methods, values), path)

    def test_not_found(self) -> None:
        for path in (b"", b"/", b"groups", b"/groups/", b"/groups/x", b"/groups/0", b"/groups/2147483648",
                     b"/groups/%34%35x",
                     b"/groups/45/", b"/lines/", b"/lines/%00", b"/lines/%FF", b"/lines/" + b"x" * 256,
                     "/groups/٤٥".encode(), b"/Groups", b"/groups/45/members/1"):  # fmt: skip
            self.assertEqual(self.paths.find(path), ({}, {}), path)

    def test_two_of_a_kind(self) -> None:
        with self.assertRaises(ValueError):
            Paths([_operation("GET", "/a"), _operation("GET", "/a")])
        with self.assertRaises(ValueError):
            Paths([_operation("GET", "/a/{user_id}"), _operation("GET", "/a/{group_id}")])
        with self.assertRaises(ValueError):
            Paths([_operation("GET", "/a/{nothing}")])

    @given(st.binary(max_size=60))
    def test_anything(self, path: bytes) -> None:
        self.paths.find(b"/" + path)


class TagTests(SynchronousTestCase):
    """Entity tags."""

    def test_lists(self) -> None:
        for header, name, tags in (
            ('"a"', "If-Match", ("a",)),
            (' "a" , "b"', "If-Match", ("a", "b")),
            ("*", "If-Match", ("*",)),
            ('W/"a"', "If-None-Match", ("a",)),
            ('W/"a", "b"', "If-Match", ("", "b")),
            ('""', "If-None-Match", ("",)),
        ):
            self.assertEqual(read_tags(header, name), tags, header)

    @given(st.text(max_size=50))
    def test_anything(self, header: str) -> None:
        try:
            self.assertTrue(read_tags(header, "If-Match"))
        except ApiError as refused:
            self.assertEqual((refused.status, refused.errors[0].field), (400, "If-Match"))

    def test_differ(self) -> None:
        self.assertNotEqual(tag_of(Group(1, "a")), tag_of(Group(1, "b")))
        self.assertEqual(tag_of(Group(1, "a")), tag_of(Group(1, "a")))


class PageTests(SynchronousTestCase):
    """Cursors."""

    @given(st.lists(st.integers(0, 50), unique=True), st.integers(1, 7), st.integers(1, 4))
    def test_all_once(self, numbers: list[int], limit: int, wanted: int) -> None:
        """Every thing that is wanted is on one page, in order, and only the last page may be short."""
        numbers.sort()
        found: list[int] = []
        query = Paged(limit=limit)
        while True:
            some, after = page_of(numbers, numbers, query, int, lambda number: number % wanted == 0)
            found += some
            if not after:
                break
            self.assertEqual(len(some), limit)
            query = Paged(limit=limit, cursor=after)
        self.assertEqual(found, [number for number in numbers if number % wanted == 0])

    @given(st.text(max_size=40))
    def test_wrong_cursors(self, text: str) -> None:
        try:
            page_of([1], [1], Paged(cursor=text), int)
        except ApiError as refused:
            self.assertEqual((refused.status, refused.errors[0].field), (400, "cursor"))

    def test_cursor_of_another_list(self) -> None:
        with self.assertRaises(ApiError):
            page_of([1], [1], Paged(cursor=cursor_of("text")), int)


class RateTests(SynchronousTestCase):
    """A bucket for ten seconds."""

    def test_rate(self) -> None:
        clock = Clock()
        rates = RequestRates(clock.seconds, lambda: 2)
        self.assertEqual([rates.wait("a") for _ in range(20)], [0.0] * 20)
        self.assertAlmostEqual(rates.wait("a"), 0.5)
        self.assertEqual(rates.wait("b"), 0.0)
        clock.advance(0.5)
        self.assertEqual(rates.wait("a"), 0.0)
        self.assertGreater(rates.wait("a"), 0.4)
        clock.advance(100)
        self.assertEqual([rates.wait("a") for _ in range(20)], [0.0] * 20)

    def test_memory(self) -> None:
        clock = Clock()
        rates = RequestRates(clock.seconds, lambda: 1)
        for number in range(25_000):
            rates.wait(str(number))
            clock.advance(0.001)
        self.assertLess(len(rates._used), 10_001)


class SupersededTests(SynchronousTestCase):
    """What was changed since."""

    def test_fields(self) -> None:
        superseded = Superseded(lambda configuration, kind, thing: tag_of(thing))
        versions = [Group(1, "a"), Group(1, "b"), Group(1, "b", number="5")]
        for old, new in pairwise(versions):
            superseded.take(Configuration(groups=(old,)), Configuration(groups=(new,)))
        now: Any = versions[-1]
        self.assertEqual(superseded.changed([tag_of(versions[0])], now), ["name", "number"])
        self.assertEqual(superseded.changed(["x", tag_of(versions[1])], now), ["number"])
        self.assertEqual(superseded.changed(["x"], now), [])

    def test_memory(self) -> None:
        superseded = Superseded(lambda configuration, kind, thing: tag_of(thing))
        for count in range(10):
            old = Configuration(groups=tuple(Group(id, f"{count}") for id in range(1, 1000)))
            superseded.take(old, Configuration())
        self.assertLessEqual(len(superseded._kept), MOST_KEPT)
