"""The settings book: what is stored goes before the file, holds at once, and is shown."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent

from magroup.groups.editing import NotSavedError
from magroup.model.configuration import Configuration
from magroup.model.settings_layers import Layers
from magroup.model.settings_reading import entries
from magroup.policy.editing import EditError, Problem
from magroup.store import StoreError
from magroup.store.audit import record
from magroup.store.settings import load_settings
from tests.groups.books import BY, SMALL, BookCase, given_by
from tests.store.databases import SqliteFile


class Changes(BookCase):
    """What is taken."""

    def test_stored_and_in_force(self) -> None:
        names = self.change({"calls.max_calls": 5, "sip.nonce_lifetime": 60, "http.framed_by": ["https://a.example"]})
        self.assertEqual(names, ["http.framed_by", "sip.nonce_lifetime", "calls.max_calls"])
        settings = self.reload.settings
        self.assertEqual((settings.calls.max_calls, settings.http.framed_by), (5, ("https://a.example",)))
        self.start(Layers(file=given_by("f", calls__max_calls=9, language="de")))
        settings = self.reload.settings
        self.assertEqual((settings.calls.max_calls, settings.language, settings.sip.nonce_lifetime), (5, "de", 60))

    def test_from_the_next_start_on(self) -> None:
        with capturedLogs() as events:
            self.change({"rtp.ports": "20000-30000", "language": "fr"})
        said = [formatEvent(event) for event in events]
        self.assertEqual(
            said, ["Ann has changed settings: language, rtp.ports", "at the next start only: rtp.ports"]
        )  # fmt: skip
        self.assertEqual((self.reload.settings.rtp.ports, self.reload.wanted.rtp.ports), ("16384-32767", "20000-30000"))
        one = self.listed("rtp.ports")
        self.assertEqual((one.value, one.next_value, one.at_start), ("16384-32767", "20000-30000", True))
        self.start(Layers())
        self.assertEqual(self.reload.settings.rtp.ports, "20000-30000")

    def test_taken_away(self) -> None:
        self.start(Layers(file=given_by("f, line 1", language="de")))
        self.change({"language": "fr"})
        self.assertEqual(self.change({"language": None}), ["language"])
        self.assertEqual((self.reload.settings.language, self.database.do(load_settings)), ("de", {}))
        self.assertEqual(self.change({"language": None, "sip.min_se": None}), [])

    def test_told(self) -> None:
        """Which, and who; nobody where there is no change, or where the file was read again."""
        heard: list[tuple[list[str], str]] = []
        self.book.changed = lambda names, who: heard.append((list(names), who))
        self.change({"language": "fr"})
        self.change({"language": "fr"})
        self.reload.read = lambda: Layers(file=given_by("f", calls__max_calls=9))
        Deferred.fromCoroutine(self.book.read_again())
        self.assertEqual(heard, [(["language"], "Ann"), (["calls.max_calls"], "")])

    def test_audit(self) -> None:
        self.change({"language": "fr"})
        self.change({"language": "fr"})
        self.change({"language": None})
        default, stored = {"value": "en", "source": "default"}, {"value": "fr", "source": "stored"}
        self.assertEqual(
            self.trail(), [("Ann", "language", stored, default), ("Ann", "language", default, stored)]
        )  # fmt: skip

    def test_secrets(self) -> None:
        for url in ("redis://:hush@r", "redis://:hush2@r", None):
            self.change({"redis.url": url})
            one = self.listed("redis.url")
            self.assertEqual((one.value, one.next_value, one.is_set, one.is_secret), (None, None, bool(url), True))
        self.assertNotIn("hush", repr(self.trail()) + repr(self.book.listing()))
        self.assertEqual([new["value"] for _, _, _, new in self.trail()], ["", "*** (new)", "*** (new)"])

    def test_two_writers(self) -> None:
        tag = self.book.tag
        self.change({"language": "fr"}, expected=tag)
        self.assertNotEqual(self.book.tag, tag)
        failed = Deferred.fromCoroutine(self.book.change({"language": "de"}, *BY, tag))
        error = self.failureResultOf(failed, EditError).value
        self.assertEqual((error.problem, self.reload.settings.language), (Problem.CONFLICT, "fr"))
        self.change({"language": None})
        self.assertEqual(self.book.tag, tag)

    def test_a_whole_number_for_a_number(self) -> None:
        self.change({"voicemail.shortest_message": 2})
        self.assertEqual(self.database.do(load_settings), {"voicemail.shortest_message": "2.0"})

    def test_another_plan(self) -> None:
        """The configuration follows, and whoever hears of it finds it saved."""
        self.start(Layers(), SMALL)
        heard: list[object] = []
        self.current.subscribe(lambda old, new: heard.append((new.plan.country_code, self.database.do(load_settings))))
        self.change({"numbers.country_code": "41", "numbers.area_code": "31"})
        stored = {"numbers.area_code": '"31"', "numbers.country_code": '"41"'}
        self.assertEqual(heard, [("41", stored)])
        line = self.current.value.line("+41 31 555 10 00")
        self.assertEqual(line and line.number, "0315551000")

    def test_the_database_is_away(self) -> None:
        for failure in (StoreError("away"), StoreError("full")):
            self.database.failures = [failure]
            failed = Deferred.fromCoroutine(self.book.change({"language": "fr"}, *BY))
            self.assertEqual(str(self.failureResultOf(failed, NotSavedError).value), str(failure))
        self.assertEqual((self.reload.settings.language, self.trail()), ("en", []))
        self.change({"language": "fr"})

    def test_the_audit_fails(self) -> None:
        """Then nothing is stored."""

        def fail(connection: object, change: object) -> None:
            raise StoreError("full")

        self.book._record = fail
        self.failureResultOf(Deferred.fromCoroutine(self.book.change({"language": "fr"}, *BY)), NotSavedError)
        self.assertEqual((self.database.do(load_settings), self.reload.settings.language), ({}, "en"))

    def test_another_program(self) -> None:
        self.put(language='"fr"')
        self.failureResultOf(Deferred.fromCoroutine(self.book.change({"sip.min_se": 100}, *BY)), NotSavedError)


class SlowDatabase:
    """Does the work when it is told to."""

    def __init__(self, database: SqliteFile) -> None:
        self.waiting: list[Deferred[None]] = []
        self._database = database

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        self.waiting.append(Deferred())
        await self.waiting[-1]
        return self._database.do(work, *args)


class Order(BookCase):
    """Changes that come while others are being saved."""

    def setUp(self) -> None:
        super().setUp()
        self.slow = SlowDatabase(self.database)
        self.book._database = self.slow

    def test_one_after_the_other(self) -> None:
        first = Deferred.fromCoroutine(self.book.change({"language": "fr"}, *BY))
        second = Deferred.fromCoroutine(self.book.change({"sip.min_se": 100}, *BY))
        self.assertEqual((len(self.slow.waiting), self.reload.settings.language), (1, "en"))
        self.slow.waiting[0].callback(None)
        self.assertEqual((self.successResultOf(first), len(self.slow.waiting)), (["language"], 2))
        self.slow.waiting[1].callback(None)
        self.assertEqual(self.successResultOf(second), ["sip.min_se"])
        self.assertEqual((self.reload.settings.language, self.reload.settings.sip.min_se), ("fr", 100))
        self.assertEqual(len(self.database.do(load_settings)), 2)

    def test_the_second_of_two_writers(self) -> None:
        """The tag was right when it came, and is not any more when it is its turn."""
        tag = self.book.tag
        first = Deferred.fromCoroutine(self.book.change({"language": "fr"}, *BY, tag))
        second = Deferred.fromCoroutine(self.book.change({"language": "de"}, *BY, tag))
        self.slow.waiting[0].callback(None)
        self.successResultOf(first)
        self.failureResultOf(second, EditError)
        self.assertEqual(self.reload.settings.language, "fr")

    def test_whoever_waits_goes_away(self) -> None:
        waiting = Deferred.fromCoroutine(self.book.change({"language": "fr"}, *BY))
        waiting.cancel()
        self.failureResultOf(waiting)
        self.slow.waiting[0].callback(None)
        self.assertEqual((self.reload.settings.language, len(self.database.do(load_settings))), ("fr", 1))

    def test_an_edit_meanwhile(self) -> None:
        """It waits, and its number is seen with the new plan."""
        self.start(Layers(), SMALL)
        self.book._database = self.slow
        changing = Deferred.fromCoroutine(self.book.change({"numbers.country_code": "41"}, *BY))
        plans: list[str] = []

        def edit(configuration: Configuration) -> Configuration:
            plans.append(configuration.plan.country_code)
            return configuration

        editing = Deferred.fromCoroutine(self.current.edit(self.database, edit, record))
        self.assertEqual(plans, [])
        self.slow.waiting[0].callback(None)
        self.successResultOf(changing)
        self.successResultOf(editing)
        self.assertEqual(plans, ["41"])


class Listing(BookCase):
    """What people are shown."""

    def test_sources(self) -> None:
        self.start(
            Layers(
                file=given_by("magroup.toml, line 1", language="de", sip__min_se=200, log__json=True),
                environment=given_by("MAGROUP_LOG_JSON", log__json=False),
                command_line=given_by("--instance", instance="X"),
            )
        )
        self.change({"language": "fr"})
        found = {one.name: (one.source, one.place, one.value) for one in self.book.listing()}
        self.assertEqual(len(found), len(entries()))
        for name, expected in (
            ("language", ("stored", "stored", "fr")),
            ("sip.min_se", ("file", "magroup.toml, line 1", 200)),
            ("log.json", ("environment", "MAGROUP_LOG_JSON", False)),
            ("instance", ("command line", "--instance", "X")),
            ("sip.t1", ("default", "", 0.5)),
        ):
            self.assertEqual(found[name], expected)

    def test_what_is_known(self) -> None:
        one = self.listed("sip.min_se")
        self.assertEqual(
            (one.table, one.kind, one.default, one.unit, one.low, one.high, one.choices, one.at_start, one.storable),
            ("sip", "whole number", 90, "s", 90, 86400, (), False, True),
        )
        self.assertEqual((self.listed("log.level").choices[0], self.listed("data").storable), ("debug", False))
        self.assertTrue(self.listed("data").at_start)
