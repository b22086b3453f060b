"""Settings that are refused as a whole, stored ones that are left out, and the file read again."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from magroup.model.lines import Line
from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers
from magroup.model.settings_reading import Problem, SettingsError, entries
from magroup.options import for_demo
from magroup.store.settings import load_settings
from tests.groups.books import COMPANY, SMALL, BookCase, given_by

TEXTS = st.text(max_size=9)


class Refusals(BookCase):
    """All or nothing."""

    def test_each_field_is_named(self) -> None:
        self.start(
            Layers(
                environment=given_by("MAGROUP_LANGUAGE", language="de"),
                command_line=given_by("--early-media", calls__early_media=True),
            )
        )
        found = self.refused(
            {
                "sip.mesage_limit": 5, "calls.max_calls": "5", "sip.min_se": 5, "language": "fr", "data": "/x",
                "database": "sqlite:///x", "calls.early_media": False, "sip.tls_authorities": "/etc/shadow",
                "http.listen": ["tcp:8080", "unix:/etc/x"], "sip.listen": ["tls:5061:cert=/a:key=/b"],
                "redis.url": "unix:///run/x", "instance": "fine", "sip": 1, "": None, "log.level": ["info"],
                "numbers.country_code": "\ud800", "sip.server_name": "x" * 10**6, "x" * 10**6: 1,
            }
        )  # fmt: skip
        invalid, unknown, not_here, overridden = "invalid", "unknown", "not_here", "overridden"
        self.assertEqual(
            {name: problem for name, (problem, _) in found.items()},
            {
                "sip.mesage_limit": unknown, "calls.max_calls": invalid, "sip.min_se": invalid, "language": overridden,
                "data": not_here, "database": not_here, "calls.early_media": overridden,
                "sip.tls_authorities": not_here, "http.listen": not_here, "sip.listen": not_here,
                "redis.url": not_here, "sip": unknown, "": unknown, "log.level": invalid,
                "numbers.country_code": invalid, "sip.server_name": invalid, "x" * 80: unknown,
            },
        )  # fmt: skip
        self.assertEqual(found["language"][1], "language is set by MAGROUP_LANGUAGE, which goes before what is stored")
        self.assertEqual(found["calls.max_calls"][1], "calls.max_calls must be a whole number")
        self.assertTrue(all(len(sentence) < 300 for _, sentence in found.values()))

    def test_too_many(self) -> None:
        self.assertEqual(list(self.refused({str(number): 1 for number in range(10_000)})), [""])

    def test_contradictions(self) -> None:
        """The field that is sent is named, whichever of the two it is."""
        for values, field in (
            ({"http.body_limit": 1 << 26}, "http.body_limit"),
            ({"http.upload_limit": 1024}, "http.upload_limit"),
            ({"sip.expiry_max": 60}, "sip.expiry_max"),
            ({"sip.expiry_default": 30, "language": "fr"}, "sip.expiry_default"),
            ({"calls.pickup_code": "*5", "voicemail.pilot": "*55"}, "voicemail.pilot"),
        ):
            self.assertEqual(list(self.refused(values)), [field])
        self.change({"http.upload_limit": 1 << 27, "http.body_limit": 1 << 26})
        self.assertEqual(list(self.refused({"http.upload_limit": None})), ["http.upload_limit"])

    def test_two_numbers_become_the_same(self) -> None:
        found = self.refused({"language": "fr", "numbers.country_code": "41"})
        sentence = "numbers.country_code would make 0315551000 and +41315551000 the same number"
        self.assertEqual(found, {"numbers.country_code": ("taken", sentence)})
        self.start(Layers(), replace(COMPANY, lines=COMPANY.lines[:2]))
        sentence = "numbers.country_code would make 0315555000 and +41315555000 the same number"
        self.assertEqual(self.refused({"numbers.country_code": "41"}), {"numbers.country_code": ("taken", sentence)})
        self.change({"numbers.country_code": "49"})

    def test_numbers_of_services(self) -> None:
        for name, value, sentence in (
            ("calls.pickup_code", "*99", "*9911 begins with *99, which is the code of a service"),
            ("voicemail.pilot", "104-7", "1047 is the number of the voicemail"),
            ("voicemail.pilot", "8973", "8973 is the number of the voicemail"),
        ):
            self.assertEqual(self.refused({name: value}), {name: ("taken", f"{name} cannot be so: {sentence}")})
        self.change({"voicemail.pilot": "+41315551234"})
        self.start(Layers(), replace(COMPANY, lines=(Line("0315551234"),)))
        self.assertEqual(list(self.refused({"numbers.country_code": "41"})), ["numbers.country_code"])

    def test_demo_listens_on_loopback_only(self) -> None:
        self.start(Layers(narrowed=for_demo))
        self.assertEqual(list(self.refused({"http.listen": ["tcp:1:interface=0.0.0.0"]})), ["http.listen"])
        self.assertEqual(list(self.refused({"sip.listen": ["udp:192.0.2.1:5060"]})), ["sip.listen"])
        self.change({"sip.listen": ["udp:5070"]})
        self.start(Layers(narrowed=for_demo))
        self.assertEqual(self.reload.settings.sip.listen, ("udp:127.0.0.1:5070",))

    @given(
        st.dictionaries(
            st.sampled_from([*(entry.name for entry in entries().values()), "x"]),
            st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.lists(TEXTS),
            max_size=4,
        )
    )
    def test_any_values(self, values: dict[str, object]) -> None:
        """They are refused, or they are what the next start finds."""
        try:
            self.change(values)
        except self.failureException:
            self.refused(values)
        wanted = self.reload.wanted
        self.assertEqual(self.start(Layers()), [])
        self.assertEqual(self.reload.settings, wanted)


class LeftOut(BookCase):
    """Stored values that cannot be."""

    def test_of_another_version(self) -> None:
        self.put(sip__t1="99", no__such="1", language="{", data='"/x"', log__level='"debug"', rtp__ports="5")
        said = self.start(Layers())
        self.assertEqual(
            sorted(said),
            [
                "setting left out: stored: data can be set in the configuration file, the environment or on the "
                "command line only",
                "setting left out: stored: language must be a text",
                "setting left out: stored: no.such is not a setting",
                "setting left out: stored: rtp.ports must be a text",
                "setting left out: stored: sip.t1 must be from 0.05 to 5 s",
            ],
        )
        settings = self.reload.settings
        self.assertEqual((settings.sip.t1, settings.language, settings.log.level), (0.5, "en", "debug"))
        one = self.listed("sip.t1")
        self.assertEqual((one.is_stored, one.wrong, one.source), (True, "sip.t1 must be from 0.05 to 5 s", "default"))
        self.change({"sip.t1": 1, "no.such": None, "data": None})
        self.assertEqual(self.reload.wanted.sip.t1, 1.0)
        self.assertEqual(set(self.database.do(load_settings)), {"sip.t1", "language", "log.level", "rtp.ports"})

    def test_the_file_contradicts(self) -> None:
        self.change({"sip.expiry_min": 600})
        said = self.start(Layers(file=given_by("f, line 3", sip__expiry_max=500, sip__expiry_default=300)))
        self.assertEqual(said, ["setting left out: stored: sip.expiry_min is above sip.expiry_max (500 s)"])
        self.assertEqual(self.reload.settings.sip.expiry_min, 60)
        self.assertEqual(self.change({"language": "fr"}), ["language"])
        self.assertEqual(list(self.refused({"sip.expiry_min": 600})), ["sip.expiry_min"])

    def test_not_on_loopback_with_demo(self) -> None:
        self.change({"http.listen": ["tcp:1:interface=192.0.2.1"], "language": "de"})
        (said,) = self.start(Layers(narrowed=for_demo))
        self.assertIn("setting left out: --demo: tcp:1:interface=192.0.2.1 is not on the loopback interface", said)
        self.assertEqual(self.reload.settings.http.listen, ("tcp:8080:interface=127.0.0.1",))
        self.assertEqual(self.reload.settings.language, "de")


class ReadAgain(BookCase):
    """SIGHUP."""

    def test_what_is_stored_stays(self) -> None:
        self.change({"language": "fr"})
        said = self.read_again(Layers(file=given_by("f, line 1", language="de", instance="X", calls__max_calls=7)))
        self.assertEqual(said, ["configuration reloaded: 2 settings changed", "at the next start only: instance"])
        settings = self.reload.settings
        self.assertEqual((settings.language, settings.instance, settings.calls.max_calls), ("fr", "MAGroup", 7))
        self.change({"language": None})
        self.assertEqual(self.reload.settings.language, "de")
        self.assertEqual(self.read_again(self.reload.layers)[0], "configuration reloaded: 0 settings changed")

    def test_wrong(self) -> None:
        before = self.reload.settings
        wrong = SettingsError([Problem("f, line 1", "x is wrong"), Problem("f, line 2", "y is wrong")])
        self.assertEqual(
            self.read_again(wrong),
            ["configuration not reloaded: f, line 1: x is wrong", "configuration not reloaded: f, line 2: y is wrong"],
        )
        self.assertEqual(self.reload.settings, before)

    def test_numbers_that_become_the_same(self) -> None:
        said = self.read_again(Layers(file=given_by("f, line 5", numbers__country_code="41", language="de")))
        self.assertEqual(
            said,
            [
                "configuration not reloaded: f, line 5: numbers.country_code would make 0315551000 and +41315551000 "
                "the same number"
            ],
        )
        self.assertEqual((self.reload.settings, self.current.value.plan.country_code), (Settings(), ""))

    def test_another_plan(self) -> None:
        self.start(Layers(), SMALL)
        self.read_again(Layers(file=given_by("f, line 5", numbers__country_code="41")))
        self.assertEqual(self.current.value.plan.country_code, "41")
